"""Weighs the evidence for each profile: what was said now, what was said before, what was bought."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from agent.understanding.amounts import Span, blank
from agent.understanding.normalising import Normalised, fold
from agent.understanding.tables import ProfileTable, profile_table
from agent.understanding.types import Evidence
from tools.models import PastPurchase

NEWCOMER = "novo"
CHURCH = "pastor"

ENOUGH = 0.34
"""Strength a profile needs to be entered; also what `novo` itself weighs against it."""
ENOUGH_TO_STAY = 0.2
"""Less is needed to stay: a profile holds over small talk, until stronger evidence or a long silence."""
CHURCH_DECIDES = 0.5
"""Stated strength from which buying for the church outweighs age and family."""

_STATED_FADES = 0.97
_STYLE_FADES = 0.93
_CONTRADICTED = 0.5
_CORRECTED = 0.25
_FORGOTTEN = 0.08
_BOUGHT = "comprou: "


@dataclass(frozen=True, slots=True)
class ProfileReading:
    profile: str
    confidence: float
    price_profile: str
    distribution: Mapping[str, float]
    evidence: tuple[Evidence, ...]


def read_profile(
    said: Normalised,
    carried: Sequence[Evidence],
    purchases: Sequence[PastPurchase],
    named: Sequence[Span] = (),
) -> ProfileReading:
    """The profile the evidence supports, all of it and the stated part alone; product names (`named`) support none."""
    table = profile_table()
    text, denied = _without_denials(blank(said.text, named), table)
    fresh = _evidence_in(said, text, denied, table)
    corrected = bool(table.correction.search(said.text))
    kept = _carry(carried, fresh, denied, corrected=corrected)
    evidence = _unique([*_bought(purchases, table), *kept, *fresh])
    strengths = _strengths(evidence)
    stated = _strengths(piece for piece in evidence if piece.kind == "stated")
    newcomer = ENOUGH_TO_STAY if any(share >= ENOUGH_TO_STAY for share in _strengths(kept).values()) else ENOUGH
    distribution = _distribution(strengths, stated, newcomer)
    profile = max(distribution, key=lambda name: distribution[name])
    # A price is not sticky: every turn it needs as much fact as at first.
    by_fact = _distribution(stated, stated, ENOUGH)
    return ProfileReading(
        profile=profile,
        confidence=round(distribution[profile], 3),
        price_profile=max(by_fact, key=lambda name: by_fact[name]),
        distribution={name: round(share, 3) for name, share in distribution.items()},
        evidence=tuple(evidence),
    )


def _without_denials(text: str, table: ProfileTable) -> tuple[str, Mapping[str, int]]:
    """The text without "não é pra igreja" and its like, and where each profile was last denied."""
    denied: dict[str, int] = {}
    for denial in table.denials:
        spans = [match.span() for match in denial.pattern.finditer(text)]
        if spans:
            denied[denial.profile] = spans[-1][1]
            text = blank(text, spans)
    return text, denied


def _evidence_in(said: Normalised, text: str, denied: Mapping[str, int], table: ProfileTable) -> list[Evidence]:
    """Every cue's first match; what stands before its profile's denial was taken back."""
    text = table.incidental.sub(lambda match: " " * len(match[0]), text)
    found: list[Evidence] = []
    for cue in table.cues:
        match = cue.pattern.search(text, denied.get(cue.profile, 0))
        if match:
            quoted = said.quote(match.start(), match.end())
            verb = "disse" if cue.kind == "stated" else "jeito de falar"
            found.append(Evidence(cue.profile, cue.kind, f"{verb}: '{quoted}'", cue.weight))
    return found


def _carry(
    carried: Sequence[Evidence], fresh: Sequence[Evidence], denied: Mapping[str, int], *, corrected: bool
) -> list[Evidence]:
    """Earlier evidence, faded; what the customer took back is gone, what they now contradict counts less."""
    stated_now = {piece.profile for piece in fresh if piece.kind == "stated"}
    kept: list[Evidence] = []
    for piece in carried:
        if piece.profile in denied or piece.words.startswith(_BOUGHT):
            continue
        weight = piece.weight * (_STATED_FADES if piece.kind == "stated" else _STYLE_FADES)
        if stated_now and piece.profile not in stated_now:
            if corrected:
                weight *= _CORRECTED
            elif piece.profile != CHURCH:
                weight *= _CONTRADICTED
        if weight >= _FORGOTTEN:
            kept.append(replace(piece, weight=round(weight, 3)))
    return kept


def _bought(purchases: Sequence[PastPurchase], table: ProfileTable) -> list[Evidence]:
    found: list[Evidence] = []
    for item in (item for purchase in purchases for item in purchase.items):
        words = f"{_BOUGHT}{item.quantity} x {item.name}"
        if item.quantity >= table.bulk_units:
            found.append(Evidence(table.bulk_profile, "stated", words, table.bulk_weight))
        described = fold(f"{item.category} {item.name}")
        found.extend(
            Evidence(cue.profile, "stated", words, cue.weight)
            for cue in table.purchases
            if cue.pattern.search(described)
        )
    return found


def _unique(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Said twice is one reason, at its strongest."""
    strongest: dict[tuple[str, str], Evidence] = {}
    for piece in evidence:
        key = (piece.profile, fold(piece.words))
        if key not in strongest or piece.weight > strongest[key].weight:
            strongest[key] = piece
    return list(strongest.values())


def _strengths(evidence: Iterable[Evidence]) -> dict[str, float]:
    """Independent reasons add up as chances do: 1 - product of doubts."""
    doubts: dict[str, list[float]] = {}
    for piece in evidence:
        doubts.setdefault(piece.profile, []).append(1 - min(piece.weight, 0.97))
    return {profile: 1 - math.prod(values) for profile, values in doubts.items()}


def _distribution(strengths: Mapping[str, float], stated: Mapping[str, float], newcomer: float) -> dict[str, float]:
    shares = {NEWCOMER: newcomer, **strengths}
    if stated.get(CHURCH, 0.0) >= CHURCH_DECIDES:
        shares = {name: share if name == CHURCH else share * 0.3 for name, share in shares.items()}
    else:
        # What was said weighs more than how it was said.
        shares = {name: share + stated.get(name, 0.0) * 0.5 for name, share in shares.items()}
    total = sum(shares.values())
    return {name: share / total for name, share in shares.items()}
