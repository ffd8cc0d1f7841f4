"""Tells the figures that only say the customer's own again, as a limit or to refuse it; proves nothing else."""

from __future__ import annotations

import re

from agent.proof.figures import Claim
from agent.proof.scene import Scene
from agent.proof.words import claim_words

FROM_CUSTOMER = "palavras do cliente"

_PRICES = re.compile(r"(?<![a-z])(?:sai|saem|custa\w*|fica\w*|por|faco|consigo|fecho|vendo|deixo)(?![a-z])[^,]*$")
_FITS = re.compile(r"(?<![a-z])(?:cabe|dentro|abaixo|acima|passa|folga|limite|orcamento|maximo)(?![a-z])[^,.]*$")
_CANNOT = r"nao (?:vou |vai )?(?:conseg\w+|consig\w+|posso|poder\w*|da|dar|rola|tenho como|cheg\w+|fecha\w*|cabe)"
_REFUSED_BEFORE = re.compile(rf"(?<![a-z]){_CANNOT}(?![a-z])(?!.*(?<![a-z])(?:menos|deixar|so|alem)(?![a-z]))[^,;:]*$")
_REFUSED_AFTER = re.compile(
    rf"[^,;:.!?]{{0,25}}(?<![a-z])(?:(?:eu )?{_CANNOT}|fog(?:e|em)|(?:e|fica) impossivel)(?![a-z])"
)
_STATES_PRICE = re.compile(r"(?<![a-z])(?:sai|saem|custa\w*|ta|esta|fica\w*|faco|por)(?![a-z])[\s*_]*$")


def is_echo(claim: Claim, scene: Scene) -> bool:
    """Whether the amount is a limit that the customer set, said again as a limit."""
    before = scene.before(claim) + re.sub(r"\d.*$", "", claim.words.split("r$")[0])
    fits, states = _FITS.search(before), _PRICES.search(before)
    if fits and not (states and states.start() > fits.start()):
        return is_heard(claim, scene)
    limits = claim_words().limit.search(" " + before.rstrip() + " ")
    return limits is not None and states is None and is_heard(claim, scene)


def refuses_echo(claim: Claim, scene: Scene) -> bool:
    """Whether the customer's own figure is taken up only to say that it cannot be."""
    if not re.search(r"nao|fog|impossivel", scene.sentence(claim)) or not is_heard(claim, scene):
        return False
    last = scene.reading.segment(claim.start)[1]
    end = claim.start + len(claim.written)
    return bool(_REFUSED_BEFORE.search(scene.before(claim)) or _REFUSED_AFTER.match(scene.reading.folded, end, last))


def is_heard(claim: Claim, scene: Scene) -> bool:
    grounds = scene.grounds
    if claim.value % 100 == 0 and claim.value // 100 in grounds.heard_numbers:
        return True
    return claim.value in grounds.heard_amounts


def is_count(claim: Claim, scene: Scene) -> bool:
    """ "(500 cada)" with nothing that says money counts pieces a tool counted."""
    has_mark = re.search(r"r\$|reais|real|conto|[.,]\d\d|pila", claim.words)
    if has_mark or claim.value % 100 or "cada" not in claim.words or _STATES_PRICE.search(scene.before(claim)):
        return False
    return claim.value // 100 in scene.evidence.numbers
