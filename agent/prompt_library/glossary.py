"""Reads glossary.toml into the value object that search and understanding use; searches nothing itself."""

from __future__ import annotations

from agent.prompt_library.phrases import parse_toml
from agent.prompt_library.problems import Problem
from agent.prompt_library.toml_tables import TomlTable
from tools.catalog.glossary import MOST_PRODUCTS, Glossary, Occasion, Phrase, Synonym, phrase_of

GLOSSARY_FILE = "glossary.toml"

Taken = dict[Phrase, tuple[str, int]]
"""The words already read, with the line they stand on."""


def parse_glossary(text: str, problems: list[Problem]) -> Glossary:
    """The glossary of the file's text; every fault is appended to `problems`."""
    values = parse_toml(GLOSSARY_FILE, text, problems)
    if values is None:
        return Glossary()
    file = TomlTable(GLOSSARY_FILE, text, values, problems)
    file.refuse_others(("anything", "synonym", "occasion"))
    taken: Taken = {}
    synonyms = tuple(_synonym(table, taken) for table in file.tables("synonym"))
    occasions = tuple(_occasion(table, taken) for table in file.tables("occasion"))
    return Glossary(synonyms, occasions, _anything(file))


def _synonym(table: TomlTable, taken: Taken) -> Synonym:
    table.refuse_others(("words",))
    return Synonym(_once(table, "words", taken, fewest=2))


def _occasion(table: TomlTable, taken: Taken) -> Occasion:
    table.refuse_others(("said", "products", "note"))
    said = _once(table, "said", taken, fewest=1)
    products = table.texts("products", fewest=1)
    if len(products) > MOST_PRODUCTS:
        words = f"products has {len(products)} entries: keep the best {MOST_PRODUCTS}, a customer is shown five"
        table.tell(table.line("products"), words)
    note = table.values.get("note", "")
    if not isinstance(note, str):
        table.tell(table.line("note"), 'note must be a text: note = "…"')
    return Occasion(said, tuple(product for product, _ in products), str(note))


def _anything(file: TomlTable) -> tuple[str, ...]:
    words = file.texts("anything")
    for word, line in words:
        if len(phrase_of(word)) != 1:
            file.tell(line, f"anything: {word!r} must be one word that is no article or preposition")
    return tuple(word for word, _ in words)


def _once(table: TomlTable, key: str, taken: Taken, *, fewest: int) -> tuple[str, ...]:
    """The texts of a list whose words may stand in one place of the file only."""
    texts = table.texts(key, fewest=fewest)
    for text, line in texts:
        phrase = phrase_of(text)
        if not phrase:
            table.tell(line, f"{key}: {text!r} says nothing: articles and prepositions do not count")
        elif phrase in taken:
            earlier, where = taken[phrase]
            alike = "" if earlier == text else f" as {earlier!r}, which is read alike"
            table.tell(line, f"{key}: {text!r} stands already on line {where}{alike}: keep it in one group")
        else:
            taken[phrase] = (text, line)
    return tuple(text for text, _ in texts)
