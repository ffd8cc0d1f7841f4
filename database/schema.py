"""All tables of the product, as SQLAlchemy Core; every business row names its store."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

from database.columns import json_column, metadata, moment, of_store

stores = Table(
    "stores",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    moment("created_at", now=True),
)

customers = Table(
    "customers",
    metadata,
    Column("id", UUID(as_uuid=False), primary_key=True),
    of_store(),
    Column("address", Text, nullable=False),
    Column("name", Text, nullable=False, server_default=""),
    moment("created_at", now=True),
    UniqueConstraint("store_id", "address"),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", UUID(as_uuid=False), primary_key=True),
    of_store(),
    Column("channel", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("customer_id", UUID(as_uuid=False), ForeignKey("customers.id"), nullable=False),
    Column("mode", Text, nullable=False, server_default="seller", comment="seller | attendant | opted_out"),
    json_column("state"),
    Column(
        "version", Integer, nullable=False, server_default="0", comment="grows by one per turn; fences stale workers"
    ),
    moment("created_at", now=True),
    moment("updated_at", now=True),
    UniqueConstraint("store_id", "channel", "address"),
)

inbound_messages = Table(
    "inbound_messages",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    of_store(),
    Column("channel", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("sender_name", Text, nullable=False, server_default=""),
    Column("kind", Text, nullable=False),
    Column("text", Text, nullable=False, server_default=""),
    Column("reply_to", Text),
    Column("choice_id", Text, nullable=False, server_default="", comment="of the button or row tapped; '' when none"),
    json_column("payload"),
    moment("sent_at"),
    moment("received_at", now=True),
    Column("turn_id", UUID(as_uuid=False), comment="the turn that dealt with it; null while it waits"),
    UniqueConstraint("channel", "message_id"),
    Index(
        "ix_inbound_messages_waiting",
        "store_id",
        "channel",
        "address",
        "id",
        postgresql_where=text("turn_id IS NULL"),
    ),
    Index("ix_inbound_messages_conversation", "store_id", "channel", "address", "id"),
)

turns = Table(
    "turns",
    metadata,
    Column("id", UUID(as_uuid=False), primary_key=True),
    of_store(),
    Column("conversation_id", UUID(as_uuid=False), ForeignKey("conversations.id"), nullable=False),
    Column("profile", Text, nullable=False),
    json_column("trace"),
    moment("started_at"),
    moment("finished_at", now=True),
    Index("ix_turns_conversation", "conversation_id", "finished_at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", UUID(as_uuid=False), primary_key=True),
    Column("position", BigInteger, Identity(always=True), nullable=False, comment="send order within a conversation"),
    of_store(),
    Column("conversation_id", UUID(as_uuid=False), ForeignKey("conversations.id"), nullable=False),
    Column("turn_id", UUID(as_uuid=False), ForeignKey("turns.id"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("kind", Text, nullable=False, server_default="text", comment="text | image | buttons | list"),
    Column("text", Text, nullable=False, comment="the words; of an image, what its QR picture holds"),
    json_column("content"),
    Column("status", Text, nullable=False, server_default="new", comment="new | sending | sent | failed | held"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("channel_message_id", Text),
    Column("delivery", Text, nullable=False, server_default="none", comment="none | sent | delivered | read | failed"),
    Column("error", Text),
    moment("created_at", now=True),
    moment("sending_at", nullable=True),
    moment("sent_at", nullable=True),
    Index(
        "ix_outbox_unsent",
        "conversation_id",
        "position",
        postgresql_where=text("status IN ('new', 'sending')"),
    ),
    Index("ix_outbox_conversation", "conversation_id", "position"),
    Index("ix_outbox_channel_message_id", "channel", "channel_message_id"),
)

delivery_statuses = Table(
    "delivery_statuses",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    of_store(),
    Column("channel", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("outbox_id", UUID(as_uuid=False)),
    Column("error_code", Integer),
    Column("error_detail", Text, nullable=False, server_default=""),
    moment("at"),
    moment("received_at", now=True),
    UniqueConstraint("channel", "message_id", "state"),
)

products = Table(
    "products",
    metadata,
    Column("store_id", Text, ForeignKey("stores.id"), primary_key=True),
    Column("id", Text, primary_key=True),
    Column("sku", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False, server_default=""),
    Column("category", Text, nullable=False, server_default=""),
    Column("brand", Text, nullable=False, server_default=""),
    Column("price_centavos", BigInteger, nullable=False),
    Column("stock", Integer, nullable=False),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("parent_id", Text),
    json_column("attributes"),
    moment("updated_at", nullable=True),
    moment("synced_at", now=True),
)

carts = Table(
    "carts",
    metadata,
    Column("id", UUID(as_uuid=False), primary_key=True),
    of_store(),
    Column("conversation_id", UUID(as_uuid=False), ForeignKey("conversations.id"), nullable=False),
    Column("status", Text, nullable=False, server_default="open", comment="open | ordered | abandoned"),
    moment("created_at", now=True),
    moment("updated_at", now=True),
    Index("uq_carts_open", "conversation_id", unique=True, postgresql_where=text("status = 'open'")),
)

cart_items = Table(
    "cart_items",
    metadata,
    Column("cart_id", UUID(as_uuid=False), ForeignKey("carts.id", ondelete="CASCADE"), primary_key=True),
    Column("product_id", Text, primary_key=True),
    of_store(),
    Column("sku", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("unit_centavos", BigInteger, nullable=False),
    moment("added_at", now=True),
)

applied_effects = Table(
    "applied_effects",
    metadata,
    Column("call_key", Text, primary_key=True, comment="turn, tool, arguments, occurrence: an effect happens once"),
    of_store(),
    moment("applied_at", now=True),
)

transactions = Table(
    "transactions",
    metadata,
    Column("id", UUID(as_uuid=False), primary_key=True),
    of_store(),
    Column("customer_id", UUID(as_uuid=False), ForeignKey("customers.id"), nullable=False),
    moment("bought_at"),
    Column("total_centavos", BigInteger, nullable=False),
    json_column("items", "[]"),
    Index("ix_transactions_customer", "store_id", "customer_id", "bought_at"),
)

escalations = Table(
    "escalations",
    metadata,
    Column("id", UUID(as_uuid=False), primary_key=True),
    of_store(),
    Column("conversation_id", UUID(as_uuid=False), ForeignKey("conversations.id"), nullable=False),
    Column("turn_id", UUID(as_uuid=False), nullable=False, unique=True),
    Column("reason", Text, nullable=False),
    moment("created_at", now=True),
    moment("resolved_at", nullable=True),
)

consents = Table(
    "consents",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    of_store(),
    Column("customer_id", UUID(as_uuid=False), ForeignKey("customers.id"), nullable=False),
    Column("subject", Text, nullable=False, comment="messages | marketing"),
    Column("granted", Boolean, nullable=False),
    Column("proof", Text, nullable=False, comment="the customer's own words"),
    Column("turn_id", UUID(as_uuid=False)),
    moment("created_at", now=True),
)

erp_connections = Table(
    "erp_connections",
    metadata,
    Column("store_id", Text, ForeignKey("stores.id"), primary_key=True),
    Column("provider", Text, primary_key=True),
    Column("state", Text, nullable=False, comment="connected | reconnect"),
    Column("company_id", Text, nullable=False, server_default=""),
    Column("company_name", Text, nullable=False, server_default=""),
    Column("tokens", Text, nullable=False, comment="encrypted JSON; the key lives outside the database"),
    Column("key_id", Text, nullable=False, server_default="", comment="which key encrypted the tokens; no part of it"),
    moment("expires_at"),
    moment("updated_at", now=True),
)

erp_call_paces = Table(
    "erp_call_paces",
    metadata,
    Column("account", Text, primary_key=True, comment="the ERP company, or the store until it is known"),
    moment("next_at"),
)

catalog_syncs = Table(
    "catalog_syncs",
    metadata,
    Column("store_id", Text, ForeignKey("stores.id"), primary_key=True),
    moment("swept_at", nullable=True),
    moment("read_until", nullable=True),
    Column("run_id", UUID(as_uuid=False), comment="the sweep under way, or the one a crash left behind"),
    moment("run_begun_at", nullable=True),
)

catalog_staging = Table(
    "catalog_staging",
    metadata,
    Column("run_id", UUID(as_uuid=False), primary_key=True),
    Column("kind", Text, primary_key=True, comment="page | family"),
    Column("key", Text, primary_key=True, comment="page number or product id"),
    of_store(),
    json_column("content"),
)

held_prices = Table(
    "held_prices",
    metadata,
    Column("store_id", Text, ForeignKey("stores.id"), primary_key=True),
    Column("product_id", Text, primary_key=True),
    Column("sku", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("reason", Text, nullable=False, comment="no_price | hundredfold | halved | raised"),
    Column("kept_centavos", BigInteger, comment="what the seller goes on saying; null keeps the product out of sale"),
    Column("offered_centavos", BigInteger, nullable=False, comment="what the ERP says"),
    moment("first_seen_at", now=True),
    moment("accepted_at", nullable=True),
)

product_notes = Table(
    "product_notes",
    metadata,
    Column("store_id", Text, ForeignKey("stores.id"), primary_key=True),
    Column("content_hash", Text, primary_key=True, comment="of the product's own words"),
    json_column("phrases", "[]"),
    Column("model", Text, nullable=False),
    moment("written_at", now=True),
    Column(
        "published_at",
        DateTime(timezone=True),
        nullable=True,
        comment="from when on search reads it; null while its run goes on",
    ),
)

job_runs = Table(
    "job_runs",
    metadata,
    Column("job", Text, primary_key=True),
    Column("slot", DateTime(timezone=True), primary_key=True),
    Column("outcome", Text, nullable=False, server_default="deferred"),
    moment("created_at", now=True),
    moment("finished_at", nullable=True),
)
