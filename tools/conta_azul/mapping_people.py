"""Turns people into our value objects and back: the vendor's names end here; does no I/O."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from tools.conta_azul.matching import compact_document, phone_key
from tools.conta_azul.reading import JsonObject, UnexpectedAnswerError, as_object, read_text
from tools.erp_models import (
    CustomerChanges,
    CustomerDraft,
    ErpCustomer,
)

PATH = "/v1/pessoas"
_CUSTOMER = {"tipo_perfil": "Cliente"}


def document_query(document: str) -> dict[str, str | list[str]]:
    """Asked for in both spellings, because no source says which one the filter compares."""
    return {**_CUSTOMER, "documentos": [document, masked(document)]}


def phone_query(spellings: Sequence[str]) -> dict[str, str | list[str]]:
    return {**_CUSTOMER, "telefones": list(spellings)}


def code_query(code: str) -> dict[str, str | list[str]]:
    return {**_CUSTOMER, "codigos_pessoa": [code]}


def parse_listed_person(entry: JsonObject) -> ErpCustomer | None:
    """A list entry, which shows one phone at most; None when it has no id."""
    person_id = read_text(entry.get("id"))
    return _customer(person_id, entry, ("telefone",)) if person_id else None


def parse_person(payload: object) -> ErpCustomer:
    detail = as_object(payload)
    person_id = read_text(detail.get("id"))
    if not person_id:
        raise UnexpectedAnswerError("the person has no id")
    return _customer(person_id, detail, ("telefone_celular", "telefone_comercial", "telefone"))


def parse_code(payload: object) -> str:
    return read_text(as_object(payload).get("codigo"))


def parse_created_id(payload: object) -> str:
    """ "" when the answer does not say."""
    return read_text(as_object(payload).get("id"))


def person_code(reference: str) -> str:
    """The ERP's own code for a person we make: the same for the same reference, within its 20 characters."""
    return "NV" + hashlib.sha256(reference.encode()).hexdigest()[:16].upper()


def write_person(draft: CustomerDraft) -> dict[str, Any]:
    document = compact_document(draft.document)
    body: dict[str, Any] = {
        "nome": draft.name[:200],
        "tipo_pessoa": "Jurídica" if len(document) == 14 else "Física",
        "perfis": [_CUSTOMER],
        "codigo": person_code(draft.reference),
    }
    return body | write_changes(CustomerChanges(None, document or None, draft.phone or None, draft.email or None))


def write_changes(changes: CustomerChanges) -> dict[str, Any]:
    document = compact_document(changes.document or "")
    fields = {
        "nome": changes.name[:200] if changes.name else None,
        ("cnpj" if len(document) == 14 else "cpf"): document or None,
        "telefone_celular": written_phone(changes.phone) if changes.phone else None,
        "email": changes.email[:100] if changes.email else None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def says_already(person: ErpCustomer, changes: CustomerChanges) -> bool:
    """Whether the person already says what the changes would write."""
    phone = phone_key(changes.phone, international=True) if changes.phone else None
    return (
        (not changes.name or person.name == read_text(changes.name[:200]))
        and (not changes.document or compact_document(person.document) == compact_document(changes.document))
        and (not phone or phone in {phone_key(known) for known in person.phones})
        and (not changes.email or person.email == changes.email[:100])
    )


def written_phone(wa_id: str) -> str:
    """As the shop's people write it: area code and number, with the ninth digit; a foreign one with its plus."""
    key = phone_key(wa_id, international=True)
    if key is None:
        return wa_id
    return key[2:] if key.startswith("55") else f"+{key}"


def masked(document: str) -> str:
    if len(document) == 11:
        return f"{document[:3]}.{document[3:6]}.{document[6:9]}-{document[9:]}"
    return f"{document[:2]}.{document[2:5]}.{document[5:8]}/{document[8:12]}-{document[12:]}"


def _customer(person_id: str, entry: JsonObject, phone_fields: Sequence[str]) -> ErpCustomer:
    phones = (read_text(entry.get(name)) for name in phone_fields)
    return ErpCustomer(
        id=person_id,
        name=read_text(entry.get("nome")),
        document=compact_document(read_text(entry.get("documento"))),
        phones=tuple(phone for phone in phones if phone),
        email=read_text(entry.get("email")),
        active=entry.get("ativo") is not False,
    )
