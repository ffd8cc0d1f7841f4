"""The Protocols between rooms: what each adapter promises, so that its fake can promise the same."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Protocol

from tools.erp_models import (
    Charge,
    ChargeKind,
    ConnectedAccount,
    CustomerChanges,
    CustomerDraft,
    CustomerMatch,
    ErpCustomer,
    FinancialAccount,
    PlacedSale,
    Receivable,
    SaleDraft,
    SaleItem,
    Seller,
)
from tools.models import (
    Cart,
    Money,
    PastPurchase,
    Product,
    SearchOutcome,
)
from tools.selling import (
    Buyer,
    DiscountDecision,
    FreightOption,
    FreightRequest,
    Payment,
    PaymentInstructions,
    PaymentRequest,
    Percent,
    PricedCart,
)


class ErpUnavailable(Exception):
    """The ERP did not answer, or answered that it cannot now; the caller may fall back to the last known snapshot."""


class ErpDisconnected(ErpUnavailable):
    """The store's authorisation is missing, revoked or expired; only the owner can mend it, by connecting again."""


class ErpRefused(Exception):
    """The ERP says no to what was asked, and will again; the message holds its reason."""


class CustomerNotFound(Exception):
    """No person in the ERP has this id (any more)."""


class SaleNotFound(Exception):
    """No sale in the ERP has this id (any more)."""


class ProductNotFound(Exception):
    """No product has this id (any more)."""


class ChargeRefused(ErpRefused):
    """The ERP will not make or cancel this charge; the message says why and what to do."""


class PaymentMismatch(Exception):
    """Something else was paid than was asked for, or twice, or too late; a person must look at the order."""

    def __init__(self, reason: str, order_id: str = "") -> None:
        super().__init__(reason)
        self.order_id = order_id


class Erp(Protocol):
    """The shop's back office. Every method may raise ErpUnavailable (or ErpDisconnected)."""

    def list_products(self) -> AsyncIterator[Product]:
        """All active products, variants expanded, page by page; list figures only (no description)."""
        ...

    async def get_product(self, product_id: str) -> Product:
        """The detail as it is this moment: price and stock are authoritative. Raises ProductNotFound."""
        ...

    async def get_connected_account(self) -> ConnectedAccount: ...


class CatalogSearch(Protocol):
    async def search(
        self,
        store_id: str,
        query: str,
        *,
        limit: int = 5,
        max_centavos: int | None = None,
        in_stock_only: bool = False,
    ) -> SearchOutcome:
        """Ranked active products of the store; empty with a reason when nothing matches. Never raises for odd text."""
        ...


class ProductSnapshots(Protocol):
    """The last good copy of the ERP's products, in our own database."""

    async def replace_all(self, store_id: str, products: Sequence[Product], /) -> int:
        """Swap the store's snapshot atomically; returns how many rows changed, appeared or went."""
        ...

    async def list_active(self, store_id: str) -> list[Product]: ...

    async def find(self, store_id: str, product_id: str) -> Product | None: ...


class PurchaseHistory(Protocol):
    async def list_past_purchases(self, store_id: str, customer_id: str, *, limit: int = 10) -> list[PastPurchase]:
        """Completed purchases, newest first."""
        ...


class Carts(Protocol):
    async def view(self, store_id: str, conversation_id: str) -> Cart:
        """The open cart; an empty one with id "" when none was opened."""
        ...

    async def add(self, store_id: str, conversation_id: str, product: Product, quantity: int, *, call_key: str) -> Cart:
        """Add units of a product at its present price.

        `call_key` is the effect's idempotency key: the same key twice changes the cart once and returns the same cart.
        """
        ...

    async def set_quantity(
        self, store_id: str, conversation_id: str, product: Product, quantity: int, *, call_key: str
    ) -> Cart:
        """Have exactly so many units of a product in the cart, at its present price; 0 takes it out."""
        ...

    async def remove(self, store_id: str, conversation_id: str, product_id: str, *, call_key: str) -> Cart:
        """Take a product out, whether it still exists or not; what is not in the cart changes nothing."""
        ...

    async def empty(self, store_id: str, conversation_id: str, *, call_key: str) -> Cart:
        """Take everything out; the cart stays open."""
        ...

    async def reprice(self, store_id: str, conversation_id: str, products: Sequence[Product]) -> Cart:
        """Give the lines of these products their present price; a line that is not in the cart stays out of it."""
        ...


