"""Gathers what a turn's tools returned into facts a reply may state; reads no reply and forgives nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from agent.proof.figures import find_amounts, find_percentages
from agent.proof.links import find_links
from agent.state import ToolRun
from agent.understanding.normalising import fold

Source = dict[Any, str]
"""A fact and the tool that returned it."""

BILL = ("total", "freight", "discount", "other")
UNIT_KEYS = frozenset({"preco", "preco_unitario", "valor_unitario"})
TOTAL_KEYS = frozenset({"total", "subtotal", "valor", "valor_total"})
# What the catalogue says of a product was written by others: it describes, and promises nothing.
_DESCRIBING = frozenset({"descricao", "nome", "categoria", "marca", "atributos", "sku", "produto", "endereco"})
_FREIGHT = frozenset({"opcoes", "opcao", "frete", "entrega"})
_PAST = frozenset({"compras"})
_ORDER_KEYS = frozenset({"numero", "numero_pedido", "pedido_numero", "order_number"})
_ISO_DATE = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})")
_BRAZILIAN_DATE = re.compile(r"(?<!\d)(\d{1,2})/(\d{1,2})(?:/(\d{4}))?(?!\d)")
_IDS = frozenset({"id", "sku", "produto_id", "texto", "copia_e_cola"})
_SILENT = frozenset({"id", "produto_id"})
"""Say nothing that is not said beside them."""
_MOMENT = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?:t[\d:+-]+)?|(?<!\d)\d{1,2}/\d{1,2}(?:/\d{4})?(?!\d)")
"""Days and times count nothing."""
_TIME = re.compile(r"T(\d{2}):(\d{2})")
_DIGITS = re.compile(r"\d+")
_CEP = re.compile(r"(?<!\d)\d{5}-?\d{3}(?!\d)")
_STATUS_KEYS = frozenset({"status", "situacao"})
_UNSAID = frozenset({"estoque"})
"""Numbers that only say how many there are, and count nothing else."""
_QUOTABLE = 12
"""Characters from which a tool's own words may be repeated as they are."""
_PRICED = re.compile(r"r\$|\breais\b|%|desconto|gratis|de graca|\boff\b|por cento")


@dataclass(slots=True)
class ProductFacts:
    """What this turn's tools say of one product."""

    name: str
    source: str
    unit: set[int] = field(default_factory=set[int])
    """Centavos of one."""
    amounts: set[int] = field(default_factory=set[int])
    """All amounts, line totals and reductions too."""
    stock: set[int] = field(default_factory=set[int])
    quantities: set[int] = field(default_factory=set[int])
    text: str = ""
    """Folded: all the catalogue says of it."""


@dataclass(slots=True)
class Evidence:
    """Facts by kind; each with the tool that returned it."""

    products: dict[str, ProductFacts] = field(default_factory=dict[str, ProductFacts])
    """By folded name; only what this turn returned."""
    bill: dict[str, Source] = field(default_factory=lambda: {role: {} for role in BILL})
    """Centavos by what part of the bill they are."""
    past: Source = field(default_factory=Source)
    """Centavos of earlier purchases: no price of today."""
    percents: Source = field(default_factory=Source)
    described_percents: Source = field(default_factory=Source)
    """Out of names and descriptions: "100% algodão"; never a discount."""
    granted: int = 0
    """Basis points of the discount in force."""
    days: Source = field(default_factory=Source)
    options: dict[str, list[tuple[int, int]]] = field(default_factory=dict[str, list[tuple[int, int]]])
    """Centavos and business days of each way to deliver, by its folded name."""
    statuses: Source = field(default_factory=Source)
    """Folded: how orders, payments and requests stand."""
    codes: Source = field(default_factory=Source)
    """Digits of the CEPs that were handed to tools or returned."""
    found_nothing: bool = False
    """Whether a search of this turn came back empty."""
    dates: Source = field(default_factory=Source)
    """(year, month, day); year 0 where none was said."""
    other_dates: Source = field(default_factory=Source)
    """Until when something holds, and days of earlier purchases: no day on which anything arrives."""
    orders: Source = field(default_factory=Source)
    links: Source = field(default_factory=Source)
    numbers: Source = field(default_factory=Source)
    times: Source = field(default_factory=Source)
    """(hour, minute)."""
    refused_counts: set[int] = field(default_factory=set[int])
    """Numbers in refusals ("só 3 em estoque")."""
    asked: set[int] = field(default_factory=set[int])
    """Units handed to the cart tools."""
    quotable: dict[str, str] = field(default_factory=dict[str, str])
    """Folded strings that the tools' code wrote, to be repeated as they are."""
    words: dict[str, str] = field(default_factory=dict[str, str])
    """Folded texts of the tools' code, by themselves."""

    def proven_amounts(self) -> set[int]:
        return {centavos for product in self.products.values() for centavos in product.amounts} | {
            centavos for role in self.bill.values() for centavos in role
        }


def gather(runs: Sequence[ToolRun]) -> Evidence:
    """The facts of these tool runs; a run that failed proves no amount, only what its refusal says of stock."""
    evidence = Evidence()
    for run in runs:
        if not run.ok:
            words = fold(str(run.result.get("erro", "")))
            evidence.refused_counts |= {int(digits) for digits in _DIGITS.findall(words) if len(digits) < 7}
            continue
        _walk(run.result, evidence, _Place(run.name))
        evidence.found_nothing |= run.result.get("produtos") == []
        for code in _CEP.findall(str(run.arguments.get("cep", ""))):
            evidence.codes[code.replace("-", "")] = run.name
        asked = run.arguments.get("quantity")
        if isinstance(asked, int):
            evidence.asked.add(asked)
        known = evidence.proven_amounts() | evidence.past.keys()
        evidence.bill["other"] |= {centavos: run.name for centavos in run.centavos if centavos not in known}
    return evidence


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in a tool's JSON the walk stands."""

    tool: str
    keys: tuple[str, ...] = ()
    product: ProductFacts | None = None

    def under(self, key: str, product: ProductFacts | None) -> _Place:
        return _Place(self.tool, (*self.keys, key), product)

    @property
    def key(self) -> str:
        return self.keys[-1] if self.keys else ""


