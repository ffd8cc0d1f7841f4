"""The JSON that scripts send to `novo understand` and get back: one object a line, unknown keys refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, model_validator

from agent.understanding.types import Understanding
from tools.models import (
    Money,
    PastPurchase,
    PurchasedItem,
)


class RequestError(ValueError):
    """A line that cannot be read; says what is wrong with it."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BoughtItem(_Strict):
    name: str
    category: str = ""
    qty: int = Field(default=1, ge=1, validation_alias=AliasChoices("qty", "quantity"))


class Bought(_Strict):
    date: datetime | None = None
    items: tuple[BoughtItem, ...] = ()
    total: Decimal | None = None
    """In reais."""

    def as_purchase(self) -> PastPurchase:
        bought = tuple(PurchasedItem(item.name, item.category, item.qty, Money(0)) for item in self.items)
        when = self.date or datetime.fromtimestamp(0, UTC)
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        return PastPurchase(when, bought, Money(int((self.total or Decimal(0)) * 100)))


class UnderstandRequest(_Strict):
    """One conversation (`messages`), or one message (`text`)."""

    messages: tuple[str, ...] = ()
    text: str | None = None
    history: tuple[Bought, ...] = ()
    context: str | None = None
    """The seller's last message."""

    @model_validator(mode="after")
    def _one_of_both(self) -> UnderstandRequest:
        if (self.text is None) == (not self.messages):
            raise ValueError("give either text (one message) or messages (a list of at least one)")
        return self

    @property
    def said(self) -> tuple[str, ...]:
        return self.messages if self.text is None else (self.text,)


def parse_request(line: str) -> UnderstandRequest:
    """One line of JSON. Raises RequestError saying what is wrong with it."""
    try:
        return UnderstandRequest.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            known = ", ".join(UnderstandRequest.model_fields)
            raise RequestError(f"unknown key {where!r}: there are {known}") from None
        raise RequestError(f"{where}: {first['msg']}" if where else str(first["msg"])) from None


def as_json(understanding: Understanding) -> dict[str, Any]:
    """What `novo understand --json` writes for a request; without the entities that are empty."""
    entities = {
        name: _plain(getattr(understanding.entities, name))
        for name in understanding.entities.__dataclass_fields__
        if name != "spans"
    }
    return {
        "profile": understanding.profile,
        "confidence": understanding.confidence,
        "price_profile": understanding.price_profile,
        "distribution": dict(understanding.distribution),
        "evidence": [
            {"words": piece.words, "profile": piece.profile, "kind": piece.kind, "weight": piece.weight}
            for piece in understanding.evidence
        ],
        "intents": list(understanding.intents),
        "entities": {name: value for name, value in entities.items() if value not in (None, "", [], False)}
        | ({"affirmation": False} if understanding.entities.affirmation is False else {}),
    }


def _plain(value: Any) -> Any:
    match value:
        case Money():
            return {"centavos": value.centavos, "text": str(value)}
        case tuple():
            return [_plain(item) for item in cast(tuple[Any, ...], value)]
        case _ if hasattr(value, "__dataclass_fields__"):
            fields: Mapping[str, Any] = value.__dataclass_fields__
            return {name: _plain(getattr(value, name)) for name in fields}
        case _ if hasattr(value, "isoformat"):
            return value.isoformat()
        case _:
            return value
