"""Value objects of a sale under way: who buys, what was granted, how it is delivered, ordered and paid; no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum

from tools.models import ZERO, Cart, CartLine, Money


@dataclass(frozen=True, slots=True, order=True)
class Percent:
    """A share, held as integer basis points (7.5 % is 750); never mixed up with money."""

    basis_points: int

    def of(self, amount: Money) -> Money:
        """That share of an amount, cut to whole centavos in the shop's favour."""
        return Money(int((Decimal(amount.centavos) * self.basis_points / 10_000).to_integral_value(ROUND_DOWN)))

    def __str__(self) -> str:
        """The way a Brazilian reads it: 7,5%."""
        return (
            f"{Decimal(self.basis_points) / 100:f}".rstrip("0").rstrip(".").replace(".", ",") + "%"
            if (self.basis_points % 100)
            else f"{self.basis_points // 100}%"
        )


NO_PERCENT = Percent(0)


@dataclass(frozen=True, slots=True)
class Buyer:
    """What a price may depend on; only facts that are stated or on record."""

    store_id: str
    conversation_id: str
    customer_id: str
    price_profile: str
    """The profile that stated evidence alone supports; "novo" when nothing does."""
    price_proof: tuple[str, ...]
    """The customer's own words, or the purchase, behind that profile."""
    purchases: int
    """Completed purchases on record."""
    today: date
    """In the store's time zone."""


@dataclass(frozen=True, slots=True)
class DiscountGrant:
    """A discount the policy allowed and the shop stands by until it expires."""

    id: str
    percent: Percent
    reason: str
    """In words the customer may hear."""
    ground: str
    """A tools.sales.discounts.Ground value."""
    proof: str
    """What the ground rests on: the customer's words, the purchase, the units or the campaign."""
    granted_at: datetime
    expires_at: datetime


class DecisionKind(StrEnum):
    GRANTED = "granted"
    REFUSED = "refused"
    WAITS_FOR_OWNER = "waits_for_owner"


@dataclass(frozen=True, slots=True)
class DiscountDecision:
    kind: DecisionKind
    words: str
    """What the customer may hear, in Portuguese; never a ceiling or another rule of the policy."""
    grant: DiscountGrant | None = None
    """What is in force now: the new grant, or the earlier one that stays."""


@dataclass(frozen=True, slots=True)
class PricedLine:
    line: CartLine
    discount: Money = ZERO
    """Off the whole line."""

    @property
    def total(self) -> Money:
        return self.line.total - self.discount


@dataclass(frozen=True, slots=True)
class PricedCart:
    """A cart with the discount that holds for it now."""

    cart: Cart
    lines: tuple[PricedLine, ...] = ()
    grant: DiscountGrant | None = None

    @property
    def discount(self) -> Money:
        return sum((line.discount for line in self.lines), start=ZERO)

    @property
    def total(self) -> Money:
        return self.cart.total - self.discount


@dataclass(frozen=True, slots=True)
class FreightRequest:
    store_id: str
    cep: str
    """Eight digits."""
    goods: Money
    """What the cart costs after discounts."""
    units: int
    store: Mapping[str, object] = field(default_factory=dict[str, object], repr=False)
    """The tables of prompts/store.toml."""


@dataclass(frozen=True, slots=True)
class FreightOption:
    id: str
    """Stable for the same answer: "sedex", "pac", "motoboy"."""
    name: str
    price: Money
    business_days: int
    """At most; counted from the payment."""


class DeliveryKind(StrEnum):
    PICKUP = "pickup"
    SHIPPING = "shipping"


@dataclass(frozen=True, slots=True)
class Delivery:
    kind: DeliveryKind
    freight: Money = ZERO
    option: FreightOption | None = None
    cep: str = ""
    address: str = field(default="", repr=False)
    """Street, number and the rest, as the customer wrote it; untrusted."""


class OrderStatus(StrEnum):
    CONFIRMED = "confirmed"
    """The customer said yes; the ERP does not have it yet."""
    PLACED = "placed"
    """In the ERP, waiting for its payment."""
    PAID = "paid"
    CANCELLED = "cancelled"
    HELD = "held"
    """A person must look at it."""


class PaymentChoice(StrEnum):
    PIX = "pix"
    BOLETO = "boleto"
    LINK = "link"
    """A page to pay by card."""
    ON_PICKUP = "on_pickup"
    """In the shop, when it is fetched."""


@dataclass(frozen=True, slots=True)
class Order:
    """A cart the customer confirmed; one sale in the ERP."""

    id: str
    store_id: str
    conversation_id: str
    customer_id: str
    cart_id: str
    number: int
    """What the customer calls it; counted by us, per store."""
    status: OrderStatus
    lines: tuple[PricedLine, ...]
    delivery: Delivery
    method: PaymentChoice
    total: Money
    created_at: datetime
    erp_customer_id: str = ""
    """Chosen once: the sale is looked for among this customer's."""
    erp_sale_id: str = ""
    erp_number: int = 0

    @property
    def goods(self) -> Money:
        return sum((line.total for line in self.lines), start=ZERO)


class PaymentStatus(StrEnum):
    WAITING = "waiting"
    PAID = "paid"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """What a payment provider is asked for."""

    store_id: str
    order_id: str
    txid: str
    """Letters and digits, at most 25: ours, and echoed by the bank."""
    amount: Money
    method: PaymentChoice
    expires_at: datetime
    description: str = ""
    store: Mapping[str, object] = field(default_factory=dict[str, object], repr=False)
    """The tables of prompts/store.toml."""


@dataclass(frozen=True, slots=True)
class PaymentInstructions:
    """How the customer pays."""

    provider: str
    """Filled in by the plugin host: the plugin's name."""
    code: str = ""
    """What is copied and pasted: the BR Code, or the boleto's line."""
    qr: bool = False
    """Whether `code` is also to be sent as a QR picture."""
    url: str = ""
    """A page to pay on."""


@dataclass(frozen=True, slots=True)
class Payment:
    """One request to pay an order; confirmed only by a signed webhook, the ERP or an attendant."""

    id: str
    order_id: str
    provider: str
    method: PaymentChoice
    txid: str
    amount: Money
    status: PaymentStatus
    expires_at: datetime
    code: str = ""
    url: str = ""
    paid_at: datetime | None = None
    confirmed_by: str = ""
    """webhook | erp | attendant; "" while it waits."""