class Payments(Protocol):
    """What customers owe the shop and how they are asked for it. Every method may raise ErpUnavailable."""

    async def list_accounts(self) -> list[FinancialAccount]: ...

    async def find_receivable(self, sale_id: str) -> Receivable | None:
        """The first unpaid installment of an approved sale (the last one when all are paid), its charges included.

        Waits some seconds for it, because the ERP makes it a little after the approval; None when it did not come.
        """
        ...

    async def charge(self, receivable: Receivable, kind: ChargeKind) -> Charge:
        """The one charge of the receivable, made if there is none; its address may still be "".

        Safe to call again after ErpUnavailable: it looks before it writes. A charge of another kind is cancelled first;
        one that was paid is returned whatever its kind. Raises ChargeRefused when the ERP will not make it.
        """
        ...

    async def refresh_charge(self, charge: Charge) -> Charge:
        """The charge with its present status and address. Raises ChargeRefused when the ERP does not know it."""
        ...

    async def cancel_charges(self, receivable: Receivable) -> None:
        """End every charge that could still be paid; to be called before the sale is cancelled.

        Returns once the ERP says that they are ended. Raises ChargeRefused when one was paid or cannot be ended.
        """
        ...


class CustomerDirectory(Protocol):
    """The shop's customers in its ERP. Every method may raise ErpUnavailable (or ErpDisconnected)."""

    async def find_by_document(self, document: str) -> CustomerMatch:
        """The one customer with this CPF or CNPJ, masked or not; nobody, with a reason, when several have it."""
        ...

    async def find_by_phone(self, phone: str) -> CustomerMatch:
        """The one customer with this wa_id; the ninth digit may be missing on either side. Several: nobody."""
        ...

    async def match(self, *, document: str = "", phone: str = "") -> CustomerMatch:
        """By document, then by phone; never somebody whose document is another one."""
        ...

    async def create(self, draft: CustomerDraft) -> ErpCustomer:
        """The person made for this reference: made now, or by an earlier call whose answer was lost.

        Also the person who already has the document, where the ERP refuses it. Raises ErpRefused.
        """
        ...

    async def patch(self, customer_id: str, changes: CustomerChanges) -> None:
        """Write over some fields. Raises CustomerNotFound, ErpRefused."""
        ...


class SalesDesk(Protocol):
    """Sales in the shop's ERP. Every method may raise ErpUnavailable (or ErpDisconnected)."""

    async def next_number(self) -> int:
        """The number the ERP would give now; somebody else may take it first."""
        ...

    async def list_sellers(self) -> list[Seller]: ...

    async def place(self, draft: SaleDraft) -> PlacedSale:
        """The order's one sale: made now, or found when an earlier call made it and its answer was lost.

        Safe to call again after ErpUnavailable, from another process too, but not twice at the same moment: the
        caller holds the order's lock. A sale that the shop cancelled meanwhile is returned as cancelled, or made anew
        when it was deleted. Raises ErpRefused.
        """
        ...

    async def find_placed(self, draft: SaleDraft) -> PlacedSale | None:
        """The order's sale, if there is one; never writes a new one."""
        ...

    async def find(self, sale_id: str) -> PlacedSale | None: ...

    async def list_items(self, sale_id: str) -> list[SaleItem]:
        """Raises SaleNotFound."""
        ...

    async def cancel(self, sale_id: str) -> PlacedSale:
        """The sale, cancelled; again does no harm. Raises SaleNotFound; ErpRefused when the ERP keeps it."""
        ...


class PriceDesk(Protocol):
    """The shop's one source of prices: what a cart costs this buyer now, and what discount may be given."""

    async def price(self, buyer: Buyer, cart: Cart) -> PricedCart:
        """The cart with the discount in force; an expired grant, or one whose ground is gone, counts no more."""
        ...

    async def propose(
        self, buyer: Buyer, cart: Cart, percent: Percent, reason: str, *, call_key: str
    ) -> DiscountDecision:
        """Grant what the policy allows of what is proposed, and store it with its proof; once per `call_key`."""
        ...


class FreightQuotes(Protocol):
    async def quote_freight(self, request: FreightRequest) -> list[FreightOption]:
        """Ways to send the goods there, cheapest first; empty when nobody delivers there."""
        ...


class PaymentProviders(Protocol):
    async def request_payment(self, request: PaymentRequest) -> PaymentInstructions | None:
        """How to pay; None when no provider of the store offers this method."""
        ...


class PaymentLedger(Protocol):
    """What was asked for and what was paid; says "paid" on proof only."""

    async def open(self, request: PaymentRequest, instructions: PaymentInstructions) -> Payment:
        """Store a request to pay; the same txid again returns the stored one."""
        ...

    async def find_for_order(self, store_id: str, order_id: str) -> Payment | None:
        """The newest one of the order; a waiting one past its time reads as expired."""
        ...

    async def confirm(
        self, store_id: str, txid: str, amount: Money, *, by: str, paid_at: datetime, reference: str = ""
    ) -> Payment | None:
        """Mark it paid, once, and its order with it; `by` is "webhook", "erp" or "attendant".

        `reference` is the bank's own id of what was paid: another one for the same txid is a second payment. None when
        no such txid exists. Raises PaymentMismatch when another amount was paid, or twice, or for a cancelled order:
        the order is held.
        """
        ...

    async def cancel(self, store_id: str, order_id: str) -> None:
        """End what of an order could still be paid, past its time or not; money that comes later holds the order."""
        ...
