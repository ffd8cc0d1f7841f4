"""outbox: pictures, buttons and lists; inbox: which of them was tapped

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_WORDS = "the words; of an image, what its QR picture holds"


def upgrade() -> None:
    op.add_column(
        "outbox",
        sa.Column("kind", sa.Text(), server_default="text", nullable=False, comment="text | image | buttons | list"),
    )
    op.add_column(
        "outbox",
        sa.Column(
            "content",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
    )
    op.alter_column("outbox", "text", existing_type=sa.Text(), existing_nullable=False, comment=_WORDS)
    op.add_column(
        "inbound_messages",
        sa.Column(
            "choice_id",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="of the button or row tapped; '' when none",
        ),
    )


def downgrade() -> None:
    op.drop_column("inbound_messages", "choice_id")
    op.alter_column(
        "outbox", "text", existing_type=sa.Text(), existing_nullable=False, comment=None, existing_comment=_WORDS
    )
    op.drop_column("outbox", "content")
    op.drop_column("outbox", "kind")
