"""Connects a store to its Conta Azul company: consent address, code to tokens, company name; knows no web framework."""

from __future__ import annotations

from tools.conta_azul.client import ContaAzulClient
from tools.conta_azul.oauth import ContaAzulOAuth
from tools.conta_azul.tokens import ErpConnection, TokenStore
from tools.erp_models import ConnectedAccount
from tools.ports import ErpDisconnected


class ContaAzulConnection:
    """One store's connection, from consent to a named company."""

    def __init__(self, oauth: ContaAzulOAuth, tokens: TokenStore, client: ContaAzulClient) -> None:
        self._oauth = oauth
        self._tokens = tokens
        self._client = client

    def authorization_url(self, state: str) -> str:
        """Where the owner consents; `state` comes back with the code and must be compared by the caller."""
        return self._oauth.authorization_url(state)

    async def claim_state(self, state: str) -> bool:
        """Whether this state comes back for the first time, in any process."""
        return await self._tokens.claim_once(f"state:{state}")

    async def complete(self, code: str) -> ConnectedAccount:
        """Exchange the code, keep the tokens, then ask whose they are.

        Raises GrantRefusedError for a code that is used, expired or foreign; ErpDisconnected when the consent was given
        with an account that has no ERP; ErpUnavailable when Conta Azul does not answer.
        """
        await self._tokens.save(await self._oauth.exchange(code))
        return await self.verify()

    async def verify(self) -> ConnectedAccount:
        """Ask Conta Azul for the company and note it. Raises ErpDisconnected (also noted), ErpUnavailable."""
        try:
            account = await self._client.get_connected_account()
        except ErpDisconnected:
            await self._tokens.require_reconnect()
            raise
        await self._tokens.record_account(account)
        return account

    async def find(self) -> ErpConnection | None:
        """What is known about the connection without asking Conta Azul."""
        return await self._tokens.find_connection()
