"""Cuts prompt files into the stretches of text people wrote, each with its place and who will read it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

import yaml

from agent.prompt_library.store import STORE_FILE

_JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_HEADING = re.compile(r"#+\s+(.*)")
_TOML_PIECE = re.compile(
    r"(?P<comment>#[^\n]*)"
    r'|(?P<long>"""(?:.|\n)*?"""|'
    r"'''(?:.|\n)*?''')"
    r'|(?P<short>"(?:\\.|[^"\\\n])*"|'
    r"'[^'\n]*')"
    r"|^[ \t]*\[+(?P<table>[^\]\n\"']+)\]"
    r"|(?:^|[{,])[ \t]*(?P<key>[\w.-]+)[ \t]*=",
    re.MULTILINE,
)


class Kind(StrEnum):
    INSTRUCTION = "instruction"
    """The chat model reads it as what to do."""
    SENTENCE = "sentence"
    """A customer may receive it as it stands."""
    FACT = "fact"
    """The store's facts and the glossary: told to customers in other words, or used to search."""
    EXAMPLE = "example"
    """What customers write: material for training, never said by the seller."""
    META = "meta"
    """For people and for code: names of tools and variables, notes."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One line of text (a stretch of several lines is several passages)."""

    file: str
    line: int
    column: int
    """1-based, of the first character of `text`."""
    text: str
    """As written, template marks blanked out."""
    kind: Kind
    key: str = ""
    """The TOML or front-matter key it stands under, such as "voice.greeting"; "" in a Markdown body."""
    section: str = ""
    """The Markdown heading it stands under."""


_FRONT_KINDS = {
    "voice": Kind.SENTENCE,
    "examples": Kind.EXAMPLE,
    "used_by": Kind.META,
    "variables": Kind.META,
    "tools": Kind.META,
    "version": Kind.META,
}
_STORE_DATA = ("freight.zone.ceps", "freight.zone.free_above", "freight.zone.price", "pix.")
"""Facts of store.toml that only code reads, and that no prompt can get at (store.speaking_facts)."""
FOR_THE_MODEL = frozenset({"rewrite_request"})
"""Sentences of the phrases file that no customer reads."""


def read_markdown(file: str, text: str) -> list[Passage]:
    """Front matter and body; a front matter that is not YAML gives only its body."""
    lines = text.split("\n")
    closing = next((number for number, line in enumerate(lines[1:], 1) if line.strip() == "---"), None)
    if lines[0].strip() != "---" or closing is None:
        return list(_body(file, text, 1))
    front = "\n" + "\n".join(lines[1:closing])
    return [*_front_matter(file, front), *_body(file, "\n".join(lines[closing + 1 :]), closing + 2)]


def read_toml(file: str, text: str) -> list[Passage]:
    """Every string of a TOML file; works on a file that TOML itself would refuse."""
    found: list[Passage] = []
    table = key = ""
    for match in _TOML_PIECE.finditer(text):
        if match["table"]:
            table, key = f"{match['table'].strip()}.", ""
        elif match["key"]:
            key = f"{table}{match['key']}"
        elif written := match["long"] or match["short"]:
            quotes = 3 if match["long"] else 1
            start = match.start() + quotes
            found.extend(_lines_of(file, text, start, written[quotes:-quotes], _toml_kind(file, key), key))
    return found


def _toml_kind(file: str, key: str) -> Kind:
    if file == STORE_FILE and key.startswith(_STORE_DATA):
        return Kind.META
    if not file.startswith("phrases."):
        return Kind.FACT
    return Kind.INSTRUCTION if key in FOR_THE_MODEL else Kind.SENTENCE


def _front_matter(file: str, front: str) -> Iterator[Passage]:
    try:
        root = cast(Any, yaml.compose(front, Loader=yaml.SafeLoader))  # pyright: ignore[reportUnknownMemberType] # untyped
    except yaml.YAMLError:
        return
    for key, node in _scalars(root, ""):
        written = front[node.start_mark.index : node.end_mark.index]
        quotes = 1 if node.style in ("'", '"') else 0
        start = node.start_mark.index + quotes
        kind = _FRONT_KINDS.get(key.split(".")[0], Kind.INSTRUCTION)
        yield from _lines_of(file, front, start, written[quotes : len(written) - quotes], kind, key)


def _scalars(node: Any, key: str) -> Iterator[tuple[str, Any]]:
    match node:
        case yaml.MappingNode():
            for name, value in cast(Any, node).value:
                yield from _scalars(value, f"{key}.{name.value}" if key else str(name.value))
        case yaml.SequenceNode():
            for item in cast(Any, node).value:
                yield from _scalars(item, key)
        case yaml.ScalarNode():
            yield key, node
        case _:
            return


def _body(file: str, body: str, first_line: int) -> Iterator[Passage]:
    blanked = _JINJA.sub(lambda mark: re.sub(r"[^\n]", " ", mark[0]), body)
    section = ""
    for number, line in enumerate(blanked.split("\n"), first_line):
        if heading := _HEADING.match(line):
            section = heading[1].strip()
        if line.strip():
            yield Passage(file, number, 1, line, Kind.INSTRUCTION, section=section)


def _lines_of(file: str, text: str, start: int, written: str, kind: Kind, key: str) -> Iterator[Passage]:
    """One passage for each line of a string that begins at `start` of `text`."""
    first = text.count("\n", 0, start) + 1
    column = start - text.rfind("\n", 0, start)
    for offset, line in enumerate(written.split("\n")):
        if line.strip():
            yield Passage(file, first + offset, column if offset == 0 else 1, line, kind, key)
