"""How `novo prompts` refuses: in Portuguese, because its reader writes prompts, and always with what to do."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import click

from commands.configuration import readable_errors


class Refusal(click.ClickException):
    """Something the person at the keyboard can mend."""

    def show(self, file: IO[Any] | None = None) -> None:
        """As `novo prompts check` shows an error."""
        click.echo(f"{click.style('erro', fg='red', bold=True)}: {self.format_message()}", file=file, err=True)


class WrongCall(Refusal):
    """What was typed on the command line, or prompts that cannot be used: nothing was tried."""

    exit_code = 2


@contextmanager
def refusals() -> Generator[None]:
    """Turn what can be mended into words; faults of the code keep their traceback."""
    # Imported here: a usage error need not wait for these rooms.
    from agent.prompt_library import PromptError
    from agent.prompt_library.checking import told
    from agent.understanding.trained import TrainingFailed

    with readable_errors():
        try:
            yield
        except PromptError as error:
            lines = "\n".join(f"  {told(problem)}" for problem in error.problems)
            words = f"estes prompts não podem ser usados:\n{lines}\n`novo prompts check` mostra cada linha."
            raise WrongCall(words) from None
        except TrainingFailed as error:
            words = f"o vendedor não conseguiu aprender os exemplos dos perfis ({error}). Rode `novo doctor`."
            raise Refusal(words) from None


def existing_folder(folder: Path) -> Path:
    """The folder given with --folder. Raises WrongCall when it is none."""
    if not folder.is_dir():
        raise WrongCall(f"não há pasta {folder}: confira o caminho dado em --folder.")
    return folder
