"""Synthetic samples of other projects: each is recognised by content, and its rows are all there."""

from __future__ import annotations

import csv
import itertools
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from lxml import etree

from transforms.returns.assembling import assemble
from transforms.returns.reading import FileRead, read_file
from transforms.returns.submissions import group

MODULES = {
    "header.csv": "Header",
    "episodes.csv": "Episodes",
    "reviews.csv": "Reviews",
    "uasc.csv": "UASC",
    "oc2.csv": "OC2",
    "oc3.csv": "OC3",
    "ad1.csv": "AD1",
    "placed_for_adoption.csv": "PlacedAdoption",
    "placed_for_adoption_errors.csv": "PlacedAdoption",
    "previous_permanence.csv": "PrevPerm",
    "missing.csv": "Missing",
    "sw_episodes.csv": "SWEpisodes",
    "DoLo.csv": "DoLo",
}


@pytest.fixture(scope="module")
def samples(test_data: Path) -> Path:
    place = test_data / "returns"
    if not place.is_dir():
        pytest.skip("no sample returns")
    return place


def test_every_module_is_recognised_with_all_its_rows(samples: Path) -> None:
    files = [path for path in (samples / "ssda903").rglob("*.csv") if "liia" not in str(path)]
    assert len(files) >= 13
    for path in files:
        found = read_file(path.read_bytes(), "renamed")
        with path.open(encoding="utf-8-sig", newline="") as text:
            rows = [row for row in csv.DictReader(text) if any(row.values())]
        table = MODULES[path.name]
        assert list(found.tables) == [table], path.name
        frame = found.tables[table]
        assert frame.height == len(rows)
        for name in frame.columns[1:]:
            assert frame[name].fill_null("").to_list() == [row[name].strip() for row in rows]


def test_years_side_by_side(samples: Path) -> None:
    for folder in ("synthetic_2025_26", "synthetic_2025_26_dirty"):
        place = samples / "ssda903" / folder
        files = [read_file(path, str(path.relative_to(place))) for path in sorted(place.rglob("*.csv"))]
        found = {one.year: {Path(file.name).parent.name for file in one.files} for one in group(files)}
        assert found == {2025: {"previous_year"}, 2026: {"this_year"}}


def test_looked_after_children_from_xml(samples: Path) -> None:
    path = samples / "ssda903" / "xml" / "fake_903.xml"
    found = read_file(path, "")
    root = etree.parse(path).getroot()
    assert found.year == 2018
    for table, tag in (("Header", "HEADER"), ("Episodes", "EPISODE"), ("Reviews", "AREVIEW"), ("Missing", "AMISSING")):
        assert found.tables[table].height == len(root.findall(f".//{tag}"))
    assert found.tables["Episodes"]["PLACE"].to_list() == [element.text for element in root.iter("PL")]
    for table, tag in (("UASC", "DUC"), ("OC3", "IN_TOUCH"), ("AD1", "DATE_INT")):
        assert found.tables[table].height == sum(bool((element.text or "").strip()) for element in root.iter(tag))


def test_censuses_have_every_element(samples: Path) -> None:
    files = sorted((samples / "cin").rglob("*.xml"))
    assert files
    for path in files:
        found = read_file(path, "")
        assert found.return_code == "cin_census" and found.la_code
        root = etree.parse(path).getroot()
        for table, tag in (
            ("ChildIdentifiers", "Child"),
            ("CINdetails", "CINdetails"),
            ("Assessments", "Assessments"),
            ("AssessmentFactorsList", "AssessmentFactors"),
            ("CINplanDates", "CINPlanDates"),
            ("Section47", "Section47"),
            ("ChildProtectionPlans", "ChildProtectionPlans"),
            ("Reviews", "CPPreviewDate"),
            ("Disabilities", "Disability"),
            ("PreProceedings", "PreProceedingsandFGDM"),
        ):
            assert found.tables[table].height == len(root.findall(f".//{tag}")), (path.name, table)
        for name in ("CINreferralDate", "AssessmentAuthorisationDate", "CPPendDate", "InitialCPCtarget", "UPN"):
            cells = [frame[name].drop_nulls() for frame in found.tables.values() if name in frame.columns]
            texts = [(element.text or "").strip() for element in root.iter(name)]
            assert pl.concat(cells).to_list() == [text for text in texts if text]


