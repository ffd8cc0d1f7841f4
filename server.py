"""The composition root of the web process: builds the FastAPI app from the settings; starts nothing at import."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import structlog
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse
from prometheus_client import CollectorRegistry

from agent.prompt_library import PromptCheck
from database.engine import Database, open_database
from runtime.inbox import InboxWriter
from runtime.logs import configure_logs
from settings import Settings
from tools.sales.payments import SqlPaymentLedger
from web.conta_azul import build_conta_azul_router
from web.health import build_health_router
from web.metrics import build_metrics_router
from web.payments import build_payments_router
from web.simulator import build_simulator_router
from web.simulator_bank import build_simulator_bank
from web.webhook import build_webhook_router
from wiring.database import prepare_database
from wiring.erp import SANDBOX_PATH, open_erp
from wiring.sandbox import InstalledSandbox
from wiring.store import ensure_store

log = structlog.get_logger(__name__)

Report = Callable[[str, int, int], None]


def build_app(settings: Settings, database_url: str, *, report: Report = lambda _step, _done, _total: None) -> FastAPI:
    """The web app over an up-to-date database. Routers are mounted when it starts, closed when it stops."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
            database = await stack.enter_async_context(open_database(database_url))
            inbox = InboxWriter(database)
            stack.push_async_callback(inbox.aclose)
            store_name = await ensure_store(database, settings)
            _mount_channels(app, settings, database, inbox, store_name)
            erp = await stack.enter_async_context(open_erp(settings, database))
            app.include_router(
                build_conta_azul_router(
                    erp.connection,
                    erp.cipher,
                    secure_cookie=settings.base_url.startswith("https://"),
                    owner_code=erp.owner_code,
                )
            )
            _mount_payments(app, settings, database)
            prompts = PromptCheck(settings.prompts_dir)
            app.include_router(
                build_health_router(database, settings.store_id, prompt_problems=prompts.problems),
            )
            app.include_router(build_metrics_router(database, settings.store_id, CollectorRegistry()))
            log.info("web_ready", simulator=settings.simulator_enabled, whatsapp=settings.whatsapp_configured)
            report("web", 1, 1)
            yield

    app = FastAPI(title="Novo", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.add_exception_handler(Exception, _say_nothing_of_faults)
    if not settings.conta_azul_configured:
        app.mount(SANDBOX_PATH, InstalledSandbox(settings))
    return app


def _mount_channels(app: FastAPI, settings: Settings, database: Database, inbox: InboxWriter, store_name: str) -> None:
    if settings.whatsapp_configured:
        assert settings.whatsapp_app_secret is not None
        assert settings.whatsapp_verify_token is not None
        app.include_router(
            build_webhook_router(
                inbox,
                store_id=settings.store_id,
                app_secret=settings.whatsapp_app_secret.get_secret_value(),
                verify_token=settings.whatsapp_verify_token.get_secret_value(),
                phone_number_id=settings.whatsapp_phone_number_id,
            )
        )
    if settings.simulator_enabled:
        app.include_router(build_simulator_router(database, inbox, settings.store_id, store_name))
        app.include_router(build_simulator_bank(SqlPaymentLedger(database), settings.store_id))
        app.add_api_route("/", _to_simulator, include_in_schema=False)


def _mount_payments(app: FastAPI, settings: Settings, database: Database) -> None:
    """Where a bank reports what was paid; the worker's schedule tells the customers."""
    if settings.payment_webhook_secret is None:
        return

    async def nothing_more(_: object) -> None:
        """What a report changed stands in the database, where the scheduled job finds it."""

    app.include_router(
        build_payments_router(
            SqlPaymentLedger(database),
            store_id=settings.store_id,
            secret=settings.payment_webhook_secret.get_secret_value(),
            on_paid=nothing_more,
        )
    )


async def _to_simulator() -> RedirectResponse:
    return RedirectResponse("/simulator")


async def _say_nothing_of_faults(request: Request, error: Exception) -> JSONResponse:
    # The traceback is in the log, written by the server; a page or an integrator sees only that it was ours.
    return JSONResponse({"error": "internal error; see the log of the web process"}, status_code=500)


def run_web(settings: Settings, *, report: Report) -> None:
    """The web process, until SIGTERM or SIGINT."""
    configure_logs(settings.log_level, process="web")
    url = prepare_database(settings)
    uvicorn.run(
        build_app(settings, url, report=report),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        # An open simulator page holds its event stream for ever: it is cut, and the page comes back by itself.
        timeout_graceful_shutdown=2,
    )
