"""Judges numbers of orders and links: both must have come from a tool, the shop's facts, or the customer."""

from __future__ import annotations

import re

from agent.proof.echoes import FROM_CUSTOMER
from agent.proof.figures import Claim, Kind
from agent.proof.links import bare, find_links
from agent.proof.reading import Reading
from agent.proof.scene import Scene
from agent.understanding.normalising import fold

_CEP = re.compile(r"(?<![\d.,])\d{5}-\d{3}(?![\d-])|(?<=cep )\d{8}(?!\d)")
EARLIER = "conversa"


def order_source(claim: Claim, scene: Scene) -> str:
    if claim.value in scene.evidence.orders:
        return scene.evidence.orders[claim.value]
    if claim.value in scene.grounds.ledger["orders"]:
        return EARLIER
    return FROM_CUSTOMER if claim.value in scene.grounds.heard_numbers else ""


def find_link_claims(reading: Reading) -> list[Claim]:
    return [Claim(Kind.LINK, link.written, link.start, 0, link.value) for link in find_links(reading.text)]


def link_source(claim: Claim, scene: Scene) -> str:
    """Whole links only: another path of a known site is another link."""
    evidence = scene.evidence
    if claim.words in evidence.links:
        return evidence.links[claim.words]
    if claim.words in scene.grounds.ledger["links"]:
        return EARLIER
    return "store.toml" if fold(bare(claim.words)) in {bare(word) for word in scene.grounds.store_text.split()} else ""


def find_codes(reading: Reading) -> list[Claim]:
    """CEPs."""
    return [Claim(Kind.CODE, m[0], m.start(), int(m[0].replace("-", ""))) for m in _CEP.finditer(reading.folded)]


def code_source(claim: Claim, scene: Scene) -> str:
    """A CEP that a tool got or returned, or that the customer or the shop said."""
    digits = f"{claim.value:08d}"
    if digits in scene.evidence.codes:
        return scene.evidence.codes[digits]
    written = re.compile(rf"{digits[:5]}-?\.?{digits[5:]}")
    if written.search(scene.grounds.folded_heard.replace(".", "")):
        return FROM_CUSTOMER
    return "store.toml" if written.search(scene.grounds.told_facts) else ""
