"""Finds words of the glossary that lead to nothing the shop sells today; without its products it says nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rapidfuzz import fuzz, process

from agent.prompt_library.checking.findings import Fault, Rule, Severity
from agent.prompt_library.checking.folder import PromptFolder
from agent.prompt_library.checking.passages import Passage
from agent.prompt_library.checking.words import fold
from agent.prompt_library.glossary import GLOSSARY_FILE, parse_glossary
from tools.catalog.glossary import Synonym
from tools.catalog.ranking import find_unmatched
from tools.models import Product

_NEAR = 75
"""Of 100; below it two names have little more than letters in common."""


def _check(folder: PromptFolder) -> Iterator[Fault]:
    if not folder.products:
        return
    # Read here once more: what is wrong in other files hides nothing of this one.
    glossary = parse_glossary(folder.texts.get(GLOSSARY_FILE, ""), [])
    unmatched = find_unmatched(glossary, folder.products)
    first_words = {text for entry, text in unmatched if isinstance(entry, Synonym)}
    offers = {text for entry, text in unmatched if not isinstance(entry, Synonym)}
    for passage in folder.passages:
        if passage.file == GLOSSARY_FILE and passage.key == "occasion.products" and passage.text in offers:
            yield _fault(passage, "", folder.products)
        elif passage.file == GLOSSARY_FILE and passage.key == "synonym.words" and passage.text in first_words:
            yield _fault(passage, ", e é por ele que a busca troca o resto do grupo", folder.products)


def _fault(passage: Passage, why_it_matters: str, products: Sequence[Product]) -> Fault:
    message = f"“{passage.text}” não acha nenhum produto no catálogo desta loja{why_it_matters}"
    near = process.extractOne(
        passage.text,
        [product.name for product in products],
        scorer=fuzz.token_set_ratio,
        processor=fold,
        score_cutoff=_NEAR,
    )
    found = f"o mais parecido é “{near[0]}”: use as palavras dele" if near else "use as palavras de um produto que há"
    return Fault(
        passage.file, passage.line, message, passage.column, len(passage.text), f"{found}, ou apague se não se vende."
    )


UNMATCHED_WORDS = Rule(
    "P302",
    "unmatched-glossary",
    Severity.WARNING,
    "Produto de uma ocasião, ou primeira palavra de um grupo de sinônimos, que o catálogo de hoje não tem.",
    "escreva como o catálogo diz, ou apague.",
    _check,
    "“barraca de camping” não acha nenhum produto no catálogo desta loja",
)
