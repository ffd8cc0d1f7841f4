"""Remembers between turns where a sale stands, out of what tools answered; the tools' own records stay the truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypedDict, cast

from langchain_core.messages import AIMessage, BaseMessage

NOTES = "sale_notes"
"""Key of `additional_kwargs` under which a seller hands notes of its own to the next turn."""

LONGEST_ADDRESS = 300


class Run(Protocol):
    """The part of agent.state.ToolRun that is read."""

    @property
    def name(self) -> str: ...
    @property
    def arguments(self) -> Mapping[str, Any]: ...
    @property
    def result(self) -> Mapping[str, Any]: ...
    @property
    def ok(self) -> bool: ...


class Pending(TypedDict):
    """A tool call that waits for the customer's yes."""

    tool: str
    arguments: dict[str, Any]


class ShownOption(TypedDict):
    id: str
    name: str


class SaleNotes(TypedDict):
    """One JSON object in a conversation's memory."""

    asks: str
    """What the seller's last message asked for: "delivery", "address", "confirm"…; "" for nothing of the sale."""
    yes: list[Pending]
    """What a plain yes to the last message does."""
    cep: str
    options: list[ShownOption]
    """Ways to send, as they were shown last."""
    delivery: str
    """pickup | shipping | ""."""
    option: str
    """Id of the way to send that was chosen."""
    address: str
    """Said before a way to send was chosen; "" once a tool keeps it."""
    has_address: bool
    method: str
    """A tools.selling.PaymentChoice value, or ""."""
    order: int
    """Number of the order last placed or asked about; 0 for none."""
    budget: int
    """Centavos the customer said they would spend at most; 0 when they said nothing."""
    upsold: bool
    """Whether something was offered that nobody asked for: once a conversation is enough."""
    haggling: bool
    """Whether a discount was asked for that the shop has not decided about."""


def empty_notes() -> SaleNotes:
    return SaleNotes(
        asks="",
        yes=[],
        cep="",
        options=[],
        delivery="",
        option="",
        address="",
        has_address=False,
        method="",
        order=0,
        budget=0,
        upsold=False,
        haggling=False,
    )


def notes_of(memory: Mapping[str, Any]) -> SaleNotes:
    """The notes of a conversation's memory, with every field there is today."""
    return _merged(empty_notes(), memory.get("sale") or {})


def record_sale(notes: SaleNotes, runs: Sequence[Run], messages: Sequence[BaseMessage]) -> SaleNotes:
    """The notes after a turn: what its tools did, then what its seller noted of its own."""
    notes = _merged(notes, {"asks": "", "yes": []})
    for run in runs:
        if run.ok:
            notes = _merged(notes, _learnt(run))
    last = messages[-1] if messages else None
    own: Any = last.additional_kwargs.get(NOTES) if isinstance(last, AIMessage) else None
    return _merged(notes, cast(Mapping[str, Any], own) if isinstance(own, dict) else {})


def _learnt(run: Run) -> Mapping[str, Any]:
    result = run.result
    match run.name:
        case "quote_freight":
            shown = [ShownOption(id=option["id"], name=option["nome"]) for option in result["opcoes"]]
            return {"cep": result["cep"], "options": shown}
        case "choose_delivery":
            return _delivery(result["entrega"])
        case "review_order":
            asks = {} if result["falta"] else {"asks": "confirm"}
            return {"method": run.arguments.get("payment_method", ""), **_delivery(result["resumo"]["entrega"]), **asks}
        case "confirm_order":
            return {**empty_notes(), "order": result["pedido"]["numero"], "upsold": True}
        case "order_status" | "payment_status":
            return {"order": result["pedido"]["numero"]} if "pedido" in result else {}
        case _:
            return {}


def _delivery(delivery: Mapping[str, Any] | None) -> Mapping[str, Any]:
    if delivery is None:
        return {"delivery": "", "option": "", "has_address": False}
    if delivery["tipo"] == "retirada":
        return {"delivery": "pickup", "option": "", "has_address": False, "address": ""}
    option = delivery.get("opcao", {}).get("id", "")
    has_address = bool(delivery.get("endereco"))
    kept = {"address": ""} if has_address else {}
    return {"delivery": "shipping", "option": option, "has_address": has_address, "cep": delivery["cep"], **kept}


def _merged(notes: SaleNotes, changes: Mapping[str, Any]) -> SaleNotes:
    """The notes with every known field of `changes` that is of its kind; anything else is left out."""
    known: Mapping[str, Any] = cast(Mapping[str, Any], notes)
    sound = {name: value for name, value in changes.items() if name in known and type(value) is type(known[name])}
    merged = cast(SaleNotes, {**known, **sound})
    merged["address"] = merged["address"][:LONGEST_ADDRESS]
    return merged
