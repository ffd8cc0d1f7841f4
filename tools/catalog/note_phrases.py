"""Takes out of a chat model's answer the few phrases that search may use, and believes nothing else of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tools.catalog.words import fold

_LONGEST_ANSWER = 4_000
_MOST_PHRASES = 6
"""Of each list."""
_MOST_LETTERS = 40
_MOST_WORDS = 5
_OBJECT = re.compile(r"\{.*\}", re.DOTALL)
_PHRASE = re.compile(r"[^\W\d_]+(?:[ '’-][^\W\d_]+)*")
"""Words and nothing else: no figure, address, mark-up or control character comes into the index."""


class UnreadableNote(ValueError):
    """The answer is not the object that was asked for."""


class _Note(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    synonyms: list[str] = Field(alias="sinonimos", default=[])
    occasions: list[str] = Field(alias="ocasioes", default=[])
    audiences: list[str] = Field(alias="para_quem", default=[])


def read_phrases(answer: str) -> tuple[str, ...]:
    """Up to 18 phrases of at most five words and 40 letters, lower case, each once. Raises UnreadableNote.

    Words around the object are passed over: models like to explain.
    """
    found = _OBJECT.search(answer[:_LONGEST_ANSWER])
    if found is None:
        raise UnreadableNote("the model answered no JSON object")
    try:
        note = _Note.model_validate_json(found[0])
    except ValidationError:
        # The library's message holds the answer itself, which may be anything.
        raise UnreadableNote("the model answered another object than was asked for") from None
    phrases = [
        phrase
        for listed in (note.synonyms, note.occasions, note.audiences)
        for phrase in list(_sound(listed))[:_MOST_PHRASES]
    ]
    return tuple({fold(phrase): phrase for phrase in reversed(phrases)}.values())[::-1]


def _sound(listed: Iterable[str]) -> Iterable[str]:
    for text in listed:
        phrase = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
        short = len(phrase) <= _MOST_LETTERS and len(phrase.split()) <= _MOST_WORDS
        if short and _PHRASE.fullmatch(phrase):
            yield phrase
