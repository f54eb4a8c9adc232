"""Official lists beside reports: publication dates, judgements without a report, and both compared."""

from __future__ import annotations

import json
import os
import random
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.integration.conftest import World, report_text
from tests.sheets import Value, ods
from warehouse import operations, pipeline
from warehouse.settings import Settings

HEAD = [
    "Local authority name", "Inspection date", "Publication date", "Inspection/Visit type", "Overall effectiveness",
    "Impact of leaders", "Children who need help and protection", "Children in care", "Care leavers",
]  # fmt: skip
GOOD, RI, POOR = "Good", "Requires improvement to be good", "Inadequate"
ILACS = "ILACS Standard Inspection"
FIRST = ("ilacs_2018", "Brackenshire", date(2019, 5, 13))
SECOND = ("ilacs_2023", "Brackenshire", date(2024, 6, 10))
GRADES = {"overall": "good", "leadership": "good", "help_and_protection": "good", "children_in_care": "good",
          "care_leavers": "good"}  # fmt: skip


def official_list(published: date, *rows: list[Value]) -> bytes:
    cover = [["Local authority inspection outcomes 2024"], ["Published on:", published]]
    return ods({"Cover": cover, "Whatever": [["A title"], HEAD, *rows]})


def row(day: date, published: date | None, *grades: str, place: str = "Brackenshire", kind: str = ILACS) -> list[Value]:
    return [place, day, published, kind, *grades]


SECOND_ROW = row(date(2024, 6, 10), date(2024, 8, 1), GOOD, GOOD, GOOD, GOOD, GOOD)
FIRST_ROW = row(date(2019, 5, 14), date(2019, 7, 1), POOR, POOR, RI, RI)


@pytest.mark.parametrize("first", ["report", "list"])
def test_the_list_gives_the_publication_date_a_report_lacks(world: World, first: str) -> None:
    files = [
        ("reports/a.txt", report_text(*SECOND, **GRADES).encode()),
        ("statistics/a.ods", official_list(date(2025, 1, 1), SECOND_ROW)),
    ]
    for name, content in files if first == "report" else files[::-1]:
        world.deposit(name, content)
        assert world.load().exit_code == 0
    assert world.query("SELECT published_date, published_date_source FROM bi.inspection") == [
        (date(2024, 8, 1), "official_list")
    ]
    assert world.query("SELECT DISTINCT source, published_date_source FROM bi.judgement_history") == [
        ("report", "official_list")
    ]


def test_what_came_with_a_report_is_trusted_more_than_the_list(world: World) -> None:
    world.deposit("statistics/a.ods", official_list(date(2025, 1, 1), SECOND_ROW))
    world.deposit("reports/a.txt", report_text(*SECOND, **GRADES))
    world.deposit("reports/a.json", json.dumps({"published_date": "2024-08-05"}))
    world.load()
    assert world.query("SELECT published_date, published_date_source FROM bi.inspection") == [
        (date(2024, 8, 5), "metadata")
    ]


def test_a_date_before_the_end_of_the_inspection_is_not_taken(world: World) -> None:
    early = [*SECOND_ROW[:2], date(2024, 6, 11), *SECOND_ROW[3:]]
    world.deposit("statistics/a.ods", official_list(date(2025, 1, 1), early))
    world.deposit("reports/a.txt", report_text(*SECOND, **GRADES))
    world.load()
    assert world.query("SELECT published_date, published_date_source FROM bi.inspection") == [(None, None)]


def test_visits_get_their_publication_date_too(world: World) -> None:
    start = date(2022, 3, 1)
    letter = report_text("focused_visit", "Brackenshire", start).partition("\n")[2]  # without the day it bears
    world.deposit("reports/a.txt", letter)
    world.deposit(
        "statistics/a.ods", official_list(date(2023, 1, 1), row(start, date(2022, 4, 5), kind="ILACS Focused Visit"))
    )
    world.load()
    assert world.query("SELECT framework_code, published_date_source FROM bi.inspection") == [
        ("ilacs_visit", "official_list")
    ]
    assert world.query("SELECT count(*) FROM bi.judgement_history") == [(0,)]


