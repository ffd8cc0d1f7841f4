"""Draws texts as QR pictures when they are shown; keeps none."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segno import QRCode

MEDIA_TYPE = "image/png"

_PIXELS_PER_MODULE = 8
_QUIET_ZONE = 4
"""Light modules around the code; with fewer, many bank apps do not find it."""


def draw_qr(text: str) -> bytes:
    """A PNG of some kilobytes that reads as the text. Raises ValueError for more than a code holds (2,331 bytes)."""
    picture = io.BytesIO()
    _encode(text).save(picture, kind="png", scale=_PIXELS_PER_MODULE, border=_QUIET_ZONE)
    return picture.getvalue()


def print_qr(text: str) -> str:
    """The same as lines for a terminal, two modules a character. Raises ValueError as above."""
    lines = io.StringIO()
    _encode(text).terminal(lines, border=2, compact=True)
    return lines.getvalue().rstrip("\n")


def _encode(text: str) -> QRCode:
    import segno  # late: most processes never draw one

    # Medium correction: a Pix code is read from a screen, with reflections, at arm's length.
    return segno.make_qr(text, error="m", boost_error=False)
