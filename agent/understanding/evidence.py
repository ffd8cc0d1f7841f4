"""Finds what one message says about its writer: facts, style, and what is taken back; adds nothing up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from agent.understanding.entities.found import Span
from agent.understanding.features import stems, stretch_features
from agent.understanding.linear import LinearModel
from agent.understanding.normalising import Normalised
from agent.understanding.stretches import stretches
from agent.understanding.types import Evidence, EvidenceKind

LIKELY = 0.4
"""Chance from which a stretch of words counts. Chosen on folds of the training split."""
STYLE_WEIGHS = 0.5
"""A manner of speaking is worth half a fact: one alone never makes a profile sure."""
_ENOUGH_OF_IT = 0.9
"""Share of the chance that the shortened quotation must keep."""
_OF_ANYBODY, _OF_THE_YOUNG = 0.85, 0.8
_SHORTEST = 3
_KINDS: dict[str, EvidenceKind] = {"stated": "stated", "role": "stated", "stylistic": "stylistic"}
_VERBS: dict[EvidenceKind, str] = {"stated": "disse", "stylistic": "jeito de falar"}


@dataclass(frozen=True, slots=True)
class Told:
    """What a message says about its writer."""

    evidence: tuple[Evidence, ...]
    denied: frozenset[str]
    """Profiles it says they are not, or do not buy for."""


def read_evidence(said: Normalised, model: LinearModel, named: Sequence[Span] = ()) -> Told:
    """The strongest stretch of each kind and profile; the names of products shown (`named`) say nothing."""
    best: dict[str, tuple[float, int, int]] = {}
    roots = stems(said.tokens)
    free = [(start, end) for start, end in stretches(said) if not _is_named(said, start, end, named)]
    weighed = model.probabilities([stretch_features(said.tokens, roots, start, end) for start, end in free])
    for (start, end), chances in zip(free, weighed.tolist(), strict=True):
        for name, chance in zip(model.classes, chances, strict=True):
            if chance >= LIKELY and chance > best.get(name, (0.0,))[0]:
                best[name] = (chance, start, end)
    _prefer_general(best)
    denied = {name.partition(":")[2]: found for name, found in best.items() if name.startswith("denied:")}
    evidence: list[Evidence] = []
    for name, (chance, start, end) in best.items():
        label, _, profile = name.partition(":")
        if kind := _KINDS.get(label):
            if profile in denied and _takes_back(denied[profile], chance, start):
                continue
            quoted = _quote(said, *_told_by(said, roots, (start, end), model, name))
            weight = chance if kind == "stated" else chance * STYLE_WEIGHS
            evidence.append(
                Evidence(profile, kind, f"{_VERBS[kind]}: '{quoted}'", round(weight, 3), is_role=label == "role")
            )
    return Told(tuple(evidence), frozenset(denied))


def _prefer_general(best: dict[str, tuple[float, int, int]]) -> None:
    """ "É pra mim" is said by the young and by everybody: rather by everybody, unless something else says young."""
    own, young = best.get("stated:fiel"), best.get("stated:jovem")
    if own and young and own[1:] == young[1:]:
        chance = max(own[0], young[0])
        best["stated:fiel"] = (_OF_ANYBODY * chance, *own[1:])
        best["stated:jovem"] = (_OF_THE_YOUNG * chance, *young[1:])


def _takes_back(denied: tuple[float, int, int], chance: float, start: int) -> bool:
    """Whether a denial means these words too: said behind them, or the likelier reading of the very same words."""
    return denied[1] > start or (denied[1] == start and denied[0] > chance)


def _is_named(said: Normalised, start: int, end: int, named: Sequence[Span]) -> bool:
    """Whether more than one of these tokens stands inside a product's name."""
    inside = sum(any(first <= said.starts[at] < last for first, last in named) for at in range(start, end))
    return inside > 1


def _told_by(
    said: Normalised, roots: Sequence[str], stretch: tuple[int, int], model: LinearModel, name: str
) -> tuple[int, int]:
    """The stretch without what adds nothing at its ends: what an owner reads as the reason."""
    start, end = stretch
    column = model.classes.index(name)

    def chances(shorter: list[tuple[int, int]]) -> list[float]:
        samples = [stretch_features(said.tokens, roots, first, last) for first, last in shorter]
        return model.probabilities(samples)[:, column].tolist()

    whole, *later = chances([(first, end) for first in range(start, max(start + 1, end - _SHORTEST + 1))])
    enough = _ENOUGH_OF_IT * whole
    start += sum(1 for _ in takewhile(lambda chance: chance >= enough, later))
    earlier = [(start, last) for last in range(end - 1, start + _SHORTEST - 1, -1)]
    return start, end - sum(1 for _ in takewhile(lambda chance: chance >= enough, chances(earlier)))


def _quote(said: Normalised, start: int, end: int) -> str:
    return said.quote(said.starts[start], said.starts[end - 1] + len(said.tokens[end - 1]))
