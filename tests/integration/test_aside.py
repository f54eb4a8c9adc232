"""A document whose rows fail a check is put aside and the others are published."""

from __future__ import annotations

import os
from datetime import date

import pytest

from expectations import suites
from expectations.check import Check
from tests.integration.conftest import World, report_text
from tests.observations import observation, release
from transforms.errors import CheckError

BAD_DAY = date(2024, 6, 11)
MADE_TO_FAIL = Check(
    "staged_made_to_fail",
    "staged.inspection",
    "staged",
    "blocking",
    "a check that some documents fail",
    "rows",
    sql="inspection_start_date = DATE '2024-06-11'",
    show=("sha256",),
)


@pytest.fixture(autouse=True)
def one_more_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suites, "CHECKS", (*suites.CHECKS, MADE_TO_FAIL))


def test_one_bad_document_does_not_keep_the_others_back(world: World) -> None:
    good = report_text("ilacs_2023", "Brackenshire", date(2024, 6, 10), overall="good")
    world.deposit("reports/good.txt", good)
    world.deposit("reports/bad.txt", report_text("ilacs_2023", "Caldermouth", BAD_DAY, overall="good"))
    summary = world.load()
    assert (summary.state, summary.exit_code, summary.files_quarantined) == ("published", 10, 1)
    assert summary.quarantined[0]["file"] == "reports/bad.txt"
    assert "staged_made_to_fail" in summary.quarantined[0]["reason"]
    assert world.query("SELECT DISTINCT authority_name FROM bi.judgement_history") == [("Brackenshire",)]
    assert world.query("SELECT landing_path, severity FROM meta.reject WHERE rule = 'failed_check'") == [
        ("reports/bad.txt", "blocking")
    ]
    page = world.settings.checks_page.read_text("utf-8")
    assert "reports/bad.txt" in page
    (kept,) = (world.settings.warehouse / "quarantine").iterdir()
    assert {path.name for path in kept.iterdir()} == {"bad.txt", "reason.json"}


def test_when_many_fail_the_load_is_refused(world: World) -> None:
    for place in ("Brackenshire", "Caldermouth"):
        world.deposit(f"reports/{place}.txt", report_text("ilacs_2023", place, BAD_DAY, overall="good"))
    with pytest.raises(CheckError, match="staged_made_to_fail"):
        world.load()
    assert not os.path.lexists(world.settings.published_file)
    assert "Refused" in world.settings.checks_page.read_text("utf-8")


def test_a_file_of_statistics_at_fault_once_merged_is_put_aside(world: World) -> None:
    """Two spellings of one authority are two places in the file and one in the star: nothing says which stands."""
    twice = [
        observation("383", 2024, 61.0, gss_code=None), observation("383", 2024, 62.0, gss_code="E08000035"),
        observation("816", 2024, 7.0),
    ]  # fmt: skip
    world.deposit("statistics/twice.parquet", release(twice, "2024-11-14"))
    world.deposit("statistics/good.parquet", release([observation("816", 2023, 5.0)], "2024-11-15"))
    summary = world.load()
    assert (summary.state, summary.exit_code, summary.files_quarantined) == ("published", 10, 1)
    assert summary.quarantined[0]["file"] == "statistics/twice.parquet"
    assert "fact_indicator_grain_unique" in summary.quarantined[0]["reason"]
    assert world.query("SELECT la_code, period_code, value FROM bi.indicator_value") == [("816", "2023", 5.0)]
    assert world.query("SELECT period_code FROM star.dim_period WHERE period_key <> 0") == [("2023",)]
    assert world.query("SELECT landing_path, severity FROM meta.reject WHERE rule = 'failed_check'") == [
        ("statistics/twice.parquet", "blocking")
    ]
    (kept,) = (world.settings.warehouse / "quarantine").iterdir()
    assert {path.name for path in kept.iterdir()} == {"twice.parquet", "reason.json"}
    assert world.load().state == "unchanged"
    # Mended and deposited once more, it loads.
    world.deposit("statistics/twice.parquet", release(twice[1:], "2024-11-14"))
    assert world.load().exit_code == 0
    assert world.query("SELECT count(*) FROM bi.indicator_value") == [(3,)]


def test_one_code_for_two_periods_is_the_fault_of_its_file(world: World) -> None:
    """Whose consequence, a place shown twice in the comparison, names no file."""
    rows = [observation("383", 2024, 1.0), observation("383", 2024, 2.0, period_start=date(2023, 9, 1))]
    world.deposit("statistics/odd.parquet", release(rows, "2024-11-14"))
    world.deposit("statistics/good.parquet", release([observation("816", 2023, 5.0)], "2024-11-15"))
    summary = world.load()
    assert [one["file"] for one in summary.quarantined] == ["statistics/odd.parquet"]
    assert "fact_indicator_one_period_a_code" in summary.quarantined[0]["reason"]
    assert world.query("SELECT la_code, value FROM bi.indicator_benchmark") == [("816", 5.0)]
