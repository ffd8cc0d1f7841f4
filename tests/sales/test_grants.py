"""The price desk, real and fake alike: each decision stored once, the owner's word, and what other stores never see."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy import func, select, update

from database.engine import Database
from database.schema import carts as cart_rows
from database.selling_schema import discount_grants
from tests.conftest import STORE
from tools.models import ZERO, Cart, Money
from tools.ports import Carts
from tools.sales.approvals import GrantClosed, GrantNotFound, SqlApprovals
from tools.sales.carts import SqlCarts
from tools.sales.discounts import DiscountPolicy
from tools.sales.grants import CartNotOpen, SqlPriceDesk
from tools.sales.testing import MemoryCarts
from tools.sales.testing_prices import MemoryPriceDesk
from tools.selling import Buyer, DecisionKind, DiscountDecision, Percent

from .conftest import BIBLE, MUG, open_conversation
from .pricing_facts import PLAIN_DAY, QUIET

BRASILIA = timezone(timedelta(hours=-3))
PLENTY = replace(BIBLE, stock=1000)
GRANTED, REFUSED, WAITS = DecisionKind.GRANTED, DecisionKind.REFUSED, DecisionKind.WAITS_FOR_OWNER


@dataclass
class World:
    """One conversation with a desk; what the shop would change by hand is a field."""

    carts: Carts
    buyer: Buyer
    policy: DiscountPolicy = QUIET
    now: datetime = datetime(2026, 8, 11, 14, 5, tzinfo=BRASILIA)
    costs: dict[str, Money] = field(default_factory=dict[str, Money])
    desk: SqlPriceDesk | MemoryPriceDesk = field(init=False)
    owner: SqlApprovals | MemoryPriceDesk = field(init=False)

    async def unit_costs(self, store_id: str, product_ids: Sequence[str]) -> Mapping[str, Money]:
        return {known: cost for known, cost in self.costs.items() if known in product_ids}

    async def cart(self) -> Cart:
        return await self.carts.view(STORE, self.buyer.conversation_id)

    async def put(self, quantity: int, key: str = "1") -> Cart:
        return await self.carts.add(STORE, self.buyer.conversation_id, PLENTY, quantity, call_key=key)

    async def ask(self, percent: int, key: str, reason: str = "achou caro") -> DiscountDecision:
        return await self.desk.propose(self.buyer, await self.cart(), Percent(percent), reason, call_key=key)

    async def off(self) -> int:
        return (await self.desk.price(self.buyer, await self.cart())).discount.centavos


def buyer_in(conversation_id: str) -> Buyer:
    return Buyer(STORE, conversation_id, "cliente", "mae", ("é pra minha filha",), 0, PLAIN_DAY)


@pytest.fixture(params=["sql", "memory"])
async def world(request: pytest.FixtureRequest, database: Database, conversation_id: str) -> World:
    if request.param == "memory":
        opened = World(MemoryCarts(), buyer_in(conversation_id))
        opened.desk = opened.owner = MemoryPriceDesk(
            opened.carts, lambda: opened.policy, lambda: opened.now, opened.unit_costs
        )
    else:
        opened = World(SqlCarts(database), buyer_in(conversation_id))
        opened.desk = SqlPriceDesk(database, lambda: opened.policy, lambda: opened.now, opened.unit_costs)
        opened.owner = SqlApprovals(database, lambda: opened.policy, lambda: opened.now)
    await opened.put(2)
    return opened


async def stored(database: Database) -> int:
    async with database.connect() as connection:
        return await connection.scalar(select(func.count()).select_from(discount_grants)) or 0


async def test_a_discount_is_given_in_steps_and_priced_until_it_expires(world: World) -> None:
    assert await world.off() == 0
    first = await world.ask(1000, "t1:a")
    assert first.kind is GRANTED
    assert first.grant is not None
    assert (first.grant.percent, first.grant.ground, first.grant.proof) == (
        Percent(300),
        "profile",
        "mae: é pra minha filha",
    )
    assert first.words == (
        "Consegui 3% de desconto pelo que você me contou da sua compra: de R$ 109,80 por R$ 106,51. "
        "Esse preço vale até 13/08 às 14h05."
    )
    assert await world.off() == 329
    await world.ask(1000, "t2:a")
    assert await world.off() == 549
    world.now += timedelta(hours=48)
    assert await world.off() == 0


async def test_the_same_call_decides_once(world: World) -> None:
    first = await world.ask(1000, "t1:a")
    assert (await world.ask(1000, "t1:a")).grant == first.grant
    assert (await world.ask(1000, "t1:b")).grant == first.grant
    assert await world.off() == 329


async def test_a_refusal_is_not_revised_by_running_it_again(world: World) -> None:
    mother, world.buyer = world.buyer, replace(world.buyer, price_profile="novo", price_proof=())
    refused = await world.ask(1000, "t1:a")
    assert (refused.kind, refused.grant) == (REFUSED, None)
    assert refused.words.endswith("O total fica em R$ 109,80.")
    world.buyer = mother
    assert (await world.ask(1000, "t1:a")).kind is REFUSED
    assert await world.off() == 0
    assert (await world.ask(1000, "t1:b")).kind is GRANTED


async def test_words_when_nothing_more_can_be_given(world: World) -> None:
    world.policy = replace(QUIET, concessions=(300,))
    await world.ask(1000, "t1:a")
    assert (await world.ask(1000, "t1:b")).words == (
        "Seu desconto continua valendo: 3% de desconto, de R$ 109,80 por R$ 106,51, até 13/08 às 14h05."
    )
    assert (await world.ask(1000, "t2:a")).words == (
        "Além disso eu não consigo agora, mas o que já te dei continua valendo: "
        "3% de desconto, de R$ 109,80 por R$ 106,51, até 13/08 às 14h05."
    )


async def test_the_price_follows_the_cart_the_policy_and_the_costs(world: World) -> None:
    await world.ask(300, "t1:a")
    await world.put(18, "2")
    assert await world.off() == 3294
    world.policy = replace(QUIET, cap=100)
    assert await world.off() == 1098
    world.policy = replace(QUIET, margin_floor=1000)
    assert await world.off() == 0
    world.costs[BIBLE.id] = Money(4900)
    assert await world.off() == 2000


async def test_an_edited_policy_counts_at_once(world: World) -> None:
    world.policy = DiscountPolicy()
    assert (await world.ask(1000, "t1:a")).kind is REFUSED
    world.policy = QUIET
    assert (await world.ask(1000, "t2:a")).kind is GRANTED


async def test_text_from_outside_can_be_stored_whatever_it_holds(world: World) -> None:
    world.buyer = replace(world.buyer, price_proof=("sou \x00 mãe\ud83d\n" + "a" * 9000,))
    assert (await world.ask(1000, "t1:a", "\x00\udfff" + "razão " * 999)).kind is GRANTED
    assert await world.off() == 329


async def test_a_cart_that_is_not_open_gets_nothing(world: World) -> None:
    with pytest.raises(CartNotOpen):
        await world.desk.propose(world.buyer, Cart(""), Percent(500), "r", call_key="t1:a")
    other = replace(await world.cart(), id=str(uuid.uuid4()))
    with pytest.raises(CartNotOpen):
        await world.desk.propose(world.buyer, other, Percent(500), "r", call_key="t1:a")
    with pytest.raises(ValueError, match="call_key"):
        await world.ask(500, "")
    assert (await world.desk.price(world.buyer, Cart(""))).total == ZERO


async def test_a_cart_of_another_store_or_conversation_gets_nothing(world: World, database: Database) -> None:
    cart = await world.cart()
    stranger = replace(world.buyer, conversation_id=await open_conversation(database, "5531987650000"))
    for who in (stranger, replace(world.buyer, store_id="outra")):
        with pytest.raises(CartNotOpen):
            await world.desk.propose(who, cart, Percent(500), "r", call_key="t1:a")
    await world.ask(500, "t1:a")
    assert (await world.desk.price(replace(world.buyer, store_id="outra"), cart)).grant is None


# the owner


@pytest.fixture
def strict(world: World) -> World:
    world.policy = replace(QUIET, owner_approval_above=Money(500), concessions=())
    return world


async def test_the_owner_is_asked_and_says_yes(strict: World) -> None:
    decision = await strict.ask(1000, "t1:a", "compra todo mês")
    assert (decision.kind, decision.grant) == (WAITS, None)
    assert decision.words == (
        "Esse desconto quem libera é o responsável pela loja. Já deixei o pedido registrado para ele ver; "
        "por enquanto o total é R$ 109,80."
    )
    assert (await strict.ask(1000, "t2:a")).kind is WAITS
    [asked] = await strict.owner.list_waiting(STORE)
    assert asked.conversation_id == strict.buyer.conversation_id
    assert (asked.record.off, asked.record.asked, asked.record.grant.percent) == (
        Money(1098),
        "compra todo mês",
        Percent(1000),
    )
    strict.now += timedelta(hours=47)
    approved = await strict.owner.approve(STORE, asked.record.grant.id)
    assert approved.record.grant.expires_at == strict.now + timedelta(hours=48)
    assert await strict.owner.list_waiting(STORE) == []
    assert await strict.off() == 1098
    assert (await strict.ask(1000, "t1:a")).kind is GRANTED
    await strict.put(8, "2")
    assert await strict.off() == 1098
    strict.now += timedelta(hours=48)
    assert await strict.off() == 0


async def test_the_owner_says_no(strict: World) -> None:
    await strict.ask(400, "t0:a")
    await strict.ask(1000, "t1:a")
    [asked] = await strict.owner.list_waiting(STORE)
    await strict.owner.decline(STORE, asked.record.grant.id)
    assert await strict.owner.list_waiting(STORE) == []
    again = await strict.ask(1000, "t2:a")
    assert again.kind is REFUSED
    assert again.words == (
        "O responsável pela loja viu o pedido e dessa vez não liberou esse desconto. O total fica em R$ 105,41."
    )
    assert await strict.off() == 439


async def test_the_owners_word_counts_once(strict: World) -> None:
    await strict.ask(1000, "t1:a")
    [asked] = await strict.owner.list_waiting(STORE)
    first = await strict.owner.approve(STORE, asked.record.grant.id)
    strict.now += timedelta(hours=1)
    assert await strict.owner.approve(STORE, asked.record.grant.id) == first
    with pytest.raises(GrantClosed):
        await strict.owner.decline(STORE, asked.record.grant.id)
    with pytest.raises(GrantNotFound):
        await strict.owner.approve(STORE, str(uuid.uuid4()))
    with pytest.raises(GrantNotFound):
        await strict.owner.approve("outra", asked.record.grant.id)


async def test_a_question_that_expired_cannot_be_answered(strict: World) -> None:
    await strict.ask(1000, "t1:a")
    [asked] = await strict.owner.list_waiting(STORE)
    strict.now += timedelta(hours=48)
    assert await strict.owner.list_waiting(STORE) == []
    for answer in (strict.owner.approve, strict.owner.decline):
        with pytest.raises(GrantClosed):
            await answer(STORE, asked.record.grant.id)


# only the real one


@pytest.fixture
async def real(database: Database, conversation_id: str) -> World:
    opened = World(SqlCarts(database), buyer_in(conversation_id))
    opened.desk = SqlPriceDesk(database, lambda: opened.policy, lambda: opened.now, opened.unit_costs)
    opened.owner = SqlApprovals(database, lambda: opened.policy, lambda: opened.now)
    await opened.put(2)
    return opened


async def test_proposals_at_the_same_moment_climb_no_further_than_one_by_one(real: World, database: Database) -> None:
    await asyncio.gather(*(real.ask(9000, "t1:a") for _ in range(8)), *(real.ask(9000, f"t1:{n}") for n in range(8)))
    assert await real.off() == 329
    assert await stored(database) == 1
    await asyncio.gather(*(real.ask(9000, f"u{n}:a") for n in range(12)))
    assert await real.off() == 1647
    async with database.connect() as connection:
        rows = select(discount_grants.c.basis_points).where(discount_grants.c.status == "granted")
        steps = (await connection.execute(rows.order_by(discount_grants.c.basis_points))).scalars().all()
    assert steps == [300, 500, 1000, 1500]


async def test_an_ordered_cart_is_closed_and_its_successor_starts_anew(real: World, database: Database) -> None:
    await real.ask(1000, "t1:a")
    real.policy = replace(QUIET, owner_approval_above=Money(400), concessions=())
    await real.ask(1500, "t2:a")
    [asked] = await real.owner.list_waiting(STORE)
    ordered = await real.cart()
    async with database.begin() as connection:
        await connection.execute(update(cart_rows).values(status="ordered"))
    assert await real.owner.list_waiting(STORE) == []
    with pytest.raises(GrantClosed):
        await real.owner.approve(STORE, asked.record.grant.id)
    with pytest.raises(CartNotOpen):
        await real.desk.propose(real.buyer, ordered, Percent(500), "r", call_key="t3:a")
    real.policy = QUIET
    await real.carts.add(STORE, real.buyer.conversation_id, MUG, 1, call_key="9")
    assert await real.off() == 0
    # A turn that runs again after the order claims nothing for the new cart.
    assert (await real.ask(1000, "t1:a")).kind is REFUSED
    assert (await real.ask(1000, "t4:a")).kind is GRANTED


async def test_what_is_stored_tells_the_owner_why(real: World, database: Database) -> None:
    await real.ask(1000, "t1:a", "achou\ncaro")
    async with database.connect() as connection:
        row = (await connection.execute(select(discount_grants))).mappings().one()
    assert dict(row) | {"id": ""} == {
        "id": "",
        "store_id": STORE,
        "conversation_id": real.buyer.conversation_id,
        "cart_id": (await real.cart()).id,
        "status": "granted",
        "basis_points": 300,
        "off_centavos": 329,
        "reason": "pelo que você me contou da sua compra",
        "asked": "achou caro",
        "ground": "profile",
        "proof": "mae: é pra minha filha",
        "call_key": "t1:a",
        "granted_at": real.now,
        "expires_at": real.now + timedelta(hours=48),
    }
