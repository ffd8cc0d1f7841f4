"""Reads policy/discounts.toml into the policy that pricing asks; grants nothing, and no prompt ever carries it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any

from agent.prompt_library.phrases import parse_toml
from agent.prompt_library.problems import Problem
from agent.prompt_library.toml_tables import TomlTable
from tools.models import Money
from tools.sales.discounts import (
    NEWCOMER,
    BasisPoints,
    Campaign,
    DiscountPolicy,
    Fixed,
    ProfileCeiling,
    Proof,
    VolumeStep,
    Yearly,
)

POLICY_FILE = "policy/discounts.toml"

_MONTHS = (
    "janeiro", "fevereiro", "março", "abril", "maio", "junho",
    "julho", "agosto", "setembro", "outubro", "novembro", "dezembro",
)  # fmt: skip
_SUNDAY = re.compile(rf"([1-4])º domingo de ({'|'.join(_MONTHS)})")
_REAIS = re.compile(r"(?:\d+|\d{1,3}(?:\.\d{3})+)(?:,\d{2})?")
_LONGEST_CAMPAIGN = 90
"""Days on either side of a feast; more is no campaign but a price."""
_LONGEST_QUOTE = 24 * 60


def parse_policy(text: str, profiles: Collection[str], problems: list[Problem]) -> DiscountPolicy:
    """The policy of the file's text for a folder with these profiles; every fault is appended to `problems`."""
    values = parse_toml(POLICY_FILE, text, problems)
    if values is None:
        return DiscountPolicy()
    file = TomlTable(POLICY_FILE, text, values, problems)
    file.refuse_others(("limits", "returning", "concession", "profile", "volume", "campaign"))
    limits, returning, concession = file.table("limits"), file.table("returning"), file.table("concession")
    limits.refuse_others(("cap", "quote_hours", "margin_floor", "owner_approval_above"))
    returning.refuse_others(("points",))
    concession.refuse_others(("steps",))
    cap = _percent(limits, "cap")
    known = cap if cap is not None else 10_000
    return DiscountPolicy(
        cap=cap or 0,
        profiles=_profiles(file, profiles, known),
        returning=(_percent(returning, "points", cap=known) or 0) if "points" in returning.values else 0,
        volume=_volume(file, known),
        campaigns=_campaigns(file, known),
        concessions=_concessions(concession, known),
        quote_hours=_whole(limits, "quote_hours", least=1, most=_LONGEST_QUOTE),
        margin_floor=_percent(limits, "margin_floor") if "margin_floor" in limits.values else None,
        owner_approval_above=_money(limits, "owner_approval_above"),
    )


def _profiles(file: TomlTable, known: Collection[str], cap: BasisPoints) -> tuple[ProfileCeiling, ...]:
    found: dict[str, ProfileCeiling] = {}
    for table in file.tables("profile"):
        table.refuse_others(("name", "ceiling", "proof"))
        name, ceiling = _text(table, "name"), _percent(table, "ceiling", cap=cap) or 0
        if name and name not in known:
            table.tell(table.line("name"), _no_such_profile(name, known))
        if name in found:
            table.tell(table.line("name"), f"the profile {name!r} stands here twice: keep one ceiling")
        proof = _proof(table)
        if ceiling and (proof is Proof.NONE or name == NEWCOMER):
            words = "without a proof the ceiling must be 0: anybody could claim it"
            table.tell(table.line("ceiling"), words)
        found[name] = ProfileCeiling(name, ceiling, proof)
    return tuple(found.values())


def _no_such_profile(name: str, known: Collection[str]) -> str:
    """Most often its file was deleted or renamed, and this one forgotten."""
    near = difflib.get_close_matches(name, known, n=1)
    missing = f" (did you mean {near[0]!r}?)" if near else f", for there is no profiles/{name}.md"
    remedy = "delete this [[profile]] block if the profile was deleted, write its new name if it was renamed"
    return f"there is no profile {name!r}{missing}: {remedy}; there are {', '.join(sorted(known))}"


def _proof(table: TomlTable) -> Proof:
    written = _text(table, "proof")
    if written and written not in list(Proof):
        table.tell(table.line("proof"), f"there is no proof {written!r}: there are {', '.join(Proof)}")
    return Proof(written) if written in list(Proof) else Proof.STATED


def _volume(file: TomlTable, cap: BasisPoints) -> tuple[VolumeStep, ...]:
    steps: list[VolumeStep] = []
    for table in file.tables("volume"):
        table.refuse_others(("units", "ceiling"))
        units = _whole(table, "units", least=2, most=1_000_000)
        step = VolumeStep(units, _percent(table, "ceiling", cap=cap) or 0)
        if steps and not (step.units > steps[-1].units and step.ceiling > steps[-1].ceiling):
            table.tell(
                table.first_line, "volume steps must rise, in units and in ceiling: write the smaller ones first"
            )
        steps.append(step)
    return tuple(steps)


