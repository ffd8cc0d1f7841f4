"""Finds tables and keys of a TOML file with the lines they stand on; knows nothing of their meaning."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from agent.prompt_library.problems import Problem, line_at, line_of_key, line_of_text, line_starts

_ANY_HEADER = r"\[+[^\]\n]*\]+[ \t]*(?:#[^\n]*)?$"


@dataclass(frozen=True, slots=True)
class TomlTable:
    """One table of a file that TOML itself has read; every fault is appended to `problems`."""

    file: str
    text: str
    values: Mapping[str, Any]
    problems: list[Problem]
    first_line: int = 1
    """Where its header stands; keys are looked for from there on."""
    last_line: int = 0
    """Where the next header stands; 0 when nothing follows."""

    def line(self, key: str) -> int:
        """Where the key stands; the header's line when it is written otherwise."""
        starts = line_starts(self.text)
        own = self.text[starts[self.first_line - 1] : starts[self.last_line - 1] - 1 if self.last_line else None]
        found = line_of_key(f"\n{own}", key)
        return self.first_line + found - 2 if found > 1 else self.first_line

    def tell(self, line: int, words: str) -> None:
        self.problems.append(Problem(self.file, line, words))

    def refuse_others(self, allowed: Iterable[str]) -> None:
        """A problem for every key that is not among `allowed`."""
        known = tuple(allowed)
        for key in self.values:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                hint = f" (did you mean {near[0]!r}?)" if near else ""
                self.tell(self.line(key), f"{key!r} is not known here{hint}: there are {', '.join(known)}")

    def table(self, name: str) -> TomlTable:
        """The table below `[name]`; an empty one when there is none."""
        values: Any = self.values.get(name, {})
        if not isinstance(values, dict):
            self.tell(self.line(name), f"write {name} as a table below a line of its own: [{name}]")
            values = {}
        headers = _header_lines(self.text, rf"\[\s*{re.escape(name)}\s*\]")
        return self._part(cast(dict[str, Any], values), headers[0] if headers else self.line(name))

    def tables(self, name: str) -> list[TomlTable]:
        """The tables below `[[name]]`, in order; none when there are none. A `name` may have dots: "freight.zone"."""
        *outer, last = name.split(".")
        values: Any = self.values
        for part in outer:
            values = values.get(part, {})
        entries: Any = values.get(last, [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in cast(list[object], entries)):
            self.tell(self.line(name), f"write each {name} below a line of its own: [[{name}]]")
            return []
        tables = cast(list[dict[str, Any]], entries)
        headers = _header_lines(self.text, rf"\[\[\s*{re.escape(name)}\s*\]\]")
        lines = headers if len(headers) == len(tables) else [self.line(name)] * len(tables)
        return [self._part(values, line) for values, line in zip(tables, lines, strict=True)]

    def texts(self, key: str, *, fewest: int = 0) -> list[tuple[str, int]]:
        """The texts of a list, each with its line; a problem for each that is empty or no text."""
        items: Any = self.values.get(key, [])
        place = self.line(key)
        if not isinstance(items, list) or not all(isinstance(item, str) for item in cast(list[object], items)):
            self.tell(place, f'{key} must be a list of texts: {key} = ["…", "…"]')
            return []
        texts = cast(list[str], items)
        if len(texts) < fewest:
            self.tell(place, f"{key} needs at least {fewest} text{'s' if fewest > 1 else ''}")
        found: list[tuple[str, int]] = []
        for text in texts:
            place = line_of_text(self.text, f'"{text}"', after=place)
            if text.strip():
                found.append((text, place))
            else:
                self.tell(place, f"{key}: an empty text: write the words or remove it")
        return found

    def _part(self, values: Mapping[str, Any], line: int) -> TomlTable:
        following = (header for header in _header_lines(self.text, _ANY_HEADER) if header > line)
        return TomlTable(self.file, self.text, values, self.problems, line, next(following, 0))


@lru_cache(maxsize=32)
def _header_lines(text: str, pattern: str) -> tuple[int, ...]:
    return tuple(line_at(text, match.start(1)) for match in re.finditer(rf"^[ \t]*({pattern})", text, re.MULTILINE))
