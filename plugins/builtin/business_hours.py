"""Tells the seller whether the shop is open now and when it opens or closes next; also the example of a plugin."""

from __future__ import annotations

from datetime import datetime

from plugins.builtin.opening_hours import OpeningState, opening_state, store_zone
from plugins.events import TurnView
from plugins.hookspecs import hookimpl

__all__ = ["OpeningState", "add_context", "describe_opening", "opening_state"]

DIAS = ("segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado", "domingo")


@hookimpl
def add_context(turn: TurnView) -> str | None:
    """Whether the shop is open; nothing when the store states no hours."""
    if not turn.store.get("hours"):
        return None
    now = turn.local_time.astimezone(store_zone(turn.store))
    return describe_opening(opening_state(turn.store, now), now)


def describe_opening(state: OpeningState, now: datetime) -> str:
    """The state in Portuguese, for the prompt; `now` in the store's time zone."""
    if state.open:
        holiday = f", mesmo sendo feriado ({state.holiday})," if state.holiday else ""
        closing = f" e fecha {_moment(state.closes_at, now)}" if state.closes_at else ""
        return f"A loja está aberta agora{holiday}{closing}".rstrip(",") + "."
    holiday = f"Hoje é feriado ({state.holiday}): a" if state.holiday else "A"
    opening = f" e abre {_moment(state.next_opening, now)}" if state.next_opening else ""
    return f"{holiday} loja está fechada agora{opening}."


def _moment(moment: datetime, now: datetime) -> str:
    weekday = DIAS[moment.weekday()]
    match (moment.date() - now.date()).days:
        case 0:
            day = "hoje"
        case 1:
            day = f"amanhã ({weekday})"
        case days if days < 7:
            day = weekday
        case _:
            day = f"em {moment:%d/%m} ({weekday})"
    minutes = f"{moment.minute:02d}" if moment.minute else ""
    return f"{day} {'à' if moment.hour == 1 else 'às'} {moment.hour}h{minutes}"
