"""Layouts that other publications have: nothing in them is misread without a word."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from tests.statistics_files import (
    HARTLEPOOL,
    PLACES,
    TIME_AND_PLACE,
    plain,
    read,
    text_of,
    tidy,
    zipped,
)
from transforms.authorities import Register, load_register
from transforms.errors import ContractError, LayoutError
from transforms.observations import of_statistics
from transforms.statistics.indicators import totals_among
from transforms.statistics.places import PlaceCells, _place_within
from transforms.statistics.reading import StatisticsRead

YEAR = "Calendar year"
META = ("col_name", "col_type", "label", "indicator_unit", "filter_grouping_column")


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register()


def rules(found: StatisticsRead) -> list[str]:
    return [problem.code for problem in found.problems]


def metadata(*rows: Sequence[str], separator: str = ",") -> bytes:
    return text_of(META, rows).replace(",", separator).encode()


@pytest.mark.parametrize("word", ["n/a", "NULL", "w", "Not available", "1-4", "12 [r]", "#N/A"])
def test_an_unknown_word_in_the_first_values_is_a_fault_not_an_item(
    word: str, tmp_path: Path, register: Register
) -> None:
    rows = [
        [str(year), YEAR, *place, word if (number + year) % 4 == 0 else number + 5, number + year]
        for year in range(2020, 2024)
        for number, place in enumerate(PLACES)
    ]
    found, frame = read(tidy(rows, ("children", "episodes")), tmp_path, register)
    assert found.tables[0].filters == [] and found.tables[0].indicators == ["children", "episodes"]
    assert set(frame["breakdown"]) == {"Total"} and frame.filter(source_column="children").height == 21
    assert any(repr(word) == p.found and "column children" in str(p.place) for p in found.problems)


@pytest.mark.parametrize("cell", ["12,5", "\u22123", "(5)", "12 [r]", "7*", "1234,56", "9 (p)", "45%", "1,234"])
def test_a_whole_column_of_numbers_in_other_dress_is_rejected_not_a_filter(
    cell: str, tmp_path: Path, register: Register
) -> None:
    rows = [[*row[:-2], cell, row[-1]] for row in plain()]
    found, frame = read(tidy(rows, ("made_up_number", "made_up_percent")), tmp_path, register)
    assert found.tables[0].filters == [] and set(frame["source_column"]) == {"made_up_percent"}
    assert any(p.found == repr(cell) for p in found.problems)


@pytest.mark.parametrize("items", [("16-17", "18+"), ("0 to 4", "5 to 9"), ("2019-20", "2020-21"), ("Year 7", "Total")])
def test_bands_are_items(items: tuple[str, str], tmp_path: Path, register: Register) -> None:
    rows = [["2024", YEAR, *place, item, n] for n, place in enumerate(PLACES) for item in items]
    found, frame = read(tidy(rows, ("band", "made_up_number")), tmp_path, register)
    assert found.tables[0].filters == ["band"] and frame.height == 2 * len(PLACES)


def test_values_mostly_suppressed_with_an_unknown_word_are_values(tmp_path: Path, register: Register) -> None:
    cells = ["c", "c", "7", "c", "8", "c", "n/a"]
    rows = [
        [str(year), YEAR, *place, str(int(cells[n]) + year) if cells[n].isdigit() else cells[n], n + year]
        for year in range(2020, 2024)
        for n, place in enumerate(PLACES)
    ]
    found, frame = read(tidy(rows, ("children", "episodes")), tmp_path, register)
    assert found.tables[0].filters == [] and rules(found) == ["unknown_symbol"]
    assert frame.filter(source_column="children")["value_status"].to_list().count("suppressed") == 16


def test_ages_with_a_total_stay_a_filter_beside_such_values(tmp_path: Path, register: Register) -> None:
    rows = [
        [str(year), YEAR, *place, age, "n/a" if (n + year) % 4 == 0 else n + 5 + i, year + i]
        for year in range(2020, 2024)
        for n, place in enumerate(PLACES)
        for i, age in enumerate(("Total", "15", "16", "17"))
    ]
    found, frame = read(tidy(rows, ("age", "children", "episodes")), tmp_path, register)
    assert found.tables[0].filters == ["age"]
    assert set(frame["breakdown"]) == {"Total", "age=15", "age=16", "age=17"}


def test_a_code_with_a_total_beside_its_words_stays_a_filter(tmp_path: Path, register: Register) -> None:
    kinds = {"11": "Year 11", "12": "Year 12", "13": "Year 13", "Total": "Every year"}
    rows = [["2024", YEAR, *place, *kind, n] for n, place in enumerate(PLACES) for kind in kinds.items()]
    found, frame = read(tidy(rows, ("nc_year", "words", "made_up_number")), tmp_path, register)
    assert found.tables[0].filters == ["nc_year", "words"] and frame.height == len(rows)


@pytest.mark.parametrize("ages", [("15", "16", "17"), ("15", "16", "Total")])
def test_a_filter_of_numbers_may_stand_right_of_the_values(
    ages: tuple[str, ...], tmp_path: Path, register: Register
) -> None:
    rows = [["2024", YEAR, *place, 3 * n + i, age] for n, place in enumerate(PLACES) for i, age in enumerate(ages)]
    found, frame = read(tidy(rows, ("children_count", "age")), tmp_path, register)
    assert found.tables[0].filters == ["age"] and found.tables[0].indicators == ["children_count"]
    values = {(row, value) for row, value in frame.select("source_row", "value").iter_rows()}
    assert values == {(n + 1, float(row[-2])) for n, row in enumerate(rows)}


@pytest.mark.parametrize("columns", [("children_count", "episode_count"), ("children", "episodes")])
def test_two_releases_in_one_table_contradict_each_other(
    columns: tuple[str, str], tmp_path: Path, register: Register
) -> None:
    rows = [
        [str(year), YEAR, *place, 10 + 3 * n + again, 40 + 5 * n + again]
        for again in (0, 1) for year in (2023, 2024) for n, place in enumerate(PLACES)
    ]  # fmt: skip
    with pytest.raises(ContractError, match="other values for the same period, place and filters"):
        read(tidy(rows, columns), tmp_path, register)


def test_filters_of_numbers_within_each_other_are_filters(tmp_path: Path, register: Register) -> None:
    years = {"1": (1, 2), "2": (3, 4, 5, 6), "3": (7, 8, 9)}
    rows = [
        ["2024", YEAR, *place, stage, year, 100 * n + year]
        for n, place in enumerate(PLACES) for stage, of in years.items() for year in of
    ]  # fmt: skip
    found, frame = read(tidy(rows, ("key_stage", "year_group", "children_count")), tmp_path, register)
    assert "year_group" in found.tables[0].filters and found.tables[0].indicators[-1:] == ["children_count"]
    assert frame.filter(source_column="children_count").height == len(rows)


def test_items_that_look_like_symbols_among_numbers_are_items(tmp_path: Path, register: Register) -> None:
    grades = ("9", "8", "U", "X")
    rows = [
        ["2024", YEAR, *place, grade, 10 * n + i] for n, place in enumerate(PLACES) for i, grade in enumerate(grades)
    ]
    found, frame = read(tidy(rows, ("grade", "entries")), tmp_path, register)
    assert found.tables[0].filters == ["grade"] and frame.height == len(rows)
    assert set(frame["breakdown"]) == {f"grade={grade}" for grade in grades}


def test_an_empty_column_named_by_a_unit_is_one_of_values(tmp_path: Path, register: Register) -> None:
    rows = [[*row[:-2], "", row[-1]] for row in plain()]
    found, frame = read(tidy(rows, ("made_up_count", "made_up_percent")), tmp_path, register)
    assert found.tables[0].filters == [] and found.tables[0].by_status["not_available"] == len(rows)


def test_a_header_once_more_and_notes_tell_nothing_of_a_column(tmp_path: Path, register: Register) -> None:
    head = [*TIME_AND_PLACE, "kind", "children", "episodes"]
    rows = [["2024", YEAR, *place, "A", n + 5, n + 7] for n, place in enumerate(PLACES)]
    again = [["2023", *row[1:]] for row in rows]
    note = ["Source: made up", *[""] * 9, "", "see note 2", ""]
    found, frame = read(tidy([*rows, head, *again, note], head[-3:]), tmp_path, register)
    assert found.tables[0].indicators == ["children", "episodes"] and frame.height == 4 * len(PLACES)
    assert rules(found) == ["not_a_period", "not_a_period"]


def test_rows_of_schools_do_not_make_a_filter_of_small_numbers(tmp_path: Path, register: Register) -> None:
    """Their places are not kept, so that they repeat the keys of their authority; the authority's value stays one."""
    head = (*TIME_AND_PLACE, "school_urn", "school_name")
    rows = [["202425", "Academic year", *place, "", "", "Final", 20 + n, n + 0.5] for n, place in enumerate(PLACES)]
    school = ("School", *HARTLEPOOL[1:])
    rows += [
        ["202425", "Academic year", *school, 100000 + n, "Made-up", "Revised" if n % 2 else "Final", n % 60, n / 7]
        for n in range(300)
    ]
    found, frame = read(tidy(rows, ("version", "exclusions", "made_up_percent"), head), tmp_path, register)
    assert found.tables[0].indicators == ["exclusions", "made_up_percent"] and set(frame["breakdown"]) == {"Total"}
    assert frame.height == 2 * len(PLACES) and rules(found) == ["level_not_kept"]


