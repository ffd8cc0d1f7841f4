"""Chooses what the topic model learns from: its own messages, and the shop's everyday talk as the other side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from agent.guarding.features import topic_features
from agent.guarding.labelled import LabelledTopic
from agent.guarding.topics import LEARNT, alike
from agent.understanding.features import Features
from agent.understanding.labelled import LabelledMessage
from agent.understanding.normalising import normalise

STRENGTH = 20.0
"""Inverse regularisation; more gains nothing on the dev split."""
EVERY = 2
"""Every second everyday message teaches as much as all of them, in half the time."""

_UNLABELLED = {
    "k:morte": "grief",
    "p:partida": "grief",
    "k:doenca": "illness",
    "p:sair_da_vida": "self_harm",
    "p:ele_me": "violence",
}
"""Everyday messages carry no topics: those that hold such words are no example of the topic's absence."""

Sample = tuple[Features, Sequence[str], set[str]]


def topic_samples(
    rows: Iterable[LabelledTopic], everyday: Iterable[LabelledMessage], chatter: Iterable[str] = ()
) -> Iterator[Sample]:
    """Features, topics, and the topics the sample says nothing about.

    `chatter` are messages in which customers tell of themselves and their families: "minha filha de 6 anos" is no
    child at risk.
    """
    for row in rows:
        taught = [topic for topic in row.topics if topic in LEARNT]
        yield topic_features(normalise([row.text])), taught, alike(row.topics)
    for number, message in enumerate(everyday):
        if "fora_de_escopo" in message.intents:
            continue
        if "reclamacao" in message.intents:
            yield topic_features(normalise([message.text])), (), {"legal_threat", "grief", "illness", "others_data"}
        elif number % EVERY == 0:
            yield _everyday(message.text)
    for text in dict.fromkeys(chatter):
        yield _everyday(text)


def _everyday(text: str) -> Sample:
    features = topic_features(normalise([text]))
    return features, (), {_UNLABELLED[name] for name in features.phrases if name in _UNLABELLED}
