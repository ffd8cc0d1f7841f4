"""Sends requests to Conta Azul: bearer, throttle, retries, refusals; knows no resource, repeats no write."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import httpx
import structlog

from tools.conta_azul.mapping import parse_error, says_plan_ended
from tools.conta_azul.reading import UnexpectedAnswerError, parse_json
from tools.conta_azul.throttle import Throttle
from tools.ports import ErpDisconnected, ErpUnavailable

log = structlog.get_logger(__name__)

RETRIES = 3
_FIRST_WAIT = 0.5
_LONGEST_WAIT = 30.0


Query: TypeAlias = Mapping[str, str | list[str]]
"""A list repeats its key, the way Conta Azul reads lists."""


class BearerSource(Protocol):
    async def access_token(self, *, rejected: str | None = None) -> str:
        """A bearer to use now; `rejected` is one the ERP just refused. Raises ErpDisconnected or ErpUnavailable."""
        ...


class RefusedError(Exception):
    """A 4xx that neither time nor a new token mends; `status` lets the caller tell a missing thing from a fault."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class LostAnswerError(ErpUnavailable):
    """A write whose answer is lost or a 5xx: it may have been applied. Look before writing again."""


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    path: str
    query: Query
    body: Any
    shown: str
    """The path as logs and errors may say it: without ids."""


class ContaAzulTransport:
    def __init__(
        self,
        http: httpx.AsyncClient,
        tokens: BearerSource,
        throttle: Throttle,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._http = http
        self._tokens = tokens
        self._throttle = throttle
        self._sleep = sleep

    async def get_json(self, path: str, query: Query | None = None, *, label: str = "") -> Any:
        """The JSON of a read. `label` stands for the path in logs and errors where the path holds an id.

        Raises RefusedError, ErpUnavailable after the last retry, ErpDisconnected when only the owner can help.
        """
        shown = label or path
        response = await self._send(_Request("GET", path, query or {}, None, shown))
        try:
            return parse_json(_accepted(response, f"GET {shown}").content)
        except UnexpectedAnswerError as error:
            raise ErpUnavailable(f"GET {shown}: {error}") from None

    async def write_json(self, method: str, path: str, body: Any = None, *, label: str = "") -> Any:
        """The JSON of a POST, PUT, PATCH or DELETE; None when the answer is empty (204).

        Sent again only when it cannot have been applied: after one 401, a 429, or when no connection came about.
        Raises LostAnswerError when nobody knows whether it was applied; otherwise as `get_json`.
        """
        shown = label or path
        response = await self._send(_Request(method, path, {}, body, shown))
        content = _accepted(response, f"{method} {shown}").content
        try:
            return parse_json(content) if content.strip() else None
        except UnexpectedAnswerError as error:
            raise LostAnswerError(f"{method} {shown}: {error}") from None

    async def _send(self, request: _Request) -> httpx.Response:
        """An answer that is neither passing trouble nor an expired token, after a few polite attempts."""
        token = await self._tokens.access_token()
        renewed, failures = False, 0
        while True:
            answer = await self._attempt(request, token)
            if isinstance(answer, httpx.Response) and answer.status_code == 401 and not renewed:
                token, renewed = await self._tokens.access_token(rejected=token), True
            elif isinstance(answer, httpx.Response) and answer.status_code == 401:
                reason = parse_error(answer.content) or "no reason given"
                raise ErpDisconnected(f"Conta Azul refuses a fresh token ({reason}): connect again as an ERP user")
            elif isinstance(answer, httpx.Response) and not _is_passing(answer):
                return answer
            elif request.method != "GET" and not _cannot_have_counted(answer):
                raise LostAnswerError(f"{request.method} {request.shown}: the answer is lost ({_named(answer)})")
            else:
                failures += 1
                await self._wait(answer, failures, request)

    async def _attempt(self, request: _Request, token: str) -> httpx.Response | httpx.TransportError:
        await self._throttle.acquire()
        headers = {"Authorization": f"Bearer {token}"}
        try:
            return await self._http.request(
                request.method, request.path, params=request.query, json=request.body, headers=headers
            )
        except httpx.TransportError as error:
            return error

    async def _wait(self, trouble: httpx.Response | httpx.TransportError, failures: int, request: _Request) -> None:
        reason = _named(trouble)
        if failures > RETRIES:
            raise ErpUnavailable(f"{request.method} {request.shown} failed {failures} times, last with {reason}")
        log.info("erp_request_retried", method=request.method, path=request.shown, reason=reason, attempt=failures)
        await self._sleep(_seconds(trouble, failures))


def _accepted(response: httpx.Response, shown: str) -> httpx.Response:
    if response.is_success:
        return response
    reason = parse_error(response.content) or "no reason given"
    if response.status_code == 403 and says_plan_ended(response.content):
        raise ErpDisconnected(f"Conta Azul refuses this account because of its plan: {reason}")
    raise RefusedError(response.status_code, f"{shown} was refused with {response.status_code}: {reason}")


def _named(trouble: httpx.Response | httpx.TransportError) -> str:
    return str(trouble.status_code) if isinstance(trouble, httpx.Response) else type(trouble).__name__


def _is_passing(response: httpx.Response) -> bool:
    return response.status_code == 429 or response.status_code >= 500


def _cannot_have_counted(trouble: httpx.Response | httpx.TransportError) -> bool:
    """Whether the ERP never worked on the request: no connection came about, or the limit turned it away."""
    if isinstance(trouble, httpx.Response):
        return trouble.status_code == 429
    return isinstance(trouble, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)


def _seconds(trouble: httpx.Response | httpx.TransportError, failures: int) -> float:
    """What the server asked for, or twice as long each time; the jitter keeps callers from marching in step."""
    asked = trouble.headers.get("retry-after", "") if isinstance(trouble, httpx.Response) else ""
    if asked.isdecimal():
        return min(float(asked), _LONGEST_WAIT)
    return min(_FIRST_WAIT * 2 ** (failures - 1), _LONGEST_WAIT) * random.uniform(0.75, 1.25)  # noqa: S311 - jitter
