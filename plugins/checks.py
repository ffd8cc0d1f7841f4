"""Registers plugins and says everything that is wrong with them in one go; calls no hook."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Iterable

import pluggy

from plugins.hookspecs import PROJECT, TIMEOUTS
from plugins.loading import FoundPlugin


def register_all(manager: pluggy.PluginManager, found: Iterable[FoundPlugin]) -> list[str]:
    """Register each plugin; returns every problem, with what to do about it. Empty means all are in."""
    problems: list[str] = []
    registered: dict[str, FoundPlugin] = {}
    for candidate in found:
        problem = _register(manager, candidate, registered)
        if problem:
            problems.append(problem)
        else:
            registered[candidate.name] = candidate
            problems += _hook_problems(manager, candidate)
    return problems


def implementations_of(
    manager: pluggy.PluginManager, plugin: object
) -> list[tuple[pluggy.HookCaller, pluggy.HookImpl]]:
    """Each hook the plugin implements, known or not, with its implementation."""
    return [
        (caller, implementation)
        for caller in manager.get_hookcallers(plugin) or []
        for implementation in caller.get_hookimpls()
        if implementation.plugin is plugin
    ]


def _register(manager: pluggy.PluginManager, candidate: FoundPlugin, registered: dict[str, FoundPlugin]) -> str:
    if candidate.name in registered:
        return f"{candidate} has the name of {registered[candidate.name]}: rename one of them."
    if inspect.isclass(candidate.plugin):
        return f"{candidate} is a class: let its entry point name a module or an instance."
    try:
        manager.register(candidate.plugin, candidate.name)
    except pluggy.PluginValidationError as error:
        said = " ".join(str(error).split())
        return f"{candidate} takes arguments its hook does not have: {said}."
    except ValueError:
        return f"{candidate} is registered already under another name: remove one of the two entry points."
    return ""


def _hook_problems(manager: pluggy.PluginManager, candidate: FoundPlugin) -> list[str]:
    implementations = implementations_of(manager, candidate.plugin)
    problems = [
        f"{candidate}: there is no hook {caller.name!r}; {_suggestion(caller.name)}."
        for caller, implementation in implementations
        if not caller.has_spec() and not implementation.optionalhook
    ]
    problems += [
        f"{candidate}: {caller.name} is declared a wrapper; wrappers do not work with async hooks, use a plain hook."
        for caller, implementation in implementations
        if implementation.wrapper or implementation.hookwrapper
    ]
    forgotten = [name for name in TIMEOUTS if _is_unmarked(candidate.plugin, name)]
    problems += [
        f"{candidate}: {name} is not marked, so it would never run: write @hookimpl above it." for name in forgotten
    ]
    if not implementations and not forgotten:
        problems.append(f"{candidate} implements no hook: mark a function with @hookimpl, or take the plugin out.")
    return problems


def _suggestion(name: str) -> str:
    close = difflib.get_close_matches(name, TIMEOUTS, n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}?" if close else f"the hooks are {', '.join(TIMEOUTS)}"


def _is_unmarked(plugin: object, name: str) -> bool:
    function = inspect.getattr_static(plugin, name, None)
    marks = (f"{PROJECT}_impl", f"{PROJECT}_spec")
    return inspect.isfunction(function) and not any(hasattr(function, mark) for mark in marks)
