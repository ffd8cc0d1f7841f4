"""What discount the shop's policy allows at most, and why; pure: it grants nothing and speaks to nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from dateutil.easter import easter
from dateutil.relativedelta import SU, relativedelta

from tools.models import Money

BasisPoints = int
"""Hundredths of a per cent: 7.5 % is 750."""

NEWCOMER = "novo"
"""Of whom nothing is proven."""


class Proof(StrEnum):
    """What must be on record before a profile's ceiling counts."""

    NONE = "none"
    STATED = "stated"
    """The customer said what they are or for whom they buy, or a purchase shows it: the price profile stands for it."""
    PURCHASE = "purchase"
    """A completed purchase."""


class Ground(StrEnum):
    """Why a ceiling is what it is."""

    NOTHING = "nothing"
    PROFILE = "profile"
    RETURNING = "returning"
    VOLUME = "volume"
    CAMPAIGN = "campaign"


@dataclass(frozen=True, slots=True)
class ProfileCeiling:
    profile: str
    ceiling: BasisPoints
    proof: Proof


@dataclass(frozen=True, slots=True)
class VolumeStep:
    units: int
    """Of one line, from this many on."""
    ceiling: BasisPoints


@dataclass(frozen=True, slots=True)
class Fixed:
    """Days of one year only."""

    first: date
    last: date

    def covers(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Yearly:
    """Days around a feast that comes every year: Easter, a Sunday of a month, or the same day."""

    month: int = 0
    """0 for Easter."""
    day: int = 0
    sunday: int = 0
    """Which Sunday of the month; 0 for `day`."""
    before: int = 0
    after: int = 0
    """Days."""

    def covers(self, day: date) -> bool:
        """The feasts of the years around are asked too: days before 1 January lie in the year before."""
        feasts = (self.feast(year) for year in (day.year - 1, day.year, day.year + 1))
        return any(feast - timedelta(self.before) <= day <= feast + timedelta(self.after) for feast in feasts)

    def feast(self, year: int) -> date:
        """The day itself in a year."""
        if not self.month:
            return easter(year)
        if self.sunday:
            return date(year, self.month, 1) + relativedelta(weekday=SU(self.sunday))
        return date(year, self.month, self.day)


@dataclass(frozen=True, slots=True)
class Campaign:
    name: str
    """As customers may hear it."""
    ceiling: BasisPoints
    days: Fixed | Yearly


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most the policy allows for one line; a ceiling is no offer."""

    basis_points: BasisPoints
    ground: Ground
    detail: str = ""
    """The profile, the units of the step or the campaign's name."""


@dataclass(frozen=True, slots=True)
class DiscountPolicy:
    """The shop's rules. One that was never written allows nothing."""

    cap: BasisPoints = 0
    """Over everything else."""
    profiles: tuple[ProfileCeiling, ...] = ()
    returning: BasisPoints = 0
    """Points added to the profile's ceiling of a customer with a completed purchase."""
    volume: tuple[VolumeStep, ...] = ()
    """Rising in units and in ceiling."""
    campaigns: tuple[Campaign, ...] = ()
    concessions: tuple[BasisPoints, ...] = ()
    """What is offered each time the customer asks again, rising, never over the ceiling."""
    quote_hours: int = 24
    """How long a granted discount holds."""
    margin_floor: BasisPoints | None = None
    """The least margin over cost that must remain; None when costs do not limit."""
    owner_approval_above: Money | None = None
    """A discount of more than this, in money, waits for the owner; None when none does."""

    def ceiling_for(self, price_profile: str, *, returning: bool, quantity: int, on_date: date) -> Ceiling:
        """The best single ground, never a sum of them, and never over the cap.

        `price_profile` rests on stated evidence alone; `returning`: a completed purchase is on record; `quantity`:
        units of the line; `on_date`: the day in the store's time zone.
        """
        best = Ceiling(0, Ground.NOTHING)
        for ceiling in self._grounds(price_profile, returning, quantity, on_date):
            if ceiling.basis_points > best.basis_points:
                best = ceiling
        capped = min(best.basis_points, self.cap)
        return Ceiling(capped, best.ground, best.detail) if capped else Ceiling(0, Ground.NOTHING)

    def _grounds(self, price_profile: str, returning: bool, quantity: int, on_date: date) -> Iterator[Ceiling]:
        own = next((entry for entry in self.profiles if entry.profile == price_profile), None)
        ceiling = own.ceiling if own and (own.proof != Proof.PURCHASE or returning) else 0
        yield Ceiling(ceiling, Ground.PROFILE, price_profile)
        if returning:
            yield Ceiling(ceiling + self.returning, Ground.RETURNING, price_profile)
        for step in self.volume:
            if quantity >= step.units:
                yield Ceiling(step.ceiling, Ground.VOLUME, str(step.units))
        for campaign in self.campaigns:
            if campaign.days.covers(on_date):
                yield Ceiling(campaign.ceiling, Ground.CAMPAIGN, campaign.name)
