"""Says when the profile is in doubt, and how the answer the model gives anyway settles it; never asks on its own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, cast

from agent.prompt_library.examples import NEWCOMER
from agent.understanding.types import Evidence, Understanding

DOUBTFUL_MARGIN = 0.3
"""Best minus second share: under it, fewer than four of five readings were right on the dev conversations."""
MOST_CHOICES = 3
UNSURE = "incerto"
"""What the model answers when the customer's own words do not tell."""
SETTLED_WEIGHS = 0.5
"""As much as a manner of speaking at its clearest: a reading between the lines is no fact."""

Choices = Mapping[str, str]
"""Name to label of the profiles in question, in the order of the prompt files; empty when there is no doubt."""

_REPLY, _PROFILE = "resposta", "perfil"
_SETTLED = "o modelo entendeu: "
_DECODER = json.JSONDecoder(strict=False)  # weak models write line breaks into JSON strings as they are
_MACHINE = re.compile(rf"^\s*(?:\{{|```)|[\"'“”](?:{_REPLY}|{_PROFILE})[\"'“”]\s*:")
_HEADING = re.compile(rf"^[\s*\"]*{_REPLY}[*\"]*\s*:[\s*\"]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    words: str
    """What the customer may read; "" when the answer is broken and must be written anew."""
    profile: str = ""
    """The choice made, "" without one."""


def find_choices(distribution: Mapping[str, float], labels: Mapping[str, str]) -> Choices:
    """The profiles that come close to the likeliest one, if the second does; a newcomer is what UNSURE stands for."""
    ranked = sorted(distribution.items(), key=lambda pair: -pair[1])
    near = [name for name, share in ranked if ranked[0][1] - share < DOUBTFUL_MARGIN]
    if len(near) < 2:
        return {}
    asked = [name for name in near if name != NEWCOMER][:MOST_CHOICES]
    # Always in one order: a vendor's cache holds the format too.
    return {name: label for name, label in labels.items() if name in asked}


def answer_format(choices: Choices) -> dict[str, Any]:
    """The `response_format` of an OpenAI request that has the reply and the choice as two fields."""
    properties = {_REPLY: {"type": "string"}, _PROFILE: {"type": "string", "enum": [*choices, UNSURE]}}
    schema = {
        "type": "object",
        "properties": properties,
        "required": [_REPLY, _PROFILE],
        "additionalProperties": False,
    }
    return {"type": "json_schema", "json_schema": {"name": "atendimento", "strict": True, "schema": schema}}


def read_answer(text: str, choices: Choices) -> Answer:
    """The answer to a request with these choices; a model that ignored the format is heard as well."""
    fields = _fields_in(text)
    if fields is not None:
        words, chosen = fields.get(_REPLY), fields.get(_PROFILE)
        sound = words.strip() if isinstance(words, str) and not _MACHINE.search(words) else ""
        return Answer(sound, chosen if isinstance(chosen, str) and chosen in choices else "")
    if _MACHINE.search(text):
        return Answer("")
    return _read_lines(text, choices)


def was_settled(understanding: Understanding) -> bool:
    """Whether an earlier turn's answer chose the profile that still leads: nobody is asked that twice."""
    return any(
        # Of this turn it has not faded yet, and the question stays what it was until the turn ends.
        piece.words.startswith(_SETTLED) and piece.profile == understanding.profile and piece.weight < SETTLED_WEIGHS
        for piece in understanding.evidence
    )


def settle(evidence: Iterable[Mapping[str, Any]], profile: str, label: str) -> list[dict[str, Any]]:
    """The evidence with the model's choice, newest last; it takes the place of an earlier choice.

    Never stated evidence: the next turn's tone follows it, no price ever does.
    """
    piece = Evidence(profile, "stylistic", f"{_SETTLED}{label}", SETTLED_WEIGHS)
    return [*(dict(told) for told in evidence if not told["words"].startswith(_SETTLED)), asdict(piece)]


def _fields_in(text: str) -> dict[str, Any] | None:
    """The JSON object with our fields, also between fences or words; None when there is none that is whole."""
    start = text.find("{")
    if start < 0:
        return None
    try:
        found: Any = _DECODER.raw_decode(text, start)[0]
    except (ValueError, RecursionError):
        return None
    fields = cast(dict[str, Any], found)
    return fields if isinstance(found, dict) and (_REPLY in fields or _PROFILE in fields) else None


def _read_lines(text: str, choices: Choices) -> Answer:
    """Plain words, less the names of the fields, which a model without the format may write as lines."""
    line = re.compile(rf"^[\s*\"]*{_PROFILE}[*\"]*\s*[:=][\s*\"]*({'|'.join((*choices, UNSURE))})\W*$", re.I | re.M)
    named = line.search(text)
    words = _HEADING.sub("", line.sub("\n", text)).strip()
    return Answer(words, named[1] if named and named[1] in choices else "")
