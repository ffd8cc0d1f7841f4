"""The tables of a sale under way: discounts, deliveries, summaries, orders, payments, requests and promises."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import UUID

from database.columns import json_column, metadata, moment, of_store

discount_grants = Table(
    "discount_grants",
    metadata,
    Column("id", UUID(as_uuid=False), primary_key=True),
    of_store(),
    Column("conversation_id", UUID(as_uuid=False), ForeignKey("conversations.id"), nullable=False),
    Column("cart_id", UUID(as_uuid=False), ForeignKey("carts.id"), nullable=False),
    Column("status", Text, nullable=False, comment="granted | waiting | approved | declined | refused"),
    Column("basis_points", Integer, nullable=False),
    Column("off_centavos", BigInteger, nullable=False, comment="what it took off the cart as that was then"),
    Column("reason", Text, nullable=False, comment="in words the customer may hear"),
    Column("asked", Text, nullable=False, server_default="", comment="why, as the model put it; untrusted"),
    Column("ground", Text, nullable=False, comment="nothing | profile | returning | volume | campaign"),
    Column("proof", Text, nullable=False, comment="the customer's words, the purchase, the units or the campaign"),
    Column("call_key", Text, nullable=False, unique=True),
    moment("granted_at", now=True),
    moment("expires_at"),
    Index("ix_discount_grants_cart", "cart_id", "granted_at"),
)

cart_deliveries = Table(
    "cart_deliveries",
    metadata,
    Column("cart_id", UUID(as_uuid=False), ForeignKey("carts.id", ondelete="CASCADE"), primary_key=True),
    of_store(),
    Column("kind", Text, nullable=False, comment="pickup | shipping; empty until it is said"),
    json_column("option"),
    Column("cep", Text, nullable=False, server_default=""),
    Column("address", Text, nullable=False, server_default=""),
    Column("method", Text, nullable=False, server_default="", comment="how it will be paid, once said"),
    Column("document", Text, nullable=False, server_default="", comment="CPF or CNPJ for the sale, once said"),
    Column("email", Text, nullable=False, server_default="", comment="for boletos and payment links, once said"),
    moment("updated_at", now=True),
)

order_summaries = Table(
    "order_summaries",
    metadata,
    Column("id", UUID(as_uuid=False), primary_key=True),
    of_store(),
    Column("cart_id", UUID(as_uuid=False), ForeignKey("carts.id", ondelete="CASCADE"), nullable=False),
    Column("turn_id", UUID(as_uuid=False), nullable=False, comment="the turn that showed it: a yes comes later"),
    Column("fingerprint", Text, nullable=False, comment="of lines, prices, discount, delivery and method"),
    json_column("content"),
    moment("shown_at", now=True),
    Index("ix_order_summaries_cart", "cart_id", "shown_at"),
)

orders = Table(
    "orders",
    metadata,
    Column("id", UUID(as_uuid=False), primary_key=True),
    of_store(),
    Column("number", BigInteger, nullable=False, comment="what the customer calls it; counted per store"),
    Column("conversation_id", UUID(as_uuid=False), ForeignKey("conversations.id"), nullable=False),
    Column("customer_id", UUID(as_uuid=False), ForeignKey("customers.id"), nullable=False),
    Column("cart_id", UUID(as_uuid=False), ForeignKey("carts.id"), nullable=False, unique=True),
    Column("status", Text, nullable=False, comment="confirmed | placed | paid | cancelled | held"),
    json_column("lines", "[]"),
    json_column("delivery"),
    Column("method", Text, nullable=False, comment="pix | boleto | link | on_pickup"),
    Column("total_centavos", BigInteger, nullable=False),
    Column("turn_id", UUID(as_uuid=False), comment="the turn in which the customer said yes"),
    Column(
        "erp_customer_id", Text, nullable=False, server_default="", comment="chosen once: the sale is looked for there"
    ),
    Column("erp_sale_id", Text, nullable=False, server_default=""),
    Column("erp_number", BigInteger, nullable=False, server_default="0"),
    Column("held_reason", Text, nullable=False, server_default=""),
    moment("created_at", now=True),
    moment("updated_at", now=True),
    Column(
        "job_news",
        Text,
        nullable=False,
        server_default="",
        comment="what a job did to it, which no turn tells: placed | cancelled",
    ),
    UniqueConstraint("store_id", "number"),
    Index("ix_orders_customer", "store_id", "customer_id", "created_at"),
    Index("ix_orders_unplaced", "store_id", "created_at", postgresql_where=text("status = 'confirmed'")),
)

payments = Table(
    "payments",
    metadata,
    Column("id", UUID(as_uuid=False), primary_key=True),
    of_store(),
    Column("order_id", UUID(as_uuid=False), ForeignKey("orders.id"), nullable=False),
    Column("provider", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("txid", Text, nullable=False),
    Column("amount_centavos", BigInteger, nullable=False),
    Column("status", Text, nullable=False, comment="waiting | paid | expired | cancelled"),
    Column("code", Text, nullable=False, server_default=""),
    Column("url", Text, nullable=False, server_default=""),
    Column("confirmed_by", Text, nullable=False, server_default="", comment="webhook | erp | attendant"),
    Column("reference", Text, nullable=False, server_default="", comment="the bank's own id of what was paid"),
    moment("created_at", now=True),
    moment("expires_at"),
    moment("paid_at", nullable=True),
    UniqueConstraint("store_id", "txid"),
    Index("ix_payments_order", "order_id", "created_at"),
    Index("ix_payments_waiting", "store_id", "expires_at", postgresql_where=text("status = 'waiting'")),
)

order_requests = Table(
    "order_requests",
    metadata,
    Column("id", UUID(as_uuid=False), primary_key=True),
    of_store(),
    Column("order_id", UUID(as_uuid=False), ForeignKey("orders.id"), nullable=False),
    Column("kind", Text, nullable=False, comment="exchange | return | cancel"),
    Column("reason", Text, nullable=False),
    Column("status", Text, nullable=False, server_default="open", comment="open | done | refused"),
    Column("call_key", Text, nullable=False, unique=True),
    moment("created_at", now=True),
)

identity_tries = Table(
    "identity_tries",
    metadata,
    Column("call_key", Text, primary_key=True, comment="a question about somebody's order with a wrong document"),
    of_store(),
    Column("conversation_id", UUID(as_uuid=False), ForeignKey("conversations.id"), nullable=False),
    moment("created_at", now=True),
    Index("ix_identity_tries_conversation", "conversation_id", "created_at"),
)

promises = Table(
    "promises",
    metadata,
    Column("id", UUID(as_uuid=False), primary_key=True),
    of_store(),
    Column("conversation_id", UUID(as_uuid=False), ForeignKey("conversations.id"), nullable=False),
    Column("turn_id", UUID(as_uuid=False), nullable=False),
    Column("kind", Text, nullable=False, comment="restock | answer"),
    Column("product_id", Text, nullable=False, server_default=""),
    Column("words", Text, nullable=False, comment="what was promised, as sent"),
    Column("status", Text, nullable=False, server_default="open", comment="open | kept | dropped"),
    moment("due_at"),
    moment("created_at", now=True),
    moment("closed_at", nullable=True),
    Index("ix_promises_open", "store_id", "due_at", postgresql_where=text("status = 'open'")),
)
