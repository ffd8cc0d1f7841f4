"""Policies, buyers and carts that the tests of prices share; nothing here needs a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from tools.models import ZERO, Cart, CartLine, Money
from tools.sales.concessions import Outcome, Proposal, decide
from tools.sales.discounts import Campaign, DiscountPolicy, Fixed, ProfileCeiling, Proof, VolumeStep, Yearly
from tools.sales.pricing import Facts, GrantRecord, GrantStatus
from tools.selling import Buyer, DiscountGrant, Percent

NOW = datetime(2026, 8, 11, 15, 5, tzinfo=UTC)
PLAIN_DAY = date(2026, 8, 11)

SHOP = DiscountPolicy(
    cap=3000,
    profiles=(
        ProfileCeiling("pastor", 2000, Proof.STATED),
        ProfileCeiling("mae", 1500, Proof.STATED),
        ProfileCeiling("jovem", 1000, Proof.STATED),
        ProfileCeiling("fiel", 500, Proof.STATED),
        ProfileCeiling("novo", 0, Proof.NONE),
    ),
    returning=500,
    volume=(VolumeStep(5, 500), VolumeStep(10, 1000), VolumeStep(20, 1500)),
    campaigns=(Campaign("Páscoa", 500, Yearly(before=10)), Campaign("Feirão", 700, Fixed(PLAIN_DAY, PLAIN_DAY))),
    concessions=(300, 500, 1000, 1500, 2000, 3000),
    quote_hours=48,
)
"""The reference store's policy, and a campaign of one day that `QUIET` leaves out."""
QUIET = replace(SHOP, campaigns=())


def buyer(profile: str = "novo", *, purchases: int = 0, today: date = PLAIN_DAY, proof: str = "dito") -> Buyer:
    words = (proof,) if profile != "novo" and proof else ()
    return Buyer("loja", "conversa", "cliente", profile, words, purchases, today)


def line(centavos: int = 10_000, quantity: int = 1, product: str = "biblia") -> CartLine:
    return CartLine(product, product.upper(), f"Produto {product}", quantity, Money(centavos))


def cart(*lines: CartLine) -> Cart:
    return Cart("carrinho", lines or (line(),))


def facts(
    who: Buyer,
    what: Cart | None = None,
    *records: GrantRecord,
    policy: DiscountPolicy = QUIET,
    now: datetime = NOW,
    costs: Mapping[str, Money] | None = None,
) -> Facts:
    return Facts(policy, who, what or cart(), now, records, costs or {})


def granted(
    points: int,
    *,
    turn: str = "antes",
    status: GrantStatus = GrantStatus.GRANTED,
    off: Money = ZERO,
    hours: float = 48,
    name: str = "",
) -> GrantRecord:
    """A record of the moment `NOW`, given on the word of a profile."""
    grant = DiscountGrant(
        name or f"g{points}", Percent(points), "motivo", "profile", "prova", NOW, NOW + timedelta(hours=hours)
    )
    return GrantRecord(grant, status, f"{turn}:abc", off)


def ask(known: Facts, points: int, *, turn: str = "agora", asked: str = "pediu") -> Outcome:
    return decide(known, Proposal("novo-id", Percent(points), f"{turn}:def", asked))


def learn(known: Facts, outcome: Outcome) -> Facts:
    """The facts with what the outcome stored."""
    return replace(known, records=[*known.records, *([outcome.record] if outcome.record else [])])