@pytest.mark.parametrize(
    ("items", "total"),
    [
        (("Total", "Girls"), {"Total"}), (("TOTAL", "Girls"), {"TOTAL"}), (("Total", "total"), {"Total", "total"}),
        (("All", "Girls"), {"All"}), (("Total (all ages)", "0 to 4"), {"Total (all ages)"}),
        (("All children", "Girls"), {"All children"}), (("Total", "All children"), {"Total"}),
        (("All children", "All girls"), set()), (("Total all ages", "Total ages 0 to 4 years"), set()),
        (("Total children", "Girls"), set()), (("All white", "White British"), set()), (("", "Girls"), set()),
    ],
)  # fmt: skip
def test_which_item_of_a_filter_is_its_total(items: tuple[str, ...], total: set[str]) -> None:
    assert totals_among(items) == total


@pytest.mark.parametrize("total", ["total", "All", "All children"])
def test_totals_in_other_words_are_totals(total: str, tmp_path: Path, register: Register) -> None:
    looked_after = "Children looked after on 31 March each year"
    rows = [
        ["2024", "Reporting year", *place, looked_after, sex, 10 * n + i, 5]
        for n, place in enumerate(PLACES) for i, sex in enumerate((total, "Girls", "Boys"))
    ]  # fmt: skip
    _, frame = read(tidy(rows, ("population_type", "sex", "children_count", "own_count")), tmp_path, register)
    assert set(frame.filter(indicator_code="lacnum")["breakdown"]) == {"Total", "sex=Boys", "sex=Girls"}
    own = set(frame.filter(source_column="own_count")["breakdown"])
    assert own == {f"population_type={looked_after}{end}" for end in ("", " | sex=Boys", " | sex=Girls")}


