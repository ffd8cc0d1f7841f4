"""Says what calls of a chat model cost, by the price table beside it; an estimate, the vendor's bill decides."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from agent.state import ModelCall

_TABLE = Path(__file__).with_name("prices.toml")
_MILLION = 1_000_000


def cost_in_dollars(calls: Iterable[ModelCall]) -> float | None:
    """What the calls cost together, in US dollars; 0 for the offline seller, None when a model has no price."""
    costs = [_cost(call) for call in calls]
    return None if None in costs else sum(cost for cost in costs if cost is not None)


def _cost(call: ModelCall) -> float | None:
    vendor, _, name = call.model.partition(":")
    if not name:
        return 0.0
    price = _prices().get(vendor, {}).get(name)
    if price is None:
        return None
    fresh = call.input_tokens - call.cached_tokens
    spent = fresh * price["input"] + call.cached_tokens * price["cached"] + call.output_tokens * price["output"]
    return spent / _MILLION


@cache
def _prices() -> Mapping[str, Mapping[str, Mapping[str, float]]]:
    return tomllib.loads(_TABLE.read_text(encoding="utf-8"))["prices"]
