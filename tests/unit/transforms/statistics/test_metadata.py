"""What metadata files leave open, contradict or say in a way of their own; made-up tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from tests.statistics_files import CAMDEN, HARTLEPOOL, NATIONAL, plain, read, text_of, tidy
from transforms.authorities import Register, load_register
from transforms.errors import LayoutError
from transforms.statistics.indicators import totals_among, unit_of
from transforms.statistics.reading import StatisticsRead

META = (
    "col_name", "col_type", "label", "indicator_grouping", "indicator_unit", "indicator_dp", "filter_hint",
    "filter_grouping_column", "filter_default",
)  # fmt: skip
YEAR = "Reporting year"


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register()


def rules(found: StatisticsRead) -> list[str]:
    return [problem.code for problem in found.problems]


def described(**columns: Sequence[str]) -> list[list[str]]:
    """Lines of metadata: kind, label, unit, group column, default."""
    lines = []
    for name, told in columns.items():
        kind, label, unit, group, default = (*told, "", "", "", "")[:5]
        lines.append([name, kind, label, "", unit, "", "", group, default])
    return lines


COUNT = ("Indicator", "How many")
PHASE = ("Filter", "Phase")
GRADED = [
    ["2024", YEAR, *place, phase, 10 + n + m]
    for n, place in enumerate((NATIONAL, HARTLEPOOL, CAMDEN))
    for m, phase in enumerate(("All kinds", "All sorts", "Primary"))
]


def breakdowns(frame: pl.DataFrame) -> set[str]:
    return set(frame["breakdown"])


def read_with(
    lines: Sequence[Sequence[str]], tmp_path: Path, register: Register, rows: Sequence[Sequence[object]] = GRADED
) -> tuple[list[str], list[str], pl.DataFrame]:
    meta = text_of(META, lines).encode()
    found, frame = read(tidy(rows, ("phase", "children")), tmp_path, register, meta=meta)
    assert found.tables[0].filters == ["phase"] and found.tables[0].indicators == ["children"]
    told = [p.message for p in found.problems if p.code != "year_assumed"]
    return [rule for rule in rules(found) if rule != "year_assumed"], told, frame


@pytest.mark.parametrize("nothing", ["NA", "na", "N/A", "NULL", ""])
def test_what_stands_for_nothing_in_metadata_is_nothing(nothing: str, tmp_path: Path, register: Register) -> None:
    """Statistical software writes empty cells as NA, and rows of nothing below the last."""
    lines = [[cell or nothing for cell in line] for line in described(phase=PHASE, children=COUNT)]
    assert read_with([*lines, [nothing] * len(META)], tmp_path, register)[0] == []


@pytest.mark.parametrize(
    ("meta", "found"),
    [
        (b"col_name,col_type,lable\nphase,Filter,Phase\n", "col_name, col_type"),
        (b"\n \n", "none of them"),
        (b"Made Up Child,2015-03-14,12345\n", "none of them"),
    ],
    ids=["misspelt", "empty", "rows about children"],
)
def test_metadata_without_a_header_say_what_is_missing_and_show_no_line(
    meta: bytes, found: str, tmp_path: Path, register: Register
) -> None:
    with pytest.raises(LayoutError) as refused:
        read(tidy(GRADED, ("phase", "children")), tmp_path, register, meta=meta)
    assert str(refused.value).endswith(f"metadata: found {found}, expected a header with col_name, col_type and label")


def test_a_unit_that_nobody_knows_is_told_and_not_taken_for_a_count(tmp_path: Path, register: Register) -> None:
    lines = described(phase=PHASE, children=("Indicator", "Cost", "$"))
    said, told, frame = read_with(lines, tmp_path, register)
    assert said == ["unknown_unit"] and set(frame["unit"]) == {"unknown"}
    assert told[0].startswith("metadata, column children: found '$', expected one of ")


@pytest.mark.parametrize(
    ("column", "said", "unit"),
    [
        ("change", "pp", "percentage_points"), ("change", "PP", "percentage_points"), ("spent", "£M", "gbp_million"),
        ("first_year", "numberstring", "unknown"), ("year_count", "numberstring", "count"), ("share", "%", "percent"),
        ("children", "$", "unknown"), ("children_count", "heads", "count"), ("children", "", "count"),
    ],
)  # fmt: skip
def test_units_that_metadata_tell(column: str, said: str, unit: str) -> None:
    assert unit_of(column, said, "rate", is_whole=True) == unit


def test_a_difference_of_percentages_is_no_percentage(tmp_path: Path, register: Register) -> None:
    lines = described(phase=PHASE, children=("Indicator", "Change", "pp"))
    said, _, frame = read_with(lines, tmp_path, register)
    assert said == [] and set(frame["unit"]) == {"percentage_points"}


@pytest.mark.parametrize(("kind", "found"), [("", "''"), ("Indicatr", "'Indicatr'")])
def test_a_column_of_no_kind_is_told_and_judged_by_what_stands_in_it(
    kind: str, found: str, tmp_path: Path, register: Register
) -> None:
    said, told, _ = read_with(described(phase=PHASE, children=(kind, "How many")), tmp_path, register)
    assert said == ["column_undecided"]
    assert told == [f"metadata, column children: found col_type {found}, expected Filter or Indicator"]


def test_a_line_without_the_name_of_its_column_is_told(tmp_path: Path, register: Register) -> None:
    lines = [*described(phase=PHASE, children=COUNT), ["", "Indicator", "Of what?", "", "", "", "", "", ""]]
    said, told, _ = read_with(lines, tmp_path, register)
    assert said == ["column_undecided"] and told == ["metadata, line 4: found no col_name, expected one"]


def test_a_column_that_is_described_in_two_ways_is_told(tmp_path: Path, register: Register) -> None:
    lines = [*described(phase=PHASE, children=COUNT), *described(children=("Indicator", "How much", "£"))]
    said, told, frame = read_with(lines, tmp_path, register)
    assert said == ["described_twice"] and told[0].startswith("metadata, column children: found two descriptions")
    assert set(frame["indicator_name"]) == {"children"} and set(frame["unit"]) == {"count"}
    lines = [*described(phase=PHASE, children=COUNT), *described(children=("Filter", "How many"))]
    assert read_with(lines, tmp_path, register)[0] == ["described_twice"]
    lines = described(phase=PHASE, children=COUNT)
    assert read_with([*lines, lines[1]], tmp_path, register)[0] == []


def test_a_line_of_too_many_cells_tells_no_more_than_the_kind(tmp_path: Path, register: Register) -> None:
    """A comma that is not quoted shifts what stands right of it: a label would be a unit."""
    meta = f"{','.join(META)}\nphase,Filter,Phase,,,,,,\nchildren,Indicator,Cost, in all,,%,,,,x\n".encode()
    found, frame = read(tidy(GRADED, ("phase", "children")), tmp_path, register, meta=meta)
    assert "ragged_row" in rules(found) and found.tables[0].indicators == ["children"]
    assert set(frame["indicator_name"]) == {"children"} and set(frame["unit"]) == {"count"}
    assert any(p.message == "metadata, line 3: found 10 cells, expected 9 as in the header" for p in found.problems)


@pytest.mark.parametrize(
    ("default", "total"),
    [("All kinds", {"Total", "phase=All sorts", "phase=Primary"}),
     ("", {"phase=All kinds", "phase=All sorts", "phase=Primary"}),
     ("Primary", {"phase=All kinds", "phase=All sorts", "phase=Primary"})],
)  # fmt: skip
def test_the_item_for_all_that_metadata_show_first_is_the_total(
    default: str, total: set[str], tmp_path: Path, register: Register
) -> None:
    lines = described(phase=("Filter", "Phase", "", "", default), children=COUNT)
    said, _, frame = read_with(lines, tmp_path, register)
    assert said == [] and breakdowns(frame) == total


def test_the_default_does_not_unseat_a_total() -> None:
    assert totals_among(("Total", "All kinds"), "All kinds") == {"Total"}
    assert totals_among(("All areas", "All creatures", "Sheep"), "all areas") == {"All areas"}
    assert totals_among(("Sheep", "Goats"), "Sheep") == totals_among(("Sheep", "Goats"), "All") == set()


def test_whole_numbers_are_no_counts_where_rows_may_be_percentages(tmp_path: Path, register: Register) -> None:
    rows = [
        ["2024", YEAR, *p, k, 40 + n, 7] for n, p in enumerate((NATIONAL, CAMDEN)) for k in ("Number", "Percentage")
    ]
    _, frame = read(tidy(rows, ("data_type", "staying_on", "school_count")), tmp_path, register)
    units = dict(frame.select("source_column", "unit").unique().iter_rows())
    assert units == {"staying_on": "unknown", "school_count": "count"}


def test_a_symbol_of_more_than_one_meaning_is_told(tmp_path: Path, register: Register) -> None:
    rows = plain(periods=["2025"])
    rows[4][10] = rows[5][10] = rows[5][11] = "-"
    found, frame = read(tidy(rows, ("made_up_count", "made_up_percent")), tmp_path, register)
    problem = next(p for p in found.problems if p.code == "symbol_in_doubt")
    assert problem.message == (
        "columns made_up_count, made_up_percent: found '-' in 3 cells, expected c, low, u, x or z; read as unreliable"
    )
    assert frame.filter(value_as_printed="-")["value"].is_null().all()
    clean, _ = read(tidy(plain(), ("made_up_count", "made_up_percent")), tmp_path, register)
    assert "symbol_in_doubt" not in rules(clean)
