"""The glossary over the reference catalogue with real vectors: better for what words miss, never worse for names."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

from agent.prompt_library.glossary import parse_glossary
from settings import ROOT
from tests.conftest import STORE
from tools.catalog.embeddings import LocalEmbedder, Vectors
from tools.catalog.glossary import Glossary, Heard, Occasion, Synonym
from tools.catalog.index import SemanticIndex
from tools.catalog.ranking import find_unmatched
from tools.catalog.search import HybridCatalogSearch
from tools.catalog.testing import MemorySnapshots
from tools.models import Product

from .conftest import read_lines

QUESTIONS = Path(__file__).parent / "glossary_questions.jsonl"

# A little below what was measured. Occasions stood higher while weights leaned on this shop's own glossary alone.
FLOORS = {
    "lexical": (1.0, 0.97),
    "paraphrase": (0.94, 0.90),
    "gift": (0.82, 0.82),
    "occasion": (0.78, 0.83),
    "named_gift": (0.95, 0.92),
    "typo": (0.95, 0.96),
    "abbreviation": (0.97, 0.97),
}
"""Recall among the first 5, and nDCG among the first 10."""
GAINS = {"paraphrase": 0.1, "gift": 0.2, "occasion": 0.15, "named_gift": 0.02, "typo": 0.15, "abbreviation": 0.4}
"""How much recall the shop's own glossary must bring on top of what is known of any such shop."""


class CountingEmbedder:
    """Remembers how many texts each call embedded."""

    def __init__(self, embedder: LocalEmbedder) -> None:
        self._embedder = embedder
        self.name, self.floor, self.word_floor = embedder.name, embedder.floor, embedder.word_floor
        self.calls: list[int] = []

    @property
    def dimension(self) -> int:
        return self._embedder.dimension

    async def load(self) -> None:
        await self._embedder.load()

    async def embed(self, texts: Sequence[str]) -> Vectors:
        self.calls.append(len(texts))
        return await self._embedder.embed(texts)


class Shop:
    """One search whose glossary can be changed between two questions, as hot reload does."""

    def __init__(self, glossary: Glossary, embedder: CountingEmbedder, folder: Path | None) -> None:
        self.glossary = glossary
        self.embedder = embedder
        self.snapshots = MemorySnapshots()
        self.search = HybridCatalogSearch(
            self.snapshots,
            SemanticIndex(embedder, folder=folder) if folder else SemanticIndex(embedder, url="http://127.0.0.1:9"),
            floor=embedder.floor,
            query_seconds=30,
            glossary=lambda: self.glossary,
        )

    async def skus(self, query: str, limit: int = 10) -> list[str]:
        outcome = await self.search.search(STORE, query, limit=limit)
        return [match.product.sku for match in outcome.matches]


@pytest.fixture(scope="module")
def glossary() -> Glossary:
    problems: list[Any] = []
    read = parse_glossary((ROOT / "prompts/glossary.toml").read_text(encoding="utf-8"), problems)
    assert problems == []
    return read


@pytest.fixture
async def shop(
    glossary: Glossary, catalog: list[Product], embedder: LocalEmbedder, index_folder: Path
) -> AsyncIterator[Shop]:
    shop = Shop(glossary, CountingEmbedder(embedder), index_folder)
    await shop.snapshots.replace_all(STORE, catalog)
    assert (await shop.search.refresh(STORE, catalog)).problem == ""
    shop.embedder.calls.clear()
    yield shop
    await shop.search.aclose()


def recall(found: list[str], right: set[str]) -> float:
    return len(right & set(found[:5])) / min(5, len(right))


def ndcg(found: list[str], right: set[str]) -> float:
    gained = sum(1 / math.log2(place + 2) for place, sku in enumerate(found[:10]) if sku in right)
    return gained / sum(1 / math.log2(place + 2) for place in range(min(10, len(right))))


async def measure(shop: Shop, kind: str) -> list[tuple[str, float, float]]:
    """Each question of a kind with its recall@5 and nDCG@10."""
    questions = [question for question in read_lines(QUESTIONS) if question["kind"] == kind]
    assert len(questions) >= 10
    measured: list[tuple[str, float, float]] = []
    for question in questions:
        found, right = await shop.skus(question["query"]), set(question["skus"])
        measured.append((question["query"], recall(found, right), ndcg(found, right)))
    return measured


@pytest.mark.parametrize("kind", FLOORS)
async def test_each_kind_of_question_reaches_its_floor(shop: Shop, kind: str) -> None:
    helped = await measure(shop, kind)
    shop.glossary = Glossary()
    plain = await measure(shop, kind)
    (recall_with, ndcg_with), (recall_without, ndcg_without) = (
        [mean(row[column] for row in rows) for column in (1, 2)] for rows in (helped, plain)
    )
    print(f"{kind}: recall@5 {recall_without:.3f} -> {recall_with:.3f}, nDCG@10 {ndcg_without:.3f} -> {ndcg_with:.3f}")
    assert recall_with >= FLOORS[kind][0]
    assert ndcg_with >= FLOORS[kind][1]
    assert recall_with >= recall_without + GAINS.get(kind, 0.0)
    if kind == "lexical":
        # Who names a product gets it as before: each question, not only their mean.
        pairs = zip(helped, plain, strict=True)
        worse = [with_words for with_words, without in pairs if with_words[1] < without[1]]
        assert worse == []


