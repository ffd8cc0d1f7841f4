"""product_notes: what the chat model wrote about products, for search alone

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "product_notes",
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False, comment="of the product's own words"),
        sa.Column(
            "phrases",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "published_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="from when on search reads it; null while its run goes on",
        ),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_product_notes_store_id")),
        sa.PrimaryKeyConstraint("store_id", "content_hash", name=op.f("pk_product_notes")),
    )


def downgrade() -> None:
    op.drop_table("product_notes")
