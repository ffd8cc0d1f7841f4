"""The words and patterns that tell what a number counts, compiled once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from agent.understanding.entities.colors import color_words
from agent.understanding.entities.vocabulary import Pattern, bordered, expand, lists_of, longest_first, table


@dataclass(frozen=True, slots=True)
class CountWords:
    nothing: Pattern
    years: range
    taken_back: Pattern
    correction: Pattern
    packs: Pattern
    pack_alone: Pattern
    dozens: Pattern
    one: Pattern
    one_in_list: Pattern
    people: Pattern
    members: Pattern
    alone: Pattern
    packing: Pattern
    restart: Pattern
    end: Pattern
    again: Pattern
    code: Pattern
    both: Pattern
    taking_both: Pattern
    wanting: Pattern


@cache
def count_words() -> CountWords:
    raw = table("numerals")
    colors = "|".join(longest_first(color_words()))
    lists = lists_of({**raw["lists"], "color": [colors]})
    rows = raw["quantities"]
    return CountWords(
        nothing=bordered(raw["nothing"]["any"], lists),
        years=range(raw["years"]["first"], raw["years"]["last"] + 1),
        taken_back=bordered(raw["taken_back"]["any"], lists),
        correction=bordered(raw["taken_back"]["correction"], lists),
        packs=bordered(rows["packs"], lists),
        pack_alone=bordered(rows["pack_alone"], lists),
        dozens=bordered(rows["dozens"], lists),
        one=bordered(rows["one"], lists),
        one_in_list=bordered(rows["one_in_list"], lists),
        people=bordered(rows["people"], lists),
        members=bordered(rows["members"], lists),
        alone=re.compile(expand(rows["alone"], lists)),
        packing=re.compile(rows["packing"]),
        restart=bordered(raw["taken_back"]["restart"], lists),
        end=re.compile(expand("<end>", lists)),
        again=re.compile(rows["again"]),
        code=re.compile(expand(rows["code"], lists)),
        both=re.compile(rows["both"]),
        taking_both=re.compile(expand(rows["taking_both"], lists)),
        wanting=re.compile(expand(rows["wanting"], lists)),
    )
