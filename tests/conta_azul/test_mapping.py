"""The mapping reads every documented shape, and survives every undocumented one."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.conta_azul.mapping import parse_account, parse_detail, parse_error, parse_listed, parse_page
from tools.conta_azul.reading import MAX_STOCK, UnexpectedAnswerError, parse_json, read_stamp
from tools.models import Money, Product

LISTED = {"id": "a", "nome": "Bíblia", "codigo": "B1", "status": "ATIVO", "saldo": 3, "valor_venda": 89.9}


def listed(**changes: Any) -> Product:
    entry = parse_json(json.dumps(LISTED | changes).encode())
    return parse_listed(entry)[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-07-10T15:05:08.433885Z", datetime(2025, 7, 10, 15, 5, 8, 433885, UTC)),
        ("2025-07-22T17:47:35.825004839Z", datetime(2025, 7, 22, 17, 47, 35, 825004, UTC)),
        ("2025-10-17T02:00:08.841", datetime(2025, 10, 17, 5, 0, 8, 841000, UTC)),
        ("2025-05-16T17:51:04.63", datetime(2025, 5, 16, 20, 51, 4, 630000, UTC)),
        ("2025-10-20T07:59:59", datetime(2025, 10, 20, 10, 59, 59, 0, UTC)),
        ("2025-10-20", None),
        ("", None),
        (None, None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_stamps(text: object, expected: datetime | None):
    assert read_stamp(text) == expected


@pytest.mark.parametrize(
    ("payload", "entries", "total"),
    [
        ({"totalItems": 1, "items": [{"id": "a"}]}, 1, 1),
        ({"total_items": 2, "items": [{}, {}]}, 2, 2),
        ({"total_itens": 5, "itens": []}, 0, 5),
        ({"itens_totais": 1, "itens": [{}]}, 1, 1),
        ({"itens": [{}], "paginacao": {"total_itens": 9}}, 1, 9),
        ({"totalItems": 0, "items": None}, 0, 0),
        ([{}, "x", None], 1, None),
    ],
)
def test_every_list_envelope(payload: object, entries: int, total: int | None):
    page = parse_page(payload)
    assert (len(page.entries), page.total) == (entries, total)


@pytest.mark.parametrize("payload", [{}, {"message": "ok"}, {"items": "x"}, "x", None, 3])
def test_an_answer_without_a_list_is_not_an_empty_list(payload: object):
    with pytest.raises(UnexpectedAnswerError):
        parse_page(payload)


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a": NaN}', b"\xff", b"[" * 100_000])
def test_what_is_not_json_is_said_so(body: bytes):
    with pytest.raises(UnexpectedAnswerError):
        parse_json(body)


@pytest.mark.parametrize("name", ["codigo", "codigo_sku", "sku"])
def test_the_three_names_of_the_sku(name: str):
    entry = {key: value for key, value in LISTED.items() if key != "codigo"} | {name: "B9"}
    assert parse_listed(entry)[0].sku == "B9"


def test_prices_are_exact_centavos():
    assert [listed(valor_venda=value).price for value in (89.9, 1.005, "12.30", 19)] == [
        Money(8990),
        Money(100),
        Money(1230),
        Money(1900),
    ]


@pytest.mark.parametrize("price", [None, 0, -5, "grátis", 1e30, True, [], {}])
def test_what_has_no_price_is_not_for_sale(price: object):
    assert not listed(valor_venda=price).active


@pytest.mark.parametrize(
    ("stock", "expected"), [(3, 3), (2.9, 2), (-4, 0), (None, 0), ("7", 7), (1e30, MAX_STOCK), ("x", 0), (True, 0)]
)
def test_stock_is_whole_units_that_can_be_sold(stock: object, expected: int):
    assert listed(saldo=stock).stock == expected


def test_text_is_fit_for_the_database():
    product = listed(nome="Bíblia\x00 \ud800 de\n Estudo", status="INATIVO")
    assert product.name == "Bíblia de Estudo"
    assert not product.active
    product.name.encode()


PARENT = {
    "id": "p",
    "nome": "Camiseta Fé",
    "descricao": "Linha 1\n\n  Linha 2",
    "categoria": {"descricao": "Camisetas"},
    "ecommerce": {"marca": {"nome": "Linho"}},
    "estoque": {"quantidade_total": 9, "quantidade_reservada": 2, "valor_venda": 10},
    "variacao": {
        "tipos": [
            {"descricao": "Cor", "opcoes": [{"id": "o1", "descricao": "Azul"}]},
            {"descricao": "Tamanho", "opcoes": [{"id": "o2", "descricao": "G"}]},
        ],
        "produtos": [
            {"id": "v", "nome": "Azul", "codigo_sku": "C-G", "saldo": 4, "valor_venda": 50,
             "opcoes": [{"id": "o1", "descricao": "Azul"}, {"id": "o2"}]},
        ],
    },
}  # fmt: skip


@pytest.mark.parametrize("as_array", [False, True])
def test_a_parents_detail_becomes_its_variants(as_array: bool):
    detail = PARENT | {"variacao": [PARENT["variacao"]]} if as_array else PARENT
    (variant,) = parse_detail(detail)
    assert variant.name == "Camiseta Fé Azul - G"
    assert variant.attributes == {"cor": "Azul", "tamanho": "G"}
    assert (variant.id, variant.parent_id, variant.sku, variant.stock) == ("v", "p", "C-G", 4)
    assert (variant.price, variant.category, variant.brand) == (Money(5000), "Camisetas", "Linho")
    assert variant.description == "Linha 1\n\nLinha 2"


@pytest.mark.parametrize("variacao", [None, [], {}, {"produtos": None}, "x"])
def test_a_product_without_variants_is_itself(variacao: object):
    (product,) = parse_detail(PARENT | {"variacao": variacao})
    assert (product.id, product.stock, product.price) == ("p", 7, Money(1000))


def test_a_variants_name_is_not_doubled():
    entry = LISTED | {
        "produtos_variacao": [LISTED | {"id": "v", "nome": "BIBLIA Azul"}, LISTED | {"id": "w", "nome": "Rosa"}]
    }
    assert [product.name for product in parse_listed(entry)] == ["BIBLIA Azul", "Bíblia Rosa"]
    assert {product.parent_id for product in parse_listed(entry)} == {"a"}


def test_an_inactive_parent_takes_its_variants_along():
    entry = LISTED | {"status": "INATIVO", "produtos_variacao": [LISTED | {"id": "v"}]}
    assert [product.active for product in parse_listed(entry)] == [False]


def test_the_company_is_known_by_its_id_or_else_by_its_document():
    assert parse_account({"id_empresa": "e", "documento": "1", "razao_social": "R"}).company_id == "e"
    assert parse_account({"documento": "1", "razao_social": "R"}).company_id == "1"
    assert parse_account({"documento": "1", "razao_social": "R"}).trade_name == "R"
    with pytest.raises(UnexpectedAnswerError):
        parse_account({"razao_social": "R"})


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"message":"m","error":"e"}', "m"),
        (b'{"error":"e"}', "e"),
        (b'{"mensagem":"x"}', "x"),
        (b"", ""),
        (b"<html>", ""),
        (b'{"message":null}', ""),
    ],
)
def test_the_words_of_a_refusal(body: bytes, words: str):
    assert parse_error(body) == words


KEYS = [
    "id",
    "nome",
    "codigo",
    "codigo_sku",
    "status",
    "ativo",
    "saldo",
    "valor_venda",
    "categoria",
    "produtos_variacao",
    "ultima_atualizacao",
    "descricao",
    "estoque",
    "quantidade_disponivel",
    "quantidade_total",
    "quantidade_reservada",
    "ecommerce",
    "marca",
    "variacao",
    "tipos",
    "opcoes",
    "produtos",
    "items",
    "totalItems",
    "paginacao",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=8),
    max_leaves=25,
)


@given(JSON)
def test_no_json_breaks_the_mapping_or_gives_an_unusable_product(document: Any):
    payload = parse_json(json.dumps(document).encode())
    products: list[Product] = []
    for parse in (parse_page, parse_detail, parse_account):
        try:
            result = parse(payload)
        except UnexpectedAnswerError:
            continue
        if isinstance(result, list):
            products += result
    products += parse_listed(payload) if isinstance(payload, dict) else []
    for product in products:
        assert product.id
        assert 0 <= product.stock <= MAX_STOCK
        assert not product.active or product.price.centavos > 0
        assert "\x00" not in product.name + product.description
        (product.name + product.description + product.category + product.sku + product.id).encode()


@given(st.binary(max_size=60))
def test_no_bytes_break_the_reading_of_refusals(body: bytes):
    assert isinstance(parse_error(body), str)
