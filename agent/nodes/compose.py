"""Turns the proven draft into the messages that go out, and keeps what the next turn needs to remember."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

from langgraph.runtime import Runtime

from agent.choices import (
    NUMBERED,
    PRODUCT,
    YES,
    Voice,
    ask_yes_or_no,
    asks_to_close,
    offer_products,
    product_of,
)
from agent.context import AgentContext
from agent.guarding.objections import CALLS_A_PERSON, fallback_key
from agent.haggling import note_haggling
from agent.proof.ledger import ledger_of, record_runs
from agent.replies import Reply, reply_of
from agent.sale_notes import notes_of, record_sale
from agent.state import Asked, ConversationState, Line, ListedProduct, ToolRun, Update
from tools.toolset import Effect

LONGEST_TEXT = 4096
"""Characters WhatsApp accepts in one text."""


async def compose(state: ConversationState, runtime: Runtime[AgentContext]) -> Update:
    """A draft with open objections gives way to a truthful fixed sentence; then history and memory move on."""
    library = runtime.context.library
    draft, called = state["draft"], False
    if state["objections"]:
        key = fallback_key(state)
        draft = library.phrase(key, seed=state["turn_id"], profile=state["profile"])
        called = key in CALLS_A_PERSON
    said = [Line(role="customer", text=message["text"] or f"[{message['kind']}]") for message in state["burst"]]
    answered = [Line(role="seller", text=draft)] if draft else []
    sale = record_sale(notes_of(state), state["tool_runs"], [] if state["objections"] else state["messages"])
    replies = [*spoken(state, draft, library.voice(state["profile"])), *handed_out(state["tool_runs"])]
    return {
        "replies": replies,
        "history": [*state["history"], *said, *answered],
        **remember(state, draft),
        **_remember_choices(state, replies),
        "ledger": dict(record_runs(ledger_of(state), state["tool_runs"])),
        "sale": note_haggling(sale, state, answered),
        "path": ["compose"],
    } | ({"escalation": state["escalation"] or "cuidado", "mode": "attendant"} if called else {})


def spoken(state: ConversationState, draft: str, voice: Voice) -> list[Reply]:
    """The draft as one message with choices where it asks for one, else as texts; a person taking over asks nobody."""
    texts = split_text(draft)
    if len(texts) == 1 and state["mode"] == "seller":
        runs, text = [run for run in state["tool_runs"] if run.ok], texts[0]
        is_order = asks_to_close(text, runs)
        question = ask_yes_or_no(text, voice, turn_id=state["turn_id"], is_order=is_order)
        offer = None if is_order else offer_products(text, _behind_lines(text, runs), voice)
        if (chosen := offer or question) is not None:
            return [chosen]
    return [Reply(text) for text in texts]


def handed_out(runs: Sequence[ToolRun]) -> list[Reply]:
    """What this turn's tools have for the customer, each once, whatever became of the seller's own words."""
    handouts = dict.fromkeys(handout for run in runs if run.ok for handout in run.handouts)
    return [reply_of(handout) for handout in handouts]


def products_shown(draft: str, runs: Sequence[ToolRun]) -> list[ListedProduct]:
    """The products of this turn's results that the text shows, in the order a reader meets them.

    Numbered lines are the list when there are any: a sold-out product named above them must not shift "a 2".
    """
    numbered = "\n".join(line[0] for line in NUMBERED.finditer(draft))
    return _named(numbered or draft, _found(runs).values())


def _behind_lines(text: str, runs: Sequence[ToolRun]) -> list[ListedProduct]:
    """The product behind each numbered line; [] when a line names none, or when two name the same."""
    found = _found(runs).values()
    behind = [product_of(words, found) for _, words in NUMBERED.findall(text)]
    products = [product for product in behind if product is not None]
    is_plain = len(products) == len(behind) == len({product["id"] for product in products})
    return products if is_plain else []


def _found(runs: Sequence[ToolRun]) -> dict[str, ListedProduct]:
    return {product["id"]: product for run in runs for product in _products(run.result)}


def _named(text: str, products: Iterable[ListedProduct]) -> list[ListedProduct]:
    """The products whose names stand in the text, by place."""
    folded = text.casefold()
    # A longer name may contain a shorter one at the same place: the longer one is meant.
    by_place: dict[int, ListedProduct] = {}
    for product in sorted(products, key=lambda product: -len(product["name"])):
        place = folded.find(product["name"].casefold())
        if place >= 0:
            by_place.setdefault(place, product)
    return [product for _, product in sorted(by_place.items())]


def remember(state: ConversationState, draft: str) -> Update:
    """The list and the product that "a segunda" and "essa" mean from now on; sold out is never one of them."""
    runs = [run for run in state["tool_runs"] if run.ok]
    searched = any(run.name == "search_products" for run in runs)
    gone = _sold_out(runs)
    is_list = bool(NUMBERED.search(draft))
    shown = products_shown(draft, runs)
    offered = shown if is_list else [product for product in shown if product["id"] not in gone]
    listed = offered if offered and (is_list or searched) else state["listed"]
    looked_at = [product for product in _looked_at(runs) if product["id"] not in gone]
    if searched or gone or is_list:
        focus = looked_at[-1] if looked_at and not is_list else offered[0] if len(offered) == 1 else None
    else:
        focus = looked_at[-1] if looked_at else state["focus"]
    return {"listed": listed, "focus": focus if focus is None or focus["id"] not in gone else None}


def _remember_choices(state: ConversationState, replies: Sequence[Reply]) -> Update:
    """What may be tapped from now on: a new question replaces the old, and anything done meanwhile ends it."""
    ids = [choice.id for reply in replies for choice in reply.choices]
    found = {f"{PRODUCT}:{product['id']}": product for product in _found(state["tool_runs"]).values()}
    offered = [found[identifier] for identifier in ids if identifier in found]
    kept = [product for product in state["offered"] if product["id"] not in {new["id"] for new in offered}]
    asked = state["asked"]
    if any(identifier.startswith(YES) for identifier in ids):
        is_order = asks_to_close(replies[0].text, [run for run in state["tool_runs"] if run.ok])
        asked = Asked(turn_id=state["turn_id"], is_order=is_order)
    elif any(run.effect is not Effect.READ for run in state["tool_runs"]):
        asked = None
    return {"offered": [*kept, *offered], "asked": asked}


def split_text(text: str, limit: int = LONGEST_TEXT) -> list[str]:
    """Cut at paragraphs, then at sentence ends, then at spaces: never inside a word, so never inside a price."""
    parts: list[str] = []
    rest = text.strip()
    while len(rest) > limit:
        cut = max(rest.rfind("\n\n", 1, limit), rest.rfind(". ", 1, limit) + 1)
        if cut <= 0:
            cut = rest.rfind(" ", 1, limit)
        cut = cut if cut > 0 else limit
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*parts, rest] if rest else parts


def _looked_at(runs: Sequence[ToolRun]) -> list[ListedProduct]:
    """Products that were asked for by themselves: looked up, or put into the cart."""
    return [
        product
        for run in runs
        if run.name in ("get_product", "add_to_cart")
        for product in _products(run.result)
        if product["id"] == run.arguments.get("product_id")
    ]


def _sold_out(runs: Sequence[ToolRun]) -> set[str]:
    """Products that this turn's results count at nothing; what was looked up by itself is fresher than a search."""
    stock: dict[str, int] = {}
    for run in sorted(runs, key=lambda run: run.name == "get_product"):
        found = [*run.result.get("produtos", []), *([run.result["produto"]] if run.result.get("produto") else [])]
        stock |= {product["id"]: product["estoque"] for product in found}
    return {identifier for identifier, units in stock.items() if units <= 0}


def _products(result: Any) -> Iterable[ListedProduct]:
    """Products in a tool's JSON: {"produtos": [...]}, {"produto": {...}} or a cart's lines."""
    if not isinstance(result, dict):
        return
    content = cast(dict[str, Any], result)
    found: list[dict[str, Any]] = [*content.get("produtos", [])]
    if isinstance(content.get("produto"), dict):
        found.append(content["produto"])
    for product in found:
        yield ListedProduct(id=product["id"], name=product["nome"], centavos=product["preco"]["centavos"])
    for line in content.get("carrinho", {}).get("itens", []):
        yield ListedProduct(id=line["produto_id"], name=line["nome"], centavos=line["preco_unitario"]["centavos"])
