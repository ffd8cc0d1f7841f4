"""Has notes written for products that lack one: a few at a time, up to a ceiling, each kept as soon as it is there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import structlog

from tools.catalog.note_writer import ModelRefused, NoteNotWritten, NoteWriter
from tools.catalog.notes import SqlProductNotes, content_hash
from tools.models import Product

_log = structlog.get_logger(__name__)

_AT_ONCE = 4
_MOST_FAILURES = 10
"""One after the other; then the service is taken to be down."""

Progress = Callable[[int, int], None]
"""Called with (products asked about so far, products to ask about)."""


@dataclass(frozen=True, slots=True)
class NoteOutcome:
    written: int
    failed: int
    """They stay as they are, and are asked about again the next time."""
    already: int
    """Products whose words had a note before."""
    left: int
    """Products beyond the ceiling, or after the service was given up."""
    problem: str = ""
    """Why the run was given up; "" when it came to its end."""


@dataclass(slots=True)
class _Run:
    waiting: Iterator[tuple[str, Product]]
    total: int
    progress: Progress
    written: int = 0
    failed: int = 0
    failed_in_a_row: int = 0
    problem: str = ""


async def write_notes(
    notes: SqlProductNotes,
    writer: NoteWriter,
    store_id: str,
    products: Sequence[Product],
    *,
    limit: int,
    progress: Progress = lambda _done, _total: None,
) -> NoteOutcome:
    """Ask about at most `limit` products without a note, and then let search read what was written.

    Stopped anywhere, the next run asks only for what is missing.
    """
    known = await notes.list_written(store_id)
    hashes = {product.id: content_hash(product) for product in products}
    lacking = {hashes[product.id]: product for product in products if hashes[product.id] not in known}
    asked = list(lacking.items())[:limit]
    run = _Run(iter(asked), len(asked), progress)
    async with asyncio.TaskGroup() as group:
        for _ in range(min(_AT_ONCE, len(asked))):
            group.create_task(_work(run, notes, writer, store_id))
    published = await notes.publish(store_id)
    _log.info("notes_written", store_id=store_id, written=run.written, failed=run.failed, published=published)
    left = len(lacking) - run.written - run.failed
    already = sum(key in known for key in hashes.values())
    return NoteOutcome(run.written, run.failed, already, left, run.problem)


async def _work(run: _Run, notes: SqlProductNotes, writer: NoteWriter, store_id: str) -> None:
    for key, product in run.waiting:
        try:
            phrases = await writer.write(product)
        except ModelRefused as error:
            run.problem = str(error)
        except NoteNotWritten as error:
            run.failed += 1
            run.failed_in_a_row += 1
            if run.failed_in_a_row >= _MOST_FAILURES:
                run.problem = str(error)
        else:
            await notes.record(store_id, key, phrases, writer.model)
            run.written += 1
            run.failed_in_a_row = 0
        if run.problem:
            return
        run.progress(run.written + run.failed, run.total)
