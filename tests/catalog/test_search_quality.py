"""Real questions over the reference catalogue with real vectors: the right product, or nothing with a reason."""

from __future__ import annotations

import pytest

from tests.conftest import STORE
from tools.catalog.embeddings import LocalEmbedder
from tools.catalog.index import SemanticIndex
from tools.catalog.search import (
    NO_PRODUCT_NAMED,
    NOTHING_AT_PRICE,
    NOTHING_IN_STOCK,
    NOTHING_MATCHES,
    HybridCatalogSearch,
)
from tools.catalog.snapshots import SqlProductSnapshots
from tools.models import Product

from .conftest import QUESTIONS, read_lines


async def missed_questions(search: HybridCatalogSearch, kind: str) -> dict[str, list[str]]:
    """Questions of a kind whose first three answers hold none of the right products."""
    missed: dict[str, list[str]] = {}
    questions = [question for question in read_lines(QUESTIONS) if question["kind"] == kind]
    assert questions
    for question in questions:
        outcome = await search.search(STORE, question["query"], limit=3)
        found = [match.product.sku for match in outcome.matches]
        if not set(found) & set(question["skus"]):
            missed[question["query"]] = found
    return missed


@pytest.mark.parametrize("kind", ["simple", "no_accent", "plural", "typo", "paraphrase"])
async def test_right_product_is_in_the_top_three(search: HybridCatalogSearch, kind: str) -> None:
    assert search.understands_meaning(STORE)
    assert await missed_questions(search, kind) == {}


async def test_off_topic_questions_find_nothing_and_say_so(search: HybridCatalogSearch) -> None:
    questions = [question["query"] for question in read_lines(QUESTIONS) if question["kind"] == "nothing"]
    for query in questions:
        outcome = await search.search(STORE, query)
        assert outcome.matches == (), query
        assert outcome.reason in (NOTHING_MATCHES, NO_PRODUCT_NAMED), query
    assert (await search.search(STORE, "vendem geladeira?")).reason == NOTHING_MATCHES


async def test_meaning_finds_what_no_word_names(search: HybridCatalogSearch) -> None:
    outcome = await search.search(STORE, "coisas pra escolinha dominical das crianças", limit=3)
    assert outcome.matches
    assert {match.product.category for match in outcome.matches} == {"Escola dominical"}


async def test_words_alone_answer_while_the_index_cannot(
    snapshots: SqlProductSnapshots, catalog: list[Product], embedder: LocalEmbedder
) -> None:
    await snapshots.replace_all(STORE, catalog)
    broken = SemanticIndex(embedder, url="http://127.0.0.1:9")
    search = HybridCatalogSearch(snapshots, broken, floor=embedder.floor)
    change = await search.refresh(STORE, catalog)
    assert change.problem
    assert not search.understands_meaning(STORE)
    for kind in ("simple", "no_accent", "plural", "typo"):
        assert await missed_questions(search, kind) == {}
    assert (await search.search(STORE, "vendem geladeira?")).reason == NOTHING_MATCHES
    await search.aclose()


async def test_price_limit_is_never_broken(search: HybridCatalogSearch) -> None:
    outcome = await search.search(STORE, "bíblia até 30 reais", max_centavos=3000)
    assert outcome.matches
    assert all(match.product.price.centavos <= 3000 for match in outcome.matches)
    dear = await search.search(STORE, "chifre de unção com suporte", max_centavos=500)
    assert (dear.matches, dear.reason) == ((), NOTHING_AT_PRICE)


async def test_a_limit_in_words_is_kept_to_and_the_lower_of_two_counts(search: HybridCatalogSearch) -> None:
    said = await search.search(STORE, "bíblia até 60 reais", limit=10)
    assert said.matches and all(match.product.price.centavos <= 6000 for match in said.matches)
    both = await search.search(STORE, "bíblia até 60 reais", limit=10, max_centavos=3000)
    assert both.matches and all(match.product.price.centavos <= 3000 for match in both.matches)
    assert (await search.search(STORE, "chifre de unção até 5 reais")).reason == NOTHING_AT_PRICE


async def test_only_in_stock(search: HybridCatalogSearch) -> None:
    sold_out = await search.search(STORE, "boné trucker")
    assert sold_out.matches[0].product.sku == "BONE-TRUCK"
    refused = await search.search(STORE, "boné trucker", in_stock_only=True)
    assert "BONE-TRUCK" not in [match.product.sku for match in refused.matches]
    assert refused.matches or refused.reason == NOTHING_IN_STOCK


async def test_named_colour_and_size_come_first(search: HybridCatalogSearch) -> None:
    outcome = await search.search(STORE, "camiseta fe inabalavel branca g")
    assert outcome.matches[0].product.sku == "CAM-FE-BR-G"


async def test_one_shirt_does_not_fill_the_list(search: HybridCatalogSearch) -> None:
    outcome = await search.search(STORE, "camiseta", limit=5)
    assert len({match.product.parent_id for match in outcome.matches}) >= 3


@pytest.mark.parametrize("odd", ["", "   ", "🙏🙏", "\x00", "' OR 1=1 --", "%_\\", "a" * 100_000, "?!", "٣ كتاب"])
async def test_odd_text_never_raises(search: HybridCatalogSearch, odd: str) -> None:
    outcome = await search.search(STORE, odd)
    assert outcome.matches or outcome.reason