def test_a_blank_beside_a_total_is_no_total_of_a_conformed_indicator(tmp_path: Path, register: Register) -> None:
    rows = [
        ["2024", "Reporting year", *place, "Children looked after on 31 March each year", sex, 10 * n + i]
        for n, place in enumerate(PLACES) for i, sex in enumerate(("", "Total"))
    ]  # fmt: skip
    _, frame = read(tidy(rows, ("population_type", "sex", "children_count")), tmp_path, register)
    totals = frame.filter(indicator_code="lacnum", breakdown="Total").sort("source_row")
    assert totals["value"].to_list() == [10 * n + 1 for n in range(len(PLACES))]
    assert set(frame["breakdown"]) == {"Total", "sex=(blank)"}


def test_two_years_without_an_identifier_are_told(tmp_path: Path, register: Register) -> None:
    head = [name for name in TIME_AND_PLACE if name != "time_identifier"]
    rows = [["2023/24", *place, "Children in Need", n] for n, place in enumerate(PLACES)]
    found, frame = read(tidy(rows, ("category", "At31_episodes"), head), tmp_path, register)
    assert found.tables[0].publication == "children_in_need" and set(frame["period_kind"]) == {"academic_year"}
    assert [p.code for p in found.problems] == ["year_assumed"] and "academic" in found.problems[0].message


