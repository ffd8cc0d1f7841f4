"""Reads the example messages of a profile file, which understanding is trained on; trains nothing itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from agent.prompt_library.front_matter import FrontMatter
from agent.prompt_library.problems import Problem

NEWCOMER = "novo"
"""The profile of whoever has given no clue yet: there is nothing to learn it from."""

FEWEST_STATED = 3
LONGEST_EXAMPLE = 200
"""Characters. Customers write short messages, and training wants what customers write."""

_LISTS = ("stated", "style")


@dataclass(frozen=True, slots=True)
class Examples:
    stated: tuple[str, ...] = ()
    style: tuple[str, ...] = ()


def parse_examples(profile: str, front: FrontMatter, problems: list[Problem]) -> Examples:
    """The profile's examples; a file without the key has none. Every fault is appended to `problems`."""
    if "examples" not in front.values:
        return Examples()
    table: Any = front.values["examples"] or {}
    if not isinstance(table, dict):
        words = "examples must hold two lists of messages: stated: and style:"
        problems.append(Problem(front.file, front.line("examples"), words))
        return Examples()
    for key in cast(dict[str, Any], table):
        if key not in _LISTS:
            words = f"examples does not know {key!r}: there are {', '.join(_LISTS)}"
            problems.append(Problem(front.file, front.line(f"examples.{key}"), words))
    before = len(problems)
    read = Examples(*(_messages(front, key, cast(dict[str, Any], table), problems) for key in _LISTS))
    if len(problems) == before and profile != NEWCOMER and len(read.stated) < FEWEST_STATED:
        words = (
            f"examples.stated needs at least {FEWEST_STATED} messages in which customers say that they are this: "
            "without them nobody is recognised"
        )
        line = front.line("examples.stated" if "stated" in table else "examples")
        problems.append(Problem(front.file, line, words))
    return read


def find_shared_examples(read: Iterable[tuple[FrontMatter, Examples]]) -> Iterator[Problem]:
    """A message that stands in two places teaches nothing; a copied file is told of once, not message by message."""
    first_place: dict[str, tuple[str, int]] = {}
    for front, examples in read:
        repeated: dict[str, list[tuple[int, int]]] = {}
        for message, line in _places(front, examples):
            earlier = first_place.get(_folded(message))
            if earlier is None:
                first_place[_folded(message)] = (front.file, line)
            else:
                repeated.setdefault(earlier[0], []).append((line, earlier[1]))
        for file, lines in repeated.items():
            more = f", and {len(lines) - 1} more" if len(lines) > 1 else ""
            words = f"this example stands already at {file}:{lines[0][1]}{more}: keep each in one place"
            yield Problem(front.file, lines[0][0], words)


def _places(front: FrontMatter, examples: Examples) -> Iterator[tuple[str, int]]:
    for key, messages in (("stated", examples.stated), ("style", examples.style)):
        yield from ((message, _line_of(front, f"examples.{key}", message)) for message in messages)


def _messages(front: FrontMatter, key: str, table: Mapping[str, Any], problems: list[Problem]) -> tuple[str, ...]:
    place = f"examples.{key}"
    items: Any = table.get(key) or []
    if not isinstance(items, list):
        problems.append(Problem(front.file, front.line(place), f"{place} must be a list of messages, one a line"))
        return ()
    found: list[str] = []
    for item in cast(list[object], items):
        fault = _fault(item)
        if fault:
            problems.append(Problem(front.file, _line_of(front, place, item), f"{place}: {fault}"))
        else:
            found.append(str(item))
    return tuple(found)


def _fault(item: object) -> str:
    if not isinstance(item, str):
        return "an item is not a text: put the message between quotes"
    if "\n" in item:
        return "a message is one line: write the lines as messages of their own"
    if len(item) > LONGEST_EXAMPLE:
        return f"a message has at most {LONGEST_EXAMPLE} characters, this one {len(item)}: cut it to what tells"
    if len(re.findall(r"[^\W\d_]+", item)) < 2:
        return "write a message as a customer would, not a single word"
    return ""


def _line_of(front: FrontMatter, place: str, item: object) -> int:
    """The item's own line, or for one that YAML did not read as a text, that of its list."""
    return front.lines.get(f"{place}[{item}]", front.line(place))


def _folded(message: str) -> str:
    plain = unicodedata.normalize("NFKD", message.casefold())
    return " ".join(re.findall(r"[^\W_]+", "".join(letter for letter in plain if not unicodedata.combining(letter))))
