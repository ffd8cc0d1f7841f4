"""Asks an OpenAI-compatible chat model for the phrases under which one product is looked for; keeps nothing."""

from __future__ import annotations

import asyncio
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import httpx

from tools.catalog.note_phrases import UnreadableNote, read_phrases
from tools.models import Product

_ATTEMPTS = 3
_LONGEST_WAIT = 30.0
"""Seconds that a service may ask to be left alone before the product is given up."""
_LONGEST_DESCRIPTION = 1_500
_MOST_TOKENS = 400
_REFUSALS = frozenset((401, 402, 403, 404))
"""The next product would be answered the same: a wrong key, address or model name, or nothing left to spend."""
_WORTH_ANOTHER = frozenset((408, 409, 429, 500, 502, 503, 504))


class NoteNotWritten(Exception):
    """This product stays without a note; the next one may get its own."""


class ModelRefused(Exception):
    """The service takes no such request at all: there is no use in asking on."""


class NoteWriter:
    """One chat completion a product."""

    def __init__(
        self, http: httpx.AsyncClient, *, base_url: str | None, api_key: str, model: str, first_wait: float = 1.0
    ) -> None:
        """`base_url` ends before /chat/completions (None: OpenAI itself); `first_wait` seconds before a second try."""
        self.model = model
        self._http = http
        self._url = f"{(base_url or 'https://api.openai.com/v1').rstrip('/')}/chat/completions"
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._first_wait = first_wait

    async def write(self, product: Product) -> tuple[str, ...]:
        """Phrases for the product, perhaps none. Raises NoteNotWritten, ModelRefused; neither tells the key."""
        answer = await self._ask(product)
        try:
            return read_phrases(answer.json()["choices"][0]["message"]["content"])
        except UnreadableNote as error:
            raise NoteNotWritten(str(error)) from None
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise NoteNotWritten(f"{self._url}: {type(error).__name__}") from error

    async def _ask(self, product: Product) -> httpx.Response:
        problem = ""
        for attempt in range(_ATTEMPTS):
            wait = self._first_wait * 2**attempt
            try:
                response = await self._http.post(self._url, json=self._body(product), headers=self._headers)
            except httpx.HTTPError as error:
                problem = type(error).__name__
            else:
                if response.is_success:
                    return response
                problem = f"{self._url} answered {response.status_code}"
                if response.status_code in _REFUSALS:
                    raise ModelRefused(f"{problem}: look at the key, the address and the model's name")
                wait = _asked_wait(response, wait)
                if response.status_code not in _WORTH_ANOTHER or wait > _LONGEST_WAIT:
                    break
            if attempt + 1 < _ATTEMPTS:
                await asyncio.sleep(wait)
        raise NoteNotWritten(problem)

    def _body(self, product: Product) -> dict[str, Any]:
        told = {
            "nome": product.name,
            "categoria": product.category,
            "marca": product.brand,
            "descricao": product.description[:_LONGEST_DESCRIPTION],
        }
        return {
            "model": self.model,
            "max_completion_tokens": _MOST_TOKENS,
            "messages": [
                {"role": "system", "content": _instructions()},
                {"role": "user", "content": json.dumps(told, ensure_ascii=False)},
            ],
        }


def _asked_wait(response: httpx.Response, wait: float) -> float:
    """The seconds a service asks for, or our own."""
    asked = response.headers.get("retry-after", "")
    return max(wait, float(asked)) if asked.isdecimal() else wait


@lru_cache(maxsize=1)
def _instructions() -> str:
    return (Path(__file__).parent / "note_instructions.txt").read_text(encoding="utf-8")
