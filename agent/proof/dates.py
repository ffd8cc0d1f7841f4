"""Finds and judges days, hours and terms: what happens when needs a tool, the shop's hours or the customer."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from agent.proof.echoes import FROM_CUSTOMER
from agent.proof.figures import Claim, Kind
from agent.proof.freight import option_days
from agent.proof.reading import Reading
from agent.proof.scene import Scene
from agent.proof.words import claim_words
from agent.understanding.entities.calendar import resolve
from agent.understanding.entities.dates import date_words
from agent.understanding.normalising import fold
from plugins.builtin.opening_hours import WEEKDAYS

STORE_FACTS = "store.toml"
_NAMES = ("segunda", "terca", "quarta", "quinta", "sexta", "sabado", "domingo")
_LOOSE = frozenset({"nearby", "period", "month", "feast"})
_DELIVERS = re.compile(r"(?<![a-z])(?:cheg|entreg|envi|despach|post[ao]|receb|pront)\w*")
_CLOCK = re.compile(r"(\d{1,2})(?: ?[:h] ?(\d{2}))?")
_ORDINAL = re.compile(r"(?:segunda|terceira|quarta|quinta|sexta)(?! feira|-feira)")
_DAY = "segunda|terca|quarta|quinta|sexta|sabado|domingo"
_RANGE = re.compile(rf"({_DAY})(?:-feira| feira)? (?:a|ate) ({_DAY})")


def find_dates(reading: Reading) -> list[Claim]:
    """The days a reply names; their numbers count nothing else."""
    words, said = date_words(), reading.said
    if words.needs.isdisjoint(said.tokens):
        return []
    claims: list[Claim] = []
    text = words.idle.sub(lambda match: " " * len(match[0]), said.text)
    for match in words.any.finditer(text):
        first, last = reading.place_said(match.start(), match.end())
        kind = match.lastgroup or ""
        claims.append(Claim(Kind.DATE, reading.written[first:last], first, 0, f"{kind}|{match[0]}"))
        reading.shape.take(*reading.shape.stretch(match.start(), match.end()))
    return claims


def date_source(claim: Claim, scene: Scene) -> str:
    """What proves the day; without a promise or an opening, everyday words such as "hoje" need no proof."""
    kind, _, words = claim.words.partition("|")
    sentence = scene.sentence(claim)
    today = scene.grounds.now.date() if scene.grounds.now else None
    meant = resolve(kind, words, today) if kind != "workday" else None
    delivers = _DELIVERS.search(sentence) is not None
    for dates in (scene.evidence.dates, {} if delivers else scene.evidence.other_dates):
        if _is_in(words, meant, dates):
            return next(iter(dates.values()))
    told_hours = kind == "weekday" and any(figure.kind is Kind.HOUR for figure in _beside(claim, scene))
    if not delivers and _heard(words, scene) and _is_occasion(claim, scene):
        return FROM_CUSTOMER
    opens = claim_words().openings.search(sentence) is not None or told_hours
    promises = scene.promises(claim)
    if opens and not delivers:
        return _opening_source(words, meant, sentence, scene)
    if promises and not scene.denies(claim) and not _only_asks(claim, scene):
        return ""
    if kind in _LOOSE or (_ORDINAL.fullmatch(words) and not promises):
        return "fala comum"
    return FROM_CUSTOMER if _heard(words, scene) else ""


def _is_occasion(claim: Claim, scene: Scene) -> bool:
    """ "o batismo do dia 27/09": the day only names what the customer spoke of."""
    before = re.search(r"([a-z]+) (?:d[oae]|n[oa]) $", scene.before(claim))
    return before is not None and before[1] in scene.grounds.heard_words


def _beside(claim: Claim, scene: Scene) -> list[Claim]:
    """The figures of its sentence."""
    first, last = scene.reading.segment(claim.start)
    return [figure for figure in scene.figures if first <= figure.start < last]


def _only_asks(claim: Claim, scene: Scene) -> bool:
    words = claim.words.partition("|")[2]
    return (
        scene.asks(claim)
        and _heard(words, scene)
        and not re.search(r"(?<![a-z])(?:cheg|entreg)\w+", scene.sentence(claim))
    )


def _heard(words: str, scene: Scene) -> bool:
    numbers = [int(digits) for digits in re.findall(r"\d+", words)]
    first = words.split()[0].removesuffix("-feira")
    told = first in scene.grounds.folded_heard or words in scene.grounds.folded_heard
    return told if not numbers else all(number in scene.grounds.heard_numbers for number in numbers[:2])


def _is_in(words: str, meant: date | None, dates: Iterable[tuple[int, int, int]]) -> bool:
    numbers = [int(digits) for digits in re.findall(r"\d+", words)]
    for year, month, day in dates:
        if len(numbers) >= 2 and "/" in words and numbers[:2] == [day, month]:
            return len(numbers) < 3 or year in (0, numbers[2], numbers[2] + 2000)
        if meant and (meant.month, meant.day) == (month, day) and (year in (0, meant.year) or "/" not in words):
            return True
    return False


def _opening_source(words: str, meant: date | None, sentence: str, scene: Scene) -> str:
    """By the shop's week: a day that is said to be open must have hours, one that is closed none."""
    hours = scene.grounds.store.get("hours", {})
    holidays = {str(entry.get("date")): entry for entry in scene.grounds.store.get("holidays", ())}
    named = [number for number, name in enumerate(_NAMES) if words.startswith(name)]
    day = named[0] if named else meant.weekday() if meant else None
    if day is None:
        return STORE_FACTS if not re.search(r"\d", words) else ""
    is_open = bool(hours.get(WEEKDAYS[day]))
    if meant and not named and meant.isoformat() in holidays:
        is_open = bool(holidays[meant.isoformat()].get("hours"))
    clause = next((part for part in re.split(r"[,;]| e (?=n|a)|mas", sentence) if words.split()[0] in part), sentence)
    says_closed = bool(re.search(r"nao|fechad|exceto|menos|sem ", clause))
    return STORE_FACTS if is_open != says_closed else ""


