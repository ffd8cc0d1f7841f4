"""What holds for every amount, document and text: what is written down is read back, and nothing is read twice."""

from __future__ import annotations

import time

import phonenumbers
from hypothesis import given
from hypothesis import strategies as st
from stdnum.br import cnpj, cpf

from agent.understanding.entities import SaidEntities, read_entities
from agent.understanding.normalising import Normalised, normalise
from tools.models import Money

_SMALL = """
zero um dois três quatro cinco seis sete oito nove
dez onze doze treze quatorze quinze dezesseis dezessete dezoito dezenove
"""
_HUNDREDS = "cento duzentos trezentos quatrocentos quinhentos seiscentos setecentos oitocentos novecentos"
SMALL = tuple(_SMALL.split())
TENS = ("vinte", "trinta", "quarenta", "cinquenta", "sessenta", "setenta", "oitenta", "noventa")
HUNDREDS = tuple(_HUNDREDS.split())
AREA_CODES = (11, 21, 27, 31, 41, 48, 51, 61, 62, 71, 81, 85, 91, 92, 98)

TYPED = ("R${},{:02d}", "r$ {},{:02d}", "{},{:02d}", "{},{:02d} reais", "R$ {}.{:02d}")
QUESTIONS = (None, "1) A\n2) B\nQual?", "Quantas?", "Coloco 3?")

digits = st.text("0123456789", min_size=9, max_size=9).filter(lambda text: len(set(text)) > 1)
counts = st.integers(2, 9999).filter(lambda units: not 2015 <= units <= 2040)
"""Without those that may be years."""


def read(text: str) -> SaidEntities:
    return read_entities(normalise([text]), context=None, listed=0)


