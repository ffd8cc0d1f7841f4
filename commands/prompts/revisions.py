"""Brings the prompts of a git revision, and the edited ones, into folders nobody edits; changes nothing in git."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

from agent.prompt_library import PromptError, load_prompts
from agent.prompt_library.checking import told

PROFILES = "profiles"


class RevisionUnusable(Exception):
    """There are no prompts to compare with; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Revisions:
    """Two prompts folders, both loadable."""

    revision: str
    commit: str
    before: Path
    after: Path
    changed: tuple[str, ...]
    """Files that differ, by their path inside the folder."""
    borrowed: tuple[str, ...]
    """Files the revision did not have yet; the edited ones stand in for them."""
    versions: tuple[str, str]
    """Of everything in the folder before, and now; equal texts have equal versions, whatever revision they are of."""


def export_revisions(edited: Path, live: Path, revision: str, folder: Path) -> Revisions:
    """Export `revision` and copy the `edited` prompts as they are now.

    A draft that git does not know is compared with the revision of the `live` folder.
    Raises RevisionUnusable, and PromptError for the edited prompts.
    """
    before, after = folder / "before", folder / "after"
    try:
        sha = _export(edited.resolve(), revision, before)
    except RevisionUnusable:
        if edited.resolve() == live.resolve():
            raise
        sha = _export(live.resolve(), revision, before)
    shutil.copytree(edited, after)
    borrowed = _borrow(after, before)
    now = load_prompts(after)
    try:
        earlier = load_prompts(before)
    except PromptError as error:
        lines = "\n".join(f"  {told(problem)}" for problem in error.problems)
        raise RevisionUnusable(
            f"Os prompts de {revision} não servem para esta versão do programa; escolha uma revisão mais nova.\n{lines}"
        ) from None
    changed = sorted({file for file, _ in earlier.versions.items() ^ now.versions.items()})
    versions = (str(sorted(earlier.versions.items())), str(sorted(now.versions.items())))
    return Revisions(revision, sha[:10], before, after, tuple(changed), borrowed, versions)


def _export(prompts: Path, revision: str, target: Path) -> str:
    """Put the folder of that revision into `target`; returns the commit."""
    top = Path(_git(prompts, "rev-parse", "--show-toplevel", otherwise=_not_a_repository(prompts)).decode().strip())
    commit = _git(
        prompts,
        *("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"),
        otherwise=f"Não há revisão {revision!r} neste repositório git: veja `git log --oneline` ou `git branch`.",
    )
    sha = commit.decode().strip()
    _extract(prompts, top, sha, revision, target)
    return sha


def _extract(prompts: Path, top: Path, sha: str, revision: str, target: Path) -> None:
    inside = prompts.relative_to(top.resolve()).as_posix()
    tree = f"{sha}:{inside}" if inside != "." else sha
    archive = _git(
        top,
        *("archive", "--format=tar", tree),
        otherwise=f"Em {revision} ainda não havia a pasta {inside}: escolha uma revisão mais nova.",
    )
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(target, filter="data")


def _borrow(edited: Path, earlier: Path) -> tuple[str, ...]:
    """Lend the revision the files it lacks, but for profiles: a new profile is a change, a new kind of file is none."""
    lent: list[str] = []
    for file in sorted(edited.rglob("*")):
        name = file.relative_to(edited)
        if file.is_file() and name.parts[0] != PROFILES and not (earlier / name).exists():
            (earlier / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, earlier / name)
            lent.append(name.as_posix())
    return tuple(lent)


def _git(folder: Path, *arguments: str, otherwise: str) -> bytes:
    program = shutil.which("git")
    if program is None:
        raise RevisionUnusable("O programa git não está instalado: é ele que guarda as versões anteriores dos prompts.")
    done = subprocess.run([program, "-C", str(folder), *arguments], capture_output=True, check=False)  # noqa: S603  # no shell; the revision stands behind --end-of-options
    if done.returncode:
        raise RevisionUnusable(otherwise)
    return done.stdout


def _not_a_repository(prompts: Path) -> str:
    return (
        f"{prompts} não está em um repositório git, então não há versão anterior com que comparar. "
        "Rode `git init`, `git add` e `git commit` uma vez, ou indique outra pasta com --folder."
    )
