"""Reads one profile file: its front matter and the strategy below it; who is served by it is decided elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from agent.prompt_library.examples import parse_examples
from agent.prompt_library.front_matter import FrontMatter, parse_front_matter
from agent.prompt_library.phrases import Phrases, check_sentences
from agent.prompt_library.problems import Problem


@dataclass(frozen=True, slots=True)
class Profile:
    """How the seller serves one kind of customer."""

    name: str
    label: str
    """For people: the panel and the traces."""
    applies_when: str
    tone: str
    tools: tuple[str, ...]
    """Names of the tools this profile may use; empty for all of them."""
    voice: Phrases
    """Sentences this profile says in its own way."""
    strategy: str
    """The body: how to open, to answer objections, what never to say."""
    stated_examples: tuple[str, ...] = ()
    """Messages in which customers of this profile say what they are or for whom they buy; may support a price."""
    style_examples: tuple[str, ...] = ()
    """Messages whose taste or tone points to this profile; they prove nothing."""


def parse_profile(name: str, file: str, text: str, problems: list[Problem]) -> Profile | None:
    """The profile of profiles/<name>.md; every fault is appended to `problems`."""
    front = parse_front_matter(file, text, problems)
    if front is None:
        return None
    front.refuse_others(("label", "applies_when", "tone", "tools", "voice", "examples"), problems)
    examples = parse_examples(name, front, problems)
    strategy = front.body.strip()
    if not strategy:
        problems.append(
            Problem(file, front.first_line, "the strategy is empty: write below the second --- how to sell")
        )
    if "{{" in strategy or "{%" in strategy:
        line = text[: text.find("{%" if "{%" in strategy else "{{")].count("\n") + 1
        problems.append(Problem(file, line, "a strategy is plain text: put variables into system.md or turn.md"))
    return Profile(
        name=name,
        label=front.text_of("label", problems),
        applies_when=front.text_of("applies_when", problems),
        tone=front.text_of("tone", problems),
        tools=front.names_of("tools", problems),
        voice=_voice_of(front, problems),
        strategy=strategy,
        stated_examples=examples.stated,
        style_examples=examples.style,
    )


def _voice_of(front: FrontMatter, problems: list[Problem]) -> Phrases:
    table: Any = front.values.get("voice") or {}
    if not isinstance(table, dict):
        problems.append(Problem(front.file, front.line("voice"), "voice must hold lines of `sentence: [variants]`"))
        return {}
    return check_sentences(
        front.file,
        front.text,
        cast(dict[str, Any], table),
        problems,
        line=lambda key: front.line(f"voice.{key}"),
    )
