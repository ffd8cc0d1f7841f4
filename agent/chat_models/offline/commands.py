"""The offline seller and the words customers type as commands: help, catalogue, a verse, a prayer."""

from __future__ import annotations

from agent.chat_models.offline.situation import Situation
from agent.chat_models.offline.steps import Step
from agent.chat_models.offline.words import join, lines, say

_MOST_CATEGORIES = 12


def answer_command(situation: Situation) -> Step | None:
    """The answer to a command of its own; None for one that is a wish like any other, and for no command."""
    match situation.brief["command"]:
        case "ajuda":
            verses = say(situation, "help_verses") if situation.brief["has_verses"] else ""
            return lines(say(situation, "help_commands"), verses)
        case "catalogo":
            return _categories(situation)
        case "versiculo" if situation.brief["has_verses"]:
            return _open_verse(situation, "verse")
        case "oracao" if situation.brief["has_verses"]:
            return _open_verse(situation, "prayer")
        case _:
            return None


def _categories(situation: Situation) -> Step:
    answer = situation.answer_of("list_categories")
    if answer is None:
        return [("list_categories", {})]
    names = [] if answer.failed else [category["nome"] for category in answer.content["categorias"]]
    if not names:
        return say(situation, "tool_trouble")
    shown = ", ".join(names[:_MOST_CATEGORIES])
    return join(say(situation, "catalog_intro", categories=shown), say(situation, "catalog_question"))


def _open_verse(situation: Situation, kind: str) -> Step:
    answer = situation.answer_of("open_verse")
    if answer is None:
        return [("open_verse", {"kind": kind})]
    if answer.failed:
        return say(situation, "tool_trouble")
    if kind == "prayer":
        return str(answer.content["oracao"]["palavras"])
    verse = answer.content["versiculo"]
    return say(situation, "verse", text=verse["palavras"], reference=verse["referencia"])
