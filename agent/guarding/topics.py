"""Names the topics that are no sale, and says what each asks of the seller; finds none of them itself."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

RISKS = ("self_harm", "violence", "child_risk")
"""Somebody may be in danger: help is named at once, whatever else was said."""
SORROWS = ("grief", "illness")
QUARRELS = ("legal_threat", "complaint")
REFUSED = (
    "others_data",
    "internals",
    "politics",
    "doctrine",
    "medical_advice",
    "legal_advice",
    "homework",
    "code",
)
"""Not the seller's business: declined in one kind sentence."""

CARE = (*RISKS, *SORROWS, *QUARRELS)
"""Gravest first. A person is called, and nothing is offered."""
TOPICS = (*CARE, *REFUSED)
LEARNT = tuple(topic for topic in TOPICS if topic != "complaint")
"""What the topic model is taught; a complaint is one of the intents, which have many more examples of it."""

Split = Literal["train", "dev"]

_ALIKE = (
    {"legal_threat", "legal_advice"},
    {"violence", "child_risk"},
    {"grief", "illness"},
    {"self_harm", "illness"},
    {"medical_advice", "illness"},
    {"internals", "others_data", "code"},
    {"homework", "doctrine"},
    {"homework", "code"},
)


def alike(topics: Collection[str]) -> set[str]:
    """Topics that an example of these neither proves nor disproves."""
    return {near for group in _ALIKE if group & set(topics) for near in group} - set(topics)
