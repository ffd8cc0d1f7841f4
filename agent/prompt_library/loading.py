"""Reads a prompts folder whole, collects every problem in it, and gives a library only when there is none."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agent.prompt_library.contract import EXAMPLE_TURNS, SYSTEM_VARIABLES, TURN_VARIABLES
from agent.prompt_library.examples import Examples, find_shared_examples
from agent.prompt_library.front_matter import FrontMatter, parse_front_matter
from agent.prompt_library.glossary import GLOSSARY_FILE, parse_glossary
from agent.prompt_library.library import OPTIONAL_FILES, SHARED_FILES, PromptLibrary
from agent.prompt_library.opening_words import describe_hours
from agent.prompt_library.phrases import parse_phrases
from agent.prompt_library.policy import POLICY_FILE, parse_policy
from agent.prompt_library.problems import Problem, PromptError
from agent.prompt_library.profiles import Profile, parse_profile
from agent.prompt_library.store import STORE_FILE, parse_store, speaking_facts
from agent.prompt_library.templates import PromptTemplate, clean, compile_template
from agent.prompt_library.verses import VERSES_FILE, parse_verses
from plugins.builtin.opening_hours import store_zone
from tools.sales.discounts import DiscountPolicy


def load_prompts(folder: Path) -> PromptLibrary:
    """A frozen snapshot of the folder. Raises PromptError with all problems, each with file, line and remedy."""
    problems: list[Problem] = []
    texts = _read_texts(folder, problems)
    phrases = parse_phrases("phrases.pt-BR.toml", texts["phrases.pt-BR.toml"], problems)
    store = parse_store(texts[STORE_FILE], problems)
    profiles, tool_lines = _parse_profiles(texts, problems)
    glossary = parse_glossary(texts.get(GLOSSARY_FILE, ""), problems)
    policy = parse_policy(texts[POLICY_FILE], profiles, problems) if POLICY_FILE in texts else DiscountPolicy()
    verses = parse_verses(texts.get(VERSES_FILE, ""), problems)
    system = _parse_template("system.md", texts["system.md"], SYSTEM_VARIABLES, problems)
    turn = _parse_template("turn.md", texts["turn.md"], TURN_VARIABLES, problems)
    if turn:
        problems.extend(problem for example in EXAMPLE_TURNS for problem in turn.check_render(clean(example)))
    values = {name: _system_values(store, profile) for name, profile in profiles.items()} if store else {}
    if system:
        problems.extend(dict.fromkeys(p for value in values.values() for p in system.check_render(value)))
    if problems or system is None or turn is None:
        raise PromptError(tuple(dict.fromkeys(problems)))
    return PromptLibrary(
        profiles=profiles,
        phrases=phrases,
        store=store,
        glossary=glossary,
        policy=policy,
        verses=verses,
        timezone=store_zone(store),
        versions={file: _version(text) for file, text in texts.items()},
        prefixes={name: system.render(value) for name, value in values.items()},
        turn=turn,
        tool_lines=tool_lines,
    )


def prompt_files(folder: Path) -> list[Path]:
    """The files a library is made of, known ones included even when they are missing."""
    return [*(folder / name for name in (*SHARED_FILES, *OPTIONAL_FILES)), *sorted((folder / "profiles").glob("*.md"))]


def _read_texts(folder: Path, problems: list[Problem]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for path in prompt_files(folder):
        name = path.relative_to(folder).as_posix()
        try:
            texts[name] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            problems.append(Problem(name, line, "this is not UTF-8: save the file as UTF-8"))
        except OSError as error:
            if name in OPTIONAL_FILES and isinstance(error, FileNotFoundError):
                continue
            problems.append(Problem(name, 1, f"{path} cannot be read ({error.strerror}): create it or mend its rights"))
    if any(name not in texts for name in SHARED_FILES):
        raise PromptError(problems)
    return texts


def _parse_profiles(
    texts: Mapping[str, str], problems: list[Problem]
) -> tuple[dict[str, Profile], dict[str, dict[str, int]]]:
    profiles: dict[str, Profile] = {}
    lines: dict[str, dict[str, int]] = {}
    examples: list[tuple[FrontMatter, Examples]] = []
    for file, text in texts.items():
        if not file.startswith("profiles/"):
            continue
        name = Path(file).stem
        if not name.isidentifier():
            problems.append(Problem(file, 1, "name the file like a word: letters, digits and _, as in revendedor.md"))
        elif profile := parse_profile(name, file, text, problems):
            profiles[name] = profile
            front = parse_front_matter(file, text, [])
            assert front is not None
            lines[name] = {tool: front.line(f"tools[{tool}]") for tool in profile.tools}
            examples.append((front, Examples(profile.stated_examples, profile.style_examples)))
    problems.extend(find_shared_examples(examples))
    if not any(file == "profiles/novo.md" for file in texts):
        problems.append(Problem("profiles/novo.md", 1, "the file is missing: new contacts are answered by it"))
    return profiles, lines


def _parse_template(file: str, text: str, known: tuple[str, ...], problems: list[Problem]) -> PromptTemplate | None:
    front = parse_front_matter(file, text, problems)
    if front is None:
        return None
    front.refuse_others(("used_by", "variables"), problems)
    front.text_of("used_by", problems)
    declared = {name: front.line(f"variables[{name}]") for name in front.names_of("variables", problems)}
    return compile_template(file, front.body, front.first_line, declared=declared, known=known, problems=problems)


def _system_values(store: Mapping[str, Any], profile: Profile) -> dict[str, Any]:
    return {"store": speaking_facts(store), "hours": describe_hours(store), "profile": profile}


def _version(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:10]
