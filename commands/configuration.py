"""Reads the settings for a command; what is broken ends in one readable message and exit code 2, not a traceback."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import click

from settings import ConfigurationError, Settings, load_settings


class BrokenInstallation(click.ClickException):
    """Something the owner has to mend before anything can start."""

    exit_code = 2


def settings_or_exit(**overrides: Any) -> Settings:
    """The settings, or the end of the program with every problem listed. None overrides nothing."""
    try:
        return load_settings(**{name: value for name, value in overrides.items() if value is not None})
    except ConfigurationError as error:
        raise BrokenInstallation(str(error)) from None


@contextmanager
def readable_errors() -> Generator[None]:
    """Turn the errors a person can mend into their own message; faults of the code keep their traceback."""
    # Imported here: `novo --help` needs none of these rooms.
    from agent.prompt_library import PromptError
    from plugins.loading import PluginError
    from tools.ports import ErpUnavailable

    try:
        yield
    except (ConfigurationError, PromptError, PluginError, ErpUnavailable) as error:
        raise BrokenInstallation(str(error)) from None
