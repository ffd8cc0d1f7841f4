"""Amounts, places, sizes, colours, documents and days in the forms people use, and words that are none of these."""

from __future__ import annotations

from datetime import date

import pytest

from agent.understanding.entities import DateMention, SaidEntities, read_entities
from agent.understanding.normalising import normalise

LIST = "1) Caneca Fé\n2) Caneca Amor\n3) Caneca Paz\nQual te agrada?"
TODAY = date(2026, 7, 28)
"""A Tuesday."""


def read(*messages: str, context: str | None = None, listed: int = 0) -> SaidEntities:
    return read_entities(normalise(messages), context=context, listed=listed, today=TODAY)


@pytest.mark.parametrize(
    ("text", "centavos"),
    [
        ("quanto? R$ 1.299,90", [129990]),
        ("r$50", [5000]),
        ("50 conto", [5000]),
        ("cinquentão", [5000]),
        ("cinquentinha e fecho", [5000]),
        ("até 60tão", [6000]),
        ("oferta de 40zinho", [4000]),
        ("dois e cinquenta cada", [250]),
        ("custa vinte e nove e noventa", [2990]),
        ("cento e vinte e nove e noventa", [12990]),
        ("cinco reais e vinte", [520]),
        ("89,90", [8990]),
        ("89.90", [8990]),
        ("cem pila", [10000]),
        ("mil e duzentos reais", [120000]),
        ("2 mil reais", [200000]),
        ("3x de 40", [4000]),
        ("parcelam 240 em 4x de 60?", [24000, 6000]),
        ("1,5k", [150000]),
        ("50 centavos", [50]),
        ("um real", [100]),
        ("paguei 100 e era 92", [10000, 9200]),
        ("faz por 80?", [8000]),
        ("tem 2 mil envelopes?", []),
        ("quanto fica 1 e quanto fica 3?", []),
        ("desconto de 100%", []),
        ("são vinte e três e quarenta e vocês respondem?", []),
        ("garrafa de 1,5 litro", []),
        ("faixa de 1,80m", []),
    ],
)
def test_money(text: str, centavos: list[int]):
    assert [amount.centavos for amount in read(text).money] == centavos


@pytest.mark.parametrize(
    ("text", "lowest", "highest"),
    [
        ("entre 50 e 100 reais", 5000, 10000),
        ("entre vinte e trinta reais", 2000, 3000),
        ("acima de 100 reais", 10000, None),
        ("no max 80", None, 8000),
        ("que não passe de duzentos", None, 20000),
        ("não quero gastar mais de 150", None, 15000),
        ("o máximo q consigo é 45", None, 4500),
        ("só tenho 200 pra gastar", None, 20000),
        ("algo por uns cento e vinte", None, 12000),
        ("uns 50 no máximo", None, 5000),
        ("até 50 unidades", None, None),
        ("até 6x", None, None),
        ("abrem até 18?", None, None),
        ("faz por 80?", None, None),
    ],
)
def test_price_limits(text: str, lowest: int | None, highest: int | None):
    found = read(text)
    limits = [limit.centavos if limit else None for limit in (found.min_price, found.max_price)]
    assert limits == [lowest, highest]


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("12 revista de jovens e 8 de adulto mais 2 do professor", [12, 8, 2]),
        ("3 caixas de 100", [300]),
        ("dois pacotes de 50 copinhos", [100]),
        ("4 caixas de envelope, daquela de 200", [800]),
        ("dúzia e meia de velas", [18]),
        ("quero um par de meias", [2]),
        ("45 camisetas e 45 bonés", [45, 45]),
        ("50! cinquenta!", [50]),
        ("são 60 e não 50", [60]),
        ("quero 5 em vez de 6", [5]),
        ("3 becas, digo, 2 becas", [2]),
        ("lembrancinha pra 40 crianças", [40]),
        ("são 17 crianças mas quero 20", [20]),
        ("uma marrom e duas pretas", [1, 2]),
        ("bota mais uma", [1]),
        ("só uma dúvida", []),
        ("queria um boné e uma caneca", []),
        ("minha filha tem 8", []),
        ("tenho 17 e quero uma bíblia", []),
        ("chego às 14h20", []),
        ("chego umas 10", []),
        ("duas da tarde", []),
        ("rua das flores 123, ap 4", []),
        ("em 3x no cartão", []),
        ("boleto pra 30 dias", []),
        ("pedido 4521", []),
        ("agenda 2026", []),
        ("vieram 5 rasgados", []),
        ("leve 3 pague 2", []),
        ("a de 150 folhas", []),
        ("vou somar os dois", []),
    ],
)
def test_quantities(text: str, units: list[int]):
    assert list(read(text).quantities) == units


