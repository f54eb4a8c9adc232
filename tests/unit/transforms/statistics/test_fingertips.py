"""Made-up downloads of the public health explorer: places by code, England once, deciles apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.statistics_files import read, text_of
from transforms.authorities import load_register

HEADER = (
    "Indicator ID", "Indicator Name", "Parent Code", "Parent Name", "Area Code", "Area Name", "Area Type", "Sex", "Age",
    "Category Type", "Category", "Time period", "Value", "Count", "Denominator",
)  # fmt: skip
ABOUT = ("7", "Made-up admissions")
REST = ("Persons", "<15 yrs", "", "", "2023/24")


@pytest.mark.parametrize("kind", ["Region", "Regions (statistical)", "Government office"])
def test_regions_are_told_by_their_codes(kind: str, tmp_path: Path) -> None:
    rows = [
        [*ABOUT, "", "", "E92000001", "England", "England", *REST, "50", "500", "100000"],
        [*ABOUT, "E92000001", "England", "E92000001", "England", "England", *REST, "50", "500", "100000"],
        [
            *ABOUT,
            "E92000001",
            "England",
            "E12000001",
            "North East region (statistical)",
            kind,
            *REST,
            "60",
            "60",
            "10000",
        ],
        [*ABOUT, "E12000001", "North East", "E06000001", "Hartlepool", "Counties", *REST, "", "", ""],
        [
            *ABOUT,
            "E12000001",
            "North East",
            "E06000001",
            "Hartlepool",
            "Counties",
            "Male",
            *REST[1:],
            "40",
            "4",
            "1000",
        ],
    ]
    found, frame = read(text_of(HEADER, rows).encode(), tmp_path, load_register(), "made_up_2324.csv")
    values = frame.filter(source_column="value").select(
        "geographic_level", "gss_code", "breakdown", "value", "value_status"
    )
    assert sorted(values.rows(), key=str) == sorted(
        [
            ("country", "E92000001", "Total", 50.0, "reported"), ("region", "E12000001", "Total", 60.0, "reported"),
            ("authority", "E06000001", "Total", None, "not_available"),
            ("authority", "E06000001", "sex=Male", 40.0, "reported"),
        ], key=str,
    )  # fmt: skip
    assert set(frame.filter(source_column="value")["unit"]) == {"rate_per_10k"}
    assert [problem.code for problem in found.problems] == ["england_twice"]


def test_a_note_of_suppression_makes_the_empty_cells_of_its_row_suppressed(tmp_path: Path) -> None:
    places = [("E06000001", "Hartlepool"), ("E09000007", "Camden"), ("E08000035", "Leeds")]
    cells = [
        ("", "", "100", "Value suppressed for disclosure control due to small count"),
        ("", "", "", "Not presented: records are missing"),
        ("50", "5", "1000", "Other areas are suppressed"),
    ]
    rows = [[*ABOUT, "", "", *place, "Counties", *REST, *cell] for place, cell in zip(places, cells, strict=True)]
    _, frame = read(text_of((*HEADER, "Value note"), rows).encode(), tmp_path, load_register(), "made_up_2324.csv")
    statuses = {(la, column): status for la, column, status in frame.select(
        "la_code", "source_column", "value_status").iter_rows()}  # fmt: skip
    assert statuses == {
        ("805", "value"): "suppressed", ("805", "count"): "suppressed", ("805", "denominator"): "reported",
        ("202", "value"): "not_available", ("202", "count"): "not_available", ("202", "denominator"): "not_available",
        ("383", "value"): "reported", ("383", "count"): "reported", ("383", "denominator"): "reported",
    }  # fmt: skip


@pytest.mark.parametrize("missing", ["Area Name", "Sex", "Age", "Parent Code", "Category", "Count", "Denominator"])
def test_a_column_that_a_download_lacks_stops_nothing(missing: str, tmp_path: Path) -> None:
    row = [*ABOUT, "", "", "E06000001", "Hartlepool", "Counties", *REST, "40", "4", "1000"]
    left = [(name, cell) for name, cell in zip(HEADER, row, strict=True) if name != missing]
    header, cells = zip(*left, strict=True)
    found, frame = read(text_of(header, [cells]).encode(), tmp_path, load_register(), "made_up_2324.csv")
    of_value = frame.filter(source_column="value").select("la_code", "breakdown", "value", "numerator", "denominator")
    numerator, denominator = (None if missing == "Count" else 4.0), (None if missing == "Denominator" else 1000.0)
    assert of_value.rows() == [("805", "Total", 40.0, numerator, denominator)]
    assert found.problems == []
