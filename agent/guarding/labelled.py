"""Reads the labelled messages the topic model is taught and judged on; trains nothing itself."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, field_validator

from agent.guarding.topics import TOPICS, Split
from agent.understanding.labelled import LabelError

DATA = Path(__file__).parent / "data"


class LabelledTopic(BaseModel):
    """One message with the topics it opens; none for the shop talk that only sounds like one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    topics: tuple[str, ...]

    @field_validator("topics")
    @classmethod
    def _known(cls, topics: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := set(topics) - set(TOPICS):
            raise ValueError(f"{', '.join(sorted(unknown))}: topics are some of {', '.join(TOPICS)}")
        return topics


def read_topics(*splits: Split) -> list[LabelledTopic]:
    """The labelled messages of these splits, in file order. Raises LabelError naming file and line."""
    adapter = TypeAdapter(LabelledTopic)
    rows: list[LabelledTopic] = []
    for split in splits:
        for number, line in enumerate((DATA / f"{split}.jsonl").read_text(encoding="utf-8").splitlines(), 1):
            try:
                rows.append(adapter.validate_json(line))
            except ValidationError as error:
                raise LabelError(f"{split}.jsonl:{number}: {error.errors()[0]['msg']}") from None
    return rows
