"""One Brazilian mobile has one canonical form, and nothing else is ever folded into it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.history.addresses import canonical_address

AREA = st.builds(lambda a, b: f"{a}{b}", st.integers(1, 9), st.integers(1, 9))
REST = st.integers(0, 9_999_999).map("{:07d}".format)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("553187654321", "5531987654321"),
        ("5531987654321", "5531987654321"),
        ("+55 (31) 98765-4321", "5531987654321"),
        ("+55 31 8765-4321", "5531987654321"),
        ("553187654321@s.whatsapp.net", "5531987654321"),
        ("5531987654321:14@s.whatsapp.net", "5531987654321"),
        ("551134567890", "551134567890"),  # a landline never had a ninth digit
        ("12025550143", "12025550143"),
        ("351912345678", "351912345678"),
        ("5491123456789", "5491123456789"),
        ("BR.13491208655302741918", "BR.13491208655302741918"),
        ("maria-do-simulador", "maria-do-simulador"),
        ("", ""),
    ],
)
def test_known_forms(written: str, canonical: str) -> None:
    assert canonical_address(written) == canonical


@given(AREA, st.integers(6, 9), REST)
def test_both_forms_of_a_mobile_are_one_and_folding_is_stable(area: str, first: int, rest: str) -> None:
    old, new = f"55{area}{first}{rest}", f"55{area}9{first}{rest}"
    assert canonical_address(old) == canonical_address(new) == new
    assert canonical_address(new) == new


@given(st.sets(st.tuples(AREA, st.integers(2, 9), REST), min_size=2, max_size=2))
def test_different_numbers_never_become_one(numbers: set[tuple[str, int, str]]) -> None:
    folded = {canonical_address(f"55{area}{first}{rest}") for area, first, rest in numbers}
    assert len(folded) == 2


@given(st.text(max_size=40))
def test_any_text_is_borne(text: str) -> None:
    assert canonical_address(canonical_address(text)) == canonical_address(text)
