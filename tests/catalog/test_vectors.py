"""A shortened look loses next to none of the nearest, and a filter none of what it allows."""

from __future__ import annotations

import numpy as np

from tools.catalog.vectors import Vectors, VectorTable, aligned, largest


def unit_rows(count: int) -> Vectors:
    random = np.random.default_rng(3)
    # Falling scales, as an embedder's.
    rows = random.standard_normal((count, 512), dtype=np.float32) * np.arange(1, 513, dtype=np.float32) ** -0.7
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_the_nearest_are_found_in_a_large_table() -> None:
    rows = unit_rows(6_000)
    table = VectorTable(rows)
    kept = [
        len(set(np.argsort(-(rows @ rows[place]))[:10]) & set(table.nearest(rows[place], 50).tolist()))
        for place in range(0, 6_000, 200)
    ]
    assert np.mean(kept) >= 9.7


def test_a_narrow_filter_still_finds_its_best() -> None:
    rows = unit_rows(6_000)
    allowed = np.zeros(6_000, np.bool_)
    allowed[[5, 17, 4_000]] = True
    found = VectorTable(rows).nearest(rows[100], 10, allowed)
    assert {5, 17, 4_000} <= set(found.tolist())


def test_what_has_no_vector_yet_is_near_to_nothing() -> None:
    rows = aligned(["a", "b"], {"b": np.ones(4, np.float32)})
    assert rows.tolist() == [[0, 0, 0, 0], [1, 1, 1, 1]]


def test_the_largest_of_many_are_exact() -> None:
    scores = np.random.default_rng(4).standard_normal(50_000).astype(np.float32)
    scores[::16] -= 3  # The sample sees the lowest alone.
    assert set(largest(scores, 150).tolist()) == set(np.argsort(-scores)[:150].tolist())
    assert set(largest(np.zeros(50_000, np.float32), 3).tolist()) <= set(range(50_000))


def test_questions_looked_for_together_find_what_each_finds_alone() -> None:
    rows = unit_rows(6_000)
    table = VectorTable(rows)
    together = table.nearest_each(rows[[3, 900]], 12)
    assert [set(found.tolist()) for found in together] == [
        set(table.nearest(rows[place], 12).tolist()) for place in (3, 900)
    ]
