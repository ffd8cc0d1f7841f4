"""What code hands to the words and which sentences it asks for; the prompt files are checked against it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

COMMON_VALUES = ("attendant", "store", "vocative")
"""Values every sentence may use. The others of a sentence must stand in each variant, but for those marked "?"."""

NODE_PHRASES: Mapping[str, tuple[str, ...]] = {
    "escalated": (),
    "escalated_closed_hours": (),
    "opt_out_done": (),
    "opted_in_again": (),
    "rewrite_request": ("reasons",),
    "technical_trouble": (),
    "unproven_figure": (),
    "unsupported_media": (),
}
"""Sentences of the graph's nodes and the runtime, with the values each must carry."""

SELLER_PHRASES: Mapping[str, tuple[str, ...]] = {
    "added": ("quantity", "name", "total"),
    "added_question": (),
    "address_info": ("address",),
    "all_in_cart": ("name", "in_cart"),
    "alternatives_intro": (),
    "ask_what": (),
    "ask_which": (),
    "cannot_remove": (),
    "cart_empty": (),
    "cart_intro": (),
    "cart_line": ("quantity", "name", "line_total"),
    "cart_question": (),
    "cart_total": ("total",),
    "closing_order": (),
    "discount_not_here": (),
    "exchange_called": (),
    "found_intro": (),
    "found_one": ("name", "price", "stock"),
    "found_question": (),
    "freight_info": ("freight",),
    "goodbye": (),
    "greeting": ("period?",),
    "greeting_back": ("period?",),
    "greeting_short": ("period?",),
    "hours_info": ("hours", "now"),
    "list_line": ("number", "name", "price", "stock"),
    "not_enough_left": ("name", "in_cart", "available"),
    "not_enough_stock": ("name", "available"),
    "not_understood": (),
    "nothing_found": (),
    "nothing_under": (),
    "order_status_called": (),
    "out_of_scope": (),
    "out_of_stock": ("name",),
    "past_intro": ("date",),
    "past_line": ("quantity", "name"),
    "past_none": (),
    "past_question": (),
    "payment_info": ("payment",),
    "price_answer": ("name", "price", "stock"),
    "price_question": (),
    "snapshot_price": (),
    "stock_answer": ("name", "stock", "price"),
    "stock_last": (),
    "stock_none": (),
    "stock_some": ("available",),
    "thanks_reply": (),
    "tool_trouble": (),
    "warm_no": (),
}
"""Sentences of the offline seller."""

PHRASES: Mapping[str, tuple[str, ...]] = {**NODE_PHRASES, **SELLER_PHRASES}


def required_values(key: str) -> set[str]:
    """The values a sentence is incomplete without."""
    return {name for name in PHRASES[key] if not name.endswith("?")}


def allowed_values(key: str) -> set[str]:
    """The values a sentence may use."""
    return {*COMMON_VALUES, *(name.removesuffix("?") for name in PHRASES[key])}


SYSTEM_VARIABLES = ("store", "hours", "profile")
"""What system.md may use. All of it is the store's own, the same for every turn of a profile: the cached prefix."""

TURN_VARIABLES = ("customer_name", "doubt", "facts", "focus", "listed", "local_time", "purchases", "understanding")
"""What turn.md may use. Much of it is written by customers: it is cleaned before it is rendered."""

_EXAMPLE_PRODUCT = {"id": "exemplo", "name": "Bíblia de exemplo", "centavos": 5990}

EXAMPLE_TURNS: tuple[Mapping[str, Any], ...] = (
    {
        "customer_name": "",
        "doubt": [],
        "facts": [],
        "focus": None,
        "listed": [],
        "local_time": "05/01/2026 10:00",
        "purchases": 0,
        "understanding": {
            "profile": "novo",
            "confidence": 1.0,
            "price_profile": "novo",
            "distribution": {},
            "evidence": [],
            "intents": ["saudacao"],
            "entities": {
                "quantities": [],
                "quantity": None,
                "ordinals": [],
                "ordinal_quantities": [],
                "points_back": False,
                "sizes": [],
                "colors": [],
                "max_price": None,
                "min_price": None,
                "money": [],
                "ceps": [],
                "cpfs": [],
                "cnpjs": [],
                "phones": [],
                "dates": [],
                "name": "",
                "title": "",
                "affirmation": None,
                "correction": False,
                "negated": [],
                "spans": [],
                "products": [],
                "product_query": "",
            },
        },
    },
    {
        "customer_name": "Ana de Exemplo",
        "doubt": [
            {"name": "fiel", "label": "membro de igreja comprando para si ou para presentear"},
            {"name": "pastor", "label": "compra para igreja ou ministério"},
        ],
        "facts": ["A loja está aberta agora."],
        "focus": _EXAMPLE_PRODUCT,
        "listed": [_EXAMPLE_PRODUCT],
        "local_time": "05/01/2026 10:00",
        "purchases": 2,
        "understanding": {
            "profile": "pastor",
            "confidence": 0.9,
            "price_profile": "pastor",
            "distribution": {"pastor": 0.9, "novo": 0.1},
            "evidence": [{"profile": "pastor", "kind": "stated", "words": "disse: 'é pra igreja'", "weight": 0.9}],
            "intents": ["buscar_produto"],
            "entities": {
                "quantities": [10, 2],
                "quantity": 10,
                "ordinals": [2],
                "ordinal_quantities": [[2, 10]],
                "points_back": True,
                "sizes": ["G"],
                "colors": ["marrom"],
                "max_price": {"centavos": 6000},
                "min_price": {"centavos": 3000},
                "money": [{"centavos": 3000}, {"centavos": 6000}],
                "ceps": ["00000-000"],
                "cpfs": ["000.000.000-00"],
                "cnpjs": ["00.000.000/0000-00"],
                "phones": ["+5500900000000"],
                "dates": [{"text": "sexta", "date": "2026-01-09"}],
                "name": "Ana",
                "title": "pastora",
                "affirmation": True,
                "correction": True,
                "negated": ["preta"],
                "spans": [[0, 5]],
                "products": ["bíblia letra grande", "harpa"],
                "product_query": "bíblia letra grande harpa",
            },
        },
    },
)
"""A first contact and a known customer: every prompt must render with both before it may serve anybody."""
