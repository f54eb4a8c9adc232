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
