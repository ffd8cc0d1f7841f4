"""Judges the figures a customer was told, by the tools' own JSON alone: amounts, percentages, stock and whose price."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from evals.money import amounts_in, discounts_in, fold
from evals.records import PlayedScenario, PlayedTurn
from evals.scenarios import Scenario

_STOCK = re.compile(
    r"(?<![\d.,])(?P<number>\d+)(?: [a-z]+)? (?:em estoque|disponive(?:l|is))"
    r"|\b(?P<last>ultima) (?:unidade|peca|em estoque)"
)


@dataclass(slots=True)
class _Evidence:
    """All the figures the tools of one turn returned."""

    centavos: set[int] = field(default_factory=set[int])
    totals: set[int] = field(default_factory=set[int])
    stocks: set[int] = field(default_factory=set[int])
    prices: dict[str, set[int]] = field(default_factory=dict[str, set[int]])
    """By product name."""
    discounts: set[str] = field(default_factory=set[str])


def check_figures(scenario: Scenario, played: PlayedScenario) -> list[str]:
    """Every amount, percentage and stock of an outgoing text stands in a tool result of the same turn."""
    return [
        f"turno {number}: {objection}" for number, turn in enumerate(played.turns, 1) for objection in _objections(turn)
    ]


def _objections(turn: PlayedTurn) -> Iterator[str]:
    evidence = _evidence_of(turn)
    for reply in turn.replies:
        unproven = [
            *(
                said.written
                for said in amounts_in(reply, ignoring=evidence.prices)
                if said.centavos not in evidence.centavos
            ),
            *(said for said in discounts_in(reply, ignoring=evidence.prices) if said not in evidence.discounts),
            *(match[0] for match in _STOCK.finditer(fold(reply)) if int(match["number"] or 1) not in evidence.stocks),
        ]
        for written in unproven:
            yield f"'{written}' não está em nenhum resultado de ferramenta"
        yield from _swapped_prices(reply, evidence)


def _swapped_prices(reply: str, evidence: _Evidence) -> Iterator[str]:
    """A line that names one product and gives one amount, which is another product's price."""
    by_length = sorted(evidence.prices, key=len, reverse=True)
    for line in reply.splitlines():
        rest, named = fold(line), list[str]()
        for name in by_length:
            if fold(name) in rest:
                rest = rest.replace(fold(name), " · ")
                named.append(name)
        amounts = {said.centavos for said in amounts_in(rest)}
        if len(named) != 1 or len(amounts) != 1 or amounts & (evidence.prices[named[0]] | evidence.totals):
            continue
        if any(amounts & prices for prices in evidence.prices.values()):
            yield f"'{line.strip()}': esse preço é de outro produto"


def _evidence_of(turn: PlayedTurn) -> _Evidence:
    evidence = _Evidence()
    for run in turn.trace.get("tools", []):
        if run["ok"]:
            _collect(run["result"], evidence)
        else:
            # A refusal such as "só há 3 em estoque" is evidence of the stock, and of nothing else.
            evidence.stocks |= {int(number) for number in re.findall(r"\d+", str(run["result"].get("erro", "")))}
    return evidence


def _collect(node: Any, evidence: _Evidence) -> None:
    """Walk a tool's JSON: money is {"centavos": …}, and a product or a cart line has a "nome"."""
    if isinstance(node, str):
        evidence.discounts |= set(discounts_in(node))
    elif isinstance(node, list):
        for item in cast(list[Any], node):
            _collect(item, evidence)
    elif isinstance(node, dict):
        fields = cast(dict[str, Any], node)
        _collect_figures(fields, evidence)
        for value in fields.values():
            _collect(value, evidence)


def _collect_figures(fields: dict[str, Any], evidence: _Evidence) -> None:
    inside = (cast(dict[str, Any], value) for value in fields.values() if isinstance(value, dict))
    own = {value["centavos"] for value in inside if isinstance(value.get("centavos"), int)}
    evidence.centavos |= own
    if isinstance(fields.get("nome"), str):
        evidence.prices.setdefault(fields["nome"], set()).update(own)
    elif "total" in fields:
        evidence.totals |= own
    if isinstance(fields.get("estoque"), int):
        evidence.stocks.add(fields["estoque"])
