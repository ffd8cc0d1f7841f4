"""Which people a list request asks for; parameters nobody knows are ignored by the caller."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from starlette.datastructures import QueryParams

from tools.conta_azul.reading import folded, read_stamp
from tools.conta_azul.sandbox.people_json import KINDS, ROLES, compact, phones, sao_paulo
from tools.conta_azul.sandbox.queries import changed_between, choice, dates_between, several, several_of
from tools.conta_azul.sandbox.records import PersonRecord
from tools.models import digits_of

PARAMETERS = frozenset(
    {
        "pagina",
        "tamanho_pagina",
        "busca",
        "ids",
        "documentos",
        "nomes",
        "emails",
        "telefones",
        "codigos_pessoa",
        "tipos_pessoa",
        "tipo_perfil",
        "data_criacao_inicio",
        "data_criacao_fim",
        "data_alteracao_de",
        "data_alteracao_ate",
        "com_endereco",
        "tipo_ordenacao",
        "ordem_ordenacao",
    }
)


def select_people(query: QueryParams, people: Sequence[PersonRecord]) -> list[PersonRecord]:
    """The people that fit every filter, in the order asked for. Raises the API's refusals."""
    words = folded(query.get("busca", "")).strip()
    role = choice(query, "tipo_perfil", ROLES)
    kinds = {folded(kind).upper() for kind in several_of(query, "tipos_pessoa", KINDS)}
    created = dates_between(query, "data_criacao_inicio", "data_criacao_fim")
    changed = changed_between(query, days=365)
    is_listed = _listed(query)
    found = [
        person
        for person in people
        if is_listed(person)
        and (not words or _says(person, words))
        and (role is None or role.upper() in person["roles"])
        and (not kinds or person["kind"] in kinds)
        and (
            created is None or created[0].isoformat() <= sao_paulo(person["created_at"])[:10] <= created[1].isoformat()
        )
        and (changed is None or changed[0] <= (read_stamp(person["changed_at"]) or changed[0]) <= changed[1])
        and (query.get("com_endereco") != "true" or bool(person["extra"].get("enderecos")))
    ]
    return _ordered(query, found)


def _listed(query: QueryParams) -> Callable[[PersonRecord], bool]:
    """The list filters as one question; read once, so that a wrong one is refused even when there is nobody."""
    documents = {compact(value) for value in several(query, "documentos")}
    asked_phones = {digits_of(value) for value in several(query, "telefones")}
    ids, names = several(query, "ids"), {folded(name) for name in several(query, "nomes")}
    emails, codes = several(query, "emails"), several(query, "codigos_pessoa")
    return lambda person: (
        (not ids or person["id"] in ids)
        and (not documents or person["document"] in documents)
        and (not asked_phones or bool(asked_phones & phones(person)))
        and (not names or folded(person["name"]) in names)
        and (not emails or person["email"] in emails)
        and (not codes or person["extra"].get("codigo") in codes)
    )


def _says(person: PersonRecord, words: str) -> bool:
    digits = digits_of(words)
    return words in folded(person["name"]) or (bool(digits) and digits in person["document"])


def _ordered(query: QueryParams, people: list[PersonRecord]) -> list[PersonRecord]:
    field = choice(query, "tipo_ordenacao", ("NOME", "EMAIL", "DOCUMENTO", "ATIVO")) or "NOME"
    descending = choice(query, "ordem_ordenacao", ("ASC", "DESC")) == "DESC"
    keys: dict[str, Callable[[PersonRecord], str]] = {
        "NOME": lambda person: person["name"].casefold(),
        "EMAIL": lambda person: person["email"].casefold(),
        "DOCUMENTO": lambda person: person["document"],
        "ATIVO": lambda person: str(person["active"]),
    }
    return sorted(people, key=keys[field], reverse=descending)
