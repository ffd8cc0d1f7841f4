"""Customers against the sandbox over real HTTP: found by document or phone, made once, never taken for another."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.conta_azul.selling import CPF, OTHER_CPF, PHONE, Desk, ana, open_desk
from tools.conta_azul.testing import Failure, RunningSandbox
from tools.erp_models import CustomerChanges
from tools.ports import CustomerNotFound, ErpRefused, ErpUnavailable

UNKNOWN = "99999999-9999-4999-8999-999999999999"


@pytest.fixture
async def desk(erp: RunningSandbox) -> AsyncIterator[Desk]:
    async with open_desk(erp) as opened:
        yield opened


def people_of(erp: RunningSandbox) -> list[dict[str, object]]:
    return list(erp.sandbox.store.all("people").values())


@pytest.mark.parametrize("masked", [False, True])
async def test_a_customer_is_made_and_found_by_document_and_phone(desk: Desk, erp: RunningSandbox, masked: bool):
    erp.sandbox.switches.masked_documents = masked
    made = await desk.people.create(ana(email="ana@loja.example"))
    assert (made.name, made.document, made.phones, made.email) == (
        "Ana Prado", CPF, ("11983899529",), "ana@loja.example",
    )  # fmt: skip
    for found in (
        await desk.people.find_by_document("529.982.247-25"),
        await desk.people.find_by_phone(PHONE),
        await desk.people.match(document=CPF, phone="551133334444"),
    ):
        assert found.customer is not None
        assert found.customer.id == made.id
    assert (await desk.people.find_by_document(OTHER_CPF)).reason == "no customer has this document"
    assert (await desk.people.find_by_phone("551133334444")).reason == "no customer has this phone"


@pytest.mark.parametrize("in_erp", ["1183899529", "11983899529", "(11) 8389-9529", "+55 11 98389-9529"])
@pytest.mark.parametrize("wa_id", [PHONE, "551183899529"])
async def test_the_ninth_digit_may_be_missing_on_either_side(desk: Desk, erp: RunningSandbox, in_erp: str, wa_id: str):
    made = await desk.people.create(ana())
    with erp.sandbox.store.changing() as collections:
        collections["people"][made.id]["mobile"] = in_erp
    found = await desk.people.find_by_phone(wa_id)
    assert found.customer is not None
    assert found.customer.id == made.id


async def test_a_phone_behind_another_phone_counts(desk: Desk, erp: RunningSandbox):
    made = await desk.people.create(ana(phone="551133334444", document=""))
    other = await desk.people.create(ana(reference="c-2", document="", phone="5511977776666"))
    with erp.sandbox.store.changing() as collections:
        collections["people"][made.id] |= {"landline": "11983899529"}
    found = await desk.people.find_by_phone(PHONE)
    assert found.customer is not None
    assert found.customer.id == made.id
    with erp.sandbox.store.changing() as collections:
        collections["people"][other.id] |= {"landline": "1183899529"}
    assert (await desk.people.find_by_phone(PHONE)).reason == "2 customers have this phone"


async def test_two_people_with_one_phone_are_nobody(desk: Desk):
    await desk.people.create(ana())
    await desk.people.create(ana(reference="c-2", name="Bia Prado", document=OTHER_CPF))
    assert (await desk.people.find_by_phone(PHONE)).customer is None
    found = await desk.people.match(document=OTHER_CPF, phone=PHONE)
    assert found.customer is not None
    assert found.customer.name == "Bia Prado"


async def test_an_erp_that_ignores_the_filter_names_nobody(desk: Desk, erp: RunningSandbox):
    for number in range(25):
        await desk.people.create(ana(reference=f"c-{number}", document="", phone=f"55119777700{number:02d}"))
    entries = ",".join(f'{{"id":"{one["id"]}","telefone":"1"}}' for one in people_of(erp))
    erp.failures.script.append(Failure("/v1/pessoas", 200, f'{{"items":[{entries}],"totalItems":25}}'.encode()))
    assert (await desk.people.find_by_phone("5511977770001")).reason == "the ERP did not search by phone"


@pytest.mark.parametrize(("lost", "failed", "answer"), [(1, 0, "500"), (1, 0, "cut"), (0, 1, "500")])
async def test_one_reference_makes_one_person(desk: Desk, erp: RunningSandbox, lost: int, failed: int, answer: str):
    switches = erp.sandbox.switches
    switches.writes_lost, switches.writes_failed, switches.lost_answer = lost, failed, answer
    made = await desk.people.create(ana(document=""))
    assert await desk.people.create(ana(document="")) == made
    assert len(people_of(erp)) == 1
    assert erp.failures.requests.count(("POST", "/v1/pessoas")) == 1 + failed


async def test_a_refused_document_is_the_person_who_has_it(desk: Desk, erp: RunningSandbox):
    erp.sandbox.switches.refuse_repeated_document = True
    made = await desk.people.create(ana())
    assert (await desk.people.create(ana(reference="from-elsewhere"))).id == made.id
    assert len(people_of(erp)) == 1


async def test_an_erp_that_takes_no_customer_is_told_apart_from_one_that_is_down(desk: Desk, erp: RunningSandbox):
    with pytest.raises(ErpRefused, match="nome"):
        await desk.people.create(ana(name=""))
    erp.sandbox.switches.writes_failed = 9
    with pytest.raises(ErpUnavailable, match="none is made twice"):
        await desk.people.create(ana())
    assert people_of(erp) == []


@pytest.mark.parametrize(("lost", "failed"), [(0, 0), (1, 0), (0, 1)])
async def test_changes_are_written_over_and_looked_up_after_a_lost_answer(
    desk: Desk, erp: RunningSandbox, lost: int, failed: int
):
    made = await desk.people.create(ana())
    erp.sandbox.switches.writes_lost, erp.sandbox.switches.writes_failed = lost, failed
    await desk.people.patch(made.id, CustomerChanges(email="nova@loja.example", phone="553188887777"))
    changed = await desk.people.get(made.id)
    assert (changed.name, changed.email, changed.phones) == ("Ana Prado", "nova@loja.example", ("31988887777",))
    assert erp.failures.requests.count(("PATCH", f"/v1/pessoas/{made.id}")) == 1 + failed


@pytest.mark.parametrize("customer_id", [UNKNOWN, "7", "../venda", ""])
async def test_an_unknown_customer_is_not_found(desk: Desk, customer_id: str):
    with pytest.raises(CustomerNotFound):
        await desk.people.get(customer_id)
    if customer_id != "7":
        with pytest.raises(CustomerNotFound):
            await desk.people.patch(customer_id, CustomerChanges(email="a@b.example"))
