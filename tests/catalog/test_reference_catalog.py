"""The reference store's catalogue file is whole: what the sandbox loads is what a shop would sell."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from uuid import UUID

from .conftest import CATALOG, read_lines

FIELDS = {"id", "sku", "name", "description", "category", "price", "stock", "brand"}
VARIANT_FIELDS = {"parent_id", "parent_name", "attributes"}


def test_every_line_is_a_sellable_product() -> None:
    for row in read_lines(CATALOG):
        assert set(row) - {"cost"} in (FIELDS, FIELDS | VARIANT_FIELDS), row["sku"]
        assert str(UUID(row["id"])) == row["id"]
        assert re.fullmatch(r"\d+\.\d{2}", row["price"]), row["sku"]
        assert isinstance(row["stock"], int) and row["stock"] >= 0
        assert all(row[field].strip() for field in ("name", "description", "category", "brand"))


def test_ids_skus_and_names_are_unique() -> None:
    rows = read_lines(CATALOG)
    for field in ("id", "sku", "name"):
        repeated = [value for value, count in Counter(row[field] for row in rows).items() if count > 1]
        assert not repeated, field


def test_variants_share_a_parent_and_differ_in_their_options() -> None:
    families = defaultdict(list)
    for row in read_lines(CATALOG):
        if "parent_id" in row:
            families[row["parent_id"]].append(row)
            assert row["name"] == " ".join([row["parent_name"], *row["attributes"].values()])
    for variants in families.values():
        assert len({variant["parent_name"] for variant in variants}) == 1
        assert len({tuple(variant["attributes"].items()) for variant in variants}) == len(variants)


def test_stock_covers_the_hard_cases() -> None:
    stocks = [row["stock"] for row in read_lines(CATALOG)]
    assert sum(stock == 0 for stock in stocks) >= 5
    assert sum(1 <= stock <= 3 for stock in stocks) >= 5
    assert sum(stock >= 500 for stock in stocks) >= 3
