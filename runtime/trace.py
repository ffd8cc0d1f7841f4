"""Writes down why a turn answered as it did: the JSON behind the simulator's "por quê?" and the owner's questions."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from agent.proof.ledger import discount_in_force, ledger_of
from agent.state import ConversationState, ToolRun


def build_trace(state: ConversationState, *, prompts: dict[str, str], milliseconds: float) -> dict[str, Any]:
    """The trace of a finished turn; money in centavos, times in milliseconds, no customer text."""
    calls = state["model_calls"]
    return {
        "path": state["path"],
        "understanding": _understanding(state),
        "topics": asdict(state["topics"]),
        "tools": [_tool_run(run) for run in state["tool_runs"]],
        "model": {
            "name": calls[-1].model if calls else "",
            "calls": len(calls),
            "input_tokens": sum(call.input_tokens for call in calls),
            "output_tokens": sum(call.output_tokens for call in calls),
            "cached_tokens": sum(call.cached_tokens for call in calls),
            "ms": round(sum(call.milliseconds for call in calls), 1),
        },
        "prompts": prompts if calls else {},
        "proof": {
            "figures": [proof["written"] for proof in state["proofs"]],
            "proofs": state["proofs"],
            "unproven": state["unproven"],
            "rewrites": state["rewrites"],
            "discount_bp": discount_in_force(ledger_of(state), datetime.now(UTC)),
        },
        "messages": len(state["burst"]),
        "ms": round(milliseconds, 1),
    }


def _understanding(state: ConversationState) -> dict[str, Any]:
    understanding = state["understanding"]
    if understanding is None:
        return {}
    # Evidence already lives in the conversation's state; here it is what this turn went by.
    return asdict(understanding)


def _tool_run(run: ToolRun) -> dict[str, Any]:
    return {
        "name": run.name,
        "effect": run.effect.value,
        "arguments": run.arguments,
        "result": run.result,
        "ok": run.ok,
        "ms": run.milliseconds,
    }
