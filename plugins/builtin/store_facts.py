"""Reads single facts of prompts/store.toml and says what is wrong with them; knows no table's meaning."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tools.models import Money

_REAIS = re.compile(r"(?:[0-9]{1,7}|[0-9]{1,3}(?:\.[0-9]{3}){1,2}),[0-9]{2}")


@dataclass(frozen=True, slots=True)
class StoreFault:
    """Something that cannot be used in one table of prompts/store.toml."""

    table: str
    """As its header names it: "freight.zone" or "pix"."""
    number: int
    """Which of the tables of that name, from 1."""
    key: str
    words: str
    """What is wrong and what to write instead."""
    text: str = ""
    """The text that is wrong, as written, to find its line by; "" when there is none."""

    def __str__(self) -> str:
        return f"[{self.table}] number {self.number}, {self.key}: {self.words}"


@dataclass(frozen=True, slots=True)
class FactTable:
    """One table whose faults are appended to `faults`."""

    name: str
    number: int
    values: Mapping[str, Any]
    faults: list[StoreFault]
    near: str = ""
    """A text that stands on the line of this table; "" for a table with a header of its own."""

    def tell(self, key: str, words: str, text: str = "") -> None:
        self.faults.append(StoreFault(self.name, self.number, key, words, text or self.near))

    def refuse_others(self, known: Iterable[str]) -> None:
        """A fault for every key that is not among `known`."""
        names = tuple(known)
        for key in self.values:
            if key not in names:
                close = difflib.get_close_matches(key, names, n=1)
                hint = f" (did you mean {close[0]!r}?)" if close else ""
                self.tell(key, f"{key!r} is not known here{hint}: there are {', '.join(names)}")

    def text(self, key: str) -> str:
        """A text that must be there; "" and a fault when it is not."""
        written = self.values.get(key)
        if isinstance(written, str) and written.strip():
            return written.strip()
        self.tell(key, f'{key} must be a text: {key} = "…"')
        return ""

    def money(self, key: str) -> Money | None:
        """An amount such as "18,90" that must be there; None and a fault when it is not."""
        written = self.values.get(key)
        if isinstance(written, str) and _REAIS.fullmatch(written):
            return Money.from_reais(written.replace(".", "").replace(",", "."))
        self.tell(key, f'{key}: {written!r} is no amount in reais: write it as text, {key} = "18,90"')
        return None

    def whole(self, key: str, *, least: int, most: int, default: int | None = None) -> int:
        """A whole number; `default` when it is missing and there is one; `least` and a fault when it is not sound."""
        written = self.values.get(key, default)
        if type(written) is int and least <= written <= most:
            return written
        shown = f"{written!r} is not" if key in self.values else "it is missing; write"
        self.tell(key, f"{key}: {shown} a whole number from {least} to {most}")
        return least
