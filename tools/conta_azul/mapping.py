"""Turns Conta Azul's JSON into our value objects: the only file that knows its field names; does no I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from tools.conta_azul.reading import (
    JsonObject,
    UnexpectedAnswerError,
    as_object,
    as_objects,
    folded,
    parse_json,
    read_money,
    read_number,
    read_stamp,
    read_text,
    read_units,
)
from tools.erp_models import ConnectedAccount
from tools.models import (
    ZERO,
    Money,
    Product,
)


@dataclass(frozen=True, slots=True)
class ListingPage:
    """One page of a list: its raw entries, and the total the server claims (None when it says nothing usable)."""

    entries: list[JsonObject]
    total: int | None


def parse_page(payload: object) -> ListingPage:
    """Read any of the list envelopes: `items` or `itens`, null for empty, four names of the total, or a bare array."""
    if isinstance(payload, list):
        return ListingPage(as_objects(cast(list[object], payload)), None)
    envelope = as_object(payload)
    key = next((name for name in ("items", "itens") if name in envelope), None)
    if key is None or not isinstance(envelope[key], list | None):
        raise UnexpectedAnswerError("the answer has no list of items")
    paging = as_object(envelope.get("paginacao"))
    totals = [envelope.get(name) for name in ("totalItems", "total_items", "total_itens", "itens_totais")]
    total = next((value for value in [*totals, paging.get("total_itens")] if isinstance(value, int)), None)
    return ListingPage(as_objects(envelope[key] or []), total)


def parse_error(body: bytes) -> str:
    """The vendor's own words for a refusal; "" when the body is empty, HTML or silent."""
    try:
        answer = as_object(parse_json(body))
    except UnexpectedAnswerError:
        return ""
    names = ("message", "error", "mensagem", "error_description")
    return next((text for name in names if (text := read_text(answer.get(name)))), "")[:300]


def says_plan_ended(body: bytes) -> bool:
    """Whether a 403 means that the shop's plan or trial is over."""
    return b"END_TRIAL" in body or "não está elegível".encode() in body


def parse_account(payload: object) -> ConnectedAccount:
    """The answer of `conta-conectada`. Older answers lack the company id: the document identifies the company then."""
    answer = as_object(payload)
    legal = read_text(answer.get("razao_social"))
    trade = read_text(answer.get("nome_fantasia")) or legal
    company = read_text(answer.get("id_empresa")) or read_text(answer.get("documento"))
    if not company:
        raise UnexpectedAnswerError("the connected account has neither id nor document")
    return ConnectedAccount(company, legal or trade, trade)


def parse_listed(entry: JsonObject) -> list[Product]:
    """The sellable products of one list entry: itself, or one per variant. Empty when it has no id."""
    parent_id = read_text(entry.get("id"))
    if not parent_id:
        return []
    name, stamp = read_text(entry.get("nome")), read_stamp(entry.get("ultima_atualizacao"))
    active, category = _is_active(entry), read_text(entry.get("categoria"))
    variants = [variant for variant in as_objects(entry.get("produtos_variacao")) if read_text(variant.get("id"))]
    if not variants:
        price = read_money(entry.get("valor_venda"))
        return [_product(parent_id, _sku(entry), name, category, price, read_units(entry.get("saldo")), active, stamp)]
    return [
        replace(
            _listed_variant(variant, name, category, active),
            parent_id=parent_id,
            updated_at=read_stamp(variant.get("ultima_atualizacao")) or stamp,
        )
        for variant in variants
    ]


def parse_detail(payload: object) -> list[Product]:
    """The sellable products of a product's detail, with description, category, brand and variant options."""
    detail = as_object(payload)
    product_id = read_text(detail.get("id"))
    if not product_id:
        raise UnexpectedAnswerError("the product has no id")
    stock = as_object(detail.get("estoque"))
    whole = _product(
        product_id,
        _sku(detail),
        read_text(detail.get("nome")),
        _named(detail.get("categoria"), "descricao"),
        read_money(_first(stock.get("valor_venda"), detail.get("valor_venda"))),
        _available(stock),
        _is_active(detail),
        read_stamp(detail.get("ultima_atualizacao")),
    )
    whole = replace(
        whole,
        description=read_text(detail.get("descricao"), lines=True),
        brand=_named(as_object(detail.get("ecommerce")).get("marca"), "nome"),
        parent_id=read_text(detail.get("id_produto_pai_variacao")) or None,
    )
    variants = [product for group in _groups(detail.get("variacao")) for product in _variants(group, whole)]
    return variants or [whole]


