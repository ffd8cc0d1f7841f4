"""Right replies of the test data with what they rest on; judges nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from agent.prompt_library import PromptSource
from agent.proof.evidence import gather
from agent.proof.ledger import ledger_of
from agent.proof.scene import Grounds
from agent.state import ToolRun
from settings import ROOT
from tools.toolset import Effect

NOW = datetime(2026, 9, 15, 3, 0, tzinfo=ZoneInfo("America/Sao_Paulo"))


@cache
def _store() -> Mapping[str, Any]:
    return PromptSource(ROOT / "prompts").current().store


@dataclass(frozen=True)
class RightReply:
    text: str
    row: Mapping[str, Any]

    def grounds(self) -> Grounds:
        runs = [
            ToolRun(
                tool["name"],
                Effect.READ,
                tool["arguments"],
                tool["result"],
                ok=tool.get("ok", True),
                milliseconds=1.0,
            )
            for tool in self.row["tools"]
        ]
        return Grounds(
            evidence=gather(runs),
            ledger=ledger_of(self.row),
            store=_store(),
            heard=self.row["heard"],
            now=NOW,
            people=("Ana", "pastora", "a Débora"),
        )


def right_replies() -> list[RightReply]:
    return _replies("right_replies")


def second_right_replies() -> list[RightReply]:
    """Written by somebody who had not seen how the proof reads."""
    return _replies("second_right")


def second_wrong_replies() -> list[RightReply]:
    """As above; `row["why"]` says what is wrong."""
    return _replies("second_wrong")


def _replies(name: str) -> list[RightReply]:
    lines = (Path(__file__).parent / "data" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [RightReply(row["reply"], row) for row in map(json.loads, lines)]
