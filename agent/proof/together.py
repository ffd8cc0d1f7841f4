"""Judges amounts told as a sum or a difference of others; knows prices only through what was referred to or proven."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

from agent.proof.evidence import ProductFacts
from agent.proof.figures import Claim
from agent.proof.scene import Scene

CALCULATED = "conta sobre resultados"
MOST_STATED = 6

_JOINED = re.compile(
    r"junt[oa]s|soma\w*|[=+]"
    r"|(?<![a-z])(?:total|tudo|dao|dari\w+|da|fica\w*|uma? de cada|os dois|as duas|os tres|as tres)(?![a-z])"
)
_ADDED = re.compile(r"[=+]| mais | soma|junt[oa]s|\(")
_ALL = re.compile(r"(?<![a-z])(?:uma? de cada|tudo|todos|todas)(?![a-z])")
_HOW_MANY = re.compile(r"(?<![a-z])[oa]s (dois|duas|tres|quatro|cinco|[2-5]) ?(?:junt[oa]s)?(?![a-z])")
_NUMBERS = {"dois": 2, "duas": 2, "tres": 3, "quatro": 4, "cinco": 5}
_DIFFERENCE = re.compile(
    r"(?<![a-z])(?:sobra\w*|passa\w*|ultrapassa\w*|falta\w*)(?![a-z])[^\d]*$|reais a (?:mais|menos)"
)
_MORE = re.compile(r"[\s*_]*(?:mais (?:barat|car|em conta)|a mais|de diferenca|de troco)")
_ABOUT = re.compile(r"(?<![a-z])(?:uns|umas|cerca de|quase|so uns)(?: r\$)?[\s*_]*$")


def joined(claim: Claim, scene: Scene, role: str) -> set[int]:
    """Prices of what the sentence names, once each; of all that was found, where it says "um de cada"."""
    sentence = scene.sentence(claim)
    if role not in ("", "total") or not _JOINED.search(sentence) or scene.evidence.bill["total"]:
        return set()
    segment = scene.reading.segment(claim.start)
    named = _distinct([r.facts for r in scene.referred(*segment) if r.single])
    many = _how_many(sentence)
    if len(named) < 2 and (many or _ALL.search(sentence)):
        found = [facts for facts in scene.evidence.products.values() if max(facts.stock, default=1) > 0]
        earlier = _distinct([r.facts for r in scene.referred(0, segment[0]) if r.single])
        fitting = [some for some in (earlier, found) if len(some) == (many or len(some)) >= 2]
        named = fitting[0] if fitting else named
    if len(named) < 2 or (many and many != len(named)) or any(len(facts.unit) != 1 for facts in named):
        return set()
    return {sum(min(facts.unit) for facts in named)}


def is_sum_of_stated(claim: Claim, scene: Scene, proven: Sequence[Claim], role: str) -> bool:
    """Whether it is the sum of amounts that the reply states and that are proven; `proven` in reading order."""
    sentence = scene.sentence(claim)
    added = _ADDED.search(sentence)
    if role == "discount" or not _JOINED.search(sentence) or (scene.evidence.bill["total"] and not added):
        return False
    first, last = scene.reading.segment(claim.start)
    here = [other.value for other in proven if first <= other.start < last and other.start != claim.start]
    earlier = [other.value for other in proven if other.start < first]
    stated = here if len(here) > 1 else [*earlier, *here][-MOST_STATED:]
    many = _how_many(sentence)
    sizes = [min(many, len(stated))] if many else [len(stated)] if _ALL.search(sentence) else range(2, len(stated) + 1)
    return any(sum(some) == claim.value for size in sizes for some in combinations(stated, size))


def is_difference(claim: Claim, scene: Scene) -> bool:
    end = claim.start + len(claim.written)
    before = scene.before(claim)
    if re.search(r"diferenca[^\d,;:]*$", before) or _DIFFERENCE.search(before):
        return True
    return _MORE.match(scene.reading.folded, end, scene.reading.segment(claim.start)[1]) is not None


def is_true_difference(claim: Claim, scene: Scene) -> bool:
    """Between what the sentence names or the reply found in stock, or between an amount stated and a limit heard."""
    first, last = scene.reading.segment(claim.start)
    named = _distinct([r.facts for r in scene.referred(first, last) if r.single])
    found = [facts for facts in scene.evidence.products.values() if max(facts.stock, default=1) > 0]
    goods = named if len(named) > 1 else found
    prices = {min(facts.unit) for facts in goods if len(facts.unit) == 1}
    differences = {abs(a - b) for a, b in combinations(sorted(prices), 2)}
    heard = scene.grounds.heard_amounts | {number * 100 for number in scene.grounds.heard_numbers}
    stated = {other.value for other in scene.amounts if other.start < claim.start and other.value not in heard}
    differences |= {abs(limit - amount) for limit in heard for amount in stated}
    near = 99 if _ABOUT.search(scene.before(claim) + claim.words.split("r$")[0]) else 0
    return any(abs(claim.value - difference) <= near for difference in differences)


def _how_many(sentence: str) -> int:
    match = _HOW_MANY.search(sentence)
    return (_NUMBERS.get(match[1]) or int(match[1])) if match else 0


def _distinct(facts: Sequence[ProductFacts]) -> list[ProductFacts]:
    return list({one.name: one for one in facts}.values())
