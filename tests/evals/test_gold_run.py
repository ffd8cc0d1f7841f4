"""The gold run: the offline seller, through the whole product, passes every shipped scenario."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from evals.loading import SCENARIOS, load_scenarios, store_vocabulary
from evals.run import isolated_settings, run_evals
from settings import ROOT, load_settings


@pytest.mark.process
async def test_the_offline_seller_passes_every_scenario(database_url: str, tmp_path: Path) -> None:
    scenarios = load_scenarios(SCENARIOS, store_vocabulary(ROOT / "prompts"))
    isolated = isolated_settings(load_settings(data_dir=tmp_path), tmp_path / "run")
    # The tests' own server instead of one more embedded Postgres.
    settings = isolated.model_copy(update={"database_url": SecretStr(database_url)})
    run = await run_evals(settings, scenarios, log_dir=tmp_path / "logs")
    failed = {v.scenario.id: v.error or v.objections for v in run.verdicts if not v.approved}
    assert failed == {}
    assert len(run.verdicts) == len(scenarios)
    assert run.log.is_file()
