"""Finds and judges how an order or a payment is said to stand: paid, cancelled, sent or handed over needs a tool."""

from __future__ import annotations

import re

from agent.proof.figures import Claim, Kind
from agent.proof.reading import Reading
from agent.proof.scene import Scene
from agent.proof.words import claim_words

_CONDITION = re.compile(
    r"(?<![a-z])(?:depois|apos|assim que|quando|se|ate|caso|so|apenas|falta|aguard\w+|espera\w*)(?![a-z])"
)


def find_statuses(reading: Reading) -> list[Claim]:
    return [
        Claim(Kind.STATUS, reading.written[match.start() : match.end()].strip(), match.start(), 0, status)
        for status, pattern in claim_words().statuses.items()
        for match in pattern.finditer(reading.folded)
    ]


def status_source(claim: Claim, scene: Scene) -> str:
    """A tool that returned this status; what is asked, denied or a condition says nothing."""
    proof = claim_words().status_proofs[claim.words]
    found = next((source for status, source in scene.evidence.statuses.items() if proof.match(status)), "")
    if found:
        return found
    clause = re.split(r"[,;:]| mas ", scene.before(claim))[-1]
    if scene.asks(claim) or scene.denies(claim) or _CONDITION.search(clause):
        return "fala comum"
    return next((source for words, source in scene.evidence.words.items() if claim.written.lower() in words), "")
