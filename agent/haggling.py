"""Whether the customer asks for a better price, now or in a question still open; what they get is decided elsewhere."""

from __future__ import annotations

from agent.sale_notes import SaleNotes, notes_of
from agent.state import ConversationState, Line, understanding_of

ASKED = "pedir_desconto"
_LEAVING = "despedida"
_CURRENCY = "R$"


def haggles(state: ConversationState) -> bool:
    """Whether a discount may be proposed in this turn.

    The customer asked for one, in this burst or before a question of ours, or draws back from a price just heard.
    """
    understanding = understanding_of(state)
    draws_back = _LEAVING in understanding.intents or understanding.entities.affirmation is False
    heard = next((line["text"] for line in reversed(state["history"]) if line["role"] == "seller"), "")
    return ASKED in understanding.intents or notes_of(state)["haggling"] or (draws_back and _CURRENCY in heard)


def note_haggling(notes: SaleNotes, state: ConversationState, answered: list[Line]) -> SaleNotes:
    """The notes after a turn: what was asked stays open while nothing was decided and our answer is a question."""
    asked = state["understanding"] is not None and ASKED in understanding_of(state).intents
    decided = any(run.ok and run.name == "propose_discount" for run in state["tool_runs"])
    ordered = any(run.ok and run.name == "confirm_order" for run in state["tool_runs"])
    is_open = (asked or notes_of(state)["haggling"]) and not decided and not ordered
    noted = notes.copy()
    noted["haggling"] = is_open and any("?" in line["text"] for line in answered)
    return noted
