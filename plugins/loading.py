"""Finds plugins in installed packages and in a folder of files, and loads them; registers nothing."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType

GROUP = "novo.plugins"


class PluginError(Exception):
    """The plugins cannot be used; the message lists every problem and what to do. Nothing was loaded."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        lines = "\n".join(f"  {number}. {problem}" for number, problem in enumerate(self.problems, 1))
        super().__init__(f"The plugins have {len(self.problems)} problem(s):\n{lines}\nSee docs/plugins.md.")


@dataclass(frozen=True, slots=True)
class FoundPlugin:
    """A plugin that was loaded and not yet registered."""

    name: str
    source: str
    """Where it comes from, for people: "built-in", "package NAME VERSION" or "file PATH"."""
    plugin: object

    def __str__(self) -> str:
        return f"plugin {self.name!r} ({self.source})"


def find_packages(problems: list[str]) -> list[FoundPlugin]:
    """Load every `novo.plugins` entry point, by name; what cannot be loaded is added to `problems`."""
    found: list[FoundPlugin] = []
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)):
        source = _package_of(entry)
        try:
            found.append(FoundPlugin(entry.name, source, entry.load()))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - boundary: another's code runs here, and may do anything
            problems.append(f"plugin {entry.name!r} ({source}): {_words(error)}. Mend or uninstall the package.")
    return found


def find_files(folder: Path, problems: list[str]) -> list[FoundPlugin]:
    """Load every `*.py` of the folder, by name; files starting with `_` or `.` are left alone.

    What cannot be loaded is added to `problems`; so is a missing folder, because a guardrail may be missing with it.
    """
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".py" and path.name[0] not in "._")
    except OSError as error:
        problems.append(
            f"plugin folder {str(folder)!r} cannot be read: {error.strerror}. Create it, or mend NOVO_PLUGINS_DIR."
        )
        return []
    found: list[FoundPlugin] = []
    for path in paths:
        try:
            found.append(load_file(path))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - boundary: another's code runs here, and may do anything
            problems.append(
                f"file {path.name}{_line(error, path)}: {_words(error)}. Mend it or move it out of {folder}."
            )
    return found


def load_file(path: Path) -> FoundPlugin:
    """Run one drop-in file as a module of its own. Raises whatever the file raises."""
    # Two folders may hold files of one name, and a file may be named like an installed module: neither may meet.
    name = f"novo_dropin_{path.stem}_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path.name} is not a Python file")
    module: ModuleType = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and type hints look their module up there
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return FoundPlugin(path.stem, f"file {path}", module)


def _package_of(entry: EntryPoint) -> str:
    return f"package {entry.dist.name} {entry.dist.version}" if entry.dist else f"entry point {entry.value}"


def _words(error: BaseException) -> str:
    said = error.msg if isinstance(error, SyntaxError) else " ".join(str(error).split())
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _line(error: BaseException, path: Path) -> str:
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return f", line {error.lineno}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return f", line {lines[-1]}" if lines else ""
