"""What `novo catalog status` and `accept` know: the snapshot's figures and its held prices, read without the ERP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from database.engine import open_database
from settings import Settings
from tools.catalog.held_prices import HeldPrice, HeldPrices
from tools.catalog.prices import REASONS
from tools.catalog.snapshots import SqlProductSnapshots
from tools.conta_azul.journal import SyncJournal
from wiring.database import prepare_database


@dataclass(frozen=True, slots=True)
class HeldView:
    """A held price for people: amounts as they are written in Brazil."""

    sku: str
    name: str
    reason: str
    kept: str | None
    """None: the product is out of sale until its first good price."""
    offered: str
    first_seen_at: str


@dataclass(frozen=True, slots=True)
class CatalogStatus:
    products: int
    """For sale."""
    swept_at: str | None
    """ISO 8601; when the last whole reading began."""
    read_until: str | None
    interrupted_at: str | None
    """When a reading began that was cut short; the next one goes on with it for an hour."""
    held: list[HeldView]


@dataclass(frozen=True, slots=True)
class Acceptance:
    accepted: list[HeldView]
    unpriced: list[HeldView]
    """The ERP names no price for these: there is nothing to accept."""
    unknown: list[str]
    """SKUs of which no price is held."""


async def read_status(settings: Settings) -> CatalogStatus:
    """The state of this installation's catalogue."""
    async with open_database(prepare_database(settings), connections=2) as database:
        state = await SyncJournal(database, settings.store_id).find()
        products = await SqlProductSnapshots(database).list_active(settings.store_id)
        held = await HeldPrices(database).list_waiting(settings.store_id)
    return CatalogStatus(
        products=len(products),
        swept_at=_iso(state.swept_at),
        read_until=_iso(state.read_until),
        interrupted_at=_iso(state.interrupted_at),
        held=[_view(one) for one in held],
    )


async def accept_prices(settings: Settings, skus: Sequence[str] | None) -> Acceptance:
    """Believe the ERP about these SKUs; None means all that are held."""
    async with open_database(prepare_database(settings), connections=2) as database:
        accepted, unpriced = await HeldPrices(database).accept(settings.store_id, skus)
    known = {held.sku for held in (*accepted, *unpriced)}
    unknown = [sku for sku in skus or () if sku not in known]
    return Acceptance([_view(one) for one in accepted], [_view(one) for one in unpriced], unknown)


def _view(held: HeldPrice) -> HeldView:
    kept = None if held.kept is None else str(held.kept)
    since = held.first_seen_at.isoformat(timespec="seconds")
    return HeldView(held.sku, held.name, REASONS[held.reason], kept, str(held.offered), since)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")
