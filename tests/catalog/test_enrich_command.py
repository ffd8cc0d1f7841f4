"""`novo catalog enrich` in an installation of its own: asks the model, says what it did, and search follows."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from agent.testing import ScriptedAnswer, openai_server
from cli import novo

NOTE = ScriptedAnswer(json.dumps({"sinonimos": ["balangandã"], "ocasioes": [], "para_quem": []}))
ROW = {"description": "", "category": "Loja", "brand": "", "stock": 5}
OTHER = ScriptedAnswer(json.dumps({"sinonimos": ["copo"]}))
PRODUCTS = [
    ROW | {"id": "1", "sku": "CHAV", "name": "Chaveiro Peixe", "price": "9.90"},
    ROW | {"id": "2", "sku": "CAN", "name": "Caneca Branca", "price": "29.90"},
    ROW | {"id": "3", "sku": "BIB", "name": "Bíblia de Estudo", "price": "99.90"},
]


class Shop:
    """The commands of one installation."""

    def __init__(self, folder: Path, database_url: str, model_url: str) -> None:
        self._folder = folder
        self._environment = {
            "NOVO_DATA_DIR": str(folder),
            "DATABASE_URL": database_url,
            "OPENAI_BASE_URL": model_url,
            "OPENAI_API_KEY": "chave-de-teste",
            "NOVO_CATALOG_NOTES": "on",
            "NOVO_LOG_LEVEL": "ERROR",
        }

    async def run(self, *words: str, **changed: str) -> Result:
        # Each command runs an event loop of its own.
        environment = self._environment | changed
        return await asyncio.to_thread(CliRunner().invoke, novo, ["catalog", *words], env=environment)

    async def outcome(self, *words: str, **changed: str) -> dict[str, Any]:
        result = await self.run(*words, "--json", **changed)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout.splitlines()[-1])

    async def load(self) -> None:
        file = self._folder / "products.jsonl"
        file.write_text("".join(json.dumps(row) + "\n" for row in PRODUCTS), encoding="utf-8")
        await self.outcome("import", str(file))


async def test_enriches_once_and_search_finds_by_it(tmp_path: Path, database_url: str) -> None:
    with openai_server(ScriptedAnswer(status=401), NOTE, OTHER) as server:
        shop = Shop(tmp_path, database_url, server.base_url)
        await shop.load()
        refused = await shop.run("enrich", "--limit", "1", "--json")
        assert refused.exit_code == 1
        assert "401" in json.loads(refused.stdout.splitlines()[-1])["problem"]
        assert "chave-de-teste" not in refused.output
        first = await shop.outcome("enrich", "--limit", "1")
        assert first == {"written": 1, "failed": 0, "already": 0, "left": 2, "problem": "", "index_problem": ""}
        rest = await shop.run("enrich")
        assert "2 produtos descritos agora, 1 já tinham descrição, 0 faltam" in rest.stdout
        assert len(server.requests) == 4
        assert {request["model"] for request in server.requests} == {"gpt-4.1-mini"}
        asked_first = json.loads(server.requests[1]["messages"][1]["content"])["nome"]
        found = await shop.run("search", "balangandã")
        assert asked_first in found.stdout, found.output
        switched_off = await shop.run("search", "balangandã", NOVO_CATALOG_NOTES="off")
        assert asked_first not in switched_off.stdout


async def test_without_its_setting_it_says_what_to_set(tmp_path: Path, database_url: str) -> None:
    shop = Shop(tmp_path, database_url, "http://127.0.0.1:9/v1")
    off = await shop.run("enrich", NOVO_CATALOG_NOTES="off")
    assert off.exit_code == 2 and "NOVO_CATALOG_NOTES=on" in off.output
    no_model = await shop.run("enrich", NOVO_MODEL="offline")
    assert no_model.exit_code == 2 and "no model can write them" in no_model.output