def _walk(node: Any, evidence: Evidence, place: _Place) -> None:
    if isinstance(node, Mapping):
        fields = cast(Mapping[str, Any], node)
        if isinstance(fields.get("centavos"), int):
            _amount(fields["centavos"], evidence, place)
            return
        product = _product(fields, evidence, place)
        if "prazo_dias_uteis" in fields:
            _option(fields, evidence)
        for key, value in fields.items():
            _walk(value, evidence, place.under(key, product))
    elif isinstance(node, list | tuple):
        for item in cast(Iterable[Any], node):
            _walk(item, evidence, place)
    elif isinstance(node, str):
        _text(node, evidence, place)
    elif isinstance(node, int) and not isinstance(node, bool):
        _number(node, evidence, place)


def _option(fields: Mapping[str, Any], evidence: Evidence) -> None:
    price, days = fields.get("preco"), fields["prazo_dias_uteis"]
    centavos = cast(Mapping[str, Any], price).get("centavos") if isinstance(price, Mapping) else None
    if isinstance(fields.get("nome"), str) and isinstance(centavos, int) and isinstance(days, int):
        evidence.options.setdefault(fold(fields["nome"]), []).append((centavos, days))


def _product(fields: Mapping[str, Any], evidence: Evidence, place: _Place) -> ProductFacts | None:
    name = fields.get("nome")
    if not isinstance(name, str) or "prazo_dias_uteis" in fields:
        return place.product
    facts = evidence.products.setdefault(fold(name), ProductFacts(name, place.tool))
    if not _PAST.isdisjoint(place.keys):
        return facts
    if isinstance(fields.get("estoque"), int):
        facts.stock.add(fields["estoque"])
    if isinstance(fields.get("quantidade"), int):
        facts.quantities.add(fields["quantidade"])
    return facts


def _amount(centavos: int, evidence: Evidence, place: _Place) -> None:
    key = place.key
    if not _PAST.isdisjoint(place.keys):
        evidence.past[centavos] = place.tool
    elif place.product is not None:
        place.product.amounts.add(centavos)
        if key in UNIT_KEYS:
            place.product.unit.add(centavos)
    elif key.startswith("desconto"):
        evidence.bill["discount"][centavos] = place.tool
    elif not _FREIGHT.isdisjoint(place.keys):
        evidence.bill["freight"][centavos] = place.tool
    else:
        evidence.bill["total" if key in TOTAL_KEYS else "other"][centavos] = place.tool


def _number(number: int, evidence: Evidence, place: _Place) -> None:
    if place.key not in _UNSAID:
        evidence.numbers[number] = place.tool
    if place.key.startswith("prazo"):
        evidence.days[number] = place.tool
    elif place.key in _ORDER_KEYS:
        evidence.orders[number] = place.tool


def _text(text: str, evidence: Evidence, place: _Place) -> None:
    if not text or place.key in _SILENT:
        return
    folded = fold(text)
    describes = not _DESCRIBING.isdisjoint(place.keys)
    if place.key in _STATUS_KEYS:
        evidence.statuses[folded] = place.tool
    for code in _CEP.findall(folded):
        evidence.codes[code.replace("-", "")] = place.tool
    for digits in _DIGITS.findall(_MOMENT.sub(" ", folded)):
        if len(digits) < 16 and place.key not in _IDS:
            evidence.numbers[int(digits)] = place.tool
    for link in find_links(text) if "." in text else ():
        if not describes:
            evidence.links[link.value] = place.tool
    if place.product is not None and describes:
        place.product.text += f" {folded}"
    percents = find_percentages(text) if "%" in text or "por cento" in folded else []
    target = evidence.described_percents if describes else evidence.percents
    target |= {percent.basis_points: place.tool for percent in percents}
    if place.key == "desconto_percentual" and percents:
        evidence.granted = percents[0].basis_points
    if not describes:
        _own_words(text, folded, evidence, place)


def _own_words(text: str, folded: str, evidence: Evidence, place: _Place) -> None:
    """What the tools' own code wrote: dates, amounts and whole sentences count."""
    past = place.key.startswith("valid") or not _PAST.isdisjoint(place.keys)
    dates = evidence.other_dates if past else evidence.dates
    for year, month, day in _ISO_DATE.findall(text):
        dates[int(year), int(month), int(day)] = place.tool
    for hour, minute in _TIME.findall(text):
        evidence.times[int(hour), int(minute)] = place.tool
    for day, month, year in _BRAZILIAN_DATE.findall(text):
        dates[int(year or 0), int(month), int(day)] = place.tool
    # A quotation is compared folded, and a link's path is not the same in capitals.
    if len(folded) >= _QUOTABLE and "://" not in folded and place.key not in _IDS and place.key != "data":
        evidence.quotable[folded] = place.tool
        evidence.words[folded] = place.tool
        if "r$" in folded or "reais" in folded:
            evidence.bill["other"] |= {amount.centavos: place.tool for amount in find_amounts(text)}


def is_safe_name(folded: str) -> bool:
    """Whether a product's name holds nothing that reads as a price or a gift; such a name proves nothing by itself."""
    return len(folded) > 3 and not _PRICED.search(folded)
