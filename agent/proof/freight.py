"""Judges what is said of ways to deliver: each has its own price and its own days."""

from __future__ import annotations

import re

from agent.proof.figures import Claim
from agent.proof.scene import Scene

_CARRIERS = ("sedex", "pac", "motoboy", "transportadora", "jadlog", "loggi", "mini envios")
_FREIGHT = r"(?:frete|entrega|envio|motoboy|sedex|pac|transportadora)"
_BY = re.compile(r"[\s*_(,]*(?:(?:pel[oa]|por|n[oa]|d[eoa]|via|com [oa]|uteis)[\s*_]+){0,2}")
_ADDS = re.compile(
    rf"(?<![a-z])(?:com|incluindo|mais|soma\w*|junto com)(?: [oa])? {_FREIGHT}(?![a-z])[^\d_]*$"
    rf"|(?<![a-z]){_FREIGHT}(?![a-z])[^\d_,;]*(?<![a-z])"
    r"(?:no total|total|pedido fica|da|fica|soma\w*|tudo)(?![a-z])[^\d_]*$"
)
_ADDS_AFTER = re.compile(
    rf"[\s*_(,]*(?:no total[\s*_,]*)?(?:ja[\s*_]+)?(?:com|incluindo|e inclui)(?: [oa])? {_FREIGHT}"
    r"|[^.!?\d]{0,12}frete inclu"
)


def option_named(claim: Claim, scene: Scene) -> str:
    """The way to deliver that the claim is told of, folded; "" where none is named. One nobody quoted is named too."""
    first, last = scene.reading.segment(claim.start)
    names = {*scene.evidence.options, *_CARRIERS}
    found = [
        (match.start(), name)
        for name in names
        for match in re.finditer(rf"(?<![a-z]){re.escape(name)}(?![a-z])", scene.reading.folded[first:last])
    ]
    at = claim.start - first
    ahead, behind = [f for f in found if f[0] <= at], [f for f in found if f[0] > at]
    end = at + len(claim.written)
    if behind and _BY.fullmatch(scene.reading.folded, first + end, first + min(behind)[0]):
        return min(behind)[1]
    return max(ahead)[1] if ahead else min(behind)[1] if behind else ""


def option_prices(claim: Claim, scene: Scene) -> set[int]:
    """What freight may cost here: of the option named, or of any where none is."""
    known = set(scene.evidence.bill["freight"])
    options = scene.evidence.options
    name = option_named(claim, scene) if options else ""
    if not name:
        return known
    return {price for price, _ in options.get(name, ())}


def adds_freight(claim: Claim, scene: Scene) -> bool:
    """Whether the amount is told as goods and freight together."""
    end = claim.start + len(claim.written)
    last = scene.reading.segment(claim.start)[1]
    before = re.split(r"[;(+=]", scene.before(claim))[-1]
    return bool(_ADDS.search(before) or _ADDS_AFTER.match(scene.reading.folded, end, last))


def option_days(claim: Claim, scene: Scene) -> set[int] | None:
    """The days of the option named; None where none is named or none was quoted."""
    name = option_named(claim, scene)
    if not name or not scene.evidence.options:
        return None
    return {days for _, days in scene.evidence.options.get(name, ())}