def test_judgements_without_a_report_stand_beside_those_with_one(world: World) -> None:
    world.deposit("statistics/a.ods", official_list(date(2025, 1, 1), FIRST_ROW, SECOND_ROW))
    world.deposit("reports/a.txt", report_text(*SECOND, **GRADES))
    world.load()
    found = world.query(
        "SELECT inspection_start_date, source, grade_code, previous_grade_code, change, evidence_page, evidence_text, "
        "document_name, published_date FROM bi.judgement_history WHERE area_code = 'overall' ORDER BY 1"
    )
    assert found[0] == (
        date(2019, 5, 14), "official_list", "inadequate", None, "first", None, "sheet Whatever, row 3, column E",
        "a.ods", date(2019, 7, 1),
    )  # fmt: skip
    assert found[1][:5] == (date(2024, 6, 10), "report", "good", "inadequate", "improved")
    assert world.query("SELECT area_code, count(*) FROM bi.judgement_history GROUP BY ALL HAVING count(*) <> 2") == [
        ("care_leavers", 1)
    ]
    assert world.query("SELECT DISTINCT source FROM bi.current_judgement") == [("report",)]
    assert world.query("SELECT inspection_count FROM bi.authority_profile WHERE authority_name = 'Brackenshire'") == [
        (2,)
    ]


def test_a_report_that_comes_later_takes_the_place_of_the_list(world: World) -> None:
    world.deposit("statistics/a.ods", official_list(date(2025, 1, 1), FIRST_ROW))
    world.load()
    assert world.query("SELECT DISTINCT source FROM bi.current_judgement") == [("official_list",)]
    world.deposit("reports/a.txt", report_text(*FIRST))
    world.load()
    assert world.query("SELECT DISTINCT source FROM bi.current_judgement") == [("report",)]
    assert world.query("SELECT count(*) FROM bi.judgement_history WHERE source = 'official_list'") == [(0,)]


def test_both_are_compared_by_rank_area_by_area(world: World) -> None:
    stated = row(date(2024, 6, 10), date(2024, 8, 1), GOOD, POOR, GOOD, GOOD, "-")
    world.deposit("statistics/a.ods", official_list(date(2025, 1, 1), stated, FIRST_ROW))
    world.deposit("reports/a.txt", report_text(*SECOND, **GRADES))
    world.load()
    found = world.query(
        "SELECT area_code, status, report_grade_code, list_grade_code, report_document_name, list_document_name "
        "FROM bi.judgement_reconciliation WHERE inspection_start_date = DATE '2024-06-10'"
    )
    assert {f[0]: f[1] for f in found} == {
        "overall": "agree", "leadership": "differ", "help_and_protection": "agree", "children_in_care": "agree",
        "care_leavers": "only_in_report",
    }  # fmt: skip
    assert ("leadership", "differ", "good", "inadequate", "a.txt", "a.ods") in found
    assert world.query(
        "SELECT DISTINCT status FROM bi.judgement_reconciliation WHERE published_date < DATE '2020-01-01'"
    ) == [("only_in_list",)]
    failed = world.query(
        "SELECT check_id, severity FROM meta.check_result WHERE NOT success AND check_id LIKE '%reconcil%'"
    )
    assert failed == [("judgement_reconciliation_agrees", "warning")]


def test_the_later_list_stands_and_earlier_ones_are_kept(world: World) -> None:
    corrected = [*FIRST_ROW[:4], RI, POOR, RI, RI]
    world.deposit("statistics/b.ods", official_list(date(2024, 1, 1), corrected))
    world.deposit("statistics/a.ods", official_list(date(2023, 1, 1), FIRST_ROW))
    world.load()
    assert world.query("SELECT grade_code, document_name FROM bi.judgement_history WHERE area_code = 'overall'") == [
        ("requires_improvement", "b.ods")
    ]
    assert world.query("SELECT is_latest, count(*) FROM star.fact_official_outcome GROUP BY ALL ORDER BY 1") == [
        (False, 4), (True, 4),
    ]  # fmt: skip


def test_lists_that_differ_on_the_first_day_tell_of_one_inspection(world: World) -> None:
    """The first day in one list, that of the second window in the other: once two inspections of one authority."""
    later = [FIRST_ROW[0], date(2019, 5, 24), *FIRST_ROW[2:]]
    world.deposit("statistics/a.ods", official_list(date(2023, 1, 1), FIRST_ROW))
    world.deposit("statistics/b.ods", official_list(date(2024, 1, 1), later))
    world.load()
    assert world.query("SELECT inspection_start_date, published_date FROM star.dim_listed_inspection") == [
        (date(2019, 5, 24), date(2019, 7, 1))
    ]


