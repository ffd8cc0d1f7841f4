"""Finds the links and addresses of the net in a text; whether they may be sent is decided by the check."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>\"']+"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?<![\w@.])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:com|br|net|org|app|me|ly|io|store|shop|site|online|link|gg|exemplo|test)"
    r"(?:/[^\s<>\"']*)?(?![\w-])",
    re.IGNORECASE,
)
_ENDING = ".,;:!?)]}*_"


@dataclass(frozen=True, slots=True)
class Link:
    value: str
    """Without scheme, "www." and closing punctuation, in lower case but for its path."""
    written: str
    start: int


def find_links(text: str) -> list[Link]:
    """Every link of a text, in order; bare domains ("loja.com.br/x") and e-mail addresses too."""
    found: list[Link] = []
    for match in _LINK.finditer(text):
        written = match[0].rstrip(_ENDING)
        found.append(Link(bare(written), written, match.start()))
    return found


def bare(link: str) -> str:
    """A link as it is compared."""
    link = re.sub(r"^(?:https?://)?(?:www\.)?", "", link, flags=re.IGNORECASE).rstrip("/")
    host, slash, path = link.partition("/")
    return host.lower() + slash + path
