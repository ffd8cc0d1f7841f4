"""While an installation runs, numpy multiplies with one thread; an embedder may still take its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from settings import load_settings
from tools.catalog.embeddings import LocalEmbedder
from tools.catalog.vectors import one_blas_thread
from wiring.seller import open_installation


def blas_threads() -> int:
    """Of the library that numpy multiplies with."""
    assert np.dot
    return max(pool["num_threads"] for pool in threadpool_info() if "numpy" in pool["filepath"])


@pytest.fixture(autouse=True)
def _two_threads():
    with threadpool_limits(limits=2, user_api="blas"):
        yield


async def test_held_to_one_and_given_back_also_after_encoding(embedder: LocalEmbedder) -> None:
    with one_blas_thread():
        assert blas_threads() == 1
        await embedder.embed(["bíblia"])
        assert blas_threads() == 1
    assert blas_threads() == 2


async def test_an_installation_holds_them(tmp_path: Path, database_url: str) -> None:
    async with open_installation(load_settings(data_dir=tmp_path), database_url, sandbox_url="http://127.0.0.1:9"):
        assert blas_threads() == 1
    assert blas_threads() == 2
