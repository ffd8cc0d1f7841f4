"""Speaks OAuth 2.0 with Conta Azul's authorisation host: consent address, code exchange, refresh; stores nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from tools.ports import ErpUnavailable

SCOPE = "openid profile aws.cognito.signin.user.admin"
"""The one scope string there is; it grants every resource."""

_DEFAULT_LIFE = 3600
_TIMEOUT = 10.0


class GrantRefusedError(Exception):
    """The authorisation host refused: `code` is its `error` field, such as invalid_grant or invalid_client."""

    def __init__(self, code: str) -> None:
        # The host's description is left out: it may repeat what it was sent.
        super().__init__(f"Conta Azul refused the grant: {code}")
        self.code = code


@dataclass(frozen=True, slots=True)
class TokenPair:
    """One company's tokens. The repr shows none of them."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime
    """When the access token ends (aware, UTC)."""


@dataclass(frozen=True, slots=True)
class ContaAzulApp:
    """The app registered at Conta Azul's developer portal."""

    client_id: str
    client_secret: str = field(repr=False)
    auth_url: str
    """Authorisation host, such as https://auth.contaazul.com."""
    redirect_uri: str
    """Exactly as registered: scheme, host, path and trailing slash."""
    authorize_path: str = "/oauth2/authorize"
    """`/login` is the other documented spelling."""


class ContaAzulOAuth:
    """The grants of one registered app. Safe to share; each call opens its own short-lived HTTP client."""

    def __init__(self, app: ContaAzulApp, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._app = app
        self._host = app.auth_url.rstrip("/")
        self._clock = clock

    def authorization_url(self, state: str) -> str:
        """Where the owner's browser goes to consent. No PKCE: the documentation knows none."""
        client = self._client()
        address = client.create_authorization_url(self._host + self._app.authorize_path, state=state, scope=SCOPE)
        return str(address[0])

    async def exchange(self, code: str) -> TokenPair:
        """The first pair for an authorisation code (3 minutes, one use). Raises GrantRefusedError, ErpUnavailable."""
        return await self._fetch(
            lambda client, url: client.fetch_token(url, code=code, grant_type="authorization_code")
        )

    async def refresh(self, refresh_token: str) -> TokenPair:
        """The next pair; the old refresh token is dead from now on. Raises GrantRefusedError, ErpUnavailable."""
        return await self._fetch(lambda client, url: client.refresh_token(url, refresh_token=refresh_token))

    async def _fetch(self, grant: Callable[[Any, str], Any]) -> TokenPair:
        # Imported here: tokens are renewed once an hour, and every process pays for what it imports at its start.
        import httpx2
        from authlib.integrations.httpx_client import OAuthError

        asked_at = self._clock()
        try:
            async with self._client() as client:
                answer = cast(dict[str, Any], dict(await grant(client, f"{self._host}/oauth2/token")))
        except OAuthError as error:
            raise GrantRefusedError(str(error.error)) from None
        except (httpx2.HTTPError, ValueError) as error:
            raise ErpUnavailable(f"Conta Azul's authorisation host did not answer ({type(error).__name__})") from None
        return _token_pair(answer, asked_at)

    def _client(self) -> Any:
        from authlib.integrations.httpx_client import AsyncOAuth2Client

        return AsyncOAuth2Client(
            self._app.client_id,
            self._app.client_secret,
            token_endpoint_auth_method="client_secret_basic",  # noqa: S106 - the name of a method
            redirect_uri=self._app.redirect_uri,
            timeout=_TIMEOUT,
        )


def _token_pair(answer: dict[str, Any], asked_at: datetime) -> TokenPair:
    access, refresh = answer.get("access_token"), answer.get("refresh_token")
    if not isinstance(access, str) or not isinstance(refresh, str) or not access or not refresh:
        raise ErpUnavailable("Conta Azul's authorisation host answered without tokens: try again in a moment")
    try:
        seconds = int(answer.get("expires_in") or _DEFAULT_LIFE)
    except (TypeError, ValueError):
        seconds = _DEFAULT_LIFE
    return TokenPair(access, refresh, asked_at + timedelta(seconds=seconds))
