"""The metadata every table belongs to, and the columns many of them have."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, ForeignKey, MetaData, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def of_store() -> Column[str]:
    """Every business row names its store."""
    return Column("store_id", Text, ForeignKey("stores.id"), nullable=False)


def moment(name: str, *, nullable: bool = False, now: bool = False) -> Column[object]:
    """A time with its zone; `now` fills it by the database's clock."""
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=func.now() if now else None)


def json_column(name: str, default: str = "{}") -> Column[object]:
    """JSON that is never null."""
    return Column(name, JSONB, nullable=False, server_default=text(f"'{default}'::jsonb"))
