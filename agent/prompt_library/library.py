"""PromptLibrary: one frozen, checked snapshot of the prompts folder; a turn keeps its own from start to end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from agent.prompt_library.contract import TURN_VARIABLES
from agent.prompt_library.glossary import GLOSSARY_FILE
from agent.prompt_library.phrases import Phrases, choose, fill
from agent.prompt_library.policy import POLICY_FILE
from agent.prompt_library.problems import Problem, PromptError
from agent.prompt_library.profiles import Profile
from agent.prompt_library.templates import PromptTemplate, clean
from agent.prompt_library.verses import VERSES_FILE
from tools.catalog.glossary import Glossary
from tools.sales.discounts import DiscountPolicy
from tools.verses.tools import Verses

SHARED_FILES = ("system.md", "turn.md", "phrases.pt-BR.toml", "store.toml")
OPTIONAL_FILES = (GLOSSARY_FILE, POLICY_FILE, VERSES_FILE)
"""A shop without them has no words of its own, gives no discount and hands out no verse."""


@dataclass(frozen=True, slots=True)
class PromptLibrary:
    profiles: Mapping[str, Profile]
    """By name, in the order of their file names."""
    phrases: Phrases
    """Every fixed sentence with its variants, before any profile's own."""
    store: Mapping[str, Any]
    """The tables of store.toml as parsed: read it, never write to it."""
    glossary: Glossary
    """What customers call things and celebrate; search asks it."""
    policy: DiscountPolicy
    """What discounts the shop allows at most; pricing asks it, and no prompt or phrase may carry its figures."""
    verses: Verses
    """What customers get who ask for a verse or a prayer."""
    timezone: ZoneInfo
    versions: Mapping[str, str]
    """Short content hash of each file, by its path inside the folder."""
    prefixes: Mapping[str, str] = field(repr=False)
    """system.md rendered for each profile: the same bytes in every turn, so that a vendor's prompt cache hits."""
    turn: PromptTemplate = field(repr=False)
    tool_lines: Mapping[str, Mapping[str, int]] = field(repr=False)
    """Where each profile's file names each tool, for check_tools."""

    @property
    def store_name(self) -> str:
        return str(self.store["store"]["name"])

    @property
    def examples(self) -> Mapping[str, Mapping[str, Sequence[str]]]:
        """What customers of each profile say, for training: profile -> "stated" | "stylistic" -> messages."""
        return {
            name: {"stated": profile.stated_examples, "stylistic": profile.style_examples}
            for name, profile in self.profiles.items()
            if profile.stated_examples or profile.style_examples
        }

    def render_system(self, profile: str, **variables: Any) -> str:
        """The system message of one turn: stable prefix first, then what is only true now.

        `variables` are exactly contract.TURN_VARIABLES, any JSON-like values; texts in them may come from anybody.
        """
        if variables.keys() != set(TURN_VARIABLES):
            raise TypeError(f"render_system takes {', '.join(TURN_VARIABLES)}; got {', '.join(sorted(variables))}")
        return f"{self.prefixes[profile]}\n\n{self.turn.render(clean(variables))}\n"

    def voice(self, profile: str) -> Phrases:
        """Every sentence as this profile says it. A profile that is gone speaks with the common voice."""
        own = self.profiles.get(profile)
        return {**self.phrases, **own.voice} if own else dict(self.phrases)

    def pick(self, key: str, seed: str, profile: str | None = None) -> str:
        """The variant of a sentence for this seed, placeholders still open."""
        variants = self.voice(profile or "")[key]
        return choose(variants, key, seed)

    def phrase(self, key: str, *, seed: str, profile: str | None = None, **values: Any) -> str:
        """A sentence ready to send. `values` are the placeholders contract.PHRASES lists for the key."""
        common = {"attendant": self.store["attendant"]["name"], "store": self.store_name, "vocative": ""}
        return fill(self.pick(key, seed, profile), {**common, **values})

    def check_tools(self, names: Iterable[str]) -> None:
        """Raise PromptError for every tool a profile names that does not exist."""
        known = sorted(names)
        problems = [
            Problem(f"profiles/{profile}.md", line, f"there is no tool {tool!r}: there are {', '.join(known)}")
            for profile, lines in self.tool_lines.items()
            for tool, line in lines.items()
            if tool not in known
        ]
        if problems:
            raise PromptError(problems)

    def versions_for(self, profile: str) -> dict[str, str]:
        """The versions of the files a reply to this profile is made from, for its trace."""
        files = (*SHARED_FILES, *OPTIONAL_FILES, f"profiles/{profile}.md")
        return {file: self.versions[file] for file in files if file in self.versions}
