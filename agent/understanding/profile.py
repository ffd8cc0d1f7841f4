"""Weighs the evidence for each profile: what was said now, what was said before, what was bought."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from agent.understanding.entities.found import Span
from agent.understanding.evidence import Told, read_evidence
from agent.understanding.linear import LinearModel
from agent.understanding.normalising import Normalised, fold
from agent.understanding.tables import PurchaseTable, purchase_table
from agent.understanding.types import Evidence
from tools.models import PastPurchase

NEWCOMER = "novo"
CHURCH = "pastor"

ENOUGH = 0.4
"""Strength a profile needs to be entered; also what `novo` itself weighs against it."""
ENOUGH_TO_STAY = 0.3
"""Less is needed to stay: a profile holds over small talk, until stronger evidence or a long silence."""
FAMILY = "mae"
CHURCH_DECIDES = 0.6
"""Stated strength from which buying for the church outweighs age and family. Chosen on the training conversations."""
_ROLE_YIELDS = 0.5
"""What an office in the church still weighs beside a purchase for the family ("sou pastor, é pra minha filha")."""

_STATED_FADES = 0.97
_STYLE_FADES = 0.93
_SURE = 0.7
"""What a new statement needs to count against an earlier one."""
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


@dataclass(frozen=True, slots=True)
class SaidMessage:
    """One message of the burst, with what bears on its evidence."""

    said: Normalised
    named: Sequence[Span] = ()
    """Stretches that repeat the names of products shown."""
    is_correction: bool = False


def read_profile(
    messages: Iterable[SaidMessage],
    carried: Sequence[Evidence],
    purchases: Sequence[PastPurchase],
    model: LinearModel,
) -> ProfileReading:
    """The profile the evidence supports, all of it and the stated part alone. Messages count in their order."""
    kept = [piece for piece in carried if not piece.words.startswith(_BOUGHT)]
    before = _strengths(kept)
    for message in messages:
        told = read_evidence(message.said, model, message.named)
        kept = _unique([*_carry(kept, told, corrected=message.is_correction), *told.evidence])
    evidence = _unique([*_yielding(_bought(purchases, purchase_table()), kept), *kept])
    strengths = _strengths(evidence)
    stated = _strengths(piece for piece in evidence if piece.kind == "stated")
    newcomer = ENOUGH_TO_STAY if any(share >= ENOUGH_TO_STAY for share in before.values()) else ENOUGH
    purpose = _strengths(piece for piece in evidence if piece.kind == "stated" and not piece.is_role)
    distribution = _distribution(strengths, stated, purpose, newcomer)
    profile = max(distribution, key=lambda name: distribution[name])
    # A price is not sticky: every turn it needs as much fact as at first.
    by_fact = _distribution(stated, stated, purpose, ENOUGH)
    return ProfileReading(
        profile=profile,
        confidence=round(distribution[profile], 3),
        price_profile=max(by_fact, key=lambda name: by_fact[name]),
        distribution={name: round(share, 3) for name, share in distribution.items()},
        evidence=tuple(evidence),
    )


def _carry(carried: Sequence[Evidence], told: Told, *, corrected: bool) -> list[Evidence]:
    """Earlier evidence, faded; what the customer took back is gone, what they now contradict counts less."""
    stated_now = {piece.profile for piece in told.evidence if piece.kind == "stated" and piece.weight >= _SURE}
    kept: list[Evidence] = []
    for piece in carried:
        if piece.profile in told.denied:
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


def _yielding(bought: Iterable[Evidence], said: Sequence[Evidence]) -> list[Evidence]:
    """Purchases count less where the customer states another profile: what is said today is about this purchase."""
    stated = {piece.profile for piece in said if piece.kind == "stated" and piece.weight >= ENOUGH}
    return [
        replace(piece, weight=round(piece.weight * _CONTRADICTED, 3))
        if stated and piece.profile not in stated
        else piece
        for piece in bought
    ]


def _bought(purchases: Sequence[PastPurchase], table: PurchaseTable) -> list[Evidence]:
    found: list[Evidence] = []
    for item in (item for purchase in purchases for item in purchase.items):
        words = f"{_BOUGHT}{item.quantity} x {item.name}"
        if item.quantity >= table.bulk_units:
            found.append(Evidence(table.bulk_profile, "stated", words, table.bulk_weight, is_role=True))
        described = fold(f"{item.category} {item.name}")
        found.extend(
            Evidence(cue.profile, "stated", words, cue.weight, is_role=True)
            for cue in table.cues
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


def _distribution(
    strengths: Mapping[str, float], stated: Mapping[str, float], purpose: Mapping[str, float], newcomer: float
) -> dict[str, float]:
    """Shares of each profile. `stated` is the strength of facts alone, `purpose` that of facts but roles."""
    shares = {NEWCOMER: newcomer, **strengths}
    if purpose.get(CHURCH, 0.0) >= CHURCH_DECIDES:
        shares = {name: share if name == CHURCH else share * 0.3 for name, share in shares.items()}
    else:
        # What was said weighs more than how it was said.
        shares = {name: share + stated.get(name, 0.0) * 0.5 for name, share in shares.items()}
        if CHURCH in shares and purpose.get(FAMILY, 0.0) >= CHURCH_DECIDES:
            shares[CHURCH] *= _ROLE_YIELDS
    total = sum(shares.values())
    return {name: share / total for name, share in shares.items()}