async def test_an_occasion_sells_nothing_the_shop_lacks(shop: Shop, glossary: Glossary) -> None:
    sold: list[str] = []
    for question in read_lines(QUESTIONS):
        if question["kind"] == "nothing":
            shop.glossary = Glossary()
            plain = await shop.skus(question["query"])
            shop.glossary = glossary
            if await shop.skus(question["query"]) and not plain:
                sold.append(question["query"])
    # Flowers for Mother's Day: the shop has a Bible whose title says flowers.
    assert set(sold) <= {"buquê de flores pro dia das mães"}


async def test_a_question_embeds_in_one_call(shop: Shop) -> None:
    await shop.skus("caneca mágica")
    shop.embedder.calls.clear()
    await shop.skus("arpa cristã no dia das mães")
    assert len(shop.embedder.calls) == 1


async def test_an_edit_counts_from_the_next_question(shop: Shop) -> None:
    shop.glossary = Glossary()
    before = await shop.skus("trombeta de varão", 3)
    shop.glossary = Glossary(synonyms=(Synonym(("chifre de unção", "trombeta de varão")),))
    assert "UNC-CHIFRE" not in before
    assert (await shop.skus("trombeta de varão", 3))[0] == "UNC-CHIFRE"


async def test_who_holds_the_whole_question_is_not_overtaken_by_an_occasion(shop: Shop) -> None:
    offers = ("bata de batismo adulto", "kit presente de batismo", "toalha de batismo", "bata de batismo infantil")
    shop.glossary = Glossary(occasions=(Occasion(("batismo",), offers),))
    assert "IGR-CARTB" in await shop.skus("certificado de batismo", 2)


async def test_words_alone_use_the_glossary_too(
    glossary: Glossary, catalog: list[Product], embedder: LocalEmbedder
) -> None:
    shop = Shop(glossary, CountingEmbedder(embedder), folder=None)
    await shop.snapshots.replace_all(STORE, catalog)
    assert "UNC-CHIFRE" in await shop.skus("chofar", 1)
    assert "KIT-BEBE" in await shop.skus("chá de bebê", 1)
    assert not shop.search.understands_meaning(STORE)
    await shop.search.aclose()


def test_what_the_glossary_leads_to_is_in_the_catalogue(glossary: Glossary, catalog: list[Product]) -> None:
    # Customers ask for these translations, and the shop has none of them.
    assert [text for _, text in find_unmatched(glossary, catalog)] == ["ACF", "King James"]
    gone = Occasion(("festa",), ("caneca mágica", "barraca de acampamento"))
    assert find_unmatched(Glossary(occasions=(gone,)), catalog) == [(gone, "barraca de acampamento")]
    turned = Synonym(("copázio", "caneca mágica"))
    assert find_unmatched(Glossary(synonyms=(turned,)), catalog) == [(turned, "copázio")]


SMALL = Glossary(
    (Synonym(("harpa cristã", "arpa", "livro da harpa")), Synonym(("bata de batismo", "roupa de batismo"))),
    (
        Occasion(("batismo",), ("toalha",)),
        Occasion(("dia das mães", "sobrinha"), ("kit mulher", "caneca")),
        Occasion(("sobrinho",), ("boné",)),
    ),
    ("presente",),
)


def told(heard: Heard) -> list[str]:
    """The other wording, then what each occasion offers."""
    offered = [product for one in heard.occasions for product in one.occasion.products]
    return [*filter(None, [heard.renamed]), *offered]


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        ("tem ARPA de letra grande?", ["tem harpa cristã de letra grande?"]),
        ("harpa cristã", []),
        ("livros da harpa", ["harpa cristã"]),
        ("roupa pro batismo da sobrinha", ["bata de batismo da sobrinha", "kit mulher", "caneca"]),
        ("vai ter batizmo", ["toalha"]),
        ("dia da mãe", ["kit mulher", "caneca"]),
        ("presente pro sobrinho", ["boné"]),
        ("presente pra sobrimha", ["kit mulher", "caneca"]),
        ("caneta azul", []),
        ("", []),
    ],
)
def test_what_is_heard_in_a_question(query: str, texts: list[str]) -> None:
    assert told(SMALL.hear(query)) == texts


def test_words_that_ask_for_whatever_suits_are_left_out_beside_others() -> None:
    assert SMALL.hear("presente pro sobrinho").plain == "pro sobrinho"
    assert SMALL.hear("um presente").plain == "um presente"


@pytest.mark.parametrize(
    ("query", "thing"),
    [
        ("bolo de batismo", "bolo"),
        ("bolo de presente pro batismo", "bolo"),
        ("presente de batismo", ""),
        ("vou pro batismo", ""),
        ("a gente faz batismo", ""),
        ("arpa de batismo", ""),
    ],
)
def test_a_thing_before_an_occasion_is_what_is_asked_for(query: str, thing: str) -> None:
    assert [one.after for one in SMALL.hear(query).occasions] == [thing]


def test_an_empty_glossary_hears_nothing() -> None:
    assert Glossary().hear("chá de bebê") == Heard("chá de bebê")
