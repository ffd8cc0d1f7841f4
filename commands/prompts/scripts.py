"""What customers of a replay say, from saved conversations or from the scripted ones of evals; plays nothing."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from agent.state import BurstMessage
from evals.loading import SCENARIOS, load_scenarios, store_vocabulary
from evals.world import purchase_of
from runtime.saved_conversations import SavedConversation
from tools.models import PastPurchase, Product


@dataclass(frozen=True, slots=True)
class ScriptedTurn:
    id: str
    """A saved turn's own: which variant of a sentence is said hangs on it, so "before" says what was said then."""
    at: datetime
    """When the seller believes it is: the hour the customer wrote, so that greetings and opening hours fit."""
    burst: tuple[BurstMessage, ...]


@dataclass(frozen=True, slots=True)
class Script:
    """One customer's side of a conversation."""

    id: str
    name: str
    turns: tuple[ScriptedTurn, ...]
    purchases: tuple[PastPurchase, ...]
    """On record before the first turn."""

    @property
    def said(self) -> list[tuple[str, ...]]:
        """What people see of each turn: the texts, and of what is no text its kind."""
        return [tuple(message["text"] or f"[{message['kind']}]" for message in turn.burst) for turn in self.turns]


def script_of(saved: SavedConversation) -> Script:
    """The customer's side of a saved conversation, with the purchases that were on record when it began."""
    began = saved.turns[0].at if saved.turns else None
    return Script(
        id=saved.id,
        name=saved.customer.name,
        turns=tuple(ScriptedTurn(turn.id, turn.at, turn.burst) for turn in saved.turns),
        purchases=tuple(bought for bought in saved.purchases if began is None or bought.bought_at < began),
    )


def scripts_of_evals(
    prompts: Path, catalogue: Mapping[str, Product], wanted: Sequence[str], limit: int | None, now: datetime
) -> list[Script]:
    """The scripted conversations by id, or the first `limit`. Raises ScenarioError; unknown ids are left out."""
    found = load_scenarios(SCENARIOS, store_vocabulary(prompts))
    chosen = [scenario for scenario in found if not wanted or scenario.id in wanted][:limit]
    return [
        Script(
            id=scenario.id,
            name=scenario.cliente.nome,
            turns=tuple(
                ScriptedTurn(
                    str(uuid.uuid5(uuid.NAMESPACE_URL, f"{scenario.id}:{number}")),
                    now,
                    tuple(BurstMessage(kind="text", text=text) for text in burst),
                )
                for number, burst in enumerate(scenario.cliente.roteiro)
            ),
            purchases=tuple(purchase_of(order, catalogue) for order in scenario.historico),
        )
        for scenario in chosen
    ]
