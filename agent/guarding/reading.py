"""Finds the topics of a conversation: in what was just said, and in what the customer said before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.guarding.features import topic_features
from agent.guarding.lexicon import families_of, phrases_in
from agent.guarding.topics import CARE, LEARNT, REFUSED, RISKS, SORROWS, TOPICS
from agent.understanding.intents import LIKELY, weigh_burst
from agent.understanding.normalising import Normalised, normalise
from agent.understanding.trained import TrainedModels

LIMITS: Mapping[str, float] = dict.fromkeys(TOPICS, 0.3) | {"others_data": 0.4}
"""Chance from which a topic counts: a missed danger is worse than a kind word too many. Chosen on the dev split."""
TOGETHER_SURER = 0.1
"""What a topic must be surer by when only several messages together say it."""
CARRIED_LINES = 8
"""Customer lines that colour a turn; what was said before them is over."""
SURE = 0.75
"""Chance from which the seller declines although something of the shop is asked in the same breath."""

_ANGRY = frozenset({"raiva", "defeito", "cobranca", "justica"})
_GRAVE = _ANGRY | {"morte", "ida", "doenca", "sumir", "matar", "agressao", "abuso", "saudade", "viver"}

Chances = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Topics:
    """What the conversation is about beside the shop; empty in nearly every turn."""

    now: tuple[str, ...] = ()
    """Of this burst, in the order of TOPICS: gravest first."""
    carried: tuple[str, ...] = ()
    """Of CARE, said in the customer's last lines before this burst."""
    sure: bool = False
    """Whether the topic to decline is beyond doubt."""

    @property
    def cares(self) -> bool:
        """Whether this burst asks for care: no product and no price in the answer, and a person is called."""
        return bool(set(self.now) & set(CARE))

    @property
    def no_upsell(self) -> bool:
        """Whether nothing may be offered that was not asked for: somebody grieves, or is angry with the shop."""
        return self.cares or bool(self.carried)

    @property
    def tender(self) -> bool:
        """Whether the tone stays soft: no jokes, no emoji."""
        return bool({*self.now, *self.carried} & {*RISKS, *SORROWS})

    @property
    def refused(self) -> str:
        """The topic to decline, "" when there is none."""
        return next((topic for topic in self.now if topic in REFUSED), "")


def read_topics(burst: Sequence[str], before: Sequence[str], models: TrainedModels, *, complains: bool) -> Topics:
    """The topics of a burst after the customer's lines `before`, oldest first. Never raises for odd text.

    `complains` is what the reading of intents says of the burst.
    """
    said = [normalise([text]) for text in burst if text.strip()]
    earlier = [one for text in before[-CARRIED_LINES:] if (one := normalise([text])).text and _may_carry(one)]
    if not said:
        return Topics()
    # A plea may be sent in pieces, or begin in one turn and end in the next.
    joined = [normalise([*before[-2:], *burst])] if len(said) > 1 or earlier else []
    chances = _weigh(models, [*said, *joined, *earlier])
    here, together, past = _cut(chances, len(said), len(joined))
    now = {topic: max(chance[topic] for chance in here) for topic in LEARNT}
    for topic in (*RISKS, *SORROWS):
        # An old sorrow is `carried`: only words of today may raise it anew.
        if together and now[topic] >= LIMITS[topic] - TOGETHER_SURER:
            now[topic] = max(now[topic], together[0][topic] - TOGETHER_SURER)
    found = {topic for topic in LEARNT if now[topic] >= LIMITS[topic]} | ({"complaint"} if complains else set[str]())
    carried = {topic for chance in past for topic in CARE if chance.get(topic, 0.0) >= LIMITS[topic]}
    if any(weigh_burst(one, None, models.intents)["reclamacao"] >= LIKELY for one in earlier if _may_complain(one)):
        carried.add("complaint")
    ordered = tuple(topic for topic in TOPICS if topic in found)
    refused = next((topic for topic in ordered if topic in REFUSED), "")
    return Topics(
        ordered,
        tuple(topic for topic in TOPICS if topic in carried),
        sure=bool(refused) and now[refused] >= SURE,
    )


def weigh(models: TrainedModels, texts: Sequence[str]) -> list[Mapping[str, float]]:
    """The chance of each topic the model was taught, for each text by itself."""
    return _weigh(models, [normalise([text]) for text in texts])


def _weigh(models: TrainedModels, said: Sequence[Normalised]) -> list[Mapping[str, float]]:
    rows = models.topics.probabilities([topic_features(one) for one in said])
    return [dict(zip(models.topics.classes, row, strict=True)) for row in rows.tolist()]


def _cut(chances: list[Chances], here: int, together: int) -> tuple[list[Chances], list[Chances], list[Chances]]:
    return chances[:here], chances[here : here + together], chances[here + together :]


def _may_carry(said: Normalised) -> bool:
    """Whether a line holds any word of the grave families at all; most of a shop's talk does not."""
    return any(_GRAVE & set(families_of(word)) for word in said.tokens) or bool(phrases_in(said.text))


def _may_complain(said: Normalised) -> bool:
    return any(_ANGRY & set(families_of(word)) for word in said.tokens)
