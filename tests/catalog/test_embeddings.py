"""The local model for real, and the OpenAI adapter against a real HTTP server that speaks like it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pytest
import uvicorn
from fastapi import FastAPI, Header, HTTPException

from tools.catalog.embeddings import EmbeddingsUnavailable, LocalEmbedder, OpenAiEmbedder, build_embedder


class FakeEmbeddingsServer:
    """Checks the key, answers out of order, and misbehaves on demand."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.answer: str = "right"
        self.app = FastAPI()
        self.app.post("/v1/embeddings")(self._embeddings)

    async def _embeddings(self, body: dict[str, Any], authorization: str = Header("")) -> Any:
        if authorization != "Bearer chave-de-teste":
            raise HTTPException(401)
        self.requests.append(body)
        if any(not text for text in body["input"]):
            raise HTTPException(400, "empty input")
        if self.answer == "broken":
            raise HTTPException(500)
        rows = [{"index": index, "embedding": [3.0 * len(text), 4.0, 0.0]} for index, text in enumerate(body["input"])]
        return {"data": rows[1:] if self.answer == "short" else rows[::-1]}


@pytest.fixture
def service() -> Iterator[tuple[FakeEmbeddingsServer, str]]:
    fake = FakeEmbeddingsServer()
    server = uvicorn.Server(uvicorn.Config(fake.app, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield fake, f"http://127.0.0.1:{port}/v1"
    server.should_exit = True
    thread.join()


async def test_local_model_gives_unit_vectors_near_in_meaning(embedder: LocalEmbedder) -> None:
    vectors = await embedder.embed(["bíblia para crianças", "livro infantil da bíblia", "corda de violão", ""])
    assert vectors.shape == (4, 512) and vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors[:3], axis=1), 1, atol=1e-3)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2
    assert embedder.dimension == 512


async def test_local_model_bears_parallel_callers_and_does_not_block_the_loop() -> None:
    fresh = LocalEmbedder()
    assert fresh.dimension == 0
    slowest = 0.0

    async def watch() -> None:
        nonlocal slowest
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.005)
            slowest = max(slowest, time.monotonic() - before)

    watching = asyncio.create_task(watch())
    texts = [f"texto número {number}" for number in range(12)]
    together = await asyncio.gather(*(fresh.embed([text]) for text in texts))
    watching.cancel()
    alone = await fresh.embed(texts)
    assert np.allclose(np.vstack(together), alone, atol=1e-4)
    assert slowest < 1.0


async def test_openai_keeps_order_over_batches_and_scales_to_one(service: tuple[FakeEmbeddingsServer, str]) -> None:
    fake, url = service
    async with httpx.AsyncClient() as http:
        embedder = OpenAiEmbedder(http, base_url=url, api_key="chave-de-teste", model="text-embedding-3-small")
        await embedder.load()
        assert embedder.dimension == 3
        texts = ["x" * (number % 7) for number in range(600)]
        vectors = await embedder.embed(texts)
    assert vectors.shape == (600, 3)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
    expected = [3.0 * max(len(text), 1) / 4 for text in texts]
    assert np.allclose(vectors[:, 0] / vectors[:, 1], expected, rtol=1e-4)
    assert [len(request["input"]) for request in fake.requests] == [1, 256, 256, 88]
    assert {request["model"] for request in fake.requests} == {"text-embedding-3-small"}


@pytest.mark.parametrize("answer", ["broken", "short"])
async def test_openai_trouble_has_one_name(service: tuple[FakeEmbeddingsServer, str], answer: str) -> None:
    fake, url = service
    fake.answer = answer
    async with httpx.AsyncClient() as http:
        with pytest.raises(EmbeddingsUnavailable):
            await OpenAiEmbedder(http, base_url=url, api_key="chave-de-teste", model="m").embed(["a", "b"])


async def test_openai_key_is_never_in_the_error(service: tuple[FakeEmbeddingsServer, str]) -> None:
    async with httpx.AsyncClient() as http:
        with pytest.raises(EmbeddingsUnavailable) as refusal:
            await OpenAiEmbedder(http, base_url=service[1], api_key="chave-errada", model="m").load()
        assert "401" in str(refusal.value) and "chave-errada" not in str(refusal.value)
        unreachable = build_embedder("openai:m", http=http, base_url="http://127.0.0.1:9/v1", api_key="")
        with pytest.raises(EmbeddingsUnavailable, match="ConnectError"):
            await unreachable.load()
        assert isinstance(build_embedder("local", http=http, base_url=None, api_key=""), LocalEmbedder)