def test_the_last_correction_decides_the_quantity():
    assert read("quero 2, aliás, quero 5 canecas").quantity == 5
    assert read("quero 2 canecas e 5 chaveiros").quantity == 2


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("a 1 e a 3", (1, 3)),
        ("1, 2 e 3", (1, 2, 3)),
        ("as duas últimas", (-2, -1)),
        ("a penúltima", (-2,)),
        ("a do meio", (2,)),
        ("todas menos a 2", (1, 3)),
        ("1 e 3, a 2 não", (1, 3)),
        ("quanto tá a 2a da lista?", (2,)),
        ("9", ()),
    ],
)
def test_places_in_a_list(text: str, places: tuple[int, ...]):
    assert read(text, context=LIST).ordinals == places


@pytest.mark.parametrize(
    "text", ["na segunda vez", "chega segunda?", "na segunda-feira", "segunda via da nota", "no 2º ano"]
)
def test_without_a_list_these_are_no_places(text: str):
    assert read(text).ordinals == ()


def test_places_are_counted():
    found = read("3 da primeira e 1 da segunda", context=LIST)
    assert (found.ordinal_quantities, found.quantities) == (((1, 3), (2, 1)), (3, 1))


@pytest.mark.parametrize(
    ("text", "places", "units"),
    [("coloca 3 da segunda", (2,), (3,)), ("20 da primeira", (1,), (20,)), ("da terceira, 2", (3,), (2,))],
)
def test_a_place_in_words_is_heard_though_only_the_number_was_asked_for(
    text: str, places: tuple[int, ...], units: tuple[int, ...]
):
    context = "Temos:\n1. Caixa com 500\n2. Pacote com 100\n3. Pacote com 50\nQual opção, e em que quantidade?"
    found = read_entities(normalise([text]), context=context, listed=3)
    assert (found.ordinals, found.quantities) == (places, units)


def test_a_bare_number_is_what_was_asked_for():
    assert read("2", context=LIST).ordinals == (2,)
    assert read("2", listed=3).ordinals == (2,)
    assert read("2", context="Quantas canecas você quer?").quantities == (2,)
    assert read("2").quantities == ()


@pytest.mark.parametrize(
    ("text", "context", "units"),
    [
        ("sim", "Coloco 7 no carrinho?", 7),
        ("sim, mas só 2", "Coloco 7 no carrinho?", 2),
        ("não", "Coloco 7 no carrinho?", None),
        ("sim", "Posso fechar o pedido com 2 canecas?", None),
        ("sim", "Posso fechar e separar as 2 canecas?", None),
        ("sim", "A caneca sai por R$ 39,90. Quer levar?", None),
    ],
)
def test_a_yes_takes_the_units_that_were_offered(text: str, context: str, units: int | None):
    assert read(text, context=context).quantity == units


@pytest.mark.parametrize(
    "text", ["coloca uma", "quero mais duas", "15 dessa", "vou querer essa", "manda mais 2 pra mim"]
)
def test_words_that_point_back(text: str):
    assert read(text).points_back


def test_the_numbers_of_a_product_shown_count_nothing():
    names = ["Kit 4 Canetas Marca-Texto", "Bíblia 365 Dias"]
    found = read_entities(normalise(["quero 2 kit 4 canetas marca-texto"]), context=None, listed=0, products=names)
    assert found.quantities == (2,)


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("tem tamanho M?", ("M",)),
        ("camiseta do P ao GG", ("P", "GG")),
        ("separa 3 M e 2 G da camiseta", ("M", "G")),
        ("camiseta: 4P 6M 2GG", ("P", "M", "GG")),
        ("troca a M pela G", ("M", "G")),
        ("bota 42", ("42",)),
        ("fantasia tam 6 e tam 10", ("6", "10")),
        ("vestido de batismo 4 anos", ("4",)),
        ("vestido pra minha neta de 8 anos", ()),
        ("quero p mim", ()),
        ("GRAÇA E PAZ", ()),
    ],
)
def test_sizes(text: str, sizes: tuple[str, ...]):
    assert read(text).sizes == sizes