def test_a_list_with_the_day_of_the_notice_is_of_the_same_inspection(world: World) -> None:
    """Ten days before the first day of the report: the judgements once stood twice."""
    noticed = [SECOND_ROW[0], date(2024, 5, 31), *SECOND_ROW[2:]]
    world.deposit("statistics/a.ods", official_list(date(2025, 1, 1), noticed))
    world.deposit("reports/a.txt", report_text(*SECOND, **GRADES).encode())
    world.load()
    assert world.query("SELECT DISTINCT status FROM bi.judgement_reconciliation") == [("agree",)]
    assert world.query("SELECT DISTINCT inspection_start_date, source FROM bi.judgement_history") == [
        (date(2024, 6, 10), "report")
    ]


def elsewhere(world: World, root: Path) -> World:
    settings = replace(
        world.settings, landing=root / "landing", warehouse=root / "warehouse", published=root / "published"
    )
    other = World(root, settings)
    for path in sorted((world.landing / "reference").iterdir()):
        other.deposit(f"reference/{path.name}", path.read_bytes())
    return other


@pytest.mark.parametrize("seed", [1, 2])
def test_any_order_of_lists_and_reports_gives_the_same_star(world: World, tmp_path: Path, seed: int) -> None:
    wide = ods({"Cover": [["Published on:", date(2021, 7, 6)]], "W": [
        ["Local authority name", "SIF publication date", "SIF overall judgement", "ILACS framework publication date",
         "ILACS framework overall effectiveness"],
        ["Brackenshire", date(2016, 4, 1), RI, date(2019, 7, 3), POOR],
        ["Caldermouth", date(2016, 4, 2), RI, "", ""],
    ]})  # fmt: skip
    files = {
        "statistics/a.ods": official_list(date(2025, 1, 1), FIRST_ROW, SECOND_ROW),
        "statistics/b.ods": official_list(date(2023, 1, 1), row(date(2019, 5, 13), None, POOR, POOR, RI, RI)),
        "statistics/c.ods": wide,
        "reports/a.txt": report_text(*FIRST).encode(),
        "reports/b.txt": report_text(*SECOND, **GRADES).encode(),
        "reports/c.txt": report_text("sif_2016", "Caldermouth", date(2016, 2, 1)).encode(),
    }
    stamps = {name: 1_700_000_000 + 1000 * n for n, name in enumerate(files)}
    other = elsewhere(world, tmp_path / "other")
    names = list(files)
    random.Random(seed).shuffle(names)
    for place, group in ((world, [names]), (other, [names[:2], names[2:3], names[3:]])):
        for some in group:
            for name in some:
                path = place.deposit(name, files[name])
                os.utime(path, (stamps[name], stamps[name]))
            place.load()
    at_once, in_parts = world.star(), other.star()
    for name, rows in at_once.items():
        assert in_parts[name] == rows, name
    assert len(at_once["star.dim_listed_inspection"]) == 4


def test_what_no_source_knows_waits_and_is_opened_once(world: World) -> None:
    world.deposit("statistics/figures.csv", "colour,size\nred,2\n")
    world.deposit("statistics/deep/other.ods", ods({"Spending": [["Authority", "Total"], ["Leeds", 5.0]]}))
    world.deposit("reports/a.txt", report_text(*FIRST))
    summary = world.load()
    assert (summary.exit_code, summary.files_quarantined) == (0, 0)
    waiting = {row["file"]: row["reason"] for row in summary.waiting}
    assert set(waiting) == {"statistics/figures.csv", "statistics/deep/other.ods"}
    assert "no spreadsheet" in waiting["statistics/figures.csv"]
    found = pipeline.discover(world.settings)
    assert (found.has_work, found.files_opened, len(found.waiting)) == (False, 0, 2)
    assert {r["file"] for r in operations.status(world.settings)["waiting"]} == set(waiting)


