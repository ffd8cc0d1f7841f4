"""A whole installation in this process: database, sandbox ERP and catalogue made ready; for the chat and the evals."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx

from runtime.catalog_sync import Report
from settings import Settings
from tools.conta_azul.consent import connect_automatically
from tools.testing import serve_in_thread
from wiring.database import prepare_database
from wiring.dialogue import CollectingChannel
from wiring.erp import local_sandbox_url
from wiring.sandbox import InstalledSandbox
from wiring.seller import Installation, open_installation


@asynccontextmanager
async def open_local(
    settings: Settings,
    channel: CollectingChannel,
    *,
    model: str | None = None,
    report: Report = lambda _step, _done, _total: None,
) -> AsyncGenerator[Installation]:
    """The installation of these settings with `channel` added; the sandbox is served here unless it runs already.

    Raises ConfigurationError, PromptError or PluginError, each listing every problem.
    """
    url = prepare_database(settings)
    async with AsyncExitStack() as stack:
        sandbox_url = None
        if not settings.conta_azul_configured and not await _answers(local_sandbox_url(settings)):
            sandbox_url = stack.enter_context(serve_in_thread(InstalledSandbox(settings)))
        installation = await stack.enter_async_context(
            open_installation(
                settings, url, model=model, sandbox_url=sandbox_url, extra_channels={channel.name: channel}
            )
        )
        if not settings.conta_azul_configured:
            await connect_automatically(installation.erp.connection)
        await installation.sync.run_if_empty(report)
        yield installation


async def _answers(url: str) -> bool:
    try:
        async with httpx.AsyncClient(timeout=1) as http:
            return (await http.get(f"{url}/")).is_success
    except httpx.HTTPError:
        return False
