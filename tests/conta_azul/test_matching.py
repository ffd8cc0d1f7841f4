"""Who a customer is in the ERP: spellings of one phone are one, and two people are never taken for each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conta_azul.selling import CPF, OTHER_CPF, PHONE
from tools.conta_azul.matching import compact_document, match_customer, phone_key, phone_keys, phone_spellings
from tools.erp_models import ErpCustomer

areas = st.tuples(st.integers(1, 9), st.integers(1, 9)).map(lambda pair: f"{pair[0]}{pair[1]}")
old_mobiles = st.from_regex(r"[6-9][0-9]{7}", fullmatch=True)
landlines = st.from_regex(r"[2-5][0-9]{7}", fullmatch=True)
new_mobiles = st.from_regex(r"9[0-9]{8}", fullmatch=True)


def masks(area: str, number: str) -> list[str]:
    return [
        f"{area}{number}", f"({area}) {number[:-4]}-{number[-4:]}", f"0{area} {number}", f"55{area}{number}",
        f"+55 {area} {number[:-4]} {number[-4:]}",
    ]  # fmt: skip


@given(areas, old_mobiles)
def test_a_mobile_is_one_with_and_without_its_ninth_digit_in_every_spelling(area: str, number: str):
    keys = {phone_key(text) for digits in (number, f"9{number}") for text in masks(area, digits)}
    wa_ids = {phone_key(f"55{area}{digits}", international=True) for digits in (number, f"9{number}")}
    assert keys == wa_ids == {f"55{area}9{number}"}


@given(areas, landlines)
def test_a_landline_never_gains_a_ninth_digit(area: str, number: str):
    key = phone_key(f"{area}{number}")
    assert key == f"55{area}{number}"
    assert key != phone_key(f"{area}9{number}")
    assert f"{area}9{number}" not in phone_spellings(key)


subscribers = st.one_of(old_mobiles, landlines, new_mobiles)


def with_ninth(number: str) -> str:
    return f"9{number}" if len(number) == 8 and number[0] in "6789" else number


@given(areas, areas, subscribers, subscribers)
def test_different_numbers_are_never_one(area: str, other_area: str, number: str, other: str):
    same = (area, with_ninth(number)) == (other_area, with_ninth(other))
    assert (phone_key(f"{area}{number}") == phone_key(f"{other_area}{other}")) is same


@given(areas, subscribers)
def test_every_spelling_that_is_searched_for_is_the_phone_itself(area: str, number: str):
    key = phone_key(f"{area}{number}")
    assert key is not None
    spellings = phone_spellings(key)
    assert f"{area}{number}" in spellings
    assert {phone_key(spelling) for spelling in spellings} == {key}


@pytest.mark.parametrize(
    ("text", "international", "key"),
    [
        ("98389-9529", False, None),  # no area code: anybody's
        ("8389-9529", False, None),
        ("", False, None),
        ("não tem", False, None),
        ("(11) 98389-9529 / 3456-7890", False, None),
        ("4523456789", True, "4523456789"),  # a Danish wa_id is no landline of Curitiba's neighbours
        ("4523456789", False, "554523456789"),
        ("351912345678", True, "351912345678"),
        ("+351 912 345 678", False, "351912345678"),
        ("14155552671", True, "14155552671"),
        ("55119838995", True, None),
        ("5511083899529", True, None),
        ("55 55 98389-9529", False, "5555983899529"),  # 55 is an area code, too
        ("55983899529", False, "5555983899529"),
    ],
)
def test_odd_phones(text: str, international: bool, key: str | None):
    assert phone_key(text, international=international) == key


@pytest.mark.parametrize(
    ("text", "document"),
    [
        ("529.982.247-25", CPF), ("11.222.333/0001-81", "11222333000181"), ("12.abc.345/01DE-35", "12ABC34501DE35"),
        ("123", ""), ("", ""),
    ],
)  # fmt: skip
def test_documents_are_compared_without_their_mask(text: str, document: str):
    assert compact_document(text) == document


people = st.lists(
    st.builds(
        ErpCustomer,
        id=st.sampled_from([f"p{number}" for number in range(6)]),
        name=st.sampled_from(["Ana", "Bia"]),
        document=st.sampled_from(["", CPF, OTHER_CPF]),
        phones=st.lists(
            st.sampled_from(["11983899529", "(11) 8389-9529", "1133334444", "31983899529", "83899529"]), max_size=2
        ).map(tuple),
        active=st.booleans(),
    ),
    max_size=6,
    unique_by=lambda person: person.id,
)
documents = st.sampled_from(["", CPF, "529.982.247-25", OTHER_CPF])
phones = st.sampled_from(["", PHONE, "551183899529", "551133334444", "5511977776666"])


@given(people, documents, phones)
def test_whoever_is_chosen_is_the_only_one_it_can_be(people: list[ErpCustomer], document: str, phone: str):
    asked, key = compact_document(document), phone_key(phone, international=True)
    match = match_customer(people, document=document, phone=phone)
    chosen = match.customer
    assert (chosen is None) is bool(match.reason)
    if chosen is None:
        return
    same_document = [person for person in people if asked and person.document == asked]
    same_phone = [person for person in people if key in phone_keys(person)]
    if asked:
        assert chosen.document in ("", asked)
    if chosen in same_document:
        rivals = [person for person in same_document if person != chosen and person.active >= chosen.active]
        assert not rivals or (key and key in phone_keys(chosen) and not any(key in phone_keys(one) for one in rivals))
    else:
        assert not same_document
        assert same_phone == [chosen]


@given(people, documents, phones, st.randoms(use_true_random=False))
def test_the_order_of_the_list_decides_nothing(people: list[ErpCustomer], document: str, phone: str, random: object):
    shuffled = sorted(people, key=lambda _: random.random())  # pyright: ignore[reportAttributeAccessIssue]
    assert match_customer(people, document=document, phone=phone) == match_customer(
        [*shuffled, *shuffled], document=document, phone=phone
    )


def person(person_id: str, document: str = "", *phones: str, active: bool = True) -> ErpCustomer:
    return ErpCustomer(person_id, "Ana", document, phones, "", active)


@pytest.mark.parametrize(
    ("people", "document", "phone", "chosen", "reason"),
    [
        ([person("a", CPF), person("b", "", "11983899529")], CPF, PHONE, "a", ""),
        ([person("a", "", "11983899529")], CPF, PHONE, "a", ""),
        ([person("a", OTHER_CPF, "11983899529")], CPF, PHONE, None, "another document"),
        ([person("a", OTHER_CPF, "11983899529")], "", PHONE, "a", ""),
        (
            [person("a", "", "1183899529"), person("b", "", "11983899529")],
            "",
            PHONE,
            None,
            "2 customers have this phone",
        ),
        ([person("a", CPF), person("b", CPF)], CPF, "", None, "2 customers have this document"),
        ([person("a", CPF), person("b", CPF, "11983899529")], CPF, PHONE, "b", ""),
        ([person("a", CPF, active=False), person("b", CPF)], CPF, "", "b", ""),
        ([person("a", CPF, active=False)], CPF, "", "a", ""),
        ([person("a", "", "11983899529")], CPF, "", None, "no customer has this document"),
        ([person("a")], "", "", None, "neither"),
        ([person("a")], "", PHONE, None, "no customer has this phone"),
    ],
)
def test_cases(people: list[ErpCustomer], document: str, phone: str, chosen: str | None, reason: str):
    match = match_customer(people, document=document, phone=phone)
    assert (match.customer.id if match.customer else None) == chosen
    assert reason in match.reason
