"""Reads the burst with local understanding: profile with evidence, intents, entities; never calls a model."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, replace

from langgraph.runtime import Runtime

from agent.context import AgentContext
from agent.guarding.reading import read_topics
from agent.prompt_library.examples import NEWCOMER
from agent.state import ConversationState, Update
from agent.taps import as_tapped, read_taps
from agent.understanding.types import Evidence, Understanding


async def understand(state: ConversationState, runtime: Runtime[AgentContext]) -> Update:
    """Understand the burst in the light of what was said before."""
    profiles = runtime.context.library.profiles
    # Evidence of a profile whose file is gone waits: the file may only be on its way to another name.
    waiting = [evidence for evidence in state["evidence"] if evidence["profile"] not in profiles]
    taps = read_taps(state)
    said_before = [line["text"] for line in state["history"] if line["role"] == "seller"]
    understanding = runtime.context.reader.read(
        taps.heard,
        context=said_before[-1] if said_before else None,
        carried=[Evidence(**evidence) for evidence in state["evidence"] if evidence["profile"] in profiles],
        purchases=state["purchases"],
        listed=len(taps.listed),
        product_names=[product["name"] for product in (*taps.listed, state["focus"]) if product],
        today=runtime.context.now().date(),
    )
    understanding = as_tapped(among(understanding, profiles), taps)
    return {
        "burst": taps.burst,
        "listed": taps.listed,
        "focus": taps.focus or state["focus"],
        "understanding": understanding,
        "topics": read_topics(
            taps.heard,
            [line["text"] for line in state["history"] if line["role"] == "customer"],
            runtime.context.reader.models,
            complains="reclamacao" in understanding.intents,
        ),
        "evidence": [*waiting, *(asdict(evidence) for evidence in understanding.evidence)],
        "profile": understanding.profile,
        "path": ["understand"],
    }


def among(understanding: Understanding, profiles: Collection[str]) -> Understanding:
    """The same, told only of profiles that have a file: no other has a strategy, and none may move a price."""
    if {understanding.profile, understanding.price_profile, *understanding.distribution} <= set(profiles):
        return understanding
    shares = {name: share for name, share in understanding.distribution.items() if name in profiles}
    total = sum(shares.values())
    distribution = {name: round(share / total, 3) for name, share in shares.items()} if total else {NEWCOMER: 1.0}
    profile = max(distribution, key=lambda name: distribution[name])
    return replace(
        understanding,
        profile=profile,
        confidence=distribution[profile],
        price_profile=understanding.price_profile if understanding.price_profile in profiles else NEWCOMER,
        distribution=distribution,
        evidence=tuple(evidence for evidence in understanding.evidence if evidence.profile in profiles),
    )