def test_a_name_of_somebody_else_is_told_whatever_the_codes(tmp_path: Path, register: Register) -> None:
    rows = plain(periods=["2025"])
    rows[4][9] = "Camden"
    found, frame = read(tidy(rows, ("made_up_count", "made_up_percent")), tmp_path, register)
    assert "place_disagrees" in rules(found) and 5 not in frame["source_row"].to_list()


@pytest.mark.parametrize("row", [0, 1])
@pytest.mark.parametrize(("filled", "is_told"), [(("805", "", ""), True), (("", "E06000001", ""), True),
                                                 (("z", "x", ""), False)])  # fmt: skip
def test_a_region_or_country_that_names_an_authority_too_is_told(
    row: int, filled: tuple[str, ...], is_told: bool, tmp_path: Path, register: Register
) -> None:
    rows = plain(periods=["2025"])
    rows[row][7:10] = filled
    found, frame = read(tidy(rows, ("made_up_count", "made_up_percent")), tmp_path, register)
    assert ("place_disagrees" in rules(found)) == is_told != (row + 1 in frame["source_row"].to_list())


@pytest.mark.parametrize(("la_code", "gss"), [("805", "x"), ("", "805")])
def test_what_is_no_gss_code_is_not_kept_as_one(la_code: str, gss: str, tmp_path: Path, register: Register) -> None:
    rows = plain(periods=["2025"])
    rows[4][7:10] = [la_code, gss, "Hartlepool"]
    _, frame = read(tidy(rows, ("made_up_count", "made_up_percent")), tmp_path, register)
    assert frame.filter(la_code="805")["gss_code"].unique().to_list() == ["E06000001"]


def test_a_percent_sign_in_a_heading_is_its_unit(tmp_path: Path, register: Register) -> None:
    _, frame = read(tidy(plain(), ("made_up_count", "% of children")), tmp_path, register)
    assert dict(frame.select("source_column", "unit").unique().iter_rows()) == {
        "made_up_count": "count", "% of children": "percent",
    }  # fmt: skip


NUMBERED = [["2024", YEAR, *p, "G", "A", k, 11, 10 * n + k] for n, p in enumerate(PLACES) for k in (1, 2)]
COLUMNS = ("grp", "kind", "year_group", "key_stage", "number")
KIND = ("kind", "Filter", "Kind", "", "grp")
NUMBER = ("number", "Indicator", "How many", "£", "")
YEAR_GROUP = ("year_group", "Filter", "Year", "", "")


@pytest.mark.parametrize(
    ("meta", "said"),
    [
        (metadata(KIND, YEAR_GROUP, NUMBER), []),
        (metadata(KIND, YEAR_GROUP, NUMBER, separator=";"), []),
        (metadata(KIND, NUMBER), []),
        (metadata(KIND, YEAR_GROUP, NUMBER, ("lost_count", "Indicator", "Lost", "", "")), ["column_missing"]),
    ],
)
def test_metadata_that_tell_a_part(meta: bytes, said: list[str], tmp_path: Path, register: Register) -> None:
    """A column that metadata do not describe is a filter of one item, else told by what stands in it."""
    found, frame = read(tidy(NUMBERED, COLUMNS), tmp_path, register, meta=meta)
    assert set(found.tables[0].filters) == {"grp", "kind", "year_group", "key_stage"} and rules(found) == said
    assert set(frame["indicator_name"]) == {"How many"} and set(frame["unit"]) == {"gbp"}
    assert frame.height == 2 * len(PLACES)


