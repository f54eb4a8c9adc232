"""The department's interactive tool, done again slowly: rows of CSV files and plain Python, nothing of the project.

Rules: reference, sections "Places", "Rates, exactly" and "LAIT's measures". What is compared with it must have
found the same values, ranks, bands and comparisons by another way.
"""

from __future__ import annotations

import csv
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

SYMBOLS = {"c", "z", "x", "k", "low", "u", ":", "~"}
LONDON = "E12000007"
ENGLAND = "E92000001"


@dataclass(frozen=True)
class Measure:
    """One line of the conformed list: where a measure stands and how it is judged."""

    code: str
    items: frozenset[tuple[str, str]]
    column: str
    polarity: str
    has_bands: bool = True
    file: str = ""
    people: bool = False  # worked out from the column and the population of the mid-year before
    places: int = 1


@dataclass
class Series:
    """Values of one measure by year and place, symbols as None, and where authorities lie."""

    authorities: dict[str, dict[str, float | None]] = field(default_factory=lambda: defaultdict(dict))
    areas: dict[str, dict[str, float | None]] = field(default_factory=lambda: defaultdict(dict))
    region_of: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Compared:
    """What the tool shows of one authority in one year."""

    value: float | None
    region: float | None
    england: float | None
    rank: int | None
    ranked: int
    band: str | None
    change: float | None
    trend: str | None


def rows_of(path: Path) -> list[dict[str, str]]:
    """Rows of one file."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def number(cell: str) -> float | None:
    """A value, or None for a symbol; anything else is an error of the test."""
    return None if cell in SYMBOLS else float(cell)


def members(code: str) -> list[str]:
    """Authorities of a code: a joint return stands for two, and is written on both."""
    return code.split(" / ")


def series_of(
    rows: Iterable[Mapping[str, str]], measure: Measure, people: Mapping[tuple[str, str], str] | None = None
) -> Series:
    """Take one measure out of the rows of a file."""
    series = Series()
    for row in rows:
        if any(row[column].strip() != item for column, item in measure.items):
            continue
        value, year = number(row[measure.column].strip()), row["time_period"]
        is_authority = row["geographic_level"] == "Local authority"
        place = row["old_la_code"] if is_authority else row["region_code"] or row["country_code"]
        if measure.people:
            value = rate(value, (people or {}).get((str(int(year) - 1), place), "x"), measure.places)
        if is_authority:
            for code in members(place):
                series.authorities[year][code] = value
                series.region_of[code] = row["region_code"]
        else:
            series.areas[year][place] = value
    return series


def rate(count: float | None, people: str, places: int) -> float | None:
    """Count in 10,000 of the population, rounded half up."""
    if count is None or people in SYMBOLS:
        return None
    step = 10**places
    return float((Fraction(count) * 10_000 / Fraction(people) * step + Fraction(1, 2)).__floor__()) / step


def quarters(values: Sequence[float]) -> list[float]:
    """Bounds of quarters by linear interpolation between the values beside them (type 7)."""
    ordered, bounds = sorted(values), []
    for share in (0.25, 0.5, 0.75):
        at = (len(ordered) - 1) * share
        low = int(at)
        high = min(low + 1, len(ordered) - 1)
        bounds.append(ordered[low] + (ordered[high] - ordered[low]) * (at - low))
    return bounds


def band(value: float, values: Sequence[float], polarity: str) -> str:
    """A is best; a value equal to a bound belongs below it."""
    position = sum(value > bound for bound in quarters(values))
    return "ABCD"[position] if polarity == "low" else "DCBA"[position]


def compare(series: Series, measure: Measure) -> dict[str, Compared]:
    """What the tool shows of every authority in the latest year."""
    years = sorted(series.authorities)
    latest = years[-1]
    shown = series.authorities[latest]
    values = [value for value in shown.values() if value is not None]
    before = str(int(latest) - 1) if len(latest) == 4 else f"{int(latest[:4]) - 1}{int(latest[4:]) - 1:02d}"
    found = {}
    for code, value in shown.items():
        region = series.region_of[code]
        if region.startswith("E13") and series.areas[latest].get(region) is None:
            region = LONDON
        is_judged = value is not None and measure.polarity != "none"
        better = [v for v in values if value is not None and (v < value if measure.polarity == "low" else v > value)]
        earlier = series.authorities.get(before, {}).get(code)
        change = None if value is None or earlier is None else round(value - earlier, 9)
        found[code] = Compared(
            value,
            series.areas[latest].get(region),
            series.areas[latest].get(ENGLAND),
            1 + len(better) if is_judged else None,
            len(values),
            band(value, values, measure.polarity) if is_judged and measure.has_bands and value is not None else None,
            change,
            None if change is None else "up" if change > 0 else "down" if change < 0 else "same",
        )
    return found


def neighbours(
    values: Mapping[str, float | None], lists: Mapping[str, Sequence[str]], method: str
) -> dict[str, float | None]:
    """Mean or median of the neighbours that have a value."""
    found: dict[str, float | None] = {}
    for code, others in lists.items():
        known = [value for other in others if (value := values.get(other)) is not None]
        found[code] = (statistics.fmean if method == "mean" else statistics.median)(known) if known else None
    return found
