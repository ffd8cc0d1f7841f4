"""The parts every sandbox router works with, and the gate in front of every resource; holds no route."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from fastapi import Request

from tools.conta_azul.sandbox.catalogue import Catalogue
from tools.conta_azul.sandbox.grants import Grants
from tools.conta_azul.sandbox.limits import RateLimit
from tools.conta_azul.sandbox.refusals import RefusedError
from tools.conta_azul.sandbox.store import SandboxStore
from tools.conta_azul.sandbox.switches import Switches

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sandbox:
    """One running sandbox, reachable as `app.state.sandbox`; tests and tools act on the ERP's inside through it."""

    switches: Switches
    store: SandboxStore
    catalogue: Catalogue
    grants: Grants
    limit: RateLimit
    ignored_parameters: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    """Path and name of every query parameter that was ignored, as the real lists ignore them."""

    def note_ignored(self, request: Request, known: frozenset[str]) -> None:
        """Remember parameters the real API would have ignored without a word."""
        for name in set(request.query_params) - known:
            self.ignored_parameters.add((request.url.path, name))
            if self.switches.strict_parameters:
                log.warning("sandbox_ignored_parameter", path=request.url.path, name=name)


def build_gate(sandbox: Sandbox) -> Callable[[Request], None]:
    """The dependency of every resource router: bearer, account standing, then the account's rate limit."""

    def gate(request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise RefusedError(401, {"code": 401, "message": "Unauthorized"})
        if not sandbox.grants.is_valid(token):
            raise RefusedError(401, {"code": 401, "message": "The Token has expired."})
        _check_account(sandbox.switches)
        if sandbox.switches.rate_limit and (wait := sandbox.limit.seconds_to_wait()):
            headers = {"Retry-After": str(int(wait) + 1)} if sandbox.switches.send_retry_after else None
            raise RefusedError(429, {"message": "Too Many Requests"}, headers)

    return gate


def _check_account(switches: Switches) -> None:
    if switches.portal_account:
        message = "Não foi possível identificar a empresa: utilize o usuário e senha do ERP e tente novamente"
        raise RefusedError(401, {"code": 401, "message": message})
    if switches.trial_ended:
        message = "A conta não está elegível para uso da API devido ao status atual do plano."
        raise RefusedError(403, {"message": message, "status_conta": "END_TRIAL"})
