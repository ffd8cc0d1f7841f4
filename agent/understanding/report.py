"""Judges the reading of messages on labelled data it was not taught: shares and confusions, nothing mended."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.understanding.labelled import LabelledConversation, LabelledMessage
from agent.understanding.normalising import fold
from agent.understanding.reading import MessageReader
from agent.understanding.requests import Bought
from agent.understanding.types import INTENTS, Entities

PROFILES = ("pastor", "jovem", "mae", "fiel", "novo")


@dataclass(frozen=True, slots=True)
class ClassScore:
    name: str
    precision: float
    recall: float
    f1: float
    support: int
    """How many labelled rows are of this class."""


@dataclass(frozen=True, slots=True)
class Report:
    intents: tuple[ClassScore, ...]
    intents_macro_f1: float
    intents_exact: float
    """Share of messages whose set of intents is exactly right."""
    profiles: tuple[ClassScore, ...]
    profiles_macro_f1: float
    profiles_hard_macro_f1: float
    price_profiles_macro_f1: float
    confusion: Mapping[str, Mapping[str, int]]
    """True profile -> found profile -> conversations."""
    entities: Mapping[str, tuple[int, int]]
    """Kind of entity -> (messages read exactly right, messages that have it or were said to)."""
    milliseconds: float
    """CPU of one message: intents, entities and profile; the median."""

    @property
    def entities_exact(self) -> float:
        right, all_ = (sum(column) for column in zip(*self.entities.values(), strict=True))
        return right / all_


def judge(
    reader: MessageReader,
    messages: Sequence[LabelledMessage],
    conversations: Sequence[LabelledConversation],
    tick: Callable[[], None] = lambda: None,
) -> Report:
    """Read everything once; `tick` is called after each row."""
    wanted: list[frozenset[str]] = []
    found: list[frozenset[str]] = []
    entities: dict[str, list[int]] = {}
    seconds: list[float] = []
    for row in messages:
        begun = time.process_time()
        reading = reader.read([row.text], context=row.context)
        seconds.append(time.process_time() - begun)
        wanted.append(frozenset(row.intents))
        found.append(frozenset(reading.intents))
        for kind, right in _compare(row.entities, reading.entities):
            counts = entities.setdefault(kind, [0, 0])
            counts[0] += right
            counts[1] += 1
        tick()
    readings = [(row, *_profiles(reader, row, tick)) for row in conversations]
    hard = [reading for reading in readings if reading[0].hard]
    intents = tuple(
        _score(name, [(name in w, name in f) for w, f in zip(wanted, found, strict=True)]) for name in INTENTS
    )
    profiles = _profile_scores((row.profile, profile) for row, profile, _ in readings)
    confusion = Counter((row.profile, profile) for row, profile, _ in readings)
    return Report(
        intents=intents,
        intents_macro_f1=_macro(intents),
        intents_exact=sum(w == f for w, f in zip(wanted, found, strict=True)) / max(1, len(wanted)),
        profiles=profiles,
        profiles_macro_f1=_macro(profiles),
        profiles_hard_macro_f1=_macro(_profile_scores((row.profile, profile) for row, profile, _ in hard)),
        price_profiles_macro_f1=_macro(_profile_scores((row.price_profile, price) for row, _, price in readings)),
        confusion={true: {said: confusion[true, said] for said in PROFILES} for true in PROFILES},
        entities={kind: (right, all_) for kind, (right, all_) in sorted(entities.items())},
        milliseconds=sorted(seconds)[len(seconds) // 2] * 1000 if seconds else 0.0,
    )


def _profiles(reader: MessageReader, row: LabelledConversation, tick: Callable[[], None]) -> tuple[str, str]:
    history = [Bought.model_validate(bought).as_purchase() for bought in row.history]
    reading = reader.read(row.messages, context=None, purchases=history)
    tick()
    return reading.profile, reading.price_profile


def _profile_scores(pairs: Iterable[tuple[str, str]]) -> tuple[ClassScore, ...]:
    rows = list(pairs)
    return tuple(_score(name, [(true == name, said == name) for true, said in rows]) for name in PROFILES)


def _score(name: str, rows: Sequence[tuple[bool, bool]]) -> ClassScore:
    true = sum(wanted for wanted, _ in rows)
    said = sum(found for _, found in rows)
    both = sum(wanted and found for wanted, found in rows)
    precision, recall = both / said if said else 0.0, both / true if true else 0.0
    f1 = 2 * both / (true + said) if true + said else 0.0
    return ClassScore(name, precision, recall, f1, true)


def _macro(scores: Sequence[ClassScore]) -> float:
    return sum(score.f1 for score in scores) / len(scores)


def _compare(labels: Mapping[str, Any], found: Entities) -> Iterable[tuple[str, bool]]:
    """Each kind that is labelled or was found, and whether both say the same."""
    said: dict[str, Any] = {
        "products": sorted(fold(product) for product in found.products),
        "quantities": sorted(found.quantities),
        "ordinals": sorted(found.ordinals),
        "sizes": sorted(found.sizes),
        "colors": sorted(found.colors),
        "money": sorted(amount.centavos for amount in found.money),
        "max_price": found.max_price.centavos if found.max_price else None,
        "cep": next(iter(found.ceps), None),
        "cpf": next(iter(found.cpfs), None),
        "cnpj": next(iter(found.cnpjs), None),
        "dates": sorted(fold(mention.text) for mention in found.dates),
        "name": fold(found.name),
        "title": found.title,
        "answer": {True: "yes", False: "no", None: None}[found.affirmation],
        "correction": found.correction,
        "negated": sorted(fold(text) for text in found.negated),
    }
    for kind, value in said.items():
        label = labels.get(kind)
        if kind in ("products", "dates", "negated") and label:
            label = sorted(fold(text) for text in label)
        elif kind == "name" and label:
            label = fold(label)
        elif isinstance(label, list):
            label = sorted(label)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        if label or value:
            # Yes and no are labelled only where the seller had asked.
            if kind == "answer" and not label:
                continue
            yield kind, (label or None) == (value or None)
