"""Chooses between text, buttons and a list by what the seller's words ask; takes every word from what was proven."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from agent.replies import Choice, Reply, ReplyKind
from agent.state import ListedProduct, ToolRun

MOST_BUTTONS, LONGEST_BUTTON, LONGEST_BUTTONS_BODY = 3, 20, 1024
MOST_ROWS, LONGEST_ROW, LONGEST_DESCRIPTION = 10, 24, 72
"""WhatsApp's limits, in characters."""

PRODUCT, YES, NO, CHANGE = "product", "answer:yes", "answer:no", "answer:change"
"""What the ids of choices begin with."""

NUMBERED = re.compile(r"(?m)^[ \t]*(\d{1,2})[.)] (.*)$")
"""A line of a numbered list, and its number and words."""

YES_NO_PHRASES = (
    "found_one",
    "price_question",
    "not_enough_stock",
    "not_enough_left",
    "nothing_under",
    "below_minimum",
    "cancel_question",
    "cart_empty_offer",
    "close_question",
    "code_question",
    "discount_granted",
    "discount_needs_cart",
    "discount_refused",
    "discount_waits",
    "empty_question",
    "exchange_not_paid",
    "found_so_many",
    "line_gone",
    "line_short",
    "only_so_many",
    "payment_not_seen",
    "sold_out_in_cart",
    "upsell",
)
"""Fixed sentences whose closing question is answered by yes or no."""

_DANGLING = re.compile(r"\W*(\w{1,3}|\S*[\d$]\S*)?$")
_SHORT_WORD = 3
_PLACEHOLDER = re.compile(r"\\\{\w+\\\}")

Voice = Mapping[str, Sequence[str]]
"""Sentences by key, as PromptLibrary.voice gives them."""


def offer_products(text: str, products: Sequence[ListedProduct], voice: Voice) -> Reply | None:
    """The numbered list in the text as buttons or as a list; None when it must stay text.

    `products` are the ones behind its lines, in order. Titles are whole names or, with the line's number, visible
    parts of them; a second line is a whole line of the text, so that no price is ever cut.
    """
    lines = NUMBERED.findall(text)
    if not lines or [int(number) for number, _ in lines] != [*range(1, len(lines) + 1)] or len(products) != len(lines):
        return None
    names = [" ".join(product["name"].split()) for product in products]
    ids = [f"{PRODUCT}:{product['id']}" for product in products]
    if len(lines) <= MOST_BUTTONS and length(text) <= LONGEST_BUTTONS_BODY:
        titles = _titles(names, LONGEST_BUTTON)
        return Reply(text, ReplyKind.BUTTONS, _choices(ids, titles)) if titles else None
    titles, menu = _titles(names, LONGEST_ROW), _short(voice, "list_button")
    if len(lines) > MOST_ROWS or not titles or not menu:
        return None
    said = [_description(words, name) for (_, words), name in zip(lines, names, strict=True)]
    return Reply(text, ReplyKind.LIST, _choices(ids, titles, said), menu)


def ask_yes_or_no(text: str, voice: Voice, *, turn_id: str, is_order: bool) -> Reply | None:
    """A text that ends in one of the seller's yes-or-no questions, or in asking to close the order, with buttons."""
    second = (CHANGE, "answer_change") if is_order else (NO, "answer_no")
    titles = [(YES, _short(voice, "answer_yes")), (second[0], _short(voice, second[1]))]
    asks = text.rstrip().endswith("?") if is_order else _ends_in_question(text, voice)
    if not asks or not all(title for _, title in titles) or length(text) > LONGEST_BUTTONS_BODY:
        return None
    return Reply(text, ReplyKind.BUTTONS, tuple(Choice(f"{name}:{turn_id}", title) for name, title in titles))