def hour_source(claim: Claim, scene: Scene) -> str:
    """The shop's opening hours of the days named beside it, a time a tool returned, or one the customer said."""
    match = _CLOCK.search(claim.words)
    said = (int(match[1]), int(match[2] or 0)) if match else (claim.value, 0)
    if said in scene.evidence.times:
        return scene.evidence.times[said]
    sentence = scene.sentence(claim)
    if scene.promises(claim) and not claim_words().openings.search(sentence):
        return ""
    if said in _bounds(claim, scene):
        return STORE_FACTS
    return (
        FROM_CUSTOMER if said[0] in scene.grounds.heard_numbers and not claim_words().openings.search(sentence) else ""
    )


def _bounds(claim: Claim, scene: Scene) -> set[tuple[int, int]]:
    """Opening and closing times of the days the clause names; of every day where it names none."""
    before = re.split(
        r";|, (?=(?:e |no |na |aos |de )?(?:sabado|domingo|segunda|sexta))", scene.before(claim) + claim.words
    )[-1]
    days = {number for number, name in enumerate(_NAMES) if re.search(rf"(?<![a-z]){name}", before)}
    for first, last in _RANGE.findall(before):
        days |= set(range(_NAMES.index(first), _NAMES.index(last) + 1))
    hours = scene.grounds.store.get("hours", {})
    spans = [span for number, day in enumerate(WEEKDAYS) if not days or number in days for span in hours.get(day, ())]
    return {(int(hour), int(minute)) for span in spans for hour, minute in re.findall(r"(\d{1,2}):(\d{2})", span)}


def deadline_source(claim: Claim, scene: Scene) -> str:
    """Terms of delivery come from a freight option; other spans of time only from what tools or the customer said."""
    running = re.match(r"[\s*_]*corridos?", scene.reading.folded[claim.start + len(claim.written) :])
    named = option_days(claim, scene)
    if named is not None:
        return next(iter(scene.evidence.days.values()), "") if claim.value in named and not running else ""
    if re.search(r"dias?(?! de| para)", claim.words) and not running:
        for known, source in ((scene.evidence.days, None), (scene.grounds.ledger["days"], "conversa")):
            if claim.value in known:
                return source or scene.evidence.days[claim.value]
    unit = claim.words.split()[-1]
    for text, source in scene.evidence.words.items():
        if re.search(rf"(?<!\d){claim.value}\W{{0,2}}(?:\w+ )?{re.escape(fold(unit))}", text):
            return source
    if scene.promises(claim) or re.search(r"(?<![a-z])(?:em|ate|prazo|dentro)(?: \w+){0,2} $", scene.before(claim)):
        return ""
    if claim.value in scene.evidence.numbers:
        return scene.evidence.numbers[claim.value]
    return FROM_CUSTOMER if claim.value in scene.grounds.heard_numbers or claim.value == 1 else ""
