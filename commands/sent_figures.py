"""Reads what was really sent once more, by other readers than the proof's, and names the figures no tool returned."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import Any, cast

from evals.money import amounts_in, discounts_in, fold

_STOCK = re.compile(r"(?<![\d.,])(\d+)(?: [a-z]+)? (?:em estoque|disponive(?:l|is))|(?:restam|so temos|temos so) (\d+)")
_MOST_LINES = 6
_MOST_UNITS = 1000


def find_unproven(replies: Sequence[str], tools: Sequence[Mapping[str, Any]], said: str) -> list[str]:
    """The amounts, discounts and stock counts of the texts sent that this turn's tool results do not bear.

    `tools` as in the trace; `said` is the customer's message, whose own amounts may be said again. A tool's own text
    sent as it is (a Pix code) states nothing.
    """
    results = [tool["result"] for tool in tools if tool.get("ok")]
    nodes: list[Any] = [node for result in results for node in _nodes(result)]
    fields = [cast(dict[str, Any], node) for node in nodes if isinstance(node, dict)]
    texts = {node for node in nodes if isinstance(node, str)}
    names = {str(node["nome"]) for node in fields if "nome" in node}
    refusals = " ".join(str(tool["result"].get("erro", "")) for tool in tools if not tool.get("ok"))
    counts = {node for node in nodes if isinstance(node, int)} | {int(n) for n in re.findall(r"\d+", refusals)}
    bearable = _amounts(fields, {int(n) for n in re.findall(r"\d{1,3}", said)}) | {a.centavos for a in amounts_in(said)}
    promised = {words for text in texts for words in discounts_in(text)}
    if any(isinstance(node.get("frete"), dict) and not node["frete"].get("centavos") for node in fields):
        promised |= {"gratis", "gratuito", "gratuita", "de graca"}
    found: list[str] = []
    for reply in replies:
        if reply in texts:
            continue
        found += [said.written for said in amounts_in(reply, ignoring=names) if said.centavos not in bearable]
        found += [words for words in discounts_in(reply, ignoring=names) if words not in promised]
        found += [m[0] for m in _STOCK.finditer(fold(reply)) if int(m[1] or m[2]) not in counts]
    return found


def _nodes(node: Any) -> Iterator[Any]:
    yield node
    if isinstance(node, dict):
        for value in cast(dict[str, Any], node).values():
            yield from _nodes(value)
    elif isinstance(node, list):
        for value in cast(list[Any], node):
            yield from _nodes(value)


def _amounts(fields: Sequence[dict[str, Any]], said: set[int]) -> set[int]:
    """Every amount in the results, and what can be reckoned: units times price, lines together, with freight."""
    money: set[int] = {node["centavos"] for node in fields if isinstance(node.get("centavos"), int)}
    lines: list[int] = [node["total"]["centavos"] for node in fields if "produto_id" in node and "total" in node]
    units = said | {int(node["quantidade"]) for node in fields if isinstance(node.get("quantidade"), int)}
    freight: list[int] = [node["preco"]["centavos"] for node in fields if "prazo_dias_uteis" in node]
    some = lines[:_MOST_LINES]
    totals = {sum(part) for size in range(2, len(some) + 1) for part in combinations(some, size)}
    times = {price * count for price, count in product(money, units) if 0 < count < _MOST_UNITS}
    bearable = money | totals | times
    return bearable | {total + cost for total, cost in product(bearable, freight)}
