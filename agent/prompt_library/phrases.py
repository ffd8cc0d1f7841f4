"""Reads the fixed sentences and checks each variant against what code hands to it; picks variants and fills them."""

from __future__ import annotations

import difflib
import hashlib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from string import Formatter
from typing import Any, cast

from agent.prompt_library.contract import PHRASES, allowed_values, required_values
from agent.prompt_library.problems import Problem, line_of_key, line_of_text

Phrases = Mapping[str, tuple[str, ...]]

_TOML_LINE = re.compile(r"\s*\(at line (\d+), column \d+\)|\s*\(at end of document\)")


def choose(variants: Sequence[str], key: str, seed: str) -> str:
    """The same variant for the same key and seed, in every process."""
    digest = hashlib.blake2b(f"{seed}\0{key}".encode(), digest_size=4).digest()
    return variants[int.from_bytes(digest) % len(variants)]


def fill(variant: str, values: Mapping[str, Any]) -> str:
    """The variant with its {placeholders} replaced and a capital first letter.

    Values are inserted as they are, never read as templates. Raises KeyError for a placeholder without a value.
    """
    text = variant.format_map(values)
    return text[:1].upper() + text[1:]


def parse_phrases(file: str, text: str, problems: list[Problem]) -> Phrases:
    """The sentences of a phrases file; every fault is appended to `problems`."""
    table = parse_toml(file, text, problems)
    if table is None:
        return {}
    for key in sorted(PHRASES.keys() - table.keys()):
        problems.append(Problem(file, 1, f"the sentence {key!r} is missing: add {key} = [...] with 2 to 4 variants"))
    return check_sentences(file, text, table, problems)


def check_sentences(
    file: str, text: str, table: Mapping[str, Any], problems: list[Problem], *, line: Callable[[str], int] | None = None
) -> Phrases:
    """The sound sentences of a table key -> variants; `line` says where a key stands, if not as in TOML."""
    found: dict[str, tuple[str, ...]] = {}
    for key, variants in table.items():
        where = line(key) if line else line_of_key(text, key)
        if key not in PHRASES:
            problems.append(Problem(file, where, f"no code says {key!r}{_nearest(key, PHRASES)}: remove or rename it"))
        elif not _is_list_of_texts(variants):
            problems.append(Problem(file, where, f'{key} must be a list of texts: {key} = ["…", "…"]'))
        else:
            found[key] = tuple(variants)
            for variant in variants:
                place = line_of_text(text, variant, after=where)
                problems.extend(Problem(file, place, words) for words in _faults(key, variant))
    return found


def parse_toml(file: str, text: str, problems: list[Problem]) -> dict[str, Any] | None:
    """The file's table, or None and a problem on the line where TOML breaks."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = _TOML_LINE.search(str(error))
        line = int(at[1]) if at and at[1] else text.count("\n") + 1
        words = _TOML_LINE.sub("", str(error))
        problems.append(Problem(file, line, f"this is not TOML ({words}): check quotes, commas and brackets here"))
        return None


def _is_list_of_texts(variants: Any) -> bool:
    if not isinstance(variants, list) or not variants:
        return False
    return all(isinstance(variant, str) and variant.strip() for variant in cast(list[object], variants))


def _faults(key: str, variant: str) -> Iterable[str]:
    try:
        pieces = [piece for piece in Formatter().parse(variant) if piece[1] is not None]
    except ValueError as error:
        yield f"{key}: the braces do not match ({error}); write a placeholder as {{name}} and a brace itself as {{{{"
        return
    names = {name or "" for _, name, _, _ in pieces}
    allowed = allowed_values(key)
    if any(specification or conversion for _, _, specification, conversion in pieces):
        yield f"{key}: write placeholders as plain {{name}}, without ':' or '!'"
    for name in sorted(names - allowed):
        hint = _nearest(name, allowed)
        yield f"{key}: nothing fills {{{name}}}{hint}; it gets {', '.join(sorted(allowed))}"
    for name in sorted(required_values(key) - names):
        yield f"{key}: every variant must contain {{{name}}}; this one does not"


def _nearest(name: str, names: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(names), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""
