"""Reads what was really sent once more, by other readers than the proof's, and names the figures no tool returned."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import Any, cast

from commands.sent_names import priced_names_in
from evals.money import Said, amounts_in, discounts_in, fold
from evals.number_words import NUMBER, value_of

_COUNT = rf"(\d+|{NUMBER})"
_STOCK = re.compile(
    rf"(?<![\w.,]){_COUNT}(?: (?!opcoes|opcao|modelos|tipos)[a-z]+){{0,2}} "
    rf"(?:em estoque|no estoque|disponive(?:l|is)|restantes?)"
    rf"|\b(?:rest(?:am?|aram|ou)|so tem(?:os)?|temos so|so resta|sobraram)(?: (?:so|apenas|mais|ainda))* {_COUNT}(?!\w)"
    rf"|\b(?:temos|tem|tenho) {_COUNT} (?:unidades?|pecas?|exemplares|d[aeo]s?)\b"
)
_SPOKEN_PERCENT = re.compile(rf"\b({NUMBER})\s+por\s+cento\b")
_REFUSES = re.compile(r"\b(?:nao|infelizmente|fog(?:e|em)|impossivel|avaliar|autoriza\w+|libera)\b")
_HELPLINE = re.compile(r"\b(?:cvv|samu|disque|ligue 180)\b")
_HUNDREDS = re.compile(rf"({NUMBER}) e $")
_ADDED = re.compile(r"junt[oa]s|soma|total|[+=]|de cada|\bd(?:ao|ariam|a|eu)\b|\bfica")
_COMPARED = re.compile(r"diferenca|barat|\bcar[ao]\b|sobra|passa|mais em conta")
_MOST_LINES = 6
_MOST_UNITS = 1000


def find_unproven(replies: Sequence[str], tools: Sequence[Mapping[str, Any]], said: str) -> list[str]:
    """The amounts, discounts, stock counts and priced names in the texts sent that this turn's tools do not bear.

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
    found: list[str] = []
    for reply in replies:
        if reply in texts:
            continue
        bearable = _amounts(fields, said, fold(reply))
        found += [a.written for a in amounts_in(reply, ignoring=names) if not _is_borne(a, bearable, reply, said)]
        found += _discounts(reply, names, texts, fields, said)
        found += [m[0] for m in _STOCK.finditer(_without(reply, names)) if not _is_counted(m, counts, names)]
        found += priced_names_in(reply, names, said)
    return found


def _discounts(
    reply: str, names: set[str], texts: set[str], fields: Sequence[dict[str, Any]], said: str
) -> Iterator[str]:
    """Percentages, spoken ones too, and gifts that no tool named; refusing the customer's own is no promise."""
    promised = {words for text in texts for words in discounts_in(text)}
    if any(isinstance(node.get("frete"), dict) and not node["frete"].get("centavos") for node in fields):
        promised |= {"gratis", "gratuito", "gratuita", "de graca"}
    asked = {int(digits) for digits in re.findall(r"\d+", said)}
    for sentence in re.split(r"[.!?\n]+(?:\s|$)", reply):
        folded = fold(sentence)
        spoken = [(m[0], f"{value_of(m[1])}%") for m in _SPOKEN_PERCENT.finditer(folded)]
        for written, words in [*((words, words) for words in discounts_in(sentence, ignoring=names)), *spoken]:
            heard = re.match(r"\d+", words)
            refused = heard and int(heard[0]) in asked and _REFUSES.search(folded)
            if words not in promised and not refused and not _HELPLINE.search(folded):
                yield written


def _is_borne(amount: Said, bearable: set[int], reply: str, said: str) -> bool:
    """Also with the hundred that stands before spoken tens, and as the customer's own limit said again or refused."""
    if amount.centavos in bearable or re.fullmatch(r"uma? r\$", amount.written):
        return True
    folded = fold(reply)
    before = folded[: max(folded.find(amount.written), 0)]
    hundreds = _HUNDREDS.search(before)
    if hundreds and value_of(hundreds[1]) * 100 + amount.centavos in bearable:
        return True
    sentence = re.split(r"[.!?\n]\s", before)[-1] + folded[len(before) :].split(". ")[0]
    echoed = re.search(r"\b(?:ate|limite|dentro|abaixo|acima|seus|folga|uns|passa|nao|dos)\b", sentence)
    return echoed is not None and amount.centavos // 100 in {int(n) for n in re.findall(r"\d{1,5}", said)}


def _is_counted(match: re.Match[str], counts: set[int], names: set[str]) -> bool:
    written = next(group for group in match.groups() if group)
    count = int(written) if written.isdigit() else value_of(written)
    described = any(f"{count} pec" in fold(name) for name in names) and "peca" in match[0]
    lists = match[0].endswith(" de") and count <= len(names)
    return count in counts or described or lists


def _without(reply: str, names: Iterable[str]) -> str:
    """Folded, without the names: "Kit 3 Livros disponível" counts nothing."""
    folded = fold(reply)
    for name in sorted(map(fold, names), key=len, reverse=True):
        folded = folded.replace(name, " # ")
    return folded


def _nodes(node: Any) -> Iterator[Any]:
    yield node
    if isinstance(node, dict):
        for value in cast(dict[str, Any], node).values():
            yield from _nodes(value)
    elif isinstance(node, list):
        for value in cast(list[Any], node):
            yield from _nodes(value)


def _amounts(fields: Sequence[dict[str, Any]], said: str, reply: str) -> set[int]:
    """Every amount in the results, and what can be reckoned: units times price, lines together, with freight."""
    money: set[int] = {node["centavos"] for node in fields if isinstance(node.get("centavos"), int)}
    lines: list[int] = [node["total"]["centavos"] for node in fields if "produto_id" in node and "total" in node]
    prices: list[int] = [node["preco"]["centavos"] for node in fields if node.get("estoque")]
    spoken = {value_of(words) for words in re.findall(rf"\b{NUMBER}\b", reply)}
    units = {int(n) for n in re.findall(r"(?<![\d,.])\d{1,3}(?![\d,])", f"{said} {reply}")} | spoken
    units |= {int(node["quantidade"]) for node in fields if isinstance(node.get("quantidade"), int)}
    freight: list[int] = [node["preco"]["centavos"] for node in fields if "prazo_dias_uteis" in node]
    times = {price * count for price, count in product(money, units) if 0 < count < _MOST_UNITS}
    some = lines[:_MOST_LINES]
    if not some and _ADDED.search(reply):
        stated = [amount.centavos for amount in amounts_in(reply) if amount.centavos in money | times]
        some = [*prices[:_MOST_LINES], *(amount for amount in stated if amount not in prices)][:_MOST_LINES]
    totals = {sum(part) for size in range(2, len(some) + 1) for part in combinations(some, size)}
    bearable = money | totals | times | {amount.centavos for amount in amounts_in(said)}
    if _COMPARED.search(reply):
        limits = [*prices, *(int(n) * 100 for n in re.findall(r"\d{2,5}", said)), *times, *totals]
        apart = {abs(a - b) for a, b in combinations(limits[:60], 2)}
        bearable |= apart | {amount // 100 * 100 for amount in apart if "uns" in reply}
    return bearable | {total + cost for total, cost in product(bearable, freight)}
