"""Says things in the profile's voice: the prompts' sentences, filled with what tools answered; no text lives here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from agent.chat_models.offline.situation import Json, Situation
from agent.prompt_library.phrases import choose, fill
from agent.understanding import first_name

LONGEST_LIST = 3
"""Products shown at once: more is not read on a phone."""


def say(situation: Situation, key: str, **values: Any) -> str:
    """One sentence, in the variant of this turn."""
    common = {
        "attendant": situation.brief["store"]["attendant"]["name"],
        "store": situation.brief["store"]["store"]["name"],
        "vocative": vocative(situation),
    }
    variants: Sequence[str] = situation.brief["voice"][key]
    return fill(choose(variants, key, situation.brief["seed"]), common | values)


def join(*parts: str) -> str:
    """Sentences one after the other."""
    return " ".join(part for part in parts if part)


def lines(*parts: str) -> str:
    """Sentences one below the other."""
    return "\n".join(part for part in parts if part)


def vocative(situation: Situation) -> str:
    """How the customer is addressed, comma included: ", pastora Ana", ", Ana" or nothing."""
    named = join(situation.brief["entities"]["title"], first_name(situation.brief["customer_name"]))
    return f", {named}" if named else ""


def period(situation: Situation) -> str:
    """The greeting of this hour of the day."""
    hour = situation.local_time.hour
    return "bom dia" if 5 <= hour < 12 else "boa tarde" if 12 <= hour < 18 else "boa noite"


def stock_words(situation: Situation, product: Json) -> str:
    """How much of a product there is."""
    stock = product["estoque"]
    if stock <= 0:
        return lowered(say(situation, "stock_none"))
    if stock == 1:
        return lowered(say(situation, "stock_last"))
    return lowered(say(situation, "stock_some", available=stock))


def product_list(situation: Situation, products: Sequence[Json]) -> str:
    """Numbered lines, one product each."""
    return lines(
        *(
            say(
                situation,
                "list_line",
                number=number,
                name=product["nome"],
                price=product["preco"]["texto"],
                stock=stock_words(situation, product),
            )
            for number, product in enumerate(products[:LONGEST_LIST], 1)
        )
    )


def cart_lines(situation: Situation, cart: Json) -> str:
    """What is in the cart and what it comes to; without a "total" only what is in it."""
    items = [
        say(situation, "cart_line", quantity=item["quantidade"], name=item["nome"], line_total=item["total"]["texto"])
        for item in cart["itens"]
    ]
    return lines(*items, say(situation, "cart_total", total=cart["total"]["texto"]) if cart["total"] else "")


def day_and_hour(iso: str) -> str:
    """A moment as people write it: "24/11 às 14h30"."""
    return f"{datetime.fromisoformat(iso):%d/%m às %Hh%M}"


def lowered(text: str) -> str:
    """A sentence that stands inside another one."""
    return text[:1].lower() + text[1:]
