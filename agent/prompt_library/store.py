"""Reads store.toml and checks every fact that code relies on; what of it prompts may say is decided here too."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from agent.prompt_library import order_terms
from agent.prompt_library.phrases import parse_toml
from agent.prompt_library.problems import Problem, line_of_key, line_of_text
from agent.prompt_library.toml_tables import TomlTable
from plugins.builtin import freight_zones, pix
from plugins.builtin.opening_hours import opening_state
from plugins.builtin.store_facts import StoreFault

STORE_FILE = "store.toml"

_TEXTS = (
    ("store", "name"),
    ("store", "description"),
    ("store", "timezone"),
    ("address", "words"),
    ("payment", "words"),
    ("freight", "words"),
    ("attendant", "name"),
)


def parse_store(text: str, problems: list[Problem]) -> dict[str, Any]:
    """The tables of the file; {} when anything is wrong, every fault of it then being among `problems`."""
    store = parse_toml(STORE_FILE, text, problems)
    if store is None:
        return {}
    found = [*_missing_texts(store, text), *_opening_problems(store, text), *_table_problems(store, text)]
    problems.extend(found)
    return {} if found else store


def speaking_facts(store: Mapping[str, Any]) -> dict[str, Any]:
    """The store without what only code may use: freight prices come from a tool, the Pix key from an order."""
    freight = {key: value for key, value in store["freight"].items() if key != "zone"}
    hidden = (pix.TABLE, order_terms.TABLE)
    return {key: value for key, value in store.items() if key not in hidden} | {"freight": freight}


def _missing_texts(store: Mapping[str, Any], text: str) -> list[Problem]:
    return [
        Problem(STORE_FILE, line_of_key(text, table), f'[{table}] needs {key} = "…", as the customer will read it')
        for table, key in _TEXTS
        if not _is_text(store.get(table), key)
    ]


def _is_text(table: Any, key: str) -> bool:
    value: Any = table.get(key) if isinstance(table, dict) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType] # any TOML value
    return isinstance(value, str) and bool(value.strip())


def _opening_problems(store: Mapping[str, Any], text: str) -> list[Problem]:
    try:
        opening_state(store, datetime(2026, 1, 5, 12, tzinfo=ZoneInfo("America/Sao_Paulo")))
    except ValueError as error:
        key = str(error).split(":", 1)[0].split(",")[0].split(".")[-1]
        return [Problem(STORE_FILE, line_of_key(text, key), str(error))]
    return []


def _table_problems(store: Mapping[str, Any], text: str) -> list[Problem]:
    faults: list[StoreFault] = []
    freight_zones.parse_zones(store, faults)
    pix.parse_pix(store, faults)
    order_terms.parse_unpaid_patience(store, faults)
    return [Problem(STORE_FILE, _line_of(fault, store, text), fault.words) for fault in faults]


def _line_of(fault: StoreFault, store: Mapping[str, Any], text: str) -> int:
    file = TomlTable(STORE_FILE, text, store, [])
    tables = file.tables(fault.table) if fault.table == freight_zones.TABLE else [file.table(fault.table)]
    if len(tables) < fault.number:
        return max(line_of_key(text, fault.table), line_of_key(text, fault.key))
    table = tables[fault.number - 1]
    line = table.line(fault.key)
    return line_of_text(text, f'"{fault.text}"', after=line) if fault.text else line
