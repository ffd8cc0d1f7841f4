"""The sandbox's people resource: connected company, search, detail and writes; shapes belong to people_json."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

from fastapi import APIRouter, Request
from fastapi.responses import Response

from tools.conta_azul.reading import JsonObject
from tools.conta_azul.sandbox import people_json
from tools.conta_azul.sandbox.bodies import JsonBody, required, uuid_of
from tools.conta_azul.sandbox.parts import Sandbox
from tools.conta_azul.sandbox.people_filters import PARAMETERS, select_people
from tools.conta_azul.sandbox.queries import envelope, paginate
from tools.conta_azul.sandbox.records import PEOPLE, SALES, PersonRecord
from tools.conta_azul.sandbox.refusals import bad_request, not_found
from tools.conta_azul.sandbox.store import Collections

_NEEDED_BY_PUT = (
    "nome",
    "codigo",
    "rg",
    "data_nascimento",
    "email",
    "telefone_comercial",
    "observacao",
    "inscricoes",
    "outros_contatos",
    "enderecos",
)


def build_people_router(sandbox: Sandbox) -> APIRouter:
    """`/v1/pessoas…`; the caller puts the gate in front."""
    router = APIRouter(prefix="/v1/pessoas", tags=["pessoas"])
    _add_reads(router, sandbox)
    _add_writes(router, sandbox)
    _add_batches(router, sandbox)
    return router


def all_people(sandbox: Sandbox) -> list[PersonRecord]:
    """Everybody, in the order of their names."""
    people = cast("dict[str, PersonRecord]", sandbox.store.all(PEOPLE)).values()
    return sorted(people, key=lambda person: (person["name"].casefold(), person["legacy_id"]))


def _add_reads(router: APIRouter, sandbox: Sandbox) -> None:
    @router.get("/conta-conectada")
    def get_connected_account() -> dict[str, Any]:
        company = sandbox.switches.company
        return {
            "id_empresa": company.id,
            "documento": company.document,
            "razao_social": company.legal_name,
            "nome_fantasia": company.trade_name,
            "data_fundacao": "2012-03-04",
            "email": company.email,
        }

    @router.get("")
    def list_people(request: Request) -> dict[str, Any]:
        sandbox.note_ignored(request, PARAMETERS)
        found = select_people(request.query_params, all_people(sandbox))
        with_address = request.query_params.get("com_endereco") == "true"
        masked = sandbox.switches.masked_documents
        page = paginate(request.query_params, found)
        entries = [people_json.list_entry(person, masked=masked, with_address=with_address) for person in page]
        return envelope(entries, len(found), "totalItems")

    @router.get("/legado/{legacy_uuid}")
    def get_by_legacy_uuid(legacy_uuid: str) -> dict[str, Any]:
        wanted = uuid_of(legacy_uuid, "uuid_legado")
        person = next((person for person in all_people(sandbox) if person["legacy_uuid"] == wanted), None)
        if person is None:
            raise not_found()
        return people_json.detail(person, masked=sandbox.switches.masked_documents)

    @router.get("/{person_id}")
    def get_person(person_id: str) -> dict[str, Any]:
        person = cast("PersonRecord | None", sandbox.store.find(PEOPLE, uuid_of(person_id)))
        if person is None:
            raise not_found()
        return people_json.detail(person, masked=sandbox.switches.masked_documents)


def _add_writes(router: APIRouter, sandbox: Sandbox) -> None:
    @router.post("", status_code=201)
    def create_person(body: JsonBody) -> dict[str, Any]:
        with sandbox.store.changing() as collections:
            people = _people(collections)
            legacy_id = 1 + max((person["legacy_id"] for person in people.values()), default=1000)
            person = people_json.new_person(body, str(uuid.uuid4()), legacy_id, _now())
            _refuse_repeated(sandbox, people, person)
            people[person["id"]] = person
        return people_json.created(person, body)

    def _change(person_id: str, body: JsonObject) -> None:
        wanted = uuid_of(person_id)
        with sandbox.store.changing() as collections:
            person = _people(collections).get(wanted)
            if person is None:
                raise not_found()
            people_json.change_person(person, body, _now())

    @router.patch("/{person_id}", status_code=204)
    def patch_person(person_id: str, body: JsonBody) -> Response:
        _change(person_id, body)
        return Response(status_code=204)

    @router.put("/{person_id}")
    def replace_person(person_id: str, body: JsonBody) -> dict[str, Any]:
        for name in _NEEDED_BY_PUT:
            required(body, name)
        _change(person_id, body)
        return get_changed(person_id)

    def get_changed(person_id: str) -> dict[str, Any]:
        person = cast(PersonRecord, sandbox.store.find(PEOPLE, uuid_of(person_id)))
        return people_json.detail(person, masked=sandbox.switches.masked_documents)


def _add_batches(router: APIRouter, sandbox: Sandbox) -> None:
    def _each(body: JsonObject, act: Callable[[Collections, list[str]], None]) -> list[str]:
        listed = body.get("uuids")
        ids = cast(list[object], listed) if isinstance(listed, list) else []
        if not 1 <= len(ids) <= 10:
            raise bad_request("informe de 1 a 10 uuids")
        wanted = [uuid_of(entry, "uuids") for entry in ids]
        with sandbox.store.changing() as collections:
            act(collections, wanted)
        return wanted

    @router.post("/ativar")
    def activate(body: JsonBody) -> dict[str, Any]:
        ids = _each(body, lambda collections, ids: _set_active(collections, ids, active=True))
        return {"todos": ids, "ativos": ids, "inativos": None}

    @router.post("/inativar")
    def deactivate(body: JsonBody) -> dict[str, Any]:
        ids = _each(body, lambda collections, ids: _set_active(collections, ids, active=False))
        return {"todos": ids, "ativos": None, "inativos": ids}

    @router.post("/excluir", status_code=204)
    def delete(body: JsonBody) -> Response:
        _each(body, _delete)
        return Response(status_code=204)


def _set_active(collections: Collections, ids: list[str], *, active: bool) -> None:
    people = _people(collections)
    for person_id in ids:
        if person_id in people:
            people[person_id]["active"] = active
            people[person_id]["changed_at"] = _now().isoformat()


def _delete(collections: Collections, ids: list[str]) -> None:
    linked = {sale["customer_id"] for sale in collections.get(SALES, {}).values()}
    if linked & set(ids):
        raise bad_request("não é possível excluir: há registros vinculados a esta pessoa")
    for person_id in ids:
        _people(collections).pop(person_id, None)


def _refuse_repeated(sandbox: Sandbox, people: dict[str, PersonRecord], person: PersonRecord) -> None:
    known = {other["document"] for other in people.values()} - {""}
    if sandbox.switches.refuse_repeated_document and person["document"] in known:
        raise bad_request("Já existe uma pessoa cadastrada com este documento")


def _people(collections: Collections) -> dict[str, PersonRecord]:
    return cast("dict[str, PersonRecord]", collections.setdefault(PEOPLE, {}))


def _now() -> datetime:
    return datetime.now(UTC)