def parse_costs(payload: object) -> dict[str, Money]:
    """What one unit of a detail's product, and of its variants, costs the shop; ids without a cost are left out.

    Kept apart from Product: whatever reaches the chat model may reach a customer.
    """
    detail = as_object(payload)
    own = _first(as_object(detail.get("estoque")).get("custo_medio"), detail.get("custo_medio"))
    variants = [entry for group in _groups(detail.get("variacao")) for entry in as_objects(group.get("produtos"))]
    costs = {read_text(entry.get("id")): read_money(entry.get("custo_medio")) for entry in variants}
    costs[read_text(detail.get("id"))] = read_money(own)
    # Who never filled it in has 0 there, which is no cost.
    return {product_id: cost for product_id, cost in costs.items() if product_id and cost is not None}


def _variants(group: JsonObject, whole: Product) -> list[Product]:
    kinds = {
        read_text(option.get("id")): (read_text(kind.get("descricao")).lower(), read_text(option.get("descricao")))
        for kind in as_objects(group.get("tipos"))
        for option in as_objects(kind.get("opcoes"))
    }
    products: list[Product] = []
    for entry in as_objects(group.get("produtos")):
        variant_id = read_text(entry.get("id"))
        if not variant_id:
            continue
        options = [_option(option, kinds) for option in as_objects(entry.get("opcoes"))]
        attributes = {kind: value for kind, value in options if kind and value}
        products.append(
            replace(
                _listed_variant(entry, whole.name, whole.category, whole.active),
                name=_variant_name(whole.name, read_text(entry.get("nome")), [value for _, value in options]),
                description=whole.description,
                brand=whole.brand,
                parent_id=whole.id,
                attributes=attributes,
                updated_at=whole.updated_at,
            )
        )
    return products


def _option(option: JsonObject, kinds: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    kind, value = kinds.get(read_text(option.get("id")), ("", ""))
    return kind, read_text(option.get("descricao")) or value


def _listed_variant(entry: JsonObject, parent_name: str, category: str, parent_active: bool) -> Product:
    return _product(
        read_text(entry.get("id")),
        _sku(entry),
        _variant_name(parent_name, read_text(entry.get("nome")), []),
        category,
        read_money(entry.get("valor_venda")),
        read_units(entry.get("saldo")),
        parent_active and _is_active(entry),
        None,
    )


def _variant_name(parent: str, own: str, options: list[str]) -> str:
    """A name that says the product and its options, whichever half of it the ERP put into the variant's own name."""
    name = own if folded(parent) in folded(own) else f"{parent} {own}".strip()
    words = re.split(r"[^\w]+", folded(name))
    missing = [option for option in options if option and not set(re.split(r"[^\w]+", folded(option))) <= set(words)]
    return f"{name} - {', '.join(missing)}" if missing else name


def _product(
    product_id: str,
    sku: str,
    name: str,
    category: str,
    price: Money | None,
    stock: int,
    active: bool,
    updated_at: datetime | None,
) -> Product:
    # Without a price (or a name) there is nothing to offer: such a product is kept out of sale, never sold for R$ 0,00.
    sellable = active and price is not None and bool(name)
    return Product(product_id, sku, name, "", category, "", price or ZERO, stock, sellable, updated_at=updated_at)


def _sku(entry: JsonObject) -> str:
    return read_text(_first(entry.get("codigo"), entry.get("codigo_sku"), entry.get("sku")))


def _is_active(entry: JsonObject) -> bool:
    status = entry.get("status")
    return status.upper() == "ATIVO" if isinstance(status, str) else entry.get("ativo") is not False


def _available(stock: JsonObject) -> int:
    if read_number(stock.get("quantidade_disponivel")) is not None:
        return read_units(stock["quantidade_disponivel"])
    return max(0, read_units(stock.get("quantidade_total")) - read_units(stock.get("quantidade_reservada")))


def _named(value: object, name: str) -> str:
    """The name inside a lookup object, or the value itself where an older answer has plain text."""
    return read_text(value) if isinstance(value, str) else read_text(as_object(value).get(name))


def _first(*values: object) -> object:
    return next((value for value in values if value not in (None, "")), None)


def _groups(value: object) -> list[JsonObject]:
    """`variacao` is an object in the specification and an array in measured answers."""
    return as_objects(cast(list[object], value) if isinstance(value, list) else [value])
