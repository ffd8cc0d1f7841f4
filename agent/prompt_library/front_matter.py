"""Reads the YAML front matter of a Markdown prompt file, with the line of each key; knows nothing of its meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, cast

import yaml

from agent.prompt_library.problems import Problem

_FENCE = "---"


@dataclass(frozen=True, slots=True)
class FrontMatter:
    file: str
    text: str
    values: Mapping[str, Any]
    lines: Mapping[str, int] = field(repr=False)
    """Line of each key; those inside a key are "key.inner", items of a list are "key[text]", however deep."""
    body: str
    first_line: int
    """The line on which the body begins."""

    def line(self, key: str) -> int:
        return self.lines.get(key, 1)

    def text_of(self, key: str, problems: list[Problem]) -> str:
        """A text that must be there."""
        value = self.values.get(key)
        if not isinstance(value, str) or not value.strip():
            problems.append(Problem(self.file, self.line(key), f"front matter needs {key}: a text"))
            return ""
        return value.strip()

    def names_of(self, key: str, problems: list[Problem]) -> tuple[str, ...]:
        """A list of names; empty when the key is absent."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in cast(list[object], value)):
            problems.append(Problem(self.file, self.line(key), f"{key} must be a list of names, one a line with '- '"))
            return ()
        return tuple(cast(list[str], value))

    def refuse_others(self, allowed: tuple[str, ...], problems: list[Problem]) -> None:
        for key in self.values:
            if key not in allowed:
                words = f"front matter does not know {key!r}: there are {', '.join(allowed)}"
                problems.append(Problem(self.file, self.line(key), words))


def parse_front_matter(file: str, text: str, problems: list[Problem]) -> FrontMatter | None:
    """Split the file; None and a problem when there is no readable front matter."""
    lines = text.split("\n")
    closing = next((number for number, line in enumerate(lines[1:], 1) if line.strip() == _FENCE), None)
    if lines[0].strip() != _FENCE or closing is None:
        problems.append(Problem(file, 1, "the file must begin with front matter between two lines of ---"))
        return None
    # The leading line keeps YAML's own line numbers equal to the file's.
    head = "\n" + "\n".join(lines[1:closing])
    try:
        values, key_lines = _read_yaml(head)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or "unreadable"
        words = f"this is not YAML ({what}): check colons, quotes and indentation"
        problems.append(Problem(file, mark.line + 1 if mark else 1, words))
        return None
    if not isinstance(values, dict):
        problems.append(Problem(file, 1, "front matter must be lines of `key: value`"))
        return None
    body = "\n".join(lines[closing + 1 :])
    return FrontMatter(file, text, cast(dict[str, Any], values), key_lines, body, closing + 2)


@lru_cache(maxsize=32)
def _read_yaml(head: str) -> tuple[Any, dict[str, int]]:
    """The values, which nobody may change, and the lines of their keys.

    Kept, for reading a folder again after an edit would spend most of its time on the YAML that did not change.
    Raises yaml.YAMLError.
    """
    loader = cast(Any, yaml.SafeLoader(head))
    root = loader.get_single_node()
    if not isinstance(root, yaml.MappingNode):
        return None, {}
    # Before the values: making these merges and flattens nodes.
    lines = _lines_of(root)
    return loader.construct_document(root), lines


def _lines_of(root: Any, inside: str = "") -> dict[str, int]:
    """Lines of a composed YAML mapping's keys, of those inside them, and of the items of its lists."""
    found: dict[str, int] = {}
    for key, value in root.value:
        name = f"{inside}{key.value}"
        found[name] = key.start_mark.line + 1
        if isinstance(value, yaml.MappingNode):
            found |= _lines_of(value, f"{name}.")
        elif isinstance(value, yaml.SequenceNode):
            items = cast(list[Any], cast(Any, value).value)
            found |= {f"{name}[{item.value}]": item.start_mark.line + 1 for item in items}
    return found
