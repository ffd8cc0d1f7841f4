"""selling: discounts granted, deliveries, summaries, orders, payments, requests about orders, promises

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "promises",
        sa.Column("id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("turn_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="restock | answer"),
        sa.Column("product_id", sa.Text(), server_default="", nullable=False),
        sa.Column("words", sa.Text(), nullable=False, comment="what was promised, as sent"),
        sa.Column("status", sa.Text(), server_default="open", nullable=False, comment="open | kept | dropped"),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=op.f("fk_promises_conversation_id")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_promises_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promises")),
    )
    op.create_index(
        "ix_promises_open",
        "promises",
        ["store_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_table(
        "cart_deliveries",
        sa.Column("cart_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="pickup | shipping; empty until it is said"),
        sa.Column(
            "option", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("cep", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("method", sa.Text(), server_default="", nullable=False, comment="how it will be paid, once said"),
        sa.Column(
            "document", sa.Text(), server_default="", nullable=False, comment="CPF or CNPJ for the sale, once said"
        ),
        sa.Column(
            "email", sa.Text(), server_default="", nullable=False, comment="for boletos and payment links, once said"
        ),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["cart_id"], ["carts.id"], name=op.f("fk_cart_deliveries_cart_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_cart_deliveries_store_id")),
        sa.PrimaryKeyConstraint("cart_id", name=op.f("pk_cart_deliveries")),
    )
    op.create_table(
        "discount_grants",
        sa.Column("id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("cart_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column(
            "status", sa.Text(), nullable=False, comment="granted | waiting | approved | declined | refused"
        ),
        sa.Column("basis_points", sa.Integer(), nullable=False),
        sa.Column(
            "off_centavos", sa.BigInteger(), nullable=False, comment="what it took off the cart as that was then"
        ),
        sa.Column("reason", sa.Text(), nullable=False, comment="in words the customer may hear"),
        sa.Column(
            "asked",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="why, as the model put it; untrusted",
        ),
        sa.Column("ground", sa.Text(), nullable=False, comment="nothing | profile | returning | volume | campaign"),
        sa.Column(
            "proof", sa.Text(), nullable=False, comment="the customer's words, the purchase, the units or the campaign"
        ),
        sa.Column("call_key", sa.Text(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["cart_id"], ["carts.id"], name=op.f("fk_discount_grants_cart_id")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_discount_grants_conversation_id")
        ),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_discount_grants_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discount_grants")),
        sa.UniqueConstraint("call_key", name=op.f("uq_discount_grants_call_key")),
    )
    op.create_index("ix_discount_grants_cart", "discount_grants", ["cart_id", "granted_at"], unique=False)
    op.create_table(
        "order_summaries",
        sa.Column("id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("cart_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column(
            "turn_id", sa.UUID(as_uuid=False), nullable=False, comment="the turn that showed it: a yes comes later"
        ),
        sa.Column("fingerprint", sa.Text(), nullable=False, comment="of lines, prices, discount, delivery and method"),
        sa.Column(
            "content", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("shown_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["cart_id"], ["carts.id"], name=op.f("fk_order_summaries_cart_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_order_summaries_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_summaries")),
    )
    op.create_index("ix_order_summaries_cart", "order_summaries", ["cart_id", "shown_at"], unique=False)
    op.create_table(
        "orders",
        sa.Column("id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False, comment="what the customer calls it; counted per store"),
        sa.Column("conversation_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("customer_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("cart_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("status", sa.Text(), nullable=False, comment="confirmed | placed | paid | cancelled | held"),
        sa.Column(
            "lines", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False
        ),
        sa.Column(
            "delivery", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("method", sa.Text(), nullable=False, comment="pix | boleto | link | on_pickup"),
        sa.Column("total_centavos", sa.BigInteger(), nullable=False),
        sa.Column(
            "turn_id", sa.UUID(as_uuid=False), nullable=True, comment="the turn in which the customer said yes"
        ),
        sa.Column(
            "erp_customer_id",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="chosen once: the sale is looked for there",
        ),
        sa.Column("erp_sale_id", sa.Text(), server_default="", nullable=False),
        sa.Column("erp_number", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("held_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["cart_id"], ["carts.id"], name=op.f("fk_orders_cart_id")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=op.f("fk_orders_conversation_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_orders_customer_id")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_orders_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("cart_id", name=op.f("uq_orders_cart_id")),
        sa.UniqueConstraint("store_id", "number", name=op.f("uq_orders_store_id_number")),
    )
    op.create_index("ix_orders_customer", "orders", ["store_id", "customer_id", "created_at"], unique=False)
    op.create_index(
        "ix_orders_unplaced",
        "orders",
        ["store_id", "created_at"],
        unique=False,
        postgresql_where=sa.text("status = 'confirmed'"),
    )
    op.create_table(
        "order_requests",
        sa.Column("id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="exchange | return | cancel"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="open", nullable=False, comment="open | done | refused"),
        sa.Column("call_key", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_requests_order_id")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_order_requests_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_requests")),
        sa.UniqueConstraint("call_key", name=op.f("uq_order_requests_call_key")),
    )
    op.create_table(
        "payments",
        sa.Column("id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("txid", sa.Text(), nullable=False),
        sa.Column("amount_centavos", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False, comment="waiting | paid | expired | cancelled"),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("confirmed_by", sa.Text(), server_default="", nullable=False, comment="webhook | erp | attendant"),
        sa.Column(
            "reference", sa.Text(), server_default="", nullable=False, comment="the bank's own id of what was paid"
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_payments_order_id")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_payments_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("store_id", "txid", name=op.f("uq_payments_store_id_txid")),
    )
    op.create_index("ix_payments_order", "payments", ["order_id", "created_at"], unique=False)
    op.create_index(
        "ix_payments_waiting",
        "payments",
        ["store_id", "expires_at"],
        unique=False,
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_table(
        "identity_tries",
        sa.Column(
            "call_key",
            sa.Text(),
            nullable=False,
            comment="a question about somebody's order with a wrong document",
        ),
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_identity_tries_conversation_id")
        ),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_identity_tries_store_id")),
        sa.PrimaryKeyConstraint("call_key", name=op.f("pk_identity_tries")),
    )
    op.create_index(
        "ix_identity_tries_conversation", "identity_tries", ["conversation_id", "created_at"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_identity_tries_conversation", table_name="identity_tries")
    op.drop_table("identity_tries")
    op.drop_index("ix_payments_waiting", table_name="payments", postgresql_where=sa.text("status = 'waiting'"))
    op.drop_index("ix_payments_order", table_name="payments")
    op.drop_table("payments")
    op.drop_table("order_requests")
    op.drop_index("ix_orders_unplaced", table_name="orders", postgresql_where=sa.text("status = 'confirmed'"))
    op.drop_index("ix_orders_customer", table_name="orders")
    op.drop_table("orders")
    op.drop_index("ix_order_summaries_cart", table_name="order_summaries")
    op.drop_table("order_summaries")
    op.drop_index("ix_discount_grants_cart", table_name="discount_grants")
    op.drop_table("discount_grants")
    op.drop_table("cart_deliveries")
    op.drop_index("ix_promises_open", table_name="promises", postgresql_where=sa.text("status = 'open'"))
    op.drop_table("promises")
