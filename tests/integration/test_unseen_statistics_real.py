"""Real files as a later release might have them: renamed, reordered, reworded. The same indicators are found."""

from __future__ import annotations

import csv
import io
import random
import re
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from tests.statistics_files import read, text_of
from transforms.authorities import Register, load_register
from transforms.statistics.indicators import indicators, publications
from transforms.statistics.layout import TIME_AND_PLACE_NAMES, normal

pytestmark = pytest.mark.slow
Rows = list[list[str]]
Change = Callable[[list[str], Rows, set[str]], tuple[list[str], Rows]]
VALUE_NAMES = {
    "children_count": "number", "children_percent": "percentage", "care_leaver_count": "number",
    "care_leaver_percent": "percentage", "referral_count": "Referrals", "at31_episodes": "At31 Episodes",
}  # fmt: skip
REWORDED = {
    "on 31 March": "at 31 March", "considered unsuitable": "considered not suitable", "17 to 18 years": "Aged 17 to 18",
    "19 to 21 years": "aged 19 to 21", "six half terms": "Six half terms",
    "State-funded alternative provision school": "State-funded AP school",
}  # fmt: skip


def is_place(name: str) -> bool:
    return normal(name) in TIME_AND_PLACE_NAMES


def filters_renamed(header: list[str], rows: Rows, filters: set[str]) -> tuple[list[str], Rows]:
    return [f"renamed_{name}" if name in filters else name for name in header], rows


def filters_traded(header: list[str], rows: Rows, filters: set[str]) -> tuple[list[str], Rows]:
    """Filter columns trade names, as topic and item once did."""
    names = sorted(filters)
    traded = dict(zip(names, [*names[1:], *names[:1]], strict=True))
    return [traded.get(name, name) for name in header], rows


def reordered(header: list[str], rows: Rows, filters: set[str]) -> tuple[list[str], Rows]:
    """Places among themselves, and values after filters in another order."""
    draw = random.Random(5)  # noqa: S311 - an order, not a secret
    groups = [[n for n in header if is_place(n)], [n for n in header if n in filters]]
    groups.append([n for n in header if n not in groups[0] and n not in groups[1]])
    for group in groups:
        draw.shuffle(group)
    order = [header.index(name) for group in groups for name in group]
    draw.shuffle(rows)
    return [header[n] for n in order], [[row[n] for n in order] for row in rows]


def reworded(header: list[str], rows: Rows, filters: set[str]) -> tuple[list[str], Rows]:
    """Items as earlier releases word them, in other case and with other blanks."""
    at = [n for n, name in enumerate(header) if name in filters]
    for row in rows:
        for n in at:
            for new, old in REWORDED.items():
                row[n] = row[n].replace(new, old)
            row[n] = f" {row[n].replace('  ', ' ')} " if row[n] != "Total" else row[n]
            row[n] = row[n][:2].upper() + row[n][2:]
    return header, rows


def values_renamed(header: list[str], rows: Rows, filters: set[str]) -> tuple[list[str], Rows]:
    return [VALUE_NAMES.get(name.lower(), name) for name in header], rows


def shouted(header: list[str], rows: Rows, filters: set[str]) -> tuple[list[str], Rows]:
    return [re.sub("_", " ", name).upper() for name in header], rows


def six_digit_years(header: list[str], rows: Rows, filters: set[str]) -> tuple[list[str], Rows]:
    """A reporting year printed over two calendar years is the one in which it ends."""
    at = header.index("time_period")
    for row in rows:
        if len(row[at]) == 4:
            row[at] = f"{int(row[at]) - 1}/{int(row[at]) % 100:02d}"
    return header, rows


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register()


def files(test_data: Path) -> list[Path]:
    own = {"inventory.csv", "la_hospital_admissions_2324.csv"}
    return [path for path in sorted((test_data / "statistics").glob("*.csv")) if path.name not in own]


def written(header: list[str], rows: Rows) -> bytes:
    return text_of(header, rows).replace("\n", "\r\n").encode("utf-8-sig")


def conformed(frame: pl.DataFrame) -> list[tuple[object, ...]]:
    wanted = ("indicator_code", "period_code", "geographic_level", "la_code", "value", "value_status", "numerator")
    places = pl.when(geographic_level="authority").then(None).otherwise(pl.col("gss_code")).alias("area")
    rows = frame.filter("is_conformed").select(*wanted, "denominator", places).rows()
    return sorted(rows, key=str)


@pytest.mark.parametrize(
    "change",
    [filters_renamed, filters_traded, reordered, reworded, values_renamed, shouted, six_digit_years],
)
def test_the_same_indicators_are_found(change: Change, test_data: Path, register: Register, tmp_path: Path) -> None:
    paths = files(test_data)
    if not paths:
        pytest.skip(f"no statistics in {test_data}")
    for path in paths:
        found, frame = read(path.read_bytes(), tmp_path, register, path.name)
        header, *rows = csv.reader(io.StringIO(path.read_text("utf-8-sig")))
        filters = {name for name in header if normal(name) in found.tables[0].filters}
        changed_header, changed_rows = change(list(header), [list(row) for row in rows], filters)
        again, changed = read(written(changed_header, changed_rows), tmp_path, register, "renamed_file_2030.csv")
        if found.tables[0].conformed:  # else it may bear no mark but its names
            assert again.publications == found.publications, path.name
        assert len(again.tables[0].indicators) == len(found.tables[0].indicators), path.name
        assert changed.height == frame.height, path.name
        assert conformed(changed) == conformed(frame), path.name


def test_items_that_nobody_knows_load_under_their_own_name(test_data: Path, register: Register, tmp_path: Path) -> None:
    path = test_data / "statistics" / "la_cla_placement_stability.csv"
    if not path.is_file():
        pytest.skip(f"no {path.name}")
    text = path.read_text("utf-8-sig").replace("With 3 or more placements during the year", "With many placements")
    found, frame = read(text.encode(), tmp_path, register, path.name)
    unknown = frame.filter(pl.col("breakdown").str.contains("With many placements"))
    assert unknown.height == 2 * text.count("With many placements") > 0 and not unknown["is_conformed"].any()
    assert "lacstable_2016on" not in set(frame["indicator_code"]) and "lac_longstable" in set(frame["indicator_code"])
    assert found.problems == []


def test_a_file_of_a_known_publication_needs_no_entry(register: Register, tmp_path: Path) -> None:
    """Every publication's mark alone places a made-up file of it: its year is known, its columns load unmapped."""
    for known in publications():
        item = next(iter(known.marker_items), "")
        column = next((e.columns[0] for e in indicators() if e.publication == known.publication and e.columns), "x")
        mark = item.replace("*", "made up ") or min(known.marker_columns)
        header = ["time_period", "time_identifier", "geographic_level", "country_code", "kind", "made_up_measure"]
        header += [] if item else [mark]
        row = ["2024", "Reporting year", "National", "E92000001", mark if item else "any", "7"] + (
            [] if item else ["1"]
        )
        found, frame = read(text_of(header, [row]).encode(), tmp_path, register, "never_seen_2024.csv")
        assert found.publications == [known.publication], known.publication
        assert "year_assumed" not in {problem.code for problem in found.problems}
        assert "never_seen.made_up_measure" in set(frame["indicator_code"]) and column
