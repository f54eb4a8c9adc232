"""The child that reads a submission: what it refuses, what it tells, and what it hands back."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from transforms.errors import InputError, LayoutError, UnknownSourceError
from transforms.returns.reading import unpacked
from warehouse import vault
from warehouse.keys import Keys
from warehouse.local_values import observations_of
from warehouse.returns_worker import Part, Task, read_submission, tell_year, without_small_numbers
from warehouse.samples.returns import as_csv, make_ssda903
from warehouse.settings import Settings
from warehouse.standing import Known, basis, standing

KEYS = Keys(b"made-up key number one of the tests 0123456789", b"made-up hash key of the tests 9876543210 abc")
CSWW = """<Message><Header><CollectionDetails><Collection>CSWW</Collection><Year>2022</Year>
<ReferenceDate>2022-09-30</ReferenceDate></CollectionDetails><Source><LEA>990</LEA></Source></Header>
<LALevelVacancies><NumberOfVacancies>3.5</NumberOfVacancies></LALevelVacancies></Message>"""


def sealed(settings: Settings, files: dict[str, str]) -> tuple[Part, ...]:
    parts = []
    for name, text in files.items():
        sha, _, temporary = vault.take(settings, KEYS, io.BytesIO(text.encode()))
        parts.append(Part(name, str(vault.keep(settings, KEYS, temporary, sha)), KEYS.file_key(sha)))
    return tuple(parts)


def modules(year: int, children: int = 40) -> dict[str, str]:
    return {f"{name}.csv": as_csv(rows) for name, rows in make_ssda903(year, children).items()}


@pytest.fixture
def task(places: Settings) -> Task:
    earlier = {2025: sealed(places, modules(2025))}
    return Task("a" * 64, "990", "ssda903", 2026, None, sealed(places, modules(2026)), earlier, KEYS.hash_key("990"))


def test_a_submission_gives_reduced_rows_verdicts_and_values(task: Task) -> None:
    found = read_submission(task)
    header = unpacked(found.tables["Header"])
    assert header.height == len(make_ssda903(2026, 40)["header"])
    assert header["CHILD"].str.len_chars().unique().to_list() == [64]
    assert set(header["file_name"]) == {"header.csv"}
    assert set(header["DOB"].dt.day()) == {1}
    assert set(unpacked(found.hashes)["hash"]) >= set(header["CHILD"])
    verdicts = unpacked(found.verdicts)
    assert {"passed", "failed", "not_run"} <= set(verdicts["state"])
    results = unpacked(found.results)
    assert results["return_year"].unique().to_list() == [2026]
    children = {row["CHILD"] for row in make_ssda903(2026, 40)["header"]}
    assert not any(child in str(problem) for child in children for problem in found.problems)


def test_the_same_child_has_one_hash_in_an_authority_and_another_in_the_next(task: Task) -> None:
    here = set(unpacked(read_submission(task).hashes)["hash"])
    there = set(unpacked(read_submission(replace(task, hash_key=KEYS.hash_key("991"))).hashes)["hash"])
    again = set(unpacked(read_submission(task).hashes)["hash"])
    assert here == again
    assert not here & there


@pytest.mark.parametrize(
    ("day", "year"), [(date(2026, 6, 20), 2026), (date(2026, 2, 1), 2026), (date(2026, 3, 31), 2026)]
)
def test_a_day_tells_the_year_together_with_the_content(task: Task, day: date, year: int) -> None:
    """Sent after the year's end, or in its course."""
    assert tell_year(replace(task, year=None, day=day)) == year


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"la_code": "991"}, "found the authority 990 in its header, expected 991"),
        ({"year": 2023}, "found the year 2022, expected 2023"),
        ({"return_code": "cin_census"}, "found csww, expected cin_census"),
    ],
)
def test_a_file_that_contradicts_its_folder_is_refused(
    places: Settings, task: Task, change: dict[str, object], message: str
) -> None:
    right = replace(task, return_code="csww", year=2022, parts=sealed(places, {"w.xml": CSWW}), earlier={})
    assert read_submission(right).year == 2022
    with pytest.raises(LayoutError, match=message):
        read_submission(replace(right, **change))  # type: ignore[arg-type]