def _concessions(table: TomlTable, cap: BasisPoints) -> tuple[BasisPoints, ...]:
    written: Any = table.values.get("steps", [])
    if not isinstance(written, list):
        table.tell(table.line("steps"), "steps must be a list of percentages: steps = [3, 5, 10]")
        return ()
    steps: list[BasisPoints] = []
    for item in written:  # pyright: ignore[reportUnknownVariableType] # any TOML value
        step = _basis_points(table, "steps", item, cap) or 0
        if steps and step <= steps[-1]:
            table.tell(table.line("steps"), "the steps of a concession must rise: each one is offered after the last")
            break
        steps.append(step)
    return tuple(steps)


def _campaigns(file: TomlTable, cap: BasisPoints) -> tuple[Campaign, ...]:
    found: dict[str, Campaign] = {}
    for table in file.tables("campaign"):
        table.refuse_others(("name", "when", "days_before", "days_after", "first_day", "last_day", "ceiling"))
        name, ceiling = _text(table, "name"), _percent(table, "ceiling", cap=cap) or 0
        if name.casefold() in found:
            table.tell(table.line("name"), f"there are two campaigns {name!r}: a granted discount must name one")
        days = _yearly(table) if "when" in table.values else _fixed(table)
        if days:
            found[name.casefold()] = Campaign(name, ceiling, days)
    return tuple(found.values())


def _yearly(table: TomlTable) -> Yearly | None:
    for key in ("first_day", "last_day"):
        if key in table.values:
            table.tell(table.line(key), f"{key} is for campaigns without `when`: keep one of the two ways")
    before, after = (
        _whole(table, key, least=0, most=_LONGEST_CAMPAIGN) if key in table.values else 0
        for key in ("days_before", "days_after")
    )
    when = _text(table, "when")
    if when == "easter":
        return Yearly(before=before, after=after)
    if sunday := _SUNDAY.fullmatch(when):
        return Yearly(_MONTHS.index(sunday[2]) + 1, sunday=int(sunday[1]), before=before, after=after)
    try:
        # A year without 29 February: what comes every year must be there every year.
        day = date.fromisoformat(f"2025-{when}")
    except ValueError:
        ways = '"easter", "2º domingo de maio" or "12-25" (month-day, one that every year has)'
        table.tell(table.line("when"), f"{when!r} is no day of every year: write {ways}")
        return None
    return Yearly(day.month, day.day, before=before, after=after)


def _fixed(table: TomlTable) -> Fixed | None:
    for key in ("days_before", "days_after"):
        if key in table.values:
            table.tell(table.line(key), f"{key} goes with `when`; this campaign has first_day and last_day")
    first, last = _date(table, "first_day"), _date(table, "last_day")
    if first is None or last is None:
        return None
    if last < first:
        table.tell(table.line("last_day"), f"the campaign ends before it begins on {first.isoformat()}")
        return None
    return Fixed(first, last)


def _date(table: TomlTable, key: str) -> date | None:
    written: Any = table.values.get(key)
    if type(written) is date:
        return written
    try:
        return date.fromisoformat(written)
    except (TypeError, ValueError):
        shown = (
            f"{written!r} is no date" if written is not None else "a campaign needs `when`, or first_day and last_day"
        )
        table.tell(table.line(key), f'{shown}: {key} = "2026-11-23"')
        return None


def _percent(table: TomlTable, key: str, *, cap: BasisPoints = 10_000) -> BasisPoints | None:
    """A percentage that must be there, in basis points."""
    if key not in table.values:
        table.tell(table.first_line, f"{key} is missing: {key} = 10 (per cent)")
        return None
    return _basis_points(table, key, table.values[key], cap)


def _basis_points(table: TomlTable, key: str, written: Any, cap: BasisPoints) -> BasisPoints | None:
    if isinstance(written, bool) or not isinstance(written, int | float):
        table.tell(table.line(key), f"{key}: {written!r} is no percentage: write 7 or 7.5, without quotes or %")
        return None
    points = Decimal(str(written)) * 100
    if not points.is_finite() or not 0 <= points <= 10_000:
        table.tell(table.line(key), f"{key}: {written} is no percentage between 0 and 100")
        return None
    if points != int(points):
        table.tell(table.line(key), f"{key}: {written} has more than two decimals: round it")
        return None
    if points > cap:
        table.tell(table.line(key), f"{key}: {written} is over the cap of {Decimal(cap) / 100:g}: lower it or raise it")
        return cap
    return int(points)


def _whole(table: TomlTable, key: str, *, least: int, most: int) -> int:
    written: Any = table.values.get(key)
    if type(written) is int and least <= written <= most:
        return written
    shown = f"{written!r} is not" if key in table.values else "it is missing; write"
    table.tell(table.line(key), f"{key}: {shown} a whole number from {least} to {most}")
    return least


def _money(table: TomlTable, key: str) -> Money | None:
    if key not in table.values:
        return None
    written: Any = table.values[key]
    if not isinstance(written, str) or not _REAIS.fullmatch(written):
        table.tell(table.line(key), f'{key}: {written!r} is no amount in reais: write it as text, {key} = "150,00"')
        return None
    return Money.from_reais(written.replace(".", "").replace(",", "."))


def _text(table: TomlTable, key: str) -> str:
    written: Any = table.values.get(key)
    if isinstance(written, str) and written.strip():
        return written
    table.tell(table.line(key), f'{key} must be a text: {key} = "…"')
    return ""
