"""Declared indicators: which column of which rows of which publication is which conformed indicator.

`seeds/indicator.csv` has one entry an indicator, `seeds/indicator_elsewhere.csv` further tables that
print one, `seeds/publication.csv` one a publication and how its files are recognised, `seeds/label.csv`
wordings that changed between releases, `seeds/total.csv` words for all of a filter. To conform one more
indicator is to add a line there; nothing else lists them.

An entry is found by column name and by the items of the rows, in whichever columns the items
stand: between releases names of filter columns trade places, wordings of items hardly change.
An entry without items holds only in files without filters. Where a file has none of the names, the
label that its metadata give a column will do, exactly as declared. Where a file leaves a choice
(two spellings of one column, one column for two entries) nothing is conformed, and that is told.
Of the tables that print an indicator, a file has the first declared that its rows are of: never two.
What no entry claims keeps its own name, `<file>.<column>`; where the values of one column are of several
units, as its items say, those of another unit than the column's are `<file>.<column>_in_<unit>`.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files

TOTAL = "Total"


@dataclass(frozen=True, slots=True)
class Indicator:
    """One conformed indicator.

    Attributes:
        unit: percent, count, rate_per_10k, fte, score, cases_per_fte.
        decimal_places: for display.
        polarity: `high` or `low` is good, or `none`.
        reference: what moment or span of the period it tells of.
        publication: slug of the one it is published in.
        items: texts that the filters of a row must hold, canonical.
        columns: normalised names of the column, one of which a file has.
        numerator_columns, denominator_columns: of the same row, likewise.
        numerator_code, denominator_code: indicators it can be computed from, where `scale` is
            given: scale x numerator / denominator of the mid-year before.
        labels: of the column in metadata, canonical; asked only where a file has none of `columns`.
        is_elsewhere: as a further table prints it, beside the one that it is declared of.
        is_all: the filters of a row hold the items and no other.
        beside: texts that other rows of the table hold, canonical: what its total is of.
    """

    indicator_code: str
    name: str
    unit: str
    decimal_places: int
    polarity: str
    reference: str
    publication: str
    items: tuple[str, ...]
    columns: tuple[str, ...]
    numerator_columns: tuple[str, ...] = ()
    denominator_columns: tuple[str, ...] = ()
    numerator_code: str | None = None
    denominator_code: str | None = None
    scale: float | None = None
    labels: tuple[str, ...] = ()
    is_elsewhere: bool = False
    is_all: bool = False
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Publication:
    """One publication and the marks of its files.

    Attributes:
        year_ends: on which a reporting year ends (`transforms.statistics.periods.read_period`).
        year_names: identifiers, in lower case, by which releases also called that year.
        rate_unit: unit of columns named a rate and no more.
        marker_columns: normalised names of which one is enough.
        marker_items: canonical texts; `*` stands for anything.
        marker_names: of tables, asked only where what is in them does not tell.
    """

    publication: str
    title: str
    publisher: str
    year_ends: str
    year_names: frozenset[str]
    rate_unit: str
    marker_columns: frozenset[str]
    marker_items: tuple[str, ...]
    marker_names: tuple[str, ...]


def seed_rows(name: str) -> list[dict[str, str]]:
    """Rows of one file of `transforms/seeds`, by the names of its columns."""
    text = (files("transforms") / "seeds" / f"{name}.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def _parts(cell: str, mark: str = ";") -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(mark) if part.strip())


@cache
def label_patterns() -> tuple[tuple[re.Pattern[str], str, tuple[str, ...]], ...]:
    """Changed wordings, the longest first: how one is found as printed, what it is today, in which tables."""
    rows = sorted(seed_rows("label"), key=lambda row: -len(row["printed"]))
    return tuple((_whole(row["printed"]), row["canonical"], _parts(row["tables"])) for row in rows)


@cache
def _labels() -> tuple[tuple[re.Pattern[str], str], ...]:
    rows = sorted(seed_rows("label"), key=lambda row: -len(row["printed"]))
    return tuple((_whole(_plain(row["printed"])), _plain(row["canonical"])) for row in rows)


def _whole(text: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(text)}(?!\w)(?! years)", re.IGNORECASE)


def _plain(text: str) -> str:
    """Text in lower case without the marks that no two items differ by; points within numbers stay."""
    text = re.sub(r"[\u2010-\u2015]", "-", text.lower())
    return " ".join(re.sub(r"[,;:()\"'\u2018\u2019\u201c\u201d]|\.(?!\d)", "", text).split())


@cache
def canonical(item: str) -> str:
    """Text of an item in the one wording it is compared in."""
    text = _plain(item)
    for pattern, wording in _labels():
        text = pattern.sub(wording, text)
    return text


@cache
def _total_words() -> frozenset[str]:
    return frozenset(_plain(row["printed"]) for row in seed_rows("total"))


def totals_among(items: Iterable[str], default: str = "") -> frozenset[str]:
    """Items of one filter that stand for all of it.

    `Total` in any case does; else the item that metadata name to be shown first, where it speaks of all; else a
    wording of `seeds/total.csv`, where no other item speaks of a total.

    Args:
        items: of the filter, as printed.
        default: item that metadata name.
    """
    known = {item: _plain(item) for item in items}
    totals = [item for item, text in known.items() if text == "total"]
    others = [item for item, text in known.items() if text in _total_words() or text.startswith(("total ", "all "))]
    shown = [item for item in others if known[item] == _plain(default)]
    is_sure = len(others) == 1 and known[others[0]] in _total_words()
    return frozenset(totals or shown or (others if is_sure else ()))


@cache
def indicators() -> tuple[Indicator, ...]:
    """Return every conformed indicator, as declared."""
    return tuple(
        Indicator(
            row["indicator_code"],
            row["name"],
            row["unit"],
            int(row["decimal_places"]),
            row["polarity"],
            row["reference"],
            row["publication"],
            tuple(canonical(i) for i in _parts(row["items"], " | ")),
            _parts(row["columns"]),
            _parts(row["numerator_columns"]),
            _parts(row["denominator_columns"]),
            row["numerator_code"] or None,
            row["denominator_code"] or None,
            float(row["scale"]) if row["scale"] else None,
            tuple(canonical(label) for label in _parts(row["labels"])),
        )
        for row in seed_rows("indicator")
    )


def printed_in(publication: str | None) -> list[Indicator]:
    """Return the entries of a publication: each indicator as declared, then as further tables print it.

    Of an indicator only what says where it stands differs: items, columns and labels.
    """
    declared = {entry.indicator_code: entry for entry in indicators() if entry.publication == publication}
    elsewhere = [
        replace(
            declared[row["indicator_code"]],
            items=tuple(canonical(i) for i in _parts(row["items"], " | ")),
            columns=_parts(row["columns"]),
            numerator_columns=_parts(row["numerator_columns"]),
            denominator_columns=_parts(row["denominator_columns"]),
            labels=(),
            is_elsewhere=True,
            is_all=row["is_all"] == "yes",
            beside=tuple(canonical(i) for i in _parts(row["beside"], " | ")),
        )
        for row in seed_rows("indicator_elsewhere")
        if row["indicator_code"] in declared
    ]
    return [*declared.values(), *elsewhere]


@cache
def publications() -> tuple[Publication, ...]:
    """Return every known publication, as declared."""
    return tuple(
        Publication(
            row["publication"],
            row["title"],
            row["publisher"],
            row["year_ends"],
            frozenset(_parts(row["year_names"])),
            row["rate_unit"],
            frozenset(_parts(row["marker_columns"])),
            _parts(row["marker_items"]),
            _parts(row["marker_names"]),
        )
        for row in seed_rows("publication")
    )


def find_publication(columns: Iterable[str], items: Iterable[str], name: str) -> Publication | None:
    """Find the publication whose marks a table bears most; None where none or two bear it alike.

    The name of the table is asked where nothing within it tells, and between those of which it tells alike.

    Args:
        columns: normalised names of its filters and indicators.
        items: texts in its filters.
        name: of the table (`transforms.statistics.releases.stem`).
    """
    names, texts = set(columns), {canonical(item) for item in items}
    borne = [
        len(names & known.marker_columns) + sum(any(fnmatchcase(t, m) for t in texts) for m in known.marker_items)
        for known in publications()
    ]
    alike = [known for known, marks in zip(publications(), borne, strict=True) if marks == max(borne)]
    if len(alike) > 1:
        alike = [known for known in alike if any(fnmatchcase(name, mark) for mark in known.marker_names)]
    return alike[0] if len(alike) == 1 else None


@dataclass(frozen=True, slots=True)
class Claim:
    """A conformed indicator found in rows of one combination of filter items.

    Attributes:
        consumed: numbers of the filters whose items the entry names.
    """

    indicator: Indicator
    column: str
    consumed: frozenset[int]
    numerator_column: str | None
    denominator_column: str | None


@dataclass(frozen=True, slots=True)
class Doubt:
    """A choice that a file leaves: more than one column for one indicator, or more than one for one column.

    Attributes:
        columns: normalised names.
        codes: of the indicators.
    """

    columns: tuple[str, ...]
    codes: tuple[str, ...]


def find_claims(
    publication: str | None,
    columns: Sequence[str],
    combinations: Mapping[int, Sequence[str]],
    labels: Mapping[str, str] | None = None,
) -> tuple[dict[tuple[int, str], Claim], list[Doubt]]:
    """Find the conformed indicators of a file.

    Args:
        publication: slug, None where unknown: then nothing is conformed.
        columns: normalised names of its indicators.
        combinations: items of the filters, by the number of the combination.
        labels: what metadata call a column, by its normalised name.

    Returns:
        Claims by number of the combination and column, and what is left unclaimed because the file
        leaves a choice. An entry that names more items of a row goes before one that names fewer.
    """
    told = {name: canonical(label) for name, label in (labels or {}).items() if label}
    possible = [(entry, _columns_of(entry, columns, told)) for entry in printed_in(publication)]
    entries = _first_that_hold([(entry, found) for entry, found in possible if found], combinations)
    claims: dict[tuple[int, str], Claim] = {}
    doubts: dict[Doubt, None] = {}
    for number, items in combinations.items() if entries else ():
        rivals: dict[str, list[Claim]] = {}
        place_of = {canonical(item): position for position, item in enumerate(items)}
        for entry, found in entries:
            if not _holds(entry, place_of):
                continue
            if len(found) > 1:
                doubts[Doubt(found, (entry.indicator_code,))] = None
                continue
            consumed = frozenset(place_of[item] for item in entry.items)
            fraction = (_only(entry.numerator_columns, columns), _only(entry.denominator_columns, columns))
            rivals.setdefault(found[0], []).append(Claim(entry, found[0], consumed, *fraction))
        for column, known in rivals.items():
            most = max(len(claim.consumed) for claim in known)
            best = [claim for claim in known if len(claim.consumed) == most]
            if len(best) == 1:
                claims[number, column] = best[0]
            else:
                doubts[Doubt((column,), tuple(claim.indicator.indicator_code for claim in best))] = None
    return claims, list(doubts)


def _holds(entry: Indicator, items: Collection[str]) -> bool:
    """Whether an entry is of rows that have these items; one without items is of rows without any."""
    if entry.is_all:
        return set(entry.items) == set(items)
    return set(entry.items) <= set(items) if entry.items else not items


def _first_that_hold(
    entries: list[tuple[Indicator, tuple[str, ...]]], combinations: Mapping[int, Sequence[str]]
) -> list[tuple[Indicator, tuple[str, ...]]]:
    """Of the entries of one indicator the first that any row is of, so that a file gives a value of it once.

    One that tells what stands beside its rows is none of a table without that.
    """
    shared = {code for code, n in Counter(entry.indicator_code for entry, _ in entries).items() if n > 1}
    is_asked = bool(shared) or any(entry.beside for entry, _ in entries)
    rows = [{canonical(item) for item in items} for items in combinations.values()] if is_asked else []
    held = set().union(*rows)
    kept: dict[str, tuple[Indicator, tuple[str, ...]]] = {}
    for entry, found in entries:
        code = entry.indicator_code
        if not held.issuperset(entry.beside):
            continue
        if code not in shared or any(_holds(entry, items) for items in rows):
            kept.setdefault(code, (entry, found))
    return list(kept.values())


def _columns_of(entry: Indicator, columns: Sequence[str], told: Mapping[str, str]) -> tuple[str, ...]:
    """Columns that bear a name of the entry, else a label of it."""
    named = tuple(name for name in columns if name in entry.columns)
    return named or tuple(name for name in columns if told.get(name) in entry.labels)


def _only(wanted: Sequence[str], columns: Sequence[str]) -> str | None:
    """Return the one of these columns that a file has; None where it has none or several."""
    found = [name for name in columns if name in wanted]
    return found[0] if len(found) == 1 else None


_UNITS = (
    (re.compile(r"(?:^|_)per_(?:100_?000(?!\d)|100k)"), "rate_per_100k"),
    (re.compile(r"(?:^|_)per_(?:10_?000(?!\d)|10k)"), "rate_per_10k"),
    (re.compile(r"(?:^|_)per_(?:1_?000(?!\d)|1k)"), "rate_per_1k"),
    (re.compile(r"(?:^|_)per_\d"), "unknown"),
    (re.compile(r"^duration_(?:median|\d+th_percentile)$"), "days"),
    (re.compile(r"percent(?!ile)|(?:^|_)(?:pct|pt|pc|perc|proportion)(?:_|$)"), "percent"),
    (re.compile(r"score|_ci(?:_|$)|confidence"), "score"),
    (re.compile(r"(?:^|(?<!\d)_)days(?:_|$)"), "days"),  # but 0_10_days is a band of children
    (re.compile(r"(?:^|_)rate(?:_|$)"), "rate"),
    (re.compile(r"(?:^|_)caseload"), "cases_per_fte"),
    (re.compile(r"(?:^|_)fte(?:_|$)"), "fte"),
    # In pounds or thousands of them, and of whatever they are means of: names do not tell.
    (re.compile(r"(?:^|_)(?:cost|costs|spend|spending|expenditure|(?<!low_)income|gbp|pay|salary)(?:_|$)"), "unknown"),
    (re.compile(r"(?:^|_)(?:mean|median|average|avg|ratio|share)(?:_|$)"), "unknown"),
    (re.compile(r"(?:^|_)(?:count|number|headcount|num|total|population|pupils)(?:_|$)|^t_"), "count"),
)
# As metadata write them, in lower case. A difference of percentages is no percentage: it may be negative. The
# last is a number that is shown without separators (a year, say), of whatever unit.
META_UNITS = {
    "%": "percent", "pp": "percentage_points", "£": "gbp", "£m": "gbp_million", "£k": "gbp_thousand",
    "numberstring": None,
}  # fmt: skip
# Items of a filter by which columns hold percentages in some rows.
_PERCENT_ITEMS = frozenset({"percentage", "percentages", "percent", "per cent", "%"})


def named_unit(column: str) -> str | None:
    """Unit that the normalised name of a column tells, None where it tells none."""
    return next((unit for pattern, unit in _UNITS if pattern.search(column)), None)


def tells_percent(items: Iterable[str]) -> bool:
    """Whether an item of a filter says that its rows are percentages."""
    return any(_plain(item) in _PERCENT_ITEMS for item in items)


# Items that are a measure of their own, of another unit than the column of counts in which they stand.
_MEASURE = re.compile(
    r"^(?:\d+[a-z]?(?:\.\d+)?[.)]?\s+)?(?:total\s+)?(?:average|mean|median|percent(?:ages?)?|per\s?cent|proportion|rate)\b"
    r"|\b(?:average|mean|median) score$"
)
# How titles and items say that values are durations, as `Average age (years:months)`.
YEARS_AND_MONTHS = re.compile(r"\byears?\s*(?::|and)\s*months?\b", re.IGNORECASE)


def item_unit(item: str, rate_unit: str) -> str | None:
    """Unit that an item of a filter gives the values beside it, None where it gives none.

    Args:
        item: as printed, as `Percentage of children who were missing` or `Average duration (days)`.
        rate_unit: of the publication.
    """
    text = " ".join(item.lower().split())
    if not _MEASURE.search(text) or _plain(text) in _PERCENT_ITEMS:  # of which columns a bare word is, nothing says
        return None
    if YEARS_AND_MONTHS.search(text):
        return "years"
    return unit_of(re.sub(r"[^a-z0-9]+", "_", text), "", rate_unit, is_whole=False)


def unit_of(column: str, described_unit: str, rate_unit: str, is_whole: bool) -> str:
    """Unit of a column that no entry claims, from metadata, its name, else its values.

    Args:
        column: normalised name.
        described_unit: what metadata say, empty where nothing; a unit that is not known is no count.
        rate_unit: of the publication.
        is_whole: all its values are whole numbers, and nothing says that some are percentages.
    """
    if (told := META_UNITS.get(described_unit.lower())) is not None:
        return told
    unit = named_unit(column)
    if unit == "rate":
        return rate_unit
    return unit or ("count" if is_whole and not described_unit else "unknown")
