"""Finds what a burst asks for, with the seller's last message as context; what an intent has matched is its alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.understanding.amounts import Amounts, Span, blank, read_alone
from agent.understanding.normalising import Normalised, normalise
from agent.understanding.query import product_query
from agent.understanding.tables import Answer, IntentCues, answer_table, intent_cues, lexicon

CONTEXT_TOKENS = 40
"""How much of the seller's last message is read: the question stands at its end."""

ABOUT_PRODUCTS = frozenset(
    {
        "buscar_produto",
        "perguntar_preco",
        "perguntar_estoque",
        "adicionar_carrinho",
        "remover_carrinho",
        "pedir_desconto",
    }
)
SOCIAL = frozenset({"saudacao", "agradecimento", "despedida"})

_NUMBERED = re.compile(r"(?m)^\s*(\d{1,2})[.)\-]")
_CHOICE = re.compile(r"(?:eu )?(?:quero|queria|vou querer|prefiro|pode ser|manda|escolho|gostei d)\s?[ao] \w+")


@dataclass(frozen=True, slots=True)
class Intents:
    names: tuple[str, ...]
    """Strongest first; never empty."""
    affirmation: bool | None
    quantity: int | None
    """Of a bare number that answers "how many?"."""
    ordinals: tuple[int, ...]
    """Of a bare number that answers "which one?"."""
    query: str


def list_length(context: str | None, listed: int) -> int:
    """How many products the last list had; counted in the seller's own words when nobody says."""
    return listed or len(_NUMBERED.findall(context or ""))


def read_intents(
    said: Normalised, amounts: Amounts, context: str | None, listed: int, named: Sequence[Span] = ()
) -> Intents:
    """Cues first, then what short answers mean, then a guess that never leaves the burst without an intent.

    `named` are the stretches that quote products shown before: they name, and ask for nothing.
    """
    asked = _answer_for(context)
    affirmation = _affirmation(said)
    found, rest = _match_cues(said, named, is_asked=bool(asked or listed))
    query = product_query(said, blank(rest, amounts.spans))
    opened = _opens_search(found, said, rest, query)
    if opened:
        found["buscar_produto"] = _strength("buscar_produto")
        query = product_query(said, blank(opened, amounts.spans))
    quantity, ordinals = _bare_number(said, asked, listed)
    takes = bool((asked or listed) and lexicon().points_back.search(said.text))
    only_looks = not found.keys() - {"buscar_produto", *SOCIAL}
    if quantity or ordinals or (listed and _CHOICE.match(said.text) and not found.keys() - {"buscar_produto"}):
        found = {"adicionar_carrinho": _strength("adicionar_carrinho")}
    elif takes and only_looks:
        found.pop("buscar_produto", None)
        found["adicionar_carrinho"] = _strength("adicionar_carrinho")
    found |= _meant_by_answer(found, affirmation, asked, query)
    names = tuple(sorted(found, key=lambda name: -found[name])) or (_guess(said, query),)
    return Intents(names, affirmation, quantity, ordinals, _fit_query(names, query))


def _match_cues(said: Normalised, named: Sequence[Span], *, is_asked: bool) -> tuple[dict[str, int], str]:
    """Intents by strength, and the text with everything they matched blanked out."""
    rest = blank(said.text, named)
    found: dict[str, int] = {}
    for cues in intent_cues():
        matched = rest
        for start, end in _whole_stretches(cues, said, is_asked=is_asked):
            if cues.whole and cues.whole.fullmatch(rest[start:end].strip(" ,?")):
                matched = blank(matched, [(start, end)])
        if cues.anywhere:
            matched = cues.anywhere.sub(_blanks, matched)
        if matched != rest:
            found[cues.intent] = cues.strength
            rest = matched
    for start, end in named:
        rest = rest[:start] + said.text[start:end] + rest[end:]
    return found, rest


