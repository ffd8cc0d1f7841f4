"""Reads from a question how much the customer will pay; filters nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tools.catalog.words import fold

_NUMBER = {
    "dez": 10, "quinze": 15, "vinte": 20, "trinta": 30, "quarenta": 40, "cinquenta": 50, "cinqueta": 50,
    "sessenta": 60, "setenta": 70, "oitenta": 80, "noventa": 90, "cem": 100, "cento": 100, "duzentos": 200,
    "trezentos": 300, "quatrocentos": 400, "quinhentos": 500, "mil": 1000,
}  # fmt: skip
_FIGURE = rf"\d{{1,3}}(?:\.\d{{3}})+(?:,\d{{1,2}})?|\d+(?:[.,]\d{{1,2}})?|{'|'.join(_NUMBER)}"
_CURRENCY = r"reais|real|contos?|pilas?|r\$|paus?|mangos?|dinheiros?"
_OTHER_UNIT = (
    r"(?! ?(?:anos?|aninhos?|mes(?:es)?|dias?|cm|mm|m\b|ml|l\b|litros?|kg|g\b|unidades?|un\b|pecas?|pessoas?|paginas?"
    r"|folhas?|cartas?|copos?|copinhos?|calices?|pares?|polegadas?|criancas?|alunos?|hinos?|membros?|vezes))"
)
_AT_MOST = (
    r"ate(?: no maximo)?(?: uns| umas)?|no maximo|maximo(?: de)?|menos (?:de|que|do que)|abaixo de|inferior a"
    r"|nao (?:passe|ultrapasse|custe mais)(?: de| que)?|mais barat[oa] (?:que|do que)|na faixa d[eo]s?|em torno de"
    r"|por volta de|posso gastar(?: ate)?|gastar(?: ate| uns)?|orcamento (?:de|e)"
)
_HAVING = r"tenho(?: so| uns| ate)?|uns|umas"
_AT_LEAST = r"acima de|mais (?:de|que)|a partir de|no minimo|minimo(?: de)?"


def _money(name: str) -> str:
    return rf"(?:r\$ ?)?(?P<{name}>{_FIGURE})(?! ?[x%\d])(?P<{name}_unit> ?(?:{_CURRENCY})\b)?{_OTHER_UNIT}"


_BETWEEN = re.compile(rf"\b(?:entre|de) {_money('low')} (?:e|a|ate) {_money('high')}")
_MOST = re.compile(rf"\b(?:{_AT_MOST}) ?(?:de )?{_money('most')}(?!\w)")
_HAVING_MOST = re.compile(rf"\b(?:{_HAVING}) {_money('most')}(?!\w)")
_LEAST = re.compile(rf"\b(?:{_AT_LEAST}) ?{_money('least')}(?!\w)")
_DOWN = re.compile(rf"\b(?:de )?{_money('most')} (?:(?:pra|para) baixo|no maximo)")


@dataclass(frozen=True, slots=True)
class PriceLimits:
    """In centavos, both included; None where the question sets no limit."""

    least: int | None = None
    most: int | None = None
    text: str = ""
    """The question without the words of the limit."""


def read_price_limits(query: str) -> PriceLimits:
    """ "até 60 reais" (at most), "acima de 100 reais" (at least), "entre 50 e 100 reais" (both).

    A figure of something else ("até 12 anos", "mais de 40 cálices") is no price; "mais de" and "entre" need a
    currency word, because they count things more often than money.
    """
    folded = fold(query)
    if (between := _BETWEEN.search(folded)) and _in_money(between, "low", "high"):
        low, high = sorted((_centavos(between["low"]), _centavos(between["high"])))
        return PriceLimits(low, high, _without(query, folded, between))
    if (least := _LEAST.search(folded)) and _in_money(least, "least"):
        return PriceLimits(least=_centavos(least["least"]), text=_without(query, folded, least))
    having = _HAVING_MOST.search(folded)
    most = _DOWN.search(folded) or _MOST.search(folded) or (having if having and _in_money(having, "most") else None)
    return (
        PriceLimits(most=_centavos(most["most"]), text=_without(query, folded, most))
        if most
        else PriceLimits(text=query)
    )


def _in_money(found: re.Match[str], *names: str) -> bool:
    return "r$" in found[0] or any(found[f"{name}_unit"] for name in names)


def _centavos(figure: str) -> int:
    if figure in _NUMBER:
        return _NUMBER[figure] * 100
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d{1,2})?", figure):
        figure = figure.replace(".", "")
    return round(float(figure.replace(",", ".")) * 100)


def _without(query: str, folded: str, found: re.Match[str]) -> str:
    # Accents help the vectors: the typed text is cut, unless folding changed how long it is.
    text = query if len(query) == len(folded) else folded
    return " ".join(f"{text[: found.start()]} {text[found.end() :]}".split())