def test_what_is_of_no_return_is_left_out_and_told(places: Settings, task: Task) -> None:
    more = replace(task, parts=(*task.parts, *sealed(places, {"notes.txt": "JANE DOE, 12\nJOHN DOE, 13\n"})))
    found = read_submission(more)
    assert [problem.place for problem in found.problems if problem.code == "unknown_file"] == ["notes.txt"]
    assert "DOE" not in str(found.problems)


def test_elements_of_no_specification_are_told_but_not_named(places: Settings, task: Task) -> None:
    block = "<DOEJANE><BORN1711>x</BORN1711><DOEJOHN>y</DOEJOHN></DOEJANE>"
    child = f"<CHILD><HEADER><CHILDID>A1</CHILDID><SEX>F</SEX><DOB>05/04/2010</DOB>{block}</HEADER></CHILD>"
    parts = sealed(places, {"all.xml": f"<EXPSSDA903>{child}</EXPSSDA903>"})
    found = read_submission(replace(task, parts=parts, earlier={}))
    assert "unknown_element" in {problem.code for problem in found.problems}
    assert "DOE" not in str(found.problems) and "1711" not in str(found.problems)


def test_an_original_of_another_key_is_refused_without_a_trace(task: Task) -> None:
    part = replace(task.parts[0], key=b"x" * 32)
    with pytest.raises(InputError, match="no usable encrypted original"):
        read_submission(replace(task, parts=(part, *task.parts[1:])))


def test_an_unreadable_list_of_providers_stops_nothing(task: Task, tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "providers.xlsx"
    path.write_bytes(b"no list")
    found = read_submission(replace(task, providers=(str(path),)))
    assert any(problem.code == "provider_list" for problem in found.problems)


@pytest.mark.parametrize(
    ("message", "told"),
    [("found 3 rows", "found a few rows"), ("found 13 rows of 2026-01-05", "found 13 rows of 2026-01-05")],
)
def test_messages_hold_no_small_number(message: str, told: str) -> None:
    assert without_small_numbers(message) == told


def known(sha: str, year: int, day: int) -> Known:
    from datetime import datetime

    return Known(sha, "990", "ssda903", year, date(2026, 6, day), datetime(2026, 6, 1))


def test_the_later_day_stands_and_only_earlier_years_count() -> None:
    first, second, before, after = known("a", 2026, 1), known("b", 2026, 2), known("c", 2025, 1), known("d", 2027, 1)
    stands = standing([second, first])
    assert [one.sha256 for one in stands.values()] == ["b"]
    alone = basis(second, stands, {})
    assert basis(second, standing([first, second, after]), {}) == alone
    assert basis(second, standing([first, second, before]), {}) != alone
    assert basis(second, stands, {"990": {2025: 1.0}}) != alone
    assert basis(second, stands, {}, ["e"]) != alone


def test_values_are_laid_out_as_published_ones_are() -> None:
    from transforms.indicators.compute import RESULT

    common = ("CLA8", "990", "2026", date(2025, 4, 1), date(2026, 3, 31))
    rows = [
        (*common, "Sex | Female", 30.0, 40.0, 75.0, None, "reported", "", 2026),
        (*common, "Total", None, 80.0, None, None, "suppressed", "", 2026),
    ]
    found = observations_of(known("a", 2026, 1), pl.DataFrame(rows, schema=RESULT, orient="row"))
    assert found["breakdown"].to_list() == ["Sex=Female", "Total"]
    assert found["period_kind"].unique().to_list() == ["reporting_year"]
    assert found["publication"].unique().to_list() == ["ssda903"]
    assert found["value"].to_list() == [75.0, None]


def test_a_submission_of_files_without_headings_names_them(task: Task, places: Settings) -> None:
    cut = {name: text.partition("\n")[2] for name, text in modules(2026).items() if name in ("header.csv", "oc2.csv")}
    with pytest.raises(UnknownSourceError) as refused:
        read_submission(replace(task, parts=sealed(places, cut)))
    for name in cut:
        assert f"{name}: left out: file: found no row of headings" in str(refused.value)
