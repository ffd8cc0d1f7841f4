"""Hot reload: a good edit goes live within a second or so, a broken one never, and the reason is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.prompt_library import PromptError, PromptSource
from agent.prompt_library.source import CHECK_SECONDS
from tests.prompts.test_loading import change


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def source(folder: Path, clock: Clock) -> PromptSource:
    return PromptSource(folder, clock=clock)


def test_nothing_changed_means_the_same_snapshot(source: PromptSource, clock: Clock):
    first = source.current()
    clock.now += 60
    assert source.current() is first


def test_an_edit_goes_live_at_the_next_look_and_the_old_snapshot_stays_whole(
    source: PromptSource, clock: Clock, folder: Path
):
    before = source.current()
    change("phrases.pt-BR.toml", "Até mais{vocative}!", "Até breve mesmo{vocative}!")(folder)
    assert source.current() is before
    clock.now += CHECK_SECONDS
    after = source.current()
    assert any("Até breve mesmo" in variant for variant in after.phrases["goodbye"])
    assert not any("Até breve mesmo" in variant for variant in before.phrases["goodbye"])


def test_a_broken_edit_keeps_the_last_good_one_and_tells_why_until_it_is_mended(
    source: PromptSource, clock: Clock, folder: Path
):
    good = source.current()
    change("system.md", "{{ hours }}", "{{ horas }}")(folder)
    clock.now += CHECK_SECONDS
    assert source.current() is good
    assert source.error is not None
    assert "system.md" in str(source.error)
    change("system.md", "{{ horas }}", "{{ hours }}")(folder)
    clock.now += CHECK_SECONDS
    assert source.current() is not good
    assert source.error is None


def test_a_new_profile_file_is_seen_and_a_deleted_one_goes(source: PromptSource, clock: Clock, folder: Path):
    added = folder / "profiles" / "revendedor.md"
    added.write_text((folder / "profiles" / "novo.md").read_text(encoding="utf-8"), encoding="utf-8")
    clock.now += CHECK_SECONDS
    assert "revendedor" in source.current().profiles
    added.unlink()
    clock.now += CHECK_SECONDS
    assert "revendedor" not in source.current().profiles


def test_the_first_reading_must_be_good(folder: Path):
    change("system.md", "{{ hours }}", "{{ horas }}")(folder)
    with pytest.raises(PromptError):
        PromptSource(folder)