def asks_to_close(text: str, runs: Iterable[ToolRun]) -> bool:
    """Whether the turn showed a complete summary of the order, so that its question is about that order."""
    reviews = [run for run in runs if run.name == "review_order" and run.ok]
    return bool(reviews) and "resumo" in reviews[-1].result and not reviews[-1].result.get("falta") and "?" in text


def product_of(line: str, products: Iterable[ListedProduct]) -> ListedProduct | None:
    """The one product a line names, the longest name first; None when it names none, or another beside it."""
    folded = line.casefold()
    found: dict[str, list[ListedProduct]] = {}
    for product in sorted(products, key=lambda product: -len(product["name"])):
        name = product["name"].casefold()
        # The longest name at a place is the one meant: what is inside it is no second product.
        if name in found or name in folded:
            found.setdefault(name, []).append(product)
            folded = folded.replace(name, "\n")
    named = [product for namesakes in found.values() for product in namesakes]
    return named[0] if len(named) == 1 else None


def length(text: str) -> int:
    """Counted the stricter way: an emoji is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _choices(ids: Sequence[str], titles: Sequence[str], said: Sequence[str] = ()) -> tuple[Choice, ...]:
    return tuple(Choice(*pieces) for pieces in zip(ids, titles, said or [""] * len(ids), strict=True))


def _titles(names: Sequence[str], limit: int) -> list[str]:
    """The names where all fit and differ; else all with their numbers, shortened; [] where that says nothing."""
    if all(0 < length(name) <= limit for name in names) and len({name.casefold() for name in names}) == len(names):
        return [*names]
    room = limit - len(f"{len(names)}. ")
    beginnings, endings = [_beginning(name, room) for name in names], [_ending(name, room) for name in names]
    # Sizes and colours of one product stand at the end of its name.
    better = endings if len(set(beginnings)) < len(names) == len(set(endings)) and all(endings) else beginnings
    return [f"{place}. {words}" for place, words in enumerate(better, start=1)] if all(better) else []


def _beginning(name: str, limit: int) -> str:
    """The name, or its first words and an ellipsis; never half a word, a dangling "sem", a count or an amount."""
    if length(name) <= limit:
        return name
    kept = name.split()
    while kept and length(" ".join(kept)) > limit - 1:
        kept.pop()
    while kept and _DANGLING.fullmatch(kept[-1]):
        kept.pop()
    return f"{' '.join(kept).rstrip(',;:-/')}…" if kept else ""


def _ending(name: str, limit: int) -> str:
    """The name, or an ellipsis and its last words; never what follows a left-out "sem"."""
    if length(name) <= limit:
        return name
    words, start = name.split(), 0
    while start < len(words) and (length(" ".join(words[start:])) > limit - 1 or len(words[start - 1]) <= _SHORT_WORD):
        start += 1
    return f"…{' '.join(words[start:])}" if start < len(words) else ""


def _description(line: str, name: str) -> str:
    """The line as the customer reads it above, or the name; nothing rather than part of either."""
    # A struck-out price would stand here beside the true one, unstruck.
    plain = "" if "~" in line else " ".join(line.replace("*", "").split())
    return next((words for words in (plain, name) if 0 < length(words) <= LONGEST_DESCRIPTION), "")


def _short(voice: Voice, key: str) -> str:
    """A button's own words; "" where the prompts have none that fit."""
    return next((variant for variant in voice.get(key, ()) if length(variant) <= LONGEST_BUTTON), "")


def _ends_in_question(text: str, voice: Voice) -> bool:
    folded = text.strip().casefold()
    return any(
        re.search(rf"(?:^|[\s.!:;]){_question_of(variant)}$", folded)
        for key in YES_NO_PHRASES
        for variant in voice.get(key, ())
        if variant.endswith("?")
    )


def _question_of(variant: str) -> str:
    """The closing question of a sentence as a pattern, its placeholders open."""
    question = re.split(r"(?<=[.!:;?,]) ", variant)[-1].casefold()
    return _PLACEHOLDER.sub(".+", re.escape(question))
