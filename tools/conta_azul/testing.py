"""Runs the sandbox ERP over real HTTP on a loopback port, with scripted failures; for tests, benches and evals."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs

from tools.conta_azul.sandbox.app import CATALOGUE, build_sandbox
from tools.conta_azul.sandbox.parts import Sandbox
from tools.conta_azul.sandbox.switches import Switches
from tools.testing import serve_in_thread

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(slots=True)
class Failure:
    """One scripted answer: given `times` times to requests of the path (and page, if named), then never again."""

    path: str
    status: int
    body: bytes = b""
    page: int | None = None
    times: int = 1
    headers: tuple[tuple[str, str], ...] = ()

    def fits(self, scope: Scope) -> bool:
        pages = parse_qs(scope["query_string"].decode()).get("pagina", ["1"])
        return self.times > 0 and scope["path"] == self.path and self.page in (None, int(pages[0]))


class ScriptedFailures:
    """Stands in front of an app: answers what was scripted, and passes everything else on. Counts every request."""

    def __init__(self, app: AsgiApp) -> None:
        self._app = app
        self.script: list[Failure] = []
        self.requests: list[tuple[str, str]] = []
        """Method and path of each request, in order."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        self.requests.append((scope["method"], scope["path"]))
        failure = next((failure for failure in self.script if failure.fits(scope)), None)
        if failure is None:
            return await self._app(scope, receive, send)
        failure.times -= 1
        headers = [(name.encode(), value.encode()) for name, value in failure.headers]
        await send({"type": "http.response.start", "status": failure.status, "headers": headers})
        await send({"type": "http.response.body", "body": failure.body})
        return None

    def count(self, path: str) -> int:
        return sum(asked == path for _, asked in self.requests)

    def left_over(self) -> list[Failure]:
        """Scripted failures that never happened: a test that leaves some proved less than it says."""
        return [failure for failure in self.script if failure.times > 0]


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    url: str
    sandbox: Sandbox = field(repr=False)
    """The ERP's inside: change products, revoke grants, flip switches."""
    failures: ScriptedFailures = field(repr=False)


@contextmanager
def run_sandbox(
    catalogue: Path = CATALOGUE, state_file: Path | None = None, *, switches: Switches | None = None
) -> Generator[RunningSandbox]:
    """The sandbox ERP on a free loopback port, in a thread, until the end of the block."""
    app = build_sandbox(catalogue, state_file, switches=switches)
    failures = ScriptedFailures(cast(AsgiApp, app))
    with serve_in_thread(failures) as url:
        yield RunningSandbox(url, app.state.sandbox, failures)


@dataclass(slots=True)
class FixedBearer:
    """A bearer source for tests of the client alone: hands out its tokens in order, the last one for ever."""

    tokens: list[str]
    rejected: list[str] = field(default_factory=list[str])

    async def access_token(self, *, rejected: str | None = None) -> str:
        if rejected is not None:
            self.rejected.append(rejected)
            if len(self.tokens) > 1:
                self.tokens.pop(0)
        return self.tokens[0]


def issue_bearer(sandbox: Sandbox) -> str:
    """An access token of the sandbox without going through the consent."""
    return str(sandbox.grants.exchange(sandbox.grants.issue_code("test"), "test")["access_token"])
