"""Reads scenario files; a refusal lists every problem of every file as file:line, in words QA can act on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from evals.scenarios import Expected, ExpectedLine, PastItem, PastOrder, Scenario, ScriptedCustomer
from tools.conta_azul.sandbox.app import CATALOGUE
from tools.conta_azul.sandbox.catalogue import load_rows

SCENARIOS = Path(__file__).parent / "cenarios"
"""The reference store's scenarios."""

_MODELS: tuple[type[BaseModel], ...] = (Scenario, ScriptedCustomer, Expected, ExpectedLine, PastOrder, PastItem)
_KINDS = {"perfil": "perfil", "perfil_escolhido": "perfil", "perfil_de_preco": "perfil", "sku": "SKU"}
"""Keys whose values are names of this store."""

_KEYS = {name for model in _MODELS for name in model.model_fields}


Problem = tuple[int, str]
"""A line, counted from 1, and what is wrong there."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names a scenario may use: this store's profiles and products."""

    profiles: frozenset[str]
    skus: frozenset[str]


class ScenarioError(Exception):
    """The scenario files cannot be used; the message lists every problem with its file and line."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        lines = "\n".join(f"  {problem}" for problem in problems)
        super().__init__(f"{len(problems)} problema(s) nos cenários:\n{lines}\nO formato está em evals/README.md.")


def store_vocabulary(prompts_dir: Path) -> Vocabulary:
    """The profiles that have a prompt file, and the products of the reference catalogue."""
    profiles = frozenset(file.stem for file in (prompts_dir / "profiles").glob("*.md"))
    return Vocabulary(profiles, frozenset(row.sku for row in load_rows(CATALOGUE)))


def load_scenarios(folder: Path, vocabulary: Vocabulary) -> list[Scenario]:
    """Every scenario of the folder's *.yaml files, in the files' order. Raises ScenarioError."""
    problems: list[str] = []
    scenarios: list[Scenario] = []
    taken: dict[str, str] = {}
    for file in sorted(folder.glob("*.yaml")):
        found, wrong = _read_file(file, vocabulary, taken)
        scenarios += found
        problems += [f"{file.name}:{line}: {words}" for line, words in sorted(set(wrong))]
    if not scenarios and not problems:
        problems.append(f"{folder}: nenhum arquivo .yaml com cenários")
    if problems:
        raise ScenarioError(problems)
    return scenarios


def _read_file(file: Path, vocabulary: Vocabulary, taken: dict[str, str]) -> tuple[list[Scenario], list[Problem]]:
    try:
        text = file.read_text(encoding="utf-8")
        root = cast(Node | None, yaml.compose(text, Loader=yaml.SafeLoader))  # pyright: ignore[reportUnknownMemberType]  # untyped
        content = yaml.safe_load(text)
    except UnicodeDecodeError:
        return [], [(1, "o arquivo não está em UTF-8")]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return [], [(mark.line + 1 if mark else 1, f"YAML inválido ({error.problem})")]
    except yaml.YAMLError as error:
        return [], [(1, f"YAML inválido ({error})")]
    if not isinstance(root, SequenceNode):
        return [], [(1, "o arquivo deve ser uma lista de cenários, cada um começando por '- id:'")]
    problems = [*_repeated_keys(root), *_repeated_ids(root, file, taken), *_unknown_names(root, vocabulary)]
    scenarios: list[Scenario] = []
    for node, item in zip(cast(list[Node], root.value), content, strict=True):
        try:
            scenarios.append(Scenario.model_validate(item))
        except ValidationError as error:
            problems += [(_line(node, problem["loc"]), _words(problem)) for problem in error.errors()]
    return scenarios, problems


def _repeated_keys(node: Node) -> Iterator[Problem]:
    """YAML lets the last of two equal keys win in silence."""
    if isinstance(node, SequenceNode):
        for item in cast(list[Node], node.value):
            yield from _repeated_keys(item)
    if isinstance(node, MappingNode):
        seen: set[str] = set()
        for key, value in _pairs(node):
            if key.value in seen:
                yield key.start_mark.line + 1, f"a chave '{key.value}' aparece duas vezes"
            seen.add(key.value)
            yield from _repeated_keys(value)


def _repeated_ids(root: SequenceNode, file: Path, taken: dict[str, str]) -> Iterator[Problem]:
    for node in cast(list[Node], root.value):
        identifier = {key.value: value for key, value in _pairs(node)}.get("id")
        if isinstance(identifier, ScalarNode):
            line = identifier.start_mark.line + 1
            first = taken.setdefault(identifier.value, f"{file.name}:{line}")
            if first != f"{file.name}:{line}":
                yield line, f"o id '{identifier.value}' já existe em {first}"


def _unknown_names(node: Node, vocabulary: Vocabulary, kind: str = "") -> Iterator[Problem]:
    if isinstance(node, SequenceNode):
        for item in cast(list[Node], node.value):
            yield from _unknown_names(item, vocabulary, kind)
    for key, value in _pairs(node):
        yield from _unknown_names(value, vocabulary, _KINDS.get(key.value, ""))
    if not kind or not isinstance(node, ScalarNode) or node.tag.endswith(":null"):
        return
    known = vocabulary.skus if kind == "SKU" else vocabulary.profiles
    if node.value not in known:
        yield node.start_mark.line + 1, f"{kind} desconhecido '{node.value}'{_meant(node.value, known)}"


def _line(node: Node, place: Iterable[str | int]) -> int:
    """The line of a place inside a scenario, or of the nearest thing around it that was written."""
    line = node.start_mark.line
    for part in place:
        if isinstance(node, MappingNode):
            pair = next(((key, value) for key, value in _pairs(node) if key.value == str(part)), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line, pair[1]
        elif isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = cast(list[Node], node.value)[part]
            line = node.start_mark.line
        else:
            break
    return line + 1


def _pairs(node: Node) -> list[tuple[ScalarNode, Node]]:
    if not isinstance(node, MappingNode):
        return []
    return [(key, value) for key, value in cast(list[tuple[Node, Node]], node.value) if isinstance(key, ScalarNode)]


def _words(error: ErrorDetails) -> str:
    place = ".".join(str(part) for part in error["loc"])
    context: dict[str, Any] = error.get("ctx", {})
    match error["type"]:
        case "missing":
            return f"falta a chave '{place}'"
        case "extra_forbidden":
            return f"chave desconhecida '{place}'{_meant(str(error['loc'][-1]), _KEYS)}"
        case "string_type":
            return f"{place}: aqui vai um texto; ponha entre aspas"
        case "list_type":
            return f"{place}: aqui vai um texto entre aspas, ou uma lista deles"
        case "model_type":
            return f"{place or 'o cenário'}: aqui vão chaves com valores, não '{error['input']}'"
        case "greater_than_equal":
            return f"{place}: no mínimo {context['ge']}"
        case "too_short":
            return f"{place}: falta pelo menos um item"
        case "literal_error":
            return f"{place}: '{error['input']}' não vale aqui, use {context['expected'].replace(' or ', ' ou ')}"
        case "string_pattern_mismatch":
            return f"{place}: '{error['input']}' não segue o padrão {context['pattern']}"
        case "value_error":
            return str(context["error"])
        case _:
            return f"{place}: {error['msg']}" if place else f"{error['msg']}"


def _meant(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return f"; quis dizer '{close[0]}'?" if close else ""
