"""One run of a preview: finds the customers' messages, opens a scratch shop, and plays what is not kept from before."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from commands.prompts.differences import ComparedConversation
from commands.prompts.kept_replays import KeptReplays
from commands.prompts.replaying import Replay, Side
from commands.prompts.revisions import Revisions
from commands.prompts.scripts import Script, script_of, scripts_of_evals
from database.engine import open_database
from evals.run import isolated_settings
from runtime.saved_conversations import SavedConversations
from settings import Settings
from tools.catalog.snapshots import SqlProductSnapshots
from tools.models import Product
from wiring.database import prepare_database
from wiring.scratch import open_scratch

DEFAULT_CONVERSATIONS = 10

Report = Callable[[str, int, int], None]
"""Called with (step, done, total)."""


class NothingToReplay(Exception):
    """No customer's messages to play; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which conversations are replayed, and by whom."""

    ids: tuple[str, ...]
    """Ids or their beginnings; empty for the newest ones."""
    limit: int | None
    evals: bool
    model: str
    again: bool
    """Whether to play also what an earlier run has played."""


@dataclass(slots=True)
class Tally:
    """How far a run has come; what is in it stays when the run is stopped."""

    compared: list[ComparedConversation] = field(default_factory=list[ComparedConversation])
    asked_for: int = 0
    kept: int = 0
    """How many of the compared ones an earlier run had played."""


async def run_replay(
    settings: Settings, revisions: Revisions, wanted: Wanted, folder: Path, tally: Tally, report: Report
) -> None:
    """Fill `tally` with the wanted conversations; `folder` is for the scratch shop.

    Raises NothingToReplay, ConversationUnclear, ScenarioError, TrainingFailed, PromptError.
    """
    kept = _kept(settings, revisions, wanted)
    scripts, products = ([], []) if wanted.evals else await _saved(settings, wanted)
    if scripts and not wanted.again:
        found = [kept.find(script) for script in scripts]
        if all(found):
            tally.compared += [conversation for conversation in found if conversation]
            tally.asked_for = tally.kept = len(found)
            return
    sides = await _learn(settings, revisions, folder, report)
    report("abrindo uma loja de teste", 0, 1)
    # The prompts of the scratch installation itself answer nobody; the two sellers bring their own.
    own = settings.model_copy(update={"prompts_dir": revisions.after})
    async with open_scratch(isolated_settings(own, folder), products, model=wanted.model, report=report) as shop:
        report("abrindo uma loja de teste", 1, 1)
        if wanted.evals:
            scripts = _scripted(revisions.after, await shop.products.list_active(settings.store_id), wanted)
        tally.asked_for = len(scripts)
        await _play(Replay.of(shop, *sides), scripts, kept, wanted, tally, report)


def _kept(settings: Settings, revisions: Revisions, wanted: Wanted) -> KeptReplays:
    served_by = (wanted.model, settings.openai_base_url or "", settings.embeddings, settings.store_id)
    plugins = settings.plugins_dir or settings.data_dir / "plugins"
    return KeptReplays.of(settings.data_dir.resolve() / "cache" / "preview", (*revisions.versions, *served_by), plugins)


async def _learn(settings: Settings, revisions: Revisions, folder: Path, report: Report) -> list[Side]:
    step = "aprendendo os exemplos dos perfis"
    models = settings.data_dir.resolve() / "understanding"
    sides: list[Side] = []
    for number, prompts in enumerate((revisions.before, revisions.after)):
        report(step, number, 2)
        sides.append(await asyncio.to_thread(Side.of, prompts, models))
    report(step, 2, 2)
    if models.is_dir():
        # What was learnt holds no customer's words, and the scratch installation need not learn it again.
        shutil.copytree(models, folder / "understanding")
    return sides


async def _play(
    replay: Replay, scripts: Sequence[Script], kept: KeptReplays, wanted: Wanted, tally: Tally, report: Report
) -> None:
    report("conversando", 0, len(scripts))
    for script in scripts:
        earlier = None if wanted.again else await asyncio.to_thread(kept.find, script)
        if earlier:
            tally.kept += 1
        conversation = earlier or await replay.compare(script)
        if not earlier:
            await asyncio.to_thread(kept.keep, script, conversation)
        tally.compared.append(conversation)
        report("conversando", len(tally.compared), len(scripts))


async def _saved(settings: Settings, wanted: Wanted) -> tuple[list[Script], list[Product]]:
    """The shop's conversations and its products; from here on nothing of the shop's is opened."""
    async with open_database(prepare_database(settings), connections=2) as database:
        saved = SavedConversations(database, settings.store_id)
        ids = [await saved.find_id(beginning) for beginning in wanted.ids]
        loaded = [await saved.load(one) for one in ids or await saved.newest(wanted.limit or DEFAULT_CONVERSATIONS)]
        products = await SqlProductSnapshots(database).list_active(settings.store_id)
    scripts = [script for script in map(script_of, loaded) if script.turns]
    if not scripts:
        raise NothingToReplay(
            "Não há conversa guardada para repetir. Converse um pouco no simulador (`novo serve`) "
            "ou use --evals, que repete as conversas escritas em evals/cenarios."
        )
    return scripts, products


def _scripted(prompts: Path, stock: Sequence[Product], wanted: Wanted) -> list[Script]:
    catalogue = {product.sku: product for product in stock}
    scripts = scripts_of_evals(prompts, catalogue, wanted.ids, wanted.limit, datetime.now(UTC))
    unknown = set(wanted.ids) - {script.id for script in scripts}
    if unknown:
        raise NothingToReplay(f"Não há cenário {', '.join(sorted(unknown))}: veja os ids em evals/cenarios.")
    return scripts
