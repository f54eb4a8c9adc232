"""Files laid into the reference folder: what can be used is, what cannot stops nothing."""

from __future__ import annotations

from datetime import date

import pytest

from tests.integration.conftest import World, report_text
from tests.statistics_files import tidy
from tests.unit.transforms.test_authorities import one_row
from warehouse import operations, replay

pytestmark = pytest.mark.slow

NEW, OLD = "979,Madeupham,2027-04-01,", "979,Madeupham,2020-04-01,2024-04-01"


def names(world: World) -> list[tuple[str, ...]]:
    return world.query("SELECT authority_name FROM star.dim_authority WHERE la_code IN ('990', '979') ORDER BY 1")


def test_unusable_reference_files_stop_nothing(world: World) -> None:
    place = (
        "Local authority",
        "E92000001",
        "England",
        "X12900001",
        "Made-up North",
        "990",
        "X09900001",
        "Brackenshire",
    )
    row = ["2025", "Reporting year", *place, "Children aged 0 to 17 years", 20000]
    world.deposit("reports/a.txt", report_text("ilacs_2018", "Brackenshire", date(2022, 5, 9)))
    world.deposit("reference/README.md", "# Notes\n")
    world.deposit("reference/codes.xlsx", b"PK\x03\x04 cut short")
    world.deposit("reference/lookup.csv", "region_code,region_name,old_la_code,la_name,new_la_code\nX,Y,990,Z,W\n")
    world.deposit("reference/latin.csv", one_row("978,Ynys M\u00f4n,2027-04-01,").encode("cp1252"))
    world.deposit("reference/people.csv", tidy([row], ("age_group", "population_estimate")))
    world.deposit("reference/m_new.csv", one_row(NEW))
    world.deposit("reference/n_other.csv", one_row(NEW.replace("Madeupham", "Elsewhere")))
    world.deposit("reference/o_broken.csv", one_row("99X,Nowhere,2027-04-01,"))
    summary = world.load()
    assert summary.exit_code == 10
    refused = {row["file"]: row["reason"] for row in summary.quarantined}
    assert refused.keys() == {"reference/codes.xlsx", "reference/n_other.csv", "reference/o_broken.csv"}
    assert refused["reference/n_other.csv"].startswith("file: 979 from 2027-04-01: found otherwise than in")
    assert "la_code: found '99X', expected three digits" in refused["reference/o_broken.csv"]
    assert names(world) == [("Brackenshire",), ("Madeupham",)]
    assert world.query("SELECT count(*) FROM bi.inspection") == [(1,)]
    assert world.query("SELECT value FROM bi.indicator_value WHERE geographic_level = 'authority'") == [(20000.0,)]
    waiting = {row["file"] for row in operations.status(world.settings)["waiting"]}
    assert waiting == {"reference/README.md", "reference/lookup.csv", "reference/latin.csv"}
    assert world.load().state == "unchanged"


def test_a_reference_file_replaced_by_an_unusable_one_stays_in_use(world: World) -> None:
    world.deposit("reports/a.txt", report_text("ilacs_2018", "Brackenshire", date(2022, 5, 9)))
    world.deposit("reference/more.csv", one_row(OLD))
    assert world.load().exit_code == 0
    world.deposit("reference/more.csv", one_row(OLD.replace("979", "9")))
    assert world.load().exit_code == 10
    assert names(world) == [("Brackenshire",), ("Madeupham",)]
    assert world.load().state == "unchanged"
    assert replay.reprocess(world.settings, date(2000, 1, 1), date(2030, 1, 1)).exit_code == 0
    assert replay.rebuild(world.settings).exit_code in (0, 10)
    assert names(world) == [("Brackenshire",), ("Madeupham",)]
    world.deposit("reference/more.csv", one_row(NEW))
    assert world.load().exit_code == 0
    assert world.query("SELECT valid_from FROM star.dim_authority WHERE la_code = '979'") == [(date(2027, 4, 1),)]