def test_a_list_with_a_row_for_each_judgement_loads_as_one_with_a_row_for_each_inspection(world: World) -> None:
    areas = HEAD[4:8]
    head = "Local authority,Inspection date,Publication date,Inspection type,Judgement,Outcome"
    long = [f"Brackenshire,14/05/2019,01/07/2019,{ILACS},{area},{POOR}" for area in areas]
    world.deposit("statistics/long.csv", "\n".join([head, *long, f"Brackenshire,,,{ILACS},Care leavers,Good"]))
    world.deposit("statistics/wide.ods", official_list(date(2025, 1, 1), SECOND_ROW))
    summary = world.load()
    assert (summary.exit_code, summary.waiting) == (0, [])
    found = world.query(
        "SELECT published_date, area_code, grade_code, document_name, evidence_text FROM bi.judgement_history "
        "WHERE area_code = 'help_and_protection' ORDER BY 1"
    )
    assert found == [
        (date(2019, 7, 1), "help_and_protection", "inadequate", "long.csv", "sheet CSV, row 4, column F"),
        (date(2024, 8, 1), "help_and_protection", "good", "wide.ods", "sheet Whatever, row 3, column G"),
    ]
    assert world.query("SELECT rule, place FROM meta.reject WHERE landing_path LIKE '%long.csv'") == [
        ("no_date", "sheet CSV, row 6, column F")
    ]


def test_a_list_that_cannot_be_opened_is_quarantined_and_the_rest_loaded(world: World) -> None:
    whole = official_list(date(2025, 1, 1), SECOND_ROW)
    world.deposit("statistics/cut.ods", whole[:-300])
    world.deposit("statistics/whole.ods", whole)
    summary = world.load()
    assert (summary.exit_code, [r["file"] for r in summary.quarantined]) == (10, ["statistics/cut.ods"])
    assert "damaged archive" in summary.quarantined[0]["reason"]
    assert world.query("SELECT count(*) FROM bi.judgement_history") == [(5,)]
    assert world.load().state == "unchanged"


def test_an_unknown_place_is_a_reject_row_that_names_it(world: World) -> None:
    stray = row(date(2024, 3, 4), date(2024, 5, 1), GOOD, place="Atlantis")
    world.deposit("statistics/a.ods", official_list(date(2025, 1, 1), stray, SECOND_ROW))
    assert world.load().exit_code == 0
    found = world.query("SELECT table_name, severity, place, found FROM meta.reject WHERE rule = 'unknown_place'")
    assert found == [("official_outcome", "warning", "sheet Whatever, row 3, column A", "Atlantis")]


LISTS = (
    "LA_Inspection_Outcomes_as_at_31_March_2025.ods",
    "Childrens_social_care_in_England_2023_underlying_data.ods",
)
# What differs between real reports and real lists, and why it is no error of ours.
KNOWN = {
    ("871", date(2015, 11, 24), "lscb"): "the list has no column for the board in re-inspections",
}


def real_world(root: Path) -> World:
    settings = Settings.load(
        {
            "SAFEGUARDING_LANDING": str(root / "landing"),
            "SAFEGUARDING_WAREHOUSE": str(root / "warehouse"),
            "SAFEGUARDING_PUBLISHED": str(root / "published"),
            "SAFEGUARDING_SETTLE_SECONDS": "0",
        }
    )
    return World(root, settings)


@pytest.mark.slow
def test_real_reports_and_lists_agree_in_either_order(test_data: Path, tmp_path: Path) -> None:
    lists = [test_data / "statistics" / name for name in LISTS]
    reports = sorted((test_data / "reports" / "local_authority").rglob("*.pdf"))
    if not reports or not all(path.is_file() for path in lists):
        pytest.skip(f"no real reports or no official lists under {test_data}")
    stars = []
    for root, steps in ((tmp_path / "at once", [[*lists, *reports]]), (tmp_path / "lists first", [lists, reports])):
        world = real_world(root)
        for step in steps:
            for path in step:
                target = world.landing / path.relative_to(test_data)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, target)
            world.load()
        stars.append(world.star())
    for name, rows in stars[0].items():
        assert stars[1][name] == rows, name
    found = world.query(
        "SELECT la_code, inspection_start_date, area_code, status FROM bi.judgement_reconciliation "
        "WHERE status = 'differ' OR (status = 'only_in_report' AND is_area_listed) ORDER BY ALL"
    )
    assert [row for row in found if row[:3] not in KNOWN] == []
    (agreed,) = world.query("SELECT count(*) FROM bi.judgement_reconciliation WHERE status = 'agree'")
    assert agreed[0] > 4 * len(reports)
    missing = world.query("SELECT DISTINCT rule FROM meta.reject WHERE table_name = 'official_outcome'")
    assert missing == [("sheets_not_read",)]
