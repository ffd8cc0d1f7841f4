"""Finds the days a text names, as they were typed; "a segunda" of a list is none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache

from agent.understanding.entities.calendar import resolve
from agent.understanding.entities.found import DateMention
from agent.understanding.entities.vocabulary import Pattern, bordered, expand, lists_of, longest_first, table, words_of
from agent.understanding.normalising import Normalised

_AMBIGUOUS = frozenset({"segunda", "quarta", "quinta", "sexta"})


@dataclass(frozen=True, slots=True)
class DateWords:
    needs: frozenset[str]
    any: Pattern
    """Every way to name a day, each a group with its kind for a name."""
    idle: Pattern
    not_behind: frozenset[str]
    not_before: Pattern


def read_dates(said: Normalised, today: date | None, *, listed: int) -> tuple[list[DateMention], set[int]]:
    """The days in order, and the tokens that name them. With a list shown, "na segunda" means its second place."""
    words = date_words()
    if words.needs.isdisjoint(said.tokens):
        return [], set()
    mentions: list[DateMention] = []
    taken: set[int] = set()
    text = words.idle.sub(lambda match: " " * len(match[0]), said.text)
    for match in words.any.finditer(text):
        if _is_place(match, listed) or (match.lastgroup == "numeric" and not _is_calendar_day(match[0])):
            continue
        first, last = said.token_at(match.start()), said.token_at(match.end() - 1)
        typed = said.original[said.spans[first][0] : said.spans[last][1]]
        mentions.append(DateMention(typed, resolve(match.lastgroup or "", match[0], today)))
        taken.update(range(first, last + 1))
    return mentions, taken


def _is_place(match: re.Match[str], listed: int) -> bool:
    if match[0].split(" ")[0] not in _AMBIGUOUS or " feira" in match[0]:
        return False
    words = date_words()
    before = match.string[: match.start()].split()[-1:] or [""]
    if " " not in match[0] and words.not_before.match(match.string, match.end()):
        return True
    return before[0] in words.not_behind or (listed > 0 and before[0] in ("na", "da", "") and " " not in match[0])


def _is_calendar_day(text: str) -> bool:
    day, month = (int(part) for part in re.findall(r"\d+", text)[:2])
    return 1 <= day <= 31 and 1 <= month <= 12


@cache
def date_words() -> DateWords:
    raw = table("dates")
    lists = lists_of({**raw["lists"], "feast": longest_first(raw["feasts"])})
    kinds = [f"(?P<{kind}>{expand('|'.join(rows), lists)})" for kind, rows in _in_order(raw["patterns"])]
    return DateWords(
        needs=words_of(raw["needs"]),
        any=bordered(kinds, {}),
        idle=bordered(raw["idle"]["any"], lists),
        not_behind=frozenset(raw["ordinals"]["not_behind"]),
        not_before=re.compile(rf" (?:{'|'.join(raw['ordinals']['not_before'])})(?![a-z])"),
    )


def _in_order(patterns: dict[str, list[str]]) -> list[tuple[str, list[str]]]:
    """Feasts first ("sexta-feira santa" is no Friday like others), then as written."""
    return sorted(patterns.items(), key=lambda row: row[0] != "feast")
