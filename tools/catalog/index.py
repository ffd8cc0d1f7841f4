"""Keeps one Chroma collection of vectors per store up to date and gives it back; ranks nothing."""

from __future__ import annotations

import asyncio
import hashlib
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy as np

from tools.catalog.embeddings import Embedder, EmbeddingsUnavailable, Vectors

Progress = Callable[[int, int], None]
"""Called with (texts embedded so far, texts to embed)."""

_BATCH = 64
_NOT_ALLOWED = re.compile(r"[^a-zA-Z0-9._-]")


class IndexUnavailable(Exception):
    """The vectors cannot be read or written now; search goes on with words alone."""


@dataclass(frozen=True, slots=True)
class IndexChange:
    embedded: int
    """Texts that were new or had changed."""
    deleted: int
    problem: str = ""
    """Why the index could not be used; "" when all went well."""


class SemanticIndex:
    """Vectors by product id. Embedded in `folder` (one process only), or on a Chroma server at `url` (shared)."""

    def __init__(self, embedder: Embedder, *, folder: Path | None = None, url: str | None = None) -> None:
        """A url wins over a folder; one of them is needed."""
        if folder is None and url is None:
            raise ValueError("give SemanticIndex a folder or a url")
        self._embedder = embedder
        self._folder = folder
        self._url = url
        self._client: Any = None
        self._opening = threading.Lock()

    async def refresh(
        self, store_id: str, texts: Mapping[str, str | Sequence[str]], progress: Progress | None = None
    ) -> IndexChange:
        """Embed what is new or changed, delete what is gone. Interrupted, it goes on where it stopped.

        Of several texts under one id the mean direction is kept. Raises IndexUnavailable.
        """
        collection = await self._collection(store_id)
        known = await self._call(_known_hashes, collection)
        wanted = {product_id: _hash(text) for product_id, text in texts.items()}
        gone = [product_id for product_id in known if product_id not in wanted]
        changed = [product_id for product_id in wanted if known.get(product_id) != wanted[product_id]]
        for start in range(0, len(gone), 1000):
            await self._call(collection.delete, ids=gone[start : start + 1000])
        for start in range(0, len(changed), _BATCH):
            batch = changed[start : start + _BATCH]
            vectors = await self._embed_means([texts[product_id] for product_id in batch])
            hashes = [{"hash": wanted[product_id]} for product_id in batch]
            await self._call(collection.upsert, ids=batch, embeddings=vectors, metadatas=hashes)
            if progress:
                progress(start + len(batch), len(changed))
        return IndexChange(len(changed), len(gone))

    @property
    def word_floor(self) -> float | None:
        """The embedder's: None when its vectors do not tell single words apart."""
        return self._embedder.word_floor

    async def embed(self, texts: Sequence[str]) -> dict[str, Vectors]:
        """The vector of each text, all in one call. Raises IndexUnavailable."""
        if not texts:
            return {}
        try:
            await self._embedder.load()
            return dict(zip(texts, await self._embedder.embed(list(texts)), strict=True))
        except EmbeddingsUnavailable as error:
            raise IndexUnavailable(str(error)) from error

    async def load(self, store_id: str) -> dict[str, Vectors]:
        """Every vector kept for a store, by id; as many bytes as four times its figures. Raises IndexUnavailable."""
        return await self._call(_all_vectors, await self._collection(store_id))

    async def _embed_means(self, texts: Sequence[str | Sequence[str]]) -> Vectors:
        several = [[one] if isinstance(one, str) else list(one) for one in texts]
        rows = await self._embed([text for some in several for text in some])
        starts = np.cumsum([0, *map(len, several)])[:-1]
        sums = np.add.reduceat(rows, starts, axis=0)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        return np.asarray(sums / np.where(lengths > 0, lengths, 1), np.float32)

    async def _embed(self, texts: list[str]) -> Vectors:
        try:
            return await self._embedder.embed(texts)
        except EmbeddingsUnavailable as error:
            raise IndexUnavailable(str(error)) from error

    async def _collection(self, store_id: str) -> Any:
        try:
            await self._embedder.load()
        except EmbeddingsUnavailable as error:
            raise IndexUnavailable(str(error)) from error
        return await self._call(self._open, collection_name(store_id, self._embedder.name, self._embedder.dimension))

    def _open(self, name: str) -> Any:
        with self._opening:
            if self._client is None:
                self._client = _connect(self._folder, self._url)
        # Without an explicit None, Chroma downloads a model of its own.
        return self._client.get_or_create_collection(
            name, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
        )

    async def _call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run one Chroma call in a thread: it has no asynchronous client for a folder."""
        try:
            return await asyncio.to_thread(function, *args, **kwargs)
        except _chroma_faults() as error:
            raise IndexUnavailable(f"{type(error).__name__}: {error}") from error


def collection_name(store_id: str, embedder: str, dimension: int) -> str:
    """Store, model and dimension: another model means another collection, never a mixture."""
    readable = _NOT_ALLOWED.sub("-", f"{store_id}.{embedder}.{dimension}")
    return f"novo.{readable}"[:400]


def _connect(folder: Path | None, url: str | None) -> Any:
    # Importing chromadb costs two seconds and 80 MB: only who searches pays.
    import chromadb
    from chromadb.config import Settings

    settings = Settings(anonymized_telemetry=False)
    if url:
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
        return chromadb.HttpClient(host=parts.hostname or "localhost", port=port, ssl=secure, settings=settings)
    assert folder is not None
    folder.mkdir(parents=True, exist_ok=True)
    return chromadb.PersistentClient(str(folder), settings=settings)


def _chroma_faults() -> tuple[type[Exception], ...]:
    # Evaluated only when something was raised, so that the import stays lazy.
    from chromadb.errors import ChromaError

    return (ChromaError, httpx.HTTPError, OSError, RuntimeError, ValueError)


def _known_hashes(collection: Any) -> dict[str, str]:
    known: dict[str, str] = {}
    while True:
        page: Any = collection.get(include=["metadatas"], limit=5000, offset=len(known))
        if not page["ids"]:
            return known
        hashes = [metadata["hash"] if metadata else "" for metadata in page["metadatas"]]
        known |= dict(zip(page["ids"], hashes, strict=True))


def _all_vectors(collection: Any) -> dict[str, Vectors]:
    vectors: dict[str, Vectors] = {}
    while True:
        page: Any = collection.get(include=["embeddings"], limit=5000, offset=len(vectors))
        if not page["ids"]:
            return vectors
        vectors |= dict(zip(page["ids"], np.asarray(page["embeddings"], np.float32), strict=True))


def _hash(text: str | Sequence[str]) -> str:
    joined = text if isinstance(text, str) else "\0".join(text)
    return hashlib.sha256(joined.encode()).hexdigest()[:32]
