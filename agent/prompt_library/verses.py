"""Reads verses.toml, the shop's verses and prayers, and checks that each can be sent as it stands."""

from __future__ import annotations

from agent.prompt_library.phrases import parse_toml
from agent.prompt_library.problems import Problem
from agent.prompt_library.toml_tables import TomlTable
from tools.verses.tools import Verse, Verses

VERSES_FILE = "verses.toml"


def parse_verses(text: str, problems: list[Problem]) -> Verses:
    """The texts of the file; every fault is appended to `problems`."""
    values = parse_toml(VERSES_FILE, text, problems)
    if values is None:
        return Verses()
    file = TomlTable(VERSES_FILE, text, values, problems)
    file.refuse_others(("prayers", "verse"))
    verses = tuple(verse for table in file.tables("verse") if (verse := _verse(table)))
    return Verses(verses, tuple(prayer for prayer, _ in file.texts("prayers")))


def _verse(table: TomlTable) -> Verse | None:
    table.refuse_others(("text", "reference"))
    text, reference = table.values.get("text"), table.values.get("reference")
    if isinstance(text, str) and isinstance(reference, str) and text.strip() and reference.strip():
        return Verse(text.strip(), reference.strip())
    table.tell(table.first_line, 'a verse needs text = "…" and reference = "…"')
    return None