def test_schemas_of_ten_years_name_no_element_that_is_unknown(samples: Path) -> None:
    from transforms.returns import returns

    entry = next(found for found in returns() if found.code == "cin_census")
    known = {column.name for table in entry.tables for column in table.columns}
    structure = {"Message", "Header", "CollectionDetails", "Source", "Children", "Child", "CINPlanDates"}
    structure |= {"ChildIdentifiers", "ChildCharacteristics", "Disabilities", "CINdetails", "Assessments"}
    structure |= {"FactorsIdentifiedAtAssessment", "Section47", "ChildProtectionPlans", "Reviews"}
    for path in sorted((samples / "cin" / "xsd").glob("*.xsd")):
        names = {element.get("name") for element in etree.parse(path).iter("{http://www.w3.org/2001/XMLSchema}element")}
        assert names <= known | structure, path.name


def test_annex_a_workbooks(samples: Path) -> None:
    files = sorted((samples / "annex_a").glob("*.xlsx"))
    assert files
    for path in files:
        found = read_file(path, path.name)
        assert (found.return_code, len(found.tables), found.day) == ("annex_a", 11, date(2021, 3, 15))
        data = assemble("annex_a", [found], found.year or 0)
        codes = data.problems.filter(pl.col("problem_code") == "invalid_code")
        # One need is spelt as no list has it; every other category of eleven lists is read.
        assert codes.select("table_name", "column_name").rows() == [("list_6", "Primary Need Code")]
        assert data.typed["list_1"]["Age of Child (Years)"].to_list()[0] == 6
        assert data.typed["list_3"]["Referral NFA?"].null_count() == 0


def test_spellings_seen_lead_where_they_were_seen_to_lead(samples: Path) -> None:
    """Of thousands of spellings in the list the seed was made from, all but contradictory ones are read."""
    from transforms.returns import returns
    from transforms.returns.values import normal, typed

    entry = next(found for found in returns() if found.code == "annex_a")
    columns = {column.name: column for table in entry.tables for column in table.columns if column.codes}
    with (samples / "codes" / "annex_a_value_variants.csv").open(encoding="utf-8-sig", newline="") as text:
        rows = [row for row in csv.DictReader(text) if row["match_kind"] == "value" and row["column"] in columns]
    lost = total = 0
    for name, found in itertools.groupby(sorted(rows, key=lambda row: row["column"]), lambda row: row["column"]):
        column = columns[name]
        flags = {"True": True, "False": False}
        known = flags if column.kind == "flag" else {normal(code.code): code.code for code in column.codes}
        # What the list itself spells in two ways is in it once.
        one = [row for row in found if row["clean_value"] in known or normal(row["clean_value"]) in known]
        values, _ = typed(pl.Series([row["seen_value"] for row in one], dtype=pl.String), column, 2026)
        for row, value in zip(one, values.to_list(), strict=True):
            total += 1
            lost += value is None
            clean = row["clean_value"]
            assert value in (None, known[clean] if clean in known else known[normal(clean)]), row
    assert total > 5_000
    assert lost < total / 50


def test_the_sample_of_the_workforce_census_is_read(samples: Path) -> None:
    found = read_file(samples / "workforce" / "social_work_workforce_2022.xml", "")
    assert (found.return_code, found.year, found.la_code) == ("csww", 2022, "301")
    typed = assemble("csww", [found], 2022).typed
    assert typed["CSWWWorker"].height == 30
    assert typed["LALevelVacancies"]["NumberOfVacancies"].to_list() == [79.68]


def test_what_is_read_can_be_told_from_what_is_not(samples: Path) -> None:
    read: list[FileRead] = []
    for path in sorted((samples / "ssda903" / "provider_lists").glob("*.xlsx")):
        with pytest.raises(Exception, match="expected"):
            read.append(read_file(path, ""))
    assert not read
