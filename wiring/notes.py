"""Has the chat model of an installation write notes about its products, and search follow them."""

from __future__ import annotations

import httpx

from tools.catalog.index import Progress
from tools.catalog.note_run import NoteOutcome, write_notes
from tools.catalog.note_writer import NoteWriter
from tools.catalog.notes import SqlProductNotes
from wiring.seller import Installation


async def enrich_catalog(
    installation: Installation, *, limit: int, writing: Progress, indexing: Progress
) -> tuple[NoteOutcome, str]:
    """Notes for at most `limit` products that have none, then the index; and what is wrong with the index, or ""."""
    settings = installation.settings
    store_id = settings.store_id
    key = settings.openai_api_key
    products = await installation.products.list_active(store_id)
    async with httpx.AsyncClient(timeout=settings.model_timeout) as http:
        writer = NoteWriter(
            http,
            base_url=settings.openai_base_url,
            api_key=key.get_secret_value() if key else "",
            model=settings.chat_model.removeprefix("openai:"),
        )
        notes = SqlProductNotes(installation.database)
        outcome = await write_notes(notes, writer, store_id, products, limit=limit, progress=writing)
    return outcome, (await installation.search.refresh(store_id, products, indexing)).problem
