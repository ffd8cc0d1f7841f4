"""Tells whether a burst, or its beginning, answers yes or no to the seller's last message."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from agent.understanding.entities.vocabulary import Pattern, anchored, bordered, table
from agent.understanding.normalising import Normalised, fold, normalise

Asked = Literal["yes_or_no", "open", "nothing"]


@dataclass(frozen=True, slots=True)
class ReplyWords:
    lead: Pattern
    plain_yes: Pattern
    polite_yes: Pattern
    begins_yes: Pattern
    holds_yes: Pattern
    plain_no: Pattern
    begins_no: Pattern
    ends_no: Pattern
    inside_no: Pattern
    bare_no: Pattern
    put_off: Pattern
    not_answer: Pattern
    open: Pattern
    choice: str
    how_many: Pattern
    offer: Pattern
    closes: Pattern


def read_affirmation(said: Normalised, context: str | None) -> bool | None:
    """True for a yes, False for a no. Politeness ("ok", "show") is a yes only to a question that can be answered so."""
    if not said.text:
        return None
    asked = asked_by(context) if context else "nothing"
    start = _after_lead(said)
    clause, is_question = _first_clause(said, start)
    plain = _plain(clause, asked)
    if plain is not None and not is_question:
        return plain
    if asked == "yes_or_no" and not is_question:
        return _longer_answer(clause, said.text[start:])
    if context and not is_question and reply_words().bare_no.match(said.text[start:]):
        return False
    return None if context and asked == "open" else _whole_line(said)


def _plain(clause: str, asked: Asked) -> bool | None:
    words = reply_words()
    if words.plain_no.fullmatch(clause):
        return False
    if words.plain_yes.fullmatch(clause) or (asked == "yes_or_no" and words.polite_yes.fullmatch(clause)):
        return True
    return None


def _longer_answer(clause: str, rest: str) -> bool | None:
    words = reply_words()
    if words.not_answer.match(clause):
        return False if clause.startswith("ainda") else None
    if words.begins_no.match(clause) or words.ends_no.search(clause) or words.inside_no.match(rest):
        return False
    if words.begins_yes.match(clause) or words.holds_yes.search(clause):
        return None if words.put_off.search(rest) else True
    return None


def _whole_line(said: Normalised) -> bool | None:
    """A message that is nothing but "sim" or "não" answers, whichever of the burst it is."""
    for start, end in said.lines:
        plain = _plain(said.text[start:end].strip(" ,"), "nothing")
        if plain is not None:
            return plain
    return None


def _after_lead(said: Normalised) -> int:
    match = reply_words().lead.match(said.text + " ")
    end = match.end() if match else 0
    # A burst of greetings alone answers with its last word, if with any.
    return end if end < len(said.text) else 0


def _first_clause(said: Normalised, start: int) -> tuple[str, bool]:
    end = len(said.text)
    for mark in (",", "?"):
        at = said.text.find(mark, start)
        end = at if 0 <= at < end else end
    return said.text[start:end].strip(), said.text[end : end + 1] == "?"


@lru_cache(maxsize=512)
def asked_by(context: str) -> Asked:
    """What the seller's message asks for last."""
    before, mark, _ = context.rpartition("?")
    if not mark:
        return "nothing"
    question = normalise([re.split(r"[.!?\n]", before)[-1]]).text
    words = reply_words()
    return "open" if words.open.search(question) or words.choice in question else "yes_or_no"


def asks_how_many(context: str) -> bool:
    """Whether the seller's message ends by asking for a number of units."""
    return reply_words().how_many.search(fold(context.rpartition("?")[0][-80:])) is not None


def offers(question: str) -> bool:
    """Whether a question (folded) offers to take something for the customer, and does not close the order."""
    words = reply_words()
    return bool(words.offer.search(question)) and not words.closes.search(question)


@cache
def reply_words() -> ReplyWords:
    raw = table("replies")
    yes, no = raw["yes"], raw["no"]
    return ReplyWords(
        lead=re.compile(raw["lead"]["any"]),
        plain_yes=re.compile(yes["plain"]),
        polite_yes=re.compile(yes["polite"]),
        begins_yes=anchored([yes["begins"]], {}),
        holds_yes=bordered([yes["holds"]], {}),
        plain_no=re.compile(no["plain"]),
        begins_no=anchored([no["begins"]], {}),
        ends_no=bordered([no["ends"]], {}),
        bare_no=re.compile(no["bare"]),
        put_off=bordered([no["put_off"]], {}),
        inside_no=anchored([no["inside"]], {}),
        not_answer=anchored([no["not_answer"]], {}),
        open=bordered([raw["question"]["open"].strip()], {}),
        choice=raw["question"]["choice"],
        offer=bordered(raw["question"]["offer"], {}),
        closes=bordered(raw["question"]["closes"], {}),
        how_many=bordered(raw["question"]["how_many"], {}),
    )
