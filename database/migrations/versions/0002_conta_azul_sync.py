"""conta azul: key ids, shared call pace, resumable sync, held prices

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "erp_connections",
        sa.Column(
            "key_id",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="which key encrypted the tokens; no part of it",
        ),
    )
    op.create_table(
        "erp_call_paces",
        sa.Column("account", sa.Text(), nullable=False, comment="the ERP company, or the store until it is known"),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_erp_call_paces")),
    )
    op.create_table(
        "catalog_syncs",
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("swept_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "run_id",
            sa.UUID(as_uuid=False),
            nullable=True,
            comment="the sweep under way, or the one a crash left behind",
        ),
        sa.Column("run_begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_catalog_syncs_store_id")),
        sa.PrimaryKeyConstraint("store_id", name=op.f("pk_catalog_syncs")),
    )
    op.create_table(
        "catalog_staging",
        sa.Column("run_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="page | family"),
        sa.Column("key", sa.Text(), nullable=False, comment="page number or product id"),
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column(
            "content",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_catalog_staging_store_id")),
        sa.PrimaryKeyConstraint("run_id", "kind", "key", name=op.f("pk_catalog_staging")),
    )
    op.create_table(
        "held_prices",
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, comment="no_price | hundredfold | halved | raised"),
        sa.Column(
            "kept_centavos",
            sa.BigInteger(),
            nullable=True,
            comment="what the seller goes on saying; null keeps the product out of sale",
        ),
        sa.Column("offered_centavos", sa.BigInteger(), nullable=False, comment="what the ERP says"),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_held_prices_store_id")),
        sa.PrimaryKeyConstraint("store_id", "product_id", name=op.f("pk_held_prices")),
    )


def downgrade() -> None:
    for table in ("held_prices", "catalog_staging", "catalog_syncs", "erp_call_paces"):
        op.drop_table(table)
    op.drop_column("erp_connections", "key_id")
