"""Value objects of the shop's back office: people, sales and money owed; no vendor's field name may enter here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from tools.models import ZERO, Money


@dataclass(frozen=True, slots=True)
class ConnectedAccount:
    """The ERP company behind a store's token."""

    company_id: str
    legal_name: str
    trade_name: str


@dataclass(frozen=True, slots=True)
class FinancialAccount:
    """Where the shop's money arrives."""

    id: str
    name: str
    active: bool
    default: bool
    takes_charges: bool
    """Whether boletos, Pix pages and payment links can be made for it."""


class ReceivableStatus(StrEnum):
    OPEN = "open"
    OVERDUE = "overdue"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    CANCELLED = "cancelled"
    RENEGOTIATED = "renegotiated"
    LOST = "lost"
    """Written off by the shop."""
    UNKNOWN = "unknown"
    """A word of the ERP that we do not know."""


class ChargeKind(StrEnum):
    BOLETO = "boleto"
    PIX = "pix"
    LINK = "link"
    """A page to pay by card."""
    UNKNOWN = "unknown"
    """Made elsewhere, in a way we do not know; never asked for."""


class ChargeStatus(StrEnum):
    WAITING = "waiting"
    """Being registered; there may be no address yet."""
    OPEN = "open"
    PAID = "paid"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    INVALID = "invalid"
    """Refused after it was made, as when the payer has no CPF or e-mail."""
    EXPIRED = "expired"
    REFUNDED = "refunded"
    UNKNOWN = "unknown"
    """A word of the ERP that we do not know: it may still be payable."""

    @property
    def may_be_paid(self) -> bool:
        """Whether a customer who has it could still pay it."""
        return self in _PAYABLE


_PAYABLE = frozenset({ChargeStatus.WAITING, ChargeStatus.OPEN, ChargeStatus.CANCELLING, ChargeStatus.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Charge:
    """One boleto, Pix page or payment link over what is unpaid of a receivable."""

    id: str
    receivable_id: str
    kind: ChargeKind
    status: ChargeStatus
    url: str
    """The page to pay on; "" while it is being registered."""
    amount: Money
    due: date


@dataclass(frozen=True, slots=True)
class Receivable:
    """One installment that a sale's customer owes."""

    id: str
    event_id: str
    """The sale's financial event."""
    number: int
    """1 for the first installment; 0 when the ERP did not say."""
    description: str
    due: date
    amount: Money
    unpaid: Money
    status: ReceivableStatus
    charges: tuple[Charge, ...] = ()
    """All that were made for it, ended ones included."""


@dataclass(frozen=True, slots=True)
class ErpCustomer:
    """A person in the ERP who may be the buyer; their particulars stay out of logs."""

    id: str
    name: str = field(repr=False)
    document: str = field(default="", repr=False)
    """CPF or CNPJ without its mask; "" when the ERP has none."""
    phones: tuple[str, ...] = field(default=(), repr=False)
    """As they stand in the ERP: any spelling."""
    email: str = field(default="", repr=False)
    active: bool = True


@dataclass(frozen=True, slots=True)
class CustomerDraft:
    reference: str
    """Our own id of the customer: the same reference twice makes one person in the ERP."""
    name: str = field(repr=False)
    document: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    """wa_id: digits, E.164 without plus."""
    email: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class CustomerChanges:
    """What to write over; None leaves alone."""

    name: str | None = field(default=None, repr=False)
    document: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class CustomerMatch:
    """The one person it must be, or None and why nobody was chosen."""

    customer: ErpCustomer | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Seller:
    id: str
    name: str


class SaleStatus(StrEnum):
    IN_PROCESS = "in_process"
    APPROVED = "approved"
    INVOICED = "invoiced"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class PaymentMethod(StrEnum):
    PIX = "pix"
    BOLETO = "boleto"
    CREDIT_CARD = "credit_card"
    CASH = "cash"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class SaleItem:
    product_id: str
    name: str
    quantity: Decimal | int
    """The shop's own sales may hold fractions; ours are whole."""
    unit_price: Money

    @property
    def total(self) -> Money:
        return Money.from_reais(self.unit_price.reais * self.quantity)


@dataclass(frozen=True, slots=True)
class SaleDraft:
    """A sale to be made in the ERP. Raises ValueError when the installments do not add up to the total."""

    order_id: str
    """Our own id: the same order twice makes one sale."""
    customer_id: str
    """The ERP's id of the customer."""
    day: date
    """In the shop's time zone."""
    items: tuple[SaleItem, ...]
    approved: bool
    """An approved sale lowers stock and makes a receivable; otherwise it waits for the shop."""
    payment: PaymentMethod = PaymentMethod.OTHER
    installments: tuple[tuple[date, Money], ...] = ()
    """Due day and amount of each; () means all of it on the day itself."""
    freight: Money = ZERO
    discount: Money = ZERO
    notes: str = ""
    seller_id: str | None = None

    def __post_init__(self) -> None:
        if not self.items or len(self.items) > 100 or any(item.quantity <= 0 for item in self.items):
            raise ValueError("a sale needs 1 to 100 items with quantities above zero")
        if self.total.centavos < 0:
            raise ValueError("the discount is larger than the sale")
        if self.installments and sum((amount for _, amount in self.installments), start=ZERO) != self.total:
            raise ValueError(f"the installments must add up to {self.total}")

    @property
    def total(self) -> Money:
        return sum((item.total for item in self.items), start=self.freight) - self.discount


@dataclass(frozen=True, slots=True)
class PlacedSale:
    """A sale as the ERP has it."""

    id: str
    number: int
    """What the shop's people call it; not unique in every account."""
    customer_id: str
    status: SaleStatus
    total: Money
    day: date | None
    event_id: str | None
    """The financial event; comes a little after the approval."""
    short_of_stock: bool = False
    entry: int = 0
    """Grows with every sale entered, whatever its number; 0 when the ERP did not say."""
    notes: str = field(default="", repr=False)
