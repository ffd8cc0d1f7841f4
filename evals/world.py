"""The shop a scenario is played in: a customer with a past, a talk, and what is left afterwards; judges nothing."""

from __future__ import annotations

import time
import uuid
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select

from database.engine import Database
from database.schema import cart_items, carts, consents, conversations, customers, escalations, products
from evals.fingerprints import fingerprint
from evals.records import CartRow, Outcome, PlayedScenario, PlayedTurn
from evals.scenarios import Burst, PastOrder, Scenario
from runtime.queue import ConversationKey
from tools.catalog.snapshots import SqlProductSnapshots
from tools.history.sql import SqlHistory
from tools.models import (
    ZERO,
    PastPurchase,
    Product,
    PurchasedItem,
)
from tools.sales.carts import SqlCarts

if TYPE_CHECKING:
    from wiring.dialogue import Answer

CHANNEL = "evals"
_SAO_PAULO = ZoneInfo("America/Sao_Paulo")


class Talk(Protocol):
    """One customer's line to the seller that is judged; `wiring.dialogue.Dialogue` is the real one."""

    async def say(self, *texts: str) -> Answer: ...


@dataclass(frozen=True, slots=True)
class World:
    """One database and one ERP for all scenarios of a run; each scenario has its own synthetic customer."""

    database: Database
    store_id: str
    erp_state: Path
    """The sandbox ERP's state file."""
    open_talk: Callable[[str, str], Talk]
    """From a customer's address and name to their line to the seller."""

    async def prepare(self) -> None:
        """Put a stranger with a full cart into the shop, so that touching somebody else's rows can be seen."""
        history, stock = SqlHistory(self.database), await self._catalogue()
        key = self._key("vizinha", 0)
        stranger = await history.find_or_create_customer(self.store_id, key.address, "Vizinha")
        conversation_id = str(uuid.uuid4())
        async with self.database.begin() as connection:
            await connection.execute(
                insert(conversations).values(
                    id=conversation_id,
                    store_id=self.store_id,
                    channel=CHANNEL,
                    address=key.address,
                    customer_id=stranger.id,
                )
            )
        wanted = next(product for product in stock.values() if product.stock)
        await SqlCarts(self.database).add(self.store_id, conversation_id, wanted, 1, call_key="vizinha:1")

    async def play(self, scenario: Scenario, *, epoch: int = 1) -> PlayedScenario:
        """Play one scenario to its end. Raises whatever the seller raises."""
        key = self._key(scenario.id, epoch)
        await self._remember(key, scenario)
        before = await fingerprint(self.database, key, self.erp_state)
        talk = self.open_talk(key.address, scenario.cliente.nome)
        turns = [await _play_turn(talk, burst) for burst in scenario.cliente.roteiro]
        return PlayedScenario(
            turns=turns,
            outcome=await self._outcome(key),
            before=before,
            after=await fingerprint(self.database, key, self.erp_state),
        )

    def _key(self, scenario_id: str, epoch: int) -> ConversationKey:
        # A country code nobody has and a stable number: synthetic, and never the same customer twice.
        number = zlib.crc32(f"{scenario_id}#{epoch}".encode())
        return ConversationKey(self.store_id, CHANNEL, f"999{number:010d}")

    async def _remember(self, key: ConversationKey, scenario: Scenario) -> None:
        history, catalogue = SqlHistory(self.database), await self._catalogue()
        customer = await history.find_or_create_customer(self.store_id, key.address, scenario.cliente.nome)
        for number, order in enumerate(scenario.historico):
            await history.record_transaction(
                self.store_id, customer.id, purchase_of(order, catalogue), key=f"evals:{key.address}:{number}"
            )

    async def _catalogue(self) -> dict[str, Product]:
        listed = await SqlProductSnapshots(self.database).list_active(self.store_id)
        return {product.sku: product for product in listed}

    async def _outcome(self, key: ConversationKey) -> Outcome:
        own = (
            (conversations.c.store_id == key.store_id)
            & (conversations.c.channel == key.channel)
            & (conversations.c.address == key.address)
        )
        lines = (
            select(
                cart_items.c.sku,
                cart_items.c.quantity,
                cart_items.c.unit_centavos,
                products.c.price_centavos.label("catalog_centavos"),
            )
            .join(carts, carts.c.id == cart_items.c.cart_id)
            .join(conversations, conversations.c.id == carts.c.conversation_id)
            .outerjoin(products, (products.c.store_id == carts.c.store_id) & (products.c.id == cart_items.c.product_id))
            .where(own, carts.c.status == "open")
            .order_by(cart_items.c.sku)
        )
        reasons = (
            select(escalations.c.reason)
            .join(conversations, conversations.c.id == escalations.c.conversation_id)
            .where(own)
            .order_by(escalations.c.created_at)
        )
        refusals = (
            select(consents.c.proof)
            .join(customers, customers.c.id == consents.c.customer_id)
            .where(customers.c.store_id == key.store_id, customers.c.address == key.address)
            .where(consents.c.subject == "messages", consents.c.granted.is_(False))
        )
        async with self.database.connect() as connection:
            return Outcome(
                cart=[CartRow.model_validate(row) for row in (await connection.execute(lines)).mappings()],
                mode=await connection.scalar(select(conversations.c.mode).where(own)) or "seller",
                escalations=list((await connection.execute(reasons)).scalars()),
                opt_outs=list((await connection.execute(refusals)).scalars()),
            )


async def _play_turn(talk: Talk, burst: Burst) -> PlayedTurn:
    started = time.perf_counter()
    answer = await talk.say(*burst)
    return PlayedTurn.model_validate(
        {
            "said": burst,
            "replies": answer.replies,
            "profile": answer.profile,
            "mode": answer.mode,
            "trace": answer.trace,
            "seconds": round(time.perf_counter() - started, 3),
        }
    )


def purchase_of(order: PastOrder, catalogue: Mapping[str, Product]) -> PastPurchase:
    """The scenario's order as a purchase on record, at today's prices; `catalogue` goes by SKU."""
    items: Sequence[PurchasedItem] = [
        PurchasedItem(product.name, product.category, item.qtd, product.price)
        for item in order.itens
        for product in (catalogue[item.sku],)
    ]
    total = sum((item.unit_price * item.quantity for item in items), start=ZERO)
    return PastPurchase(datetime.combine(order.data, datetime.min.time(), _SAO_PAULO), tuple(items), total)
