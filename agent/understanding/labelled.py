"""Reads the labelled messages and conversations the models are trained and judged on; trains nothing itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, field_validator

from agent.understanding.types import INTENTS

DATA = Path(__file__).parent / "data"
Split = Literal["train", "dev"]

REMARKS: Mapping[str, str] = {"corrects": "correction", "refuses": "negated"}
"""What a burst as a whole may do beside asking for something -> the kind of entity whose label says that it does."""


class LabelError(ValueError):
    """A line of labelled data that cannot be used; says file, line and what to mend."""


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Row = TypeVar("Row", bound=_Row)


class LabelledEvidence(_Row):
    text: str
    """The words that say it, as they stand in the message."""
    profile: str
    kind: Literal["stated", "stylistic", "denied"]
    role: bool = False
    """A stated fact of what they are ("sou tesoureira"), which does not say what this purchase is for."""

    @property
    def label(self) -> str:
        """The class it teaches, such as "stated:pastor"."""
        return f"{'role' if self.role else self.kind}:{self.profile}"


class LabelledMessage(_Row):
    """One burst with what it asks for; `entities` holds only what is present."""

    text: str
    context: str | None = None
    intents: tuple[str, ...]
    entities: Mapping[str, Any] = {}

    @field_validator("intents")
    @classmethod
    def _known(cls, intents: tuple[str, ...]) -> tuple[str, ...]:
        if not intents or any(intent not in INTENTS for intent in intents):
            raise ValueError(f"intents must be some of {', '.join(INTENTS)}")
        return intents


class LabelledFact(_Row):
    """One message with what it says about the customer; often nothing."""

    text: str
    evidence: tuple[LabelledEvidence, ...]


class LabelledConversation(_Row):
    """A customer's side of a conversation, and the profile a careful person would see at its end."""

    messages: tuple[str, ...]
    history: tuple[Mapping[str, Any], ...] = ()
    profile: str
    price_profile: str
    evidence: tuple[LabelledEvidence, ...] = ()
    hard: bool = False
    note: str = ""


def read_messages(*splits: Split, folder: Path = DATA) -> list[LabelledMessage]:
    """The labelled messages of these splits, in file order. Raises LabelError naming file and line."""
    return list(_rows(LabelledMessage, "messages", splits, folder))


def read_conversations(*splits: Split) -> list[LabelledConversation]:
    """The labelled conversations of these splits, in file order. Raises LabelError naming file and line."""
    return list(_rows(LabelledConversation, "conversations", splits, DATA))


def read_facts(*splits: Split) -> list[LabelledFact]:
    """Messages labelled with evidence alone, and those of the labelled conversations."""
    rows = list(_rows(LabelledFact, "facts", splits, DATA))
    for conversation in read_conversations(*splits):
        for message in conversation.messages:
            said = tuple(piece for piece in conversation.evidence if piece.text in message)
            rows.append(LabelledFact(text=message, evidence=said))
    return rows


def _rows(kind: type[Row], name: str, splits: Iterable[Split], folder: Path) -> Iterator[Row]:
    adapter = TypeAdapter(kind)
    for path in (path for split in splits for path in sorted((folder / split).glob(f"{name}*.jsonl"))):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                yield adapter.validate_json(line)
            except ValidationError as error:
                first = error.errors()[0]
                where = ".".join(str(part) for part in first["loc"])
                raise LabelError(f"{path.name}:{number}: {where}: {first['msg']}") from None
