"""Turns the wire's person into a record and back; list, detail and created answer each have their own field names."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from tools.conta_azul.reading import BRASILIA, JsonObject, folded
from tools.conta_azul.sandbox.bodies import flag, kept, needed_text, objects, text, word
from tools.conta_azul.sandbox.records import PersonRecord
from tools.conta_azul.sandbox.refusals import bad_request
from tools.models import digits_of

KINDS = ("Física", "Jurídica", "Estrangeira")
ROLES = ("Cliente", "Fornecedor", "Transportadora")
"""What requests must say, accents and capitals included; answers say FISICA and CLIENTE."""

_EXTRA = (
    "nome_fantasia",
    "nome_empresa",
    "codigo",
    "data_nascimento",
    "rg",
    "observacao",
    "optante_simples",
    "optante_simples_nacional",
    "agencia_publica",
    "enderecos",
    "inscricoes",
    "outros_contatos",
    "contato_cobranca_faturamento",
)
_LONGEST = {"nome_fantasia": 200, "nome_empresa": 200, "codigo": 20, "rg": 50, "observacao": 2000}
_UUIDS = uuid.UUID("0b6a2c7e-7c37-4a4e-8f0a-5d3b1a7c9e42")


def new_person(body: JsonObject, person_id: str, legacy_id: int, now: datetime) -> PersonRecord:
    """The record of a POST; refuses as the API does."""
    kind = word(body, "tipo_pessoa", KINDS)
    record = PersonRecord(
        id=person_id,
        legacy_id=legacy_id,
        legacy_uuid=str(uuid.uuid5(_UUIDS, person_id)),
        name=needed_text(body, "nome"),
        kind=folded(kind).upper(),
        roles=_roles(body),
        document="",
        email="",
        mobile="",
        landline="",
        active=True,
        created_at=now.isoformat(),
        changed_at=now.isoformat(),
        extra={},
    )
    change_person(record, {name: value for name, value in body.items() if name not in ("nome", "perfis")}, now)
    return record


def change_person(record: PersonRecord, body: JsonObject, now: datetime) -> None:
    """Apply the fields of a PATCH that were sent."""
    if body.get("nome") is not None:
        record["name"] = needed_text(body, "nome")
    if body.get("perfis") is not None:
        record["roles"] = _roles(body)
    for name, size in (("cpf", 11), ("cnpj", 14)):
        if body.get(name):
            record["document"] = _document(text(body, name), name, size)
    if body.get("email") is not None:
        record["email"] = text(body, "email", 100)
    if body.get("telefone_celular") is not None:
        record["mobile"] = text(body, "telefone_celular", 30)
    if body.get("telefone_comercial") is not None:
        record["landline"] = text(body, "telefone_comercial", 30)
    record["active"] = flag(body, "ativo", record["active"])
    for name, longest in _LONGEST.items():
        text(body, name, longest)
    record["extra"] |= kept(body, _EXTRA)
    record["changed_at"] = now.isoformat()


def _roles(body: JsonObject) -> list[str]:
    return [folded(word(entry, "tipo_perfil", ROLES)).upper() for entry in objects(body, "perfis")]


def _document(value: str, name: str, size: int) -> str:
    document = compact(value)
    if len(document) != size:
        raise bad_request(f"O campo '{name}' é inválido")
    return document


def compact(document: str) -> str:
    """Without its mask; a CNPJ may hold letters since 2026."""
    return "".join(character for character in document.upper() if character.isalnum())


def list_entry(record: PersonRecord, *, masked: bool, with_address: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": record["id"],
        "id_legado": record["legacy_id"],
        "uuid_legado": record["legacy_uuid"],
        "nome": record["name"],
        "documento": shown_document(record, masked=masked),
        "email": record["email"],
        "telefone": record["mobile"] or record["landline"],
        "tipo_pessoa": record["kind"],
        "perfis": record["roles"],
        "ativo": record["active"],
        "data_criacao": sao_paulo(record["created_at"]),
        "data_alteracao": sao_paulo(record["changed_at"]),
        "observacoes_gerais": record["extra"].get("observacao", ""),
    }
    addresses = record["extra"].get("enderecos")
    return entry | {"endereco": addresses[0]} if with_address and isinstance(addresses, list) and addresses else entry


def detail(record: PersonRecord, *, masked: bool) -> dict[str, Any]:
    extra = record["extra"]
    return {
        "id": record["id"],
        "nome": record["name"],
        "nome_empresa": extra.get("nome_empresa") or extra.get("nome_fantasia", ""),
        "tipo_pessoa": record["kind"],
        "codigo": extra.get("codigo", ""),
        "documento": shown_document(record, masked=masked),
        "rg": extra.get("rg", ""),
        "data_nascimento": extra.get("data_nascimento", ""),
        "email": record["email"],
        "telefone_celular": record["mobile"],
        "telefone_comercial": record["landline"],
        "ativo": record["active"],
        "optante_simples_nacional": bool(extra.get("optante_simples_nacional", extra.get("optante_simples", False))),
        "orgao_publico": bool(extra.get("agencia_publica", False)),
        "observacao": extra.get("observacao", ""),
        "criado_em": sao_paulo(record["created_at"]),
        "data_alteracao": sao_paulo(record["changed_at"]),
        "contato_cobranca_faturamento": extra.get("contato_cobranca_faturamento"),
        "enderecos": extra.get("enderecos", []),
        "inscricoes": extra.get("inscricoes", []),
        "lembretes_vencimento": [],
        "outros_contatos": extra.get("outros_contatos", []),
        "perfis": _profiles(record),
        "pessoas_legado": [
            {"id": record["legacy_id"], "perfil": role, "uuid": record["legacy_uuid"]} for role in record["roles"]
        ],
    }


def created(record: PersonRecord, body: JsonObject) -> dict[str, Any]:
    """The answer of a POST: a few fields, what was sent, and no `id_legado`."""
    echoed = kept(body, ("cpf", "cnpj", "email", "telefone_celular", "telefone_comercial", *_EXTRA))
    return echoed | {
        "id": record["id"],
        "tipo_pessoa": body["tipo_pessoa"],
        "nome": record["name"],
        "ativo": record["active"],
        "origem": "API",
        "perfis": _profiles(record),
        "estrangeiro": record["kind"] == "ESTRANGEIRA",
    }


def shown_document(record: PersonRecord, *, masked: bool) -> str:
    value = record["document"]
    if not masked:
        return value
    if len(value) == 11:
        return f"{value[:3]}.{value[3:6]}.{value[6:9]}-{value[9:]}"
    if len(value) == 14:
        return f"{value[:2]}.{value[2:5]}.{value[5:8]}/{value[8:12]}-{value[12:]}"
    return value


def phones(record: PersonRecord) -> set[str]:
    return {digits_of(record["mobile"]), digits_of(record["landline"])} - {""}


def sao_paulo(stamp: str) -> str:
    """GMT-3 without a zone and with as few fractional digits (three at most) as tell the time."""
    moment = datetime.fromisoformat(stamp).astimezone(BRASILIA)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:23].rstrip("0").rstrip(".")


def _profiles(record: PersonRecord) -> list[dict[str, str]]:
    return [
        {"id": str(uuid.uuid5(_UUIDS, record["id"] + role)), "tipo_perfil": role.capitalize()}
        for role in record["roles"]
    ]
