"""Makes text from outside fit to stand in a prompt: one spelling, nothing invisible, bounded, and no fence broken."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, cast

LONGEST_MESSAGE = 4000
"""Characters of one customer message; local understanding reads no more either."""
LONGEST_NAME = 80
"""Of a profile name; WhatsApp itself stops far earlier."""
LONGEST_VALUE = 2000
"""Of one text in a tool's result: a product's description, an address, a reason."""
CUT = "…"

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_KEPT_AS_TYPED = frozenset("ªº²³¹½¼¾")
"""NFKC would make "2ª edição" another product than the catalogue's."""
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef\u115f\u1160\u3164\uffa0\u034f]")
"""Letters and marks that show nothing, each of which can carry a hidden byte."""
_BLANKS = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\n{3,}")
_FENCE_SAFE = str.maketrans({"<": "‹", ">": "›", "`": "'", "{": "(", "}": ")"})
_MARKUP_SAFE = str.maketrans({"<": "‹", ">": "›", "`": "'"})
_ROLE = re.compile(
    r"(?im)^([^\w\n]*(?:im_start[^\w\n]*)?)(system|sistema|assistant|assistente|developer|desenvolvedor|user|tool|inst)"
    r"([^\w\n:]*):"
)
"""A line that plays another speaker."""


def visible(text: str, longest: int = LONGEST_MESSAGE) -> str:
    """What an eye would read: NFKC, no invisible, direction, tag or control characters, line breaks kept, bounded."""
    if text.isascii() and text.isprintable():
        return _bounded(_BLANKS.sub(" ", text).strip(), longest)
    # Cut before folding too: one character may fold into eighteen.
    raw = text[: longest * 2].replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    folded = "".join(
        character if character in _KEPT_AS_TYPED else unicodedata.normalize("NFKC", character)
        for character in unicodedata.normalize("NFC", raw)
    )
    seen = (
        " " if character != "\n" and (character.isspace() or character == "\t") else character
        for character in unicodedata.normalize("NFC", _SELECTORS.sub("", folded))
    )
    kept = "".join(
        character for character in seen if character == "\n" or unicodedata.category(character) not in _HIDDEN
    )
    lines = _LINES.sub("\n\n", "\n".join(line.strip() for line in _BLANKS.sub(" ", kept).split("\n"))).strip()
    return _bounded(lines, longest)


def quoted(text: str, longest: int = LONGEST_MESSAGE) -> str:
    """The visible text, unable to open or close a fence, a tag or a template, or to pose as another speaker's line."""
    return _ROLE.sub(r"\1\2\3 -", visible(text, longest).translate(_FENCE_SAFE))


def one_line(text: str, longest: int = LONGEST_NAME) -> str:
    """The quoted text on one line: names, titles, addresses."""
    return _bounded(" ".join(quoted(text, longest).split()), longest)


def quoted_json(value: Any, longest: int = LONGEST_VALUE) -> Any:
    """A tool's JSON with every text in it quoted; keys are ours, and so are numbers and truth values."""
    match value:
        case str():
            # Addresses to pay on and codes to copy are made of braces and angles only by mistake.
            return _ROLE.sub(r"\1\2\3 -", visible(value, longest).translate(_MARKUP_SAFE))
        case Mapping():
            fields = cast(Mapping[Any, Any], value)
            return {str(key): quoted_json(item, longest) for key, item in fields.items()}
        case list() | tuple():
            return [quoted_json(item, longest) for item in cast("list[Any]", value)]
        case _:
            return value


def _bounded(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + CUT
