"""Issues, rotates and checks the sandbox's OAuth codes and tokens; keeps only their digests and knows no HTTP."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from tools.conta_azul.sandbox.store import Collections, SandboxStore
from tools.conta_azul.sandbox.switches import Switches

_CODES, _REFRESH, _ACCESS = "authorization_codes", "refresh_tokens", "access_tokens"


class InvalidGrantError(Exception):
    """The code or refresh token is unknown, used, expired, or was given for another callback."""


class Grants:
    def __init__(self, store: SandboxStore, switches: Switches, *, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._switches = switches
        self._clock = clock

    def issue_code(self, redirect_uri: str) -> str:
        """A single-use code for one callback address."""
        code = secrets.token_urlsafe(24)
        with self._store.changing() as collections:
            expires = self._now() + self._switches.code_seconds
            collections.setdefault(_CODES, {})[_digest(code)] = {"redirect_uri": redirect_uri, "expires_at": expires}
        return code

    def exchange(self, code: str, redirect_uri: str) -> dict[str, Any]:
        """The token answer for a code; a code works once, even when the attempt fails."""
        with self._store.changing() as collections:
            record = collections.setdefault(_CODES, {}).pop(_digest(code), None)
            good = record and record["expires_at"] > self._now() and record["redirect_uri"] == redirect_uri
            answer = self._issue(collections) if good else None
        if answer is None:
            raise InvalidGrantError
        return answer

    def refresh(self, refresh_token: str) -> dict[str, Any]:
        """The token answer for a refresh token, which dies at once unless rotation is switched off."""
        with self._store.changing() as collections:
            if _digest(refresh_token) not in collections.setdefault(_REFRESH, {}):
                raise InvalidGrantError
            if self._switches.omit_refresh_token:
                return self._issue(collections, rotate=False)
            if not self._switches.rotate_refresh_token:
                return self._issue(collections, rotate=False) | {"refresh_token": refresh_token}
            del collections[_REFRESH][_digest(refresh_token)]
            return self._issue(collections)

    def is_valid(self, access_token: str) -> bool:
        record = self._store.find(_ACCESS, _digest(access_token))
        return record is not None and record["expires_at"] > self._now()

    def expire_access_tokens(self) -> None:
        """Every access token is past its hour from now on; refresh tokens stay good."""
        with self._store.changing() as collections:
            collections[_ACCESS] = {}

    def revoke(self) -> None:
        """What the shop's owner does in the ERP to cut the integration off."""
        with self._store.changing() as collections:
            collections[_ACCESS], collections[_REFRESH] = {}, {}

    def _issue(self, collections: Collections, *, rotate: bool = True) -> dict[str, Any]:
        seconds = self._switches.access_token_seconds
        access, refresh = _access_token(self._now(), seconds), secrets.token_urlsafe(48)
        live = {key: kept for key, kept in collections.get(_ACCESS, {}).items() if kept["expires_at"] > self._now()}
        collections[_ACCESS] = live | {_digest(access): {"expires_at": self._now() + seconds}}
        answer = {"access_token": access, "expires_in": int(seconds), "token_type": "Bearer"}
        if not rotate:
            return answer
        collections.setdefault(_REFRESH, {})[_digest(refresh)] = {"issued_at": self._now()}
        return answer | {"refresh_token": refresh}

    def _now(self) -> float:
        return self._clock().timestamp()


def _access_token(now: float, seconds: float) -> str:
    """Shaped like the real one (a JWT); the sandbox checks it by its digest, so the third part is just random."""
    claims = {"token_use": "access", "iat": int(now), "exp": int(now + seconds), "jti": secrets.token_hex(8)}
    parts = [json.dumps({"alg": "RS256", "typ": "JWT"}).encode(), json.dumps(claims).encode(), secrets.token_bytes(32)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