def _whole_stretches(cues: IntentCues, said: Normalised, *, is_asked: bool) -> list[tuple[int, int]]:
    match cues.intent:
        case "cancelar_contato":
            # To be forgotten for ever takes a whole message: "parar" in a clause may mean anything.
            return list(said.lines)
        case "adicionar_carrinho" if not is_asked:
            # "boa noite, copinho de ceia, umas 500 unidades" searches; only an answer adds by a clause.
            return list(said.lines)
        case "agradecimento":
            asking = [start for start, end in said.clauses() if said.text[end:].lstrip().startswith("?")]
            return [clause for clause in said.clauses() if clause[0] not in asking]
        case _:
            return list(dict.fromkeys((*said.lines, *said.clauses())))


def _fit_query(names: tuple[str, ...], query: str) -> str:
    """The query where products are the subject; beside a discount only if it does name a product."""
    about = set(names) & ABOUT_PRODUCTS
    if not about or (about == {"pedir_desconto"} and not lexicon().product.search(query_text(query))):
        return ""
    return query


def _blanks(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _opens_search(found: dict[str, int], said: Normalised, rest: str, query: str) -> str:
    """The text without the opening of a search, or "" when nothing is searched for."""
    if lexicon().usual.search(said.text):
        return rest
    if not query:
        return ""
    opening = next(cues.with_product for cues in intent_cues() if cues.intent == "buscar_produto")
    assert opening is not None
    names_product = bool(lexicon().product.search(query_text(query)))
    shown = opening.sub(_blanks, rest)
    # Beside another wish, what follows "queria" is a search only if it is surely a product.
    if shown != rest and not found.keys() & (ABOUT_PRODUCTS - {"pedir_desconto"}):
        return shown if names_product or not found.keys() - SOCIAL else ""
    return rest if "buscar_produto" in found or (names_product and not found.keys() - SOCIAL) else ""


def query_text(query: str) -> str:
    """A query in the tables' spelling."""
    return normalise([query]).text


def _answer_for(context: str | None) -> Answer | None:
    if not context:
        return None
    tail = " ".join(normalise([context]).tokens[-CONTEXT_TOKENS:])
    return next((answer for answer in answer_table().answers if answer.asked.search(tail)), None)


def _affirmation(said: Normalised) -> bool | None:
    table = answer_table()
    for start, end in said.clauses():
        clause = said.text[start:end]
        is_question = said.text[end:].lstrip().startswith("?")
        if table.no.fullmatch(clause):
            return False
        if table.yes.fullmatch(clause) and not is_question:
            return True
    return None


def _bare_number(said: Normalised, asked: Answer | None, listed: int) -> tuple[int | None, tuple[int, ...]]:
    number = next((n for start, end in reversed(said.lines) if (n := read_alone(said.text[start:end]))), None)
    if number is None:
        return None, ()
    only_digit = any(said.text[start:end].strip(" ,?") == str(number) for start, end in said.lines)
    meant = asked.number_is if asked else ""
    if only_digit and meant != "quantity" and number <= listed:
        return None, (number,)
    return (number, ()) if asked or listed else (None, ())


def _meant_by_answer(
    found: dict[str, int], affirmation: bool | None, asked: Answer | None, query: str
) -> dict[str, int]:
    if affirmation is None or found.keys() - SOCIAL or (query and affirmation is False):
        return {}
    if asked is None:
        meant = "" if found or affirmation is False else "adicionar_carrinho"
    else:
        meant = asked.yes if affirmation else asked.no
    # "ok" alone is thanks; "ok" to a question is the answer to it.
    if asked and affirmation and "saudacao" not in found:
        found.pop("agradecimento", None)
    return {meant: _strength(meant)} if meant else {}


def _guess(said: Normalised, query: str) -> str:
    if query:
        return "buscar_produto"
    return "saudacao" if said.text else "fora_de_escopo"


def _strength(intent: str) -> int:
    return next(cues.strength for cues in intent_cues() if cues.intent == intent)
