"""One prompts folder as the rules see it: every text with its place, and the library when it can be loaded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agent.prompt_library.checking.passages import Kind, Passage, read_markdown, read_toml
from agent.prompt_library.library import PromptLibrary
from agent.prompt_library.loading import load_prompts
from agent.prompt_library.problems import Problem, PromptError
from tools.models import Product


@dataclass(frozen=True, slots=True)
class PromptFolder:
    texts: Mapping[str, str]
    """Each file's text by its path inside the folder; files that are not UTF-8 are left out."""
    passages: tuple[Passage, ...]
    library: PromptLibrary | None
    """None when the folder cannot be loaded; `problems` then says why."""
    problems: tuple[Problem, ...]
    tools: frozenset[str]
    """The names of all tools there are."""
    sources: Path | None = None
    """Where the Python rooms lie, for the rule about text in code; None leaves it out."""
    products: Sequence[Product] | None = None
    """What the shop sells today, for the rule about the glossary; None leaves it out."""
    unread: Mapping[str, str] = field(default_factory=dict[str, str])
    """Files no rule reads, such as policy/: the loader may find faults in them, and their lines are shown."""
    lines: Mapping[str, list[str]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "lines", {file: text.split("\n") for file, text in {**self.unread, **self.texts}.items()}
        )

    def of_kind(self, *kinds: Kind) -> Iterator[Passage]:
        return (passage for passage in self.passages if passage.kind in kinds)

    def profile_files(self) -> list[str]:
        return [file for file in self.texts if file.startswith("profiles/")]

    def line_text(self, file: str, line: int) -> str:
        """The line as it stands in the file, or "" when there is no such line."""
        lines = self.lines.get(file, [])
        return lines[line - 1] if 0 < line <= len(lines) else ""


def read_folder(
    folder: Path,
    *,
    tools: Iterable[str],
    sources: Path | None = None,
    products: Sequence[Product] | None = None,
) -> PromptFolder:
    """Read every Markdown and TOML file that speaks; policy/ holds figures by design and README.md is for people."""
    texts = _read_all(folder, _speaking_files(folder))
    passages = [
        passage
        for file, text in texts.items()
        for passage in (read_toml(file, text) if file.endswith(".toml") else read_markdown(file, text))
    ]
    library, problems = _load(folder)
    unread = _read_all(folder, folder.glob("policy/*.toml"))
    return PromptFolder(texts, tuple(passages), library, problems, frozenset(tools), sources, products, unread)


def _speaking_files(folder: Path) -> list[Path]:
    found = [*folder.glob("*.md"), *folder.glob("*.toml"), *folder.glob("profiles/*.md")]
    return sorted(path for path in found if path.name != "README.md")


def _read_all(folder: Path, paths: Iterable[Path]) -> dict[str, str]:
    read = {path.relative_to(folder).as_posix(): _read(path) for path in paths}
    return {file: text for file, text in read.items() if text is not None}


def _read(path: Path) -> str | None:
    """None for what cannot be read: the loader names it among its problems."""
    try:
        return path.read_text(encoding="utf-8")
    except (UnicodeDecodeError, OSError):
        return None


def _load(folder: Path) -> tuple[PromptLibrary | None, tuple[Problem, ...]]:
    try:
        return load_prompts(folder), ()
    except PromptError as error:
        return None, error.problems
