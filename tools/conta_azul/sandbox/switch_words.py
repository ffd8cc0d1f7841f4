"""Reads switches written as name=value, as on a command line; what each one does is told in switches.py."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

from tools.conta_azul.sandbox.switches import Switches

_TRUE, _FALSE = ("on", "true", "yes", "1", "sim"), ("off", "false", "no", "0", "não", "nao")
_CHOICES = {"lost_answer": ("500", "cut")}


def switch_names() -> list[str]:
    """Every switch that a word can set."""
    return sorted(field.name for field in fields(Switches) if field.name != "company")


def parse_switches(words: Iterable[str]) -> Switches:
    """The switches with these settings. Raises ValueError naming the word that is wrong and what would be right."""
    switches = Switches()
    for word in words:
        name, equals, value = word.partition("=")
        if name not in switch_names():
            raise ValueError(f"no switch is called {name!r}; there are: {', '.join(switch_names())}")
        if not equals:
            raise ValueError(f"{name} needs a value, as in {name}={getattr(switches, name)}")
        setattr(switches, name, _value(name, getattr(switches, name), value))
    return switches


def _value(name: str, default: object, value: str) -> object:
    if name in _CHOICES and value not in _CHOICES[name]:
        raise ValueError(f"{name} is one of {', '.join(_CHOICES[name])}, not {value!r}")
    if isinstance(default, bool):
        if value.lower() not in (*_TRUE, *_FALSE):
            raise ValueError(f"{name} is on or off, not {value!r}")
        return value.lower() in _TRUE
    if isinstance(default, tuple):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if isinstance(default, str):
        return value
    return _number(name, default, value)


def _number(name: str, default: object, value: str) -> float:
    # Seconds may be written without a fraction, counts must be.
    try:
        number = int(value) if isinstance(default, int) and "seconds" not in name else float(value)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise ValueError(f"{name} is a number such as {default}, not {value!r}")
    return number