def in_words(number: int) -> str:
    """A number from 1 to 9999 as Brazilians say it."""
    if number == 100:
        return "cem"
    if number < 20:
        return SMALL[number]
    for size, names in ((10, TENS), (100, HUNDREDS)):
        if number < size * 10:
            head = names[number // size - (2 if size == 10 else 1)]
            return head if number % size == 0 else f"{head} e {in_words(number % size)}"
    thousands, rest = divmod(number, 1000)
    head = "mil" if thousands == 1 else f"{SMALL[thousands]} mil"
    if rest == 0:
        return head
    joint = " e " if rest <= 100 or rest % 100 == 0 else " "
    return head + joint + in_words(rest)


def nothing_counted(found: SaidEntities) -> bool:
    return not (found.quantities or found.money or found.ordinals or found.max_price)


@given(st.integers(1, 9_999_999), st.sampled_from(["{}", "até {}", "quanto fica, {}?", "paguei {} ontem", "{} no pix"]))
def test_money_as_it_is_printed_is_read_back(centavos: int, sentence: str):
    assert read(sentence.format(Money(centavos))).money == (Money(centavos),)


@given(
    st.integers(1, 999_999),
    st.sampled_from(TYPED),
)
def test_money_as_it_is_typed_is_read_back(centavos: int, form: str):
    assert read(form.format(*divmod(centavos, 100))).money == (Money(centavos),)


@given(st.integers(2, 9999), st.sampled_from(["reais", "conto", "pila"]))
def test_money_in_words_is_read_back(reais: int, unit: str):
    assert read(f"custa {in_words(reais)} {unit}").money == (Money(reais * 100),)


@given(st.integers(1, 999), st.sampled_from([50, 60, 70, 80, 90]))
def test_reais_and_centavos_in_words_are_one_amount(reais: int, cents: int):
    # "vinte e cinquenta" is 20,50; only a whole number of tens could swallow units, and these are none.
    assert read(f"custa {in_words(reais)} reais e {in_words(cents)}").money == (Money(reais * 100 + cents),)


@given(
    counts,
    st.sampled_from(["canecas", "harpas", "envelopes"]),
)
def test_quantities_in_digits_and_words_are_read_back(units: int, noun: str):
    assert read(f"quero {units} {noun}").quantities == (units,)
    assert read(f"preciso de {in_words(units)} {noun}").quantities == (units,)


@given(st.integers(2, 40), st.integers(2, 200))
def test_dozens_and_boxes_multiply(count: int, each: int):
    assert read(f"{count} dúzias de chaveiros").quantities == (count * 12,)
    assert read(f"{in_words(count)} caixas de {each}").quantities == (count * each,)


@given(st.integers(1_000_000, 99_999_999), st.sampled_from(["{}-{}", "cep {}{}", "meu cep é {}-{}, ok", "cep: {} {}"]))
def test_a_cep_is_read_back_and_counts_nothing(number: int, form: str):
    code = f"{number:08d}"
    found = read(form.format(code[:5], code[5:]))
    assert found.ceps == (code,)
    assert nothing_counted(found) and not found.phones


@given(
    st.sampled_from(AREA_CODES),
    st.integers(960_000_000, 999_999_999),
    st.sampled_from(["({}) {}-{}", "{} {}-{}", "+55 {} {}-{}", "+55{}{}{}", "zap {}{}{}", "0{} {} {}"]),
)
def test_a_telephone_is_read_back_and_counts_nothing(area: int, number: int, form: str):
    found = read(f"meu número: {form.format(area, str(number)[:5], str(number)[5:])}")
    expected = f"+55{area}{number}"
    assert phonenumbers.is_valid_number(phonenumbers.parse(expected))
    # One plain number of eleven digits in a hundred has a CPF's check digits; the word "zap" settles it.
    assert found.phones == (expected,)
    assert nothing_counted(found) and not found.ceps


@given(digits, st.integers(0, 99), st.sampled_from(["{}.{}.{}-{}", "cpf {}{}{}{}"]))
def test_a_cpf_counts_only_with_right_check_digits_and_never_as_a_number(base: str, check: int, form: str):
    number = f"{base}{check:02d}"
    found = read(form.format(number[:3], number[3:6], number[6:9], number[9:]))
    assert found.cpfs == ((number,) if cpf.is_valid(number) else ())
    assert nothing_counted(found) and not found.ceps


@given(digits, st.booleans())
def test_a_right_cpf_or_cnpj_is_read_back(base: str, dotted: bool):
    person = next(number for check in range(100) if cpf.is_valid(number := f"{base}{check:02d}"))
    company = f"{base[:8]}0001"
    company += cnpj.calc_check_digits(company)
    said = f"cpf {cpf.format(person) if dotted else person} e cnpj {cnpj.format(company) if dotted else company}"
    found = read(said)
    assert found.cpfs == (person,)
    assert found.cnpjs == ((company,) if cnpj.is_valid(company) else ())
    assert nothing_counted(found)


@given(st.lists(st.text(max_size=200), max_size=3), st.none() | st.text(max_size=120), st.integers(0, 12))
def test_any_text_is_read_without_an_error(messages: list[str], context: str | None, listed: int):
    said = normalise(messages)
    found = read_entities(said, context=context, listed=listed)
    assert all(units >= 1 for units in found.quantities)
    assert all(place for place in found.ordinals)
    assert all(text in said.original for text in (*found.negated, found.name, *(day.text for day in found.dates)))
    assert all(0 <= start < end <= len(said.text) for start, end in found.spans)


_TELLING = """
não sem nem a o quero 2 três r$ 50 reais de dia 15 sexta a segunda azul gg p rosa até por uma duzia caixas com e , ?
cep 01310-100 sou aqui é pastora Ana cpf 529.982.247-25 em vez menos última 89,90 2x às 14h30 (62) 99912-3456 mil
"""


@given(st.lists(st.sampled_from(_TELLING.split()), max_size=25), st.sampled_from(QUESTIONS))
def test_any_order_of_telling_words_is_read_without_an_error(words: list[str], context: str | None):
    said = normalise([" ".join(words)])
    found = read_entities(said, context=context, listed=0)
    assert all(text in said.original for text in (*found.negated, found.name, *(day.text for day in found.dates)))


def test_an_ordinary_message_takes_half_a_millisecond_at_most():
    typical = [
        "bom diaa qto tá a harpa pequena?",
        "quero 2 bíblia letra gigante preta e um chaveiro, chega até sexta? cep 01310-100",
        "sim pode fechar, manda o pix",
        "tem camiseta do leão no tamanho M? até uns 60 reais",
        "aqui é a Marlene, não a rosa, quero a lilás",
    ]
    said = [normalise([text]) for text in typical]
    best = min(_cpu(said) for _ in range(8))
    assert best < 0.0005


def _cpu(said: list[Normalised]) -> float:
    started = time.process_time()
    for message in said:
        read_entities(message, context=None, listed=0)
    return (time.process_time() - started) / len(said)
