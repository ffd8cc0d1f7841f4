"""Builds the state of the turn that is shown: an example customer's, or a saved conversation's; renders nothing."""

from __future__ import annotations

import tomllib
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from agent.prompt_library import Profile, PromptLibrary
from agent.prompt_library.contract import EXAMPLE_TURNS
from agent.state import BurstMessage, ConversationState, Line, Memory, empty_memory, start_turn
from agent.understanding.types import Evidence
from runtime.saved_conversations import SavedConversation
from tools.models import (
    ZERO,
    Customer,
    PastPurchase,
    PurchasedItem,
)

Example = Literal["first", "known"]

_FALLBACKS = Path(__file__).parent / "example_turns.toml"


@dataclass(frozen=True, slots=True)
class Situation:
    """One turn about to be answered."""

    state: ConversationState
    purchases: tuple[PastPurchase, ...]
    words: str
    """Where it comes from, for people."""


@dataclass(frozen=True, slots=True)
class KnownPurchases:
    """Implements `tools.ports.PurchaseHistory` for one customer whose purchases are given."""

    purchases: tuple[PastPurchase, ...]

    async def list_past_purchases(self, store_id: str, customer_id: str, *, limit: int = 10) -> list[PastPurchase]:
        """The given ones, as many as asked for."""
        return [*self.purchases[:limit]]


def example_situation(example: Example, profile: Profile, library: PromptLibrary, store_id: str) -> Situation:
    """A first contact, or a customer who has bought and was shown a list, who speaks as the profile's examples do."""
    fallback = tomllib.loads(_FALLBACKS.read_text(encoding="utf-8"))
    told = EXAMPLE_TURNS[0 if example == "first" else 1]
    stated = profile.stated_examples
    burst = (stated[0] if example == "first" else stated[1]) if len(stated) > 1 else fallback[example]
    customer = Customer(
        "00000000-0000-0000-0000-000000000001", store_id, "5500900000000", told["customer_name"], _now()
    )
    memory = empty_memory() if example == "first" else _known_memory(told, profile, library)
    return Situation(
        state=_open(memory, customer, [BurstMessage(kind="text", text=burst)], "00000000-0000-0000-0000-000000000002"),
        purchases=_bought(told),
        words="primeiro contato de exemplo" if example == "first" else "cliente de exemplo, já conhecido",
    )


def saved_situation(saved: SavedConversation, message: str | None) -> Situation:
    """The turn of `message`, or of what waits for an answer, or else the last turn once more."""
    memory, burst = saved.memory, [*saved.waiting]
    words = "as mensagens que esperam resposta"
    if message is not None:
        burst, words = [BurstMessage(kind="text", text=message)], "a mensagem dada em --message"
    elif not burst and saved.turns:
        burst = [*saved.turns[-1].burst]
        memory = _before(memory, burst)
        words = "o último turno outra vez, com a lista e as pistas que ficaram depois dele"
    return Situation(_open(memory, saved.customer, burst, saved.id), saved.purchases, words)


def _known_memory(told: Any, profile: Profile, library: PromptLibrary) -> Memory:
    said = profile.stated_examples[:1]
    seed = "example"
    asked = Line(role="seller", text=library.phrase("found_question", seed=seed, profile=profile.name))
    evidence = [replace(Evidence(**piece), profile=profile.name) for piece in told["understanding"]["evidence"]]
    product = told["listed"][0]
    memory = empty_memory()
    memory["history"] = [*(Line(role="customer", text=text) for text in said), asked]
    memory["profile"] = profile.name
    memory["evidence"] = [asdict(piece) for piece in evidence]
    memory["listed"] = [*told["listed"]]
    memory["focus"] = told["focus"]
    memory["seen_product_ids"] = [product["id"]]
    return memory


def _bought(told: Any) -> tuple[PastPurchase, ...]:
    item = PurchasedItem("Bíblia de exemplo", "", 1, ZERO)
    return tuple(PastPurchase(_now(), (item,), ZERO) for _ in range(told["purchases"]))


def _before(memory: Memory, burst: Sequence[BurstMessage]) -> Memory:
    """The memory without the lines its last turn wrote, if they are still its last."""
    said = [message["text"] or f"[{message['kind']}]" for message in burst]
    history = memory["history"]
    earlier = history[:-1] if history and history[-1]["role"] == "seller" else history
    own = earlier[-len(said) :]
    if [line["text"] for line in own if line["role"] == "customer"] != said:
        return memory
    return {**memory, "history": earlier[: -len(said)]}


def _open(memory: Memory, customer: Customer, burst: list[BurstMessage], conversation_id: str) -> ConversationState:
    return start_turn(
        memory, turn_id=str(uuid.uuid4()), conversation_id=conversation_id, customer=customer, burst=burst
    )


def _now() -> datetime:
    return datetime.now(UTC)
