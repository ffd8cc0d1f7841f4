"""Turns the proven draft into the texts that go out, and keeps what the next turn needs to remember."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

from langgraph.runtime import Runtime

from agent.context import AgentContext
from agent.state import ConversationState, Line, ListedProduct, ToolRun, Update

LONGEST_TEXT = 4096
"""Characters WhatsApp accepts in one text."""


async def compose(state: ConversationState, runtime: Runtime[AgentContext]) -> Update:
    """A draft with open objections gives way to a truthful fixed sentence; then history and memory move on."""
    library = runtime.context.library
    draft = state["draft"]
    if state["objections"]:
        draft = library.phrase("unproven_figure", seed=state["turn_id"], profile=state["profile"])
    said = [Line(role="customer", text=message["text"] or f"[{message['kind']}]") for message in state["burst"]]
    answered = [Line(role="seller", text=draft)] if draft else []
    listed = products_shown(draft, state["tool_runs"])
    return {
        "replies": split_text(draft),
        "history": [*state["history"], *said, *answered],
        "listed": listed or state["listed"],
        "focus": _focus(listed, state["tool_runs"]) or state["focus"],
        "path": ["compose"],
    }


def products_shown(draft: str, runs: Sequence[ToolRun]) -> list[ListedProduct]:
    """The products of this turn's results that the text names, in the order a reader meets them."""
    found = {product["id"]: product for run in runs for product in _products(run.result)}
    places = {identifier: draft.casefold().find(product["name"].casefold()) for identifier, product in found.items()}
    # A longer name may contain a shorter one at the same place: the longer one is meant.
    by_place = sorted(
        (identifier for identifier, place in places.items() if place >= 0),
        key=lambda identifier: (places[identifier], -len(found[identifier]["name"])),
    )
    shown: dict[int, ListedProduct] = {}
    for identifier in by_place:
        shown.setdefault(places[identifier], found[identifier])
    return list(shown.values())


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


def _focus(listed: Sequence[ListedProduct], runs: Sequence[ToolRun]) -> ListedProduct | None:
    looked_at = [product for run in runs if run.name != "search_products" for product in _products(run.result)]
    if looked_at:
        return looked_at[-1]
    return listed[0] if len(listed) == 1 else None


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
