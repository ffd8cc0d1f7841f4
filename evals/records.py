"""What a played scenario leaves behind for the scorers; plain JSON, so that a log can be scored again."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from evals.scenarios import Mode

PLAYED = "conversa"
"""Where a sample's store in Inspect's log keeps its PlayedScenario."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True)


class PlayedTurn(_Record):
    """One burst of the customer and what came of it."""

    said: list[str]
    replies: list[str]
    profile: str
    mode: Mode
    trace: dict[str, Any]
    """As runtime/trace.py writes it; the scorers read its tools, understanding and path, never its proof."""
    seconds: float


class CartRow(_Record):
    """A line of the customer's open cart, with what the catalogue asks for the product now."""

    sku: str
    quantity: int
    unit_centavos: int
    catalog_centavos: int | None
    """None when the catalogue does not have the product."""


class Outcome(_Record):
    """The customer's own rows at the end."""

    cart: list[CartRow]
    mode: Mode
    escalations: list[str]
    """Reasons, in the order they were stored."""
    opt_outs: list[str]
    """The customer's words that were kept as proof."""


class PlayedScenario(_Record):
    """A whole conversation."""

    turns: list[PlayedTurn]
    outcome: Outcome
    before: dict[str, str]
    """A fingerprint of everything that is not this conversation's, by table (and the ERP), before the first turn."""
    after: dict[str, str]
