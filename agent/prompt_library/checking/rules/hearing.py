"""Who is told what: the instructions one profile's prompt holds, and the ready sentences its customers may hear."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from agent.prompt_library.checking.folder import PromptFolder
from agent.prompt_library.checking.passages import Kind, Passage
from agent.prompt_library.checking.words import fold, sentences

_SHARED = ("system.md", "turn.md")
_NEVER = re.compile(r"\bnunca\b|\bproibid|\bjamais\b|\bnao dizer\b")
_NEVER_LABEL = re.compile(r"^\W*(?:nunca|jamais|proibido)\s*:")
_NO = re.compile(r"\b(?:nao|nunca|jamais|nem|nada de|sem|evite|evitar|proibid[oa])\b")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an instruction, with where it stands."""

    passage: Passage
    start: int
    """Of its first character inside the passage's text."""
    text: str

    folded: str = field(init=False, repr=False)
    is_under_never: bool = field(init=False, repr=False)
    """Whether its heading or the beginning of its line forbids everything below or behind it."""

    def __post_init__(self) -> None:
        under = _NEVER.search(fold(self.passage.section)) or _NEVER_LABEL.search(fold(self.passage.text))
        object.__setattr__(self, "folded", fold(self.text))
        object.__setattr__(self, "is_under_never", bool(under))

    @property
    def place(self) -> str:
        return f"{self.passage.file}:{self.passage.line}"

    @property
    def column(self) -> int:
        return self.passage.column + self.start


def profile_of(file: str) -> str:
    return PurePosixPath(file).stem


def prompt_sentences(folder: PromptFolder, profile_file: str) -> list[Sentence]:
    """Every instruction in one profile's rendered prompt, sentence by sentence, what all profiles share first."""
    return [
        Sentence(passage, start, text)
        for file in (*_SHARED, profile_file)
        for passage in folder.of_kind(Kind.INSTRUCTION)
        if passage.file == file
        for start, text in sentences(passage.text)
    ]


def heard_sentences(folder: PromptFolder, profile_file: str) -> Iterator[Passage]:
    """The ready sentences of one profile: its own, and the common ones it does not say in its own way."""
    own = [passage for passage in folder.of_kind(Kind.SENTENCE) if passage.file == profile_file]
    yield from own
    replaced = {passage.key.removeprefix("voice.") for passage in own}
    for passage in folder.of_kind(Kind.SENTENCE):
        if not passage.file.startswith("profiles/") and passage.key not in replaced:
            yield passage


def is_denied(folded: str, start: int) -> bool:
    """Whether a negation stands shortly before `start`, in the same clause."""
    clause = re.split(r"[.;:!?]", folded[:start])[-1]
    return bool(_NO.search(" ".join(clause.split()[-5:])))
