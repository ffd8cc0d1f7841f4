"""orders: what a job did to one, and so must tell the customer

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "orders",
        sa.Column(
            "job_news",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="what a job did to it, which no turn tells: placed | cancelled",
        ),
    )


def downgrade() -> None:
    op.drop_column("orders", "job_news")