def test_metadata_of_another_table_decide_nothing(tmp_path: Path, register: Register) -> None:
    data = tidy(NUMBERED, COLUMNS)
    _, expected = read(data, tmp_path, register)
    found, frame = read(data, tmp_path, register, meta=metadata(("other", "Indicator", "Other", "", "")))
    assert found.tables[0].classified_by == "content" and rules(found) == ["other_metadata"]
    assert frame.equals(expected)


def test_metadata_that_cannot_be_read_refuse_the_table(tmp_path: Path, register: Register) -> None:
    data = tidy(NUMBERED, COLUMNS)
    with pytest.raises(LayoutError, match="metadata"):
        read(data, tmp_path, register, meta=metadata(("kind", "Filter", "x" * 200_000, "", "")))
    archive = zipped({"a.csv": data, "a.meta.csv": metadata(("kind", "Filter", "x" * 200_000, "", "")), "b.csv": data})
    found, frame = read(archive, tmp_path, register, "release.zip")
    assert rules(found) == ["table_not_read"] and set(frame["data_file"]) == {"b.csv"}


BARNSLEY = ("Local authority", "E92000001", "England", "E12000003", "Yorkshire and The Humber", "370")


def looked_after(values: Sequence[object], gss: str = "E08000016") -> bytes:
    item = "Children looked after on 31 March each year"
    rows = [[2021 + n, "Reporting year", *BARNSLEY, gss, "Barnsley", item, value] for n, value in enumerate(values)]
    return tidy(rows, ("population_type", "children_count"))


def released(
    first: bytes, second: bytes, tmp_path: Path, register: Register
) -> tuple[dict[str, tuple[float | None, str]], list[str]]:
    data = zipped({"one.csv": first, "two.csv": second})
    found, _ = read(data, tmp_path, register, "release.zip")
    laid = of_statistics(found, data, "release.zip", tmp_path / "observations.parquet", tmp_path / "sorted.parquet")
    frame = pl.read_parquet(tmp_path / "sorted.parquet").sort("period_code")
    assert laid.row_count == frame.height
    values = {code: (v, s) for code, v, s in frame.select("period_code", "value", "value_status").iter_rows()}
    assert len(values) == frame.height
    return values, [p.code for p in laid.problems]


def test_values_that_contradict_each_other_in_a_release_are_told_and_not_kept(
    tmp_path: Path, register: Register
) -> None:
    first, second = looked_after([10, 20, 30, "x", "c"]), looked_after([10, 21, "z", 40, 50])
    for one, other in ((first, second), (second, first)):
        values, problems = released(one, other, tmp_path, register)
        assert values == {"2021": (10.0, "reported"), "2023": (30.0, "reported"), "2024": (40.0, "reported")}
        assert problems == ["repeated_value", "contradicting_values"]


def test_a_value_under_the_old_and_the_new_gss_code_is_one(tmp_path: Path, register: Register) -> None:
    values, problems = released(looked_after([10]), looked_after([10], gss="E08000038"), tmp_path, register)
    assert values == {"2021": (10.0, "reported")} and problems == ["repeated_value"]


def test_a_value_rounded_in_another_table_is_the_same_value(tmp_path: Path, register: Register) -> None:
    exact, rounded = looked_after([10.26, 20.5]), looked_after([10.3, 21])
    for one, other in ((exact, rounded), (rounded, exact)):
        values, problems = released(one, other, tmp_path, register)
        assert values == {"2021": (10.26, "reported"), "2022": (20.5, "reported")}
        assert problems == ["repeated_value"]
    values, problems = released(looked_after([10.26]), looked_after([10.4]), tmp_path, register)
    assert values == {} and problems == ["contradicting_values"]


def test_a_row_of_england_may_name_england_as_its_region(tmp_path: Path, register: Register) -> None:
    """The same code twice names no smaller place."""
    cells = PlaceCells("National", "E92000001", "England", "E92000001", "England", "", "", "")
    assert _place_within("country", cells, register) is None
    inside = PlaceCells("National", "E92000001", "England", "E12000001", "North East", "", "", "")
    assert _place_within("country", inside, register) is not None