@pytest.mark.parametrize(
    ("text", "colors"),
    [
        ("duas pretas e uma branca", ("preto", "branco")),
        ("azul marinho, vinho e preta", ("azul-marinho", "vinho", "preto")),
        ("off-white ou off white", ("off-white",)),
        ("tem cor de rosa?", ("rosa",)),
        ("capa caramelo", ("caramelo",)),
        ("em vermelho", ("vermelho",)),
        ("não a rosa, a azul", ("rosa", "azul")),
        ("todas menos a rosa", ("rosa",)),
        ("folhas em branco", ()),
        ("cálice de vinho", ()),
        ("toga pro coral", ()),
        ("dona Rosa aqui", ()),
        ("moro em Ouro Preto", ()),
        ("a entrega em ouro preto", ()),
    ],
)
def test_colors(text: str, colors: tuple[str, ...]):
    assert read(text).colors == colors


def test_a_weak_color_counts_when_the_seller_named_it():
    assert read("quero o coral", context="Temos em coral e em verde.").colors == ("coral",)
    assert read("quero o coral").colors == ()


def test_documents_and_telephones():
    found = read("cpf 529.982.247-25, cnpj 11.222.333/0001-81, cep 01310-100, zap (62) 99912-3456")
    assert found.cpfs == ("52998224725",)
    assert found.cnpjs == ("11222333000181",)
    assert found.ceps == ("01310100",)
    assert found.phones == ("+5562999123456",)
    assert not found.quantities and not found.money


@pytest.mark.parametrize(("text", "listed", "places"), [("quero a segunda", 1, (2,)), ("quero a quinta", 3, (5,))])
def test_a_place_beyond_the_list_is_still_what_was_said(text: str, listed: int, places: tuple[int, ...]):
    context = "Temos a Bíblia Infantil. Coloco no seu carrinho?"
    assert read_entities(normalise([text]), context=context, listed=listed).ordinals == places


def test_words_before_a_cnpj_are_no_part_of_it():
    found = read("pode emitir em nome da igreja cnpj 46.029.183/0001-79")
    assert (found.cnpjs, found.quantities) == (("46029183000179",), ())


@pytest.mark.parametrize("text", ["cpf 529.982.247-26", "cnpj 11.222.333/0001-82", "(20) 99123-4567"])
def test_wrong_digits_are_no_document_and_nothing_else(text: str):
    found = read(text)
    assert (found.cpfs, found.cnpjs, found.phones, found.quantities, found.money) == ((), (), (), (), ())


def test_a_cnpj_may_hold_letters():
    assert read("12.ABC.345/01DE-35").cnpjs == ("12ABC34501DE35",)


def test_eight_digits_are_a_cep_unless_they_are_called_otherwise():
    assert read("57300000 arapiraca").ceps == ("57300000",)
    assert read("pedido 12345678").ceps == ()
    assert read("oito cinco oito zero um zero zero zero").ceps == ("85801000",)


@pytest.mark.parametrize(
    ("text", "typed", "day"),
    [
        ("Até SEXTA chega?", "SEXTA", date(2026, 7, 31)),
        ("terça", "terça", date(2026, 8, 4)),
        ("amanhã cedo", "amanhã cedo", date(2026, 7, 29)),
        ("dia 15", "dia 15", date(2026, 8, 15)),
        ("dia vinte e nove", "dia vinte e nove", date(2026, 7, 29)),
        ("12/10", "12/10", date(2026, 10, 12)),
        ("5/1", "5/1", date(2027, 1, 5)),
        ("dia 20 de agosto", "dia 20 de agosto", date(2026, 8, 20)),
        ("1 de maio de 2028", "1 de maio de 2028", date(2028, 5, 1)),
        ("terça passada", "terça passada", date(2026, 7, 21)),
        ("dia das mães", "dia das mães", date(2027, 5, 9)),
        ("na páscoa", "páscoa", date(2027, 3, 28)),
        ("semana que vem", "semana que vem", None),
        ("em março", "março", None),
        ("30/02", "30/02", None),
    ],
)
def test_days(text: str, typed: str, day: date | None):
    assert read(text).dates == (DateMention(typed, day),)


@pytest.mark.parametrize(
    "text",
    [
        "a segunda opção",
        "segunda via",
        "é só isso por hoje",
        "1/2 litro",
        "Marco Antônio",
        "rua 24 de outubro",
        "45/13",
    ],
)
def test_words_that_name_no_day(text: str):
    assert read(text).dates == ()


def test_without_today_no_day_is_worked_out():
    assert read_entities(normalise(["sexta"]), context=None, listed=0).dates == (DateMention("sexta", None),)


def test_spans_hold_what_was_read():
    said = normalise(["quero 3 harpas até 50 reais, cep 01310-100, pra sexta"])
    spans = read_entities(said, context=None, listed=0).spans
    held = {said.text[start:end] for start, end in spans}
    assert {"3", "ate 50 reais", "01310-100", "sexta"} <= held
