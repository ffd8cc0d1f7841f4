"""Tells the loader's problems as rules do: each gets a code, Portuguese words and the place of the name in question."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from agent.prompt_library.checking.findings import Check, Fault, Rule, Severity
from agent.prompt_library.checking.folder import PromptFolder
from agent.prompt_library.problems import Problem


@dataclass(frozen=True, slots=True)
class Telling:
    """One kind of problem: how the loader words it, and how it is told here. `{name}` is what to underline."""

    code: str
    said: re.Pattern[str]
    message: str
    suggestion: str


_UNKNOWN = Telling("P100", re.compile(r"(?P<why>.*)", re.DOTALL), "o arquivo não pode ser usado: {why}", "")


@cache
def tellings() -> tuple[Telling, ...]:
    """The rows of loader_words.toml, in order."""
    text = files("agent.prompt_library.checking").joinpath("loader_words.toml").read_text(encoding="utf-8")
    return tuple(
        Telling(row["code"], re.compile(row["said"], re.DOTALL), row["message"], row["suggestion"])
        for row in tomllib.loads(text)["telling"]
    )


def _check(code: str) -> Check:
    def check(folder: PromptFolder) -> Iterator[Fault]:
        for problem in folder.problems:
            fault_code, fault = tell(folder, problem)
            if fault_code == code:
                yield fault

    return check


def tell(folder: PromptFolder, problem: Problem) -> tuple[str, Fault]:
    """The code and the fault of one of the loader's problems; what no row knows is told in the loader's own words."""
    telling, words = _words_for(problem)
    name = words.get("name") or ""
    column = folder.line_text(problem.file, problem.line).find(name) + 1 if name else 0
    message, suggestion = telling.message.format(**words), telling.suggestion.format(**words)
    return telling.code, Fault(problem.file, problem.line, message, column, len(name) if column else 1, suggestion)


def told(problem: Problem) -> str:
    """The same in one Portuguese line, "file:line: what is wrong; what to do", where no line of it can be shown."""
    telling, words = _words_for(problem)
    said = [telling.message.format(**words), telling.suggestion.format(**words)]
    return f"{problem.file}:{problem.line}: {'; '.join(filter(None, said))}"


def _words_for(problem: Problem) -> tuple[Telling, dict[str, str]]:
    for telling in (*tellings(), _UNKNOWN):
        if match := telling.said.match(problem.words):
            return telling, match.groupdict()
    raise AssertionError("the last row matches everything")


def _rule(code: str, name: str, explanation: str, advice: str, example: str) -> Rule:
    return Rule(
        code,
        name,
        Severity.ERROR,
        explanation,
        advice,
        _check(code),
        example,
        is_permittable=False,
        otherwise="não se cala: o vendedor recusa a pasta inteira até a correção",
    )


UNUSABLE = _rule(
    "P100",
    "unusable-file",
    "Arquivo que não pode ser lido: a última versão boa continua no ar.",
    "corrija a linha.",
    "não há perfil “mamae”",
)
UNUSED_VARIABLE = _rule(
    "P101",
    "unused-variable",
    "Variável declarada que o texto não usa.",
    "use-a ou tire-a de variables.",
    "a variável “purchases” está declarada e não é usada",
)
MISSING_VARIABLE = _rule(
    "P102",
    "missing-variable",
    "Variável usada sem ser declarada, ou frase pronta sem um valor obrigatório.",
    "declare a variável; ponha o valor na frase.",
    "a variável “hours” é usada e não está declarada",
)
UNKNOWN_VARIABLE = _rule(
    "P103",
    "unknown-variable",
    "Variável ou {valor} que ninguém preenche.",
    "corrija o nome.",
    "ninguém preenche {totl} em added",
)
UNRENDERABLE = _rule(
    "P104",
    "unrenderable-text",
    "Texto que não pode ser montado: chaves, filtros ou nomes errados.",
    "corrija a linha.",
    "as chaves de added não fecham",
)
WRONG_SENTENCE = _rule(
    "P105",
    "wrong-sentence",
    "Frase pronta que falta ou que ninguém diz.",
    "veja agent/prompt_library/contract.py.",
    "ninguém diz a frase “cart_emty”",
)
