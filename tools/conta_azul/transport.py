"""Sends reads to Conta Azul: bearer, throttle, retries, refusals; knows no resource and repeats nothing but GET."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

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


class BearerSource(Protocol):
    async def access_token(self, *, rejected: str | None = None) -> str:
        """A bearer to use now; `rejected` is one the ERP just refused. Raises ErpDisconnected or ErpUnavailable."""
        ...


class RefusedError(Exception):
    """A 4xx that neither time nor a new token mends; `status` lets the caller tell a missing thing from a fault."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


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

    async def get_json(self, path: str, query: Mapping[str, str] | None = None, *, label: str = "") -> Any:
        """The JSON of a read. `label` stands for the path in logs and errors where the path holds an id.

        Raises RefusedError, ErpUnavailable after the last retry, ErpDisconnected when only the owner can help.
        """
        shown = label or path
        response = await self._send(path, query or {}, shown)
        if response.is_success:
            try:
                return parse_json(response.content)
            except UnexpectedAnswerError as error:
                raise ErpUnavailable(f"GET {shown}: {error}") from None
        reason = parse_error(response.content) or "no reason given"
        if response.status_code == 403 and says_plan_ended(response.content):
            raise ErpDisconnected(f"Conta Azul refuses this account because of its plan: {reason}")
        raise RefusedError(response.status_code, f"GET {shown} was refused with {response.status_code}: {reason}")

    async def _send(self, path: str, query: Mapping[str, str], shown: str) -> httpx.Response:
        """An answer that is neither passing trouble nor an expired token, after a few polite attempts."""
        token = await self._tokens.access_token()
        renewed, failures = False, 0
        while True:
            answer = await self._attempt(path, query, token)
            if isinstance(answer, httpx.Response) and answer.status_code == 401 and not renewed:
                token, renewed = await self._tokens.access_token(rejected=token), True
            elif isinstance(answer, httpx.Response) and answer.status_code == 401:
                reason = parse_error(answer.content) or "no reason given"
                raise ErpDisconnected(f"Conta Azul refuses a fresh token ({reason}): connect again as an ERP user")
            elif isinstance(answer, httpx.Response) and not _is_passing(answer):
                return answer
            else:
                failures += 1
                await self._wait(answer, failures, shown)

    async def _attempt(self, path: str, query: Mapping[str, str], token: str) -> httpx.Response | httpx.TransportError:
        await self._throttle.acquire()
        try:
            return await self._http.get(path, params=query, headers={"Authorization": f"Bearer {token}"})
        except httpx.TransportError as error:
            return error

    async def _wait(self, trouble: httpx.Response | httpx.TransportError, failures: int, shown: str) -> None:
        reason = str(trouble.status_code) if isinstance(trouble, httpx.Response) else type(trouble).__name__
        if failures > RETRIES:
            raise ErpUnavailable(f"GET {shown} failed {failures} times, last with {reason}")
        log.info("erp_read_retried", path=shown, reason=reason, attempt=failures)
        await self._sleep(_seconds(trouble, failures))


def _is_passing(response: httpx.Response) -> bool:
    return response.status_code == 429 or response.status_code >= 500


def _seconds(trouble: httpx.Response | httpx.TransportError, failures: int) -> float:
    """What the server asked for, or twice as long each time; the jitter keeps callers from marching in step."""
    asked = trouble.headers.get("retry-after", "") if isinstance(trouble, httpx.Response) else ""
    if asked.isdecimal():
        return min(float(asked), _LONGEST_WAIT)
    return min(_FIRST_WAIT * 2 ** (failures - 1), _LONGEST_WAIT) * random.uniform(0.75, 1.25)  # noqa: S311 - jitter
