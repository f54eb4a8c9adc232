"""`safeguarding check`: what it says, in every form, and that it never says a value."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from tests.conftest import CommandLine
from tests.returns_made_up import EPISODE_ROW, EPISODES, HEADER, HEADER_ROW, census, module
from warehouse import check_return
from warehouse.check_output import write_csv, write_workbook
from warehouse.check_return import FINDING, check

PLANT = "PLANTED"


@pytest.fixture(autouse=True)
def _made_up_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_return, "_CHECK", "tests.integration.made_up_rules:check_submission")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two years of a made-up return side by side, with something else between them."""
    for name, year in (("one", 2025), ("two", 2026)):
        place = tmp_path / "made up" / name
        place.mkdir(parents=True)
        row = EPISODE_ROW.replace("2025", str(year - 1))
        (place / "a.txt").write_bytes(module("a title", EPISODES, row, "", row.replace("MADE1", "MADE2")))
        (place / "b").write_bytes(module(HEADER, HEADER_ROW, "MADE2,,05/04/2010,ZZZZ,UN1,,"))
        (place / ".hidden").write_bytes(b"x")
    (tmp_path / "made up" / "notes.csv").write_text("name,place\nx,y\n")
    return tmp_path / "made up"


def test_two_years_side_by_side_with_verdicts_and_findings(safeguarding: CommandLine, folder: Path) -> None:
    said = safeguarding("check", str(folder), "--json")
    assert said.code == said.json["exit_code"] == 0
    (found,) = said.json["returns"]
    assert (found["return_code"], found["year"], found["la_code"]) == ("ssda903", 2026, None)
    assert found["files"] == ["made up/two/a.txt", "made up/two/b"]
    assert found["files_of_previous_year"] == ["made up/one/a.txt", "made up/one/b"]
    assert {rule["rule_code"]: (rule["state"], rule["rows"], rule["needs"]) for rule in found["rules"]} == {
        "901": ("failed", 1, ""),
        "902Q": ("failed", 2, ""),
        "903": ("passed", 0, ""),
        "904": ("not_run", 0, "reference data: postcodes"),
        "905": ("passed", 0, ""),
    }
    places = [tuple(finding[name] for name in FINDING[:-1]) for finding in found["findings"]]
    assert places == [
        ("901", "error", "Header", 1, "made up/two/b", 3, "SEX"),
        ("902Q", "query", "Episodes", 0, "made up/two/a.txt", 3, "DECOM, DEC"),
        ("902Q", "query", "Episodes", 1, "made up/two/a.txt", 5, "DECOM, DEC"),
    ]
    codes = {(p["problem_code"], p["column_name"], p["file"], p["rows"], p["first_row"]) for p in found["problems"]}
    assert {
        ("invalid_code", "ETHNIC", "made up/two/b", 1, 1),
        ("blank_required", "SEX", "made up/two/b", 1, 1),
    } <= codes
    (other,) = said.json["refused"]
    assert (other["file"], other["code"], other["is_passed_over"]) == ("made up/notes.csv", "unknown_source", True)


def test_the_page_for_people_and_the_workbook(safeguarding: CommandLine, folder: Path, tmp_path: Path) -> None:
    book = tmp_path / "out.xlsx"
    said = safeguarding("check", str(folder), "--la", "999", "--xlsx", str(book))
    assert said.code == 0
    for text in ("SSDA903", "2025-04-01 to 2026-03-31", "2 passed, 2 failed, 1 not run", "reference data: postcodes"):
        assert text in said.out
    read = CalamineWorkbook.from_path(str(book))
    assert read.sheet_names == ["Summary", "Rules", "Findings", "Specification", "Files not read"]
    rows = read.get_sheet_by_name("Findings").to_python()
    assert rows[1][:4] == ["ssda903", 2026.0, "999", "901"]
    # A message that begins like a formula is text, in the workbook's own bytes too.
    assert rows[1][-1] == "'=made up: no sex"
    with zipfile.ZipFile(book) as members:
        assert not any(b"<f>" in members.read(name) for name in members.namelist())


def test_csv_is_safe_to_open_in_a_spreadsheet(safeguarding: CommandLine, folder: Path) -> None:
    (folder / "two" / "a.txt").rename(folder / "two" / "=cmd|x.csv")
    said = safeguarding("check", str(folder / "two"), str(folder / "two" / "=cmd|x.csv"), "--csv")
    rows = list(csv.DictReader(io.StringIO(said.out)))
    assert said.code == 0 and len(rows) == 3
    assert rows[0]["message"] == "'=made up: no sex"
    assert not [cell for row in rows for cell in row.values() if cell[:1] in "=+-@\t\r" and cell]
    assert "the same bytes" in said.err and "905" not in said.out


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<Message><Header>", "unreadable_file"),
        (b"%PDF-1.7", "unreadable_file"),
        (b"", "unreadable_file"),
        (module("CHILD,IN_TOUCH,DATE_PLACED"), "layout"),
        (module("a,b", f"{PLANT},1"), "unknown_source"),
    ],
)
def test_a_file_that_cannot_be_used_ends_with_ten(
    safeguarding: CommandLine, folder: Path, tmp_path: Path, content: bytes, code: str
) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_bytes(content)
    said = safeguarding("check", str(folder / "two"), str(bad), "--json")
    assert said.code == 10
    assert [(file["file"], file["code"]) for file in said.json["refused"]] == [("bad.csv", code)]
    assert len(said.json["returns"]) == 1
    assert PLANT not in said.out + said.err


def test_the_year_asked_for_and_the_year_before_given(tmp_path: Path, folder: Path) -> None:
    (only,) = check([folder / "one"], year=2026, previous=[folder / "two"]).checked
    assert (only.facts()["year"], only.facts()["files_of_previous_year"]) == (2026, ["two/a.txt", "two/b"])
    assert only.notes == [
        "the files tell of 2025; they were checked as 2026, as asked",
        "files given as the year before tell of 2026",
    ]
    (older,) = check([folder], year=2025).checked
    assert (older.facts()["year"], older.facts()["files_of_previous_year"]) == (2025, [])
    assert older.notes == ["files of 2026 were left out"]


def test_a_file_of_both_years_and_a_file_given_twice_are_reported(folder: Path) -> None:
    found = check([folder])
    (one,) = found.checked
    same = [p["table_name"] for p in one.problems() if p["problem_code"] == "same_as_previous_year"]
    assert same == ["Header"]
    (folder / "two" / "copy.csv").write_bytes((folder / "two" / "a.txt").read_bytes())
    again = check([folder])
    assert again.checked[0].facts()["tables"]["Episodes"] == 2
    assert ("made up/two/copy.csv", "repeated_file") in {(file.file, file.code) for file in again.refused}
    assert again.exit_code == 0


def test_nothing_that_tells_the_year_is_an_error_that_says_so(safeguarding: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "header.csv"
    path.write_bytes(module(HEADER, HEADER_ROW))
    said = safeguarding("check", str(path), "--json")
    assert said.code == 10 and "--year" in said.json["refused"][0]["message"]
    assert safeguarding("check", str(path), "--json", "--year", "2026").code == 0


def test_the_place_in_a_landing_zone_tells_the_authority(tmp_path: Path, folder: Path) -> None:
    place = tmp_path / "returns" / "999" / "ssda903"
    place.mkdir(parents=True)
    (folder / "two").rename(place / "2026")
    assert check([place / "2026"]).checked[0].facts()["la_code"] == "999"
    assert check([place / "2026"], la_code="998").checked[0].facts()["la_code"] == "998"


def test_several_returns_in_one_folder_are_checked_each(tmp_path: Path) -> None:
    (tmp_path / "cin.xml").write_bytes(census("MADE1"))
    (tmp_path / "other.xml").write_bytes(census("MADE1").replace(b">999<", b">998<"))
    (tmp_path / "e.csv").write_bytes(module(EPISODES, EPISODE_ROW))
    found = check([tmp_path])
    assert [(one.facts()["return_code"], one.facts()["la_code"]) for one in found.checked] == [
        ("cin_census", "999"),
        ("ssda903", None),
        ("cin_census", "998"),
    ]


@pytest.mark.parametrize(
    "words",
    [
        ("no such file",),
        (".", "--year", "26"),
        (".", "--la", "1"),
        (".", "--json", "--csv"),
    ],
)
def test_wrong_use_ends_with_two(safeguarding: CommandLine, words: tuple[str, ...]) -> None:
    assert safeguarding("check", *words).code == 2


def _values_planted() -> Iterator[bytes]:
    for cell in (PLANT, f"={PLANT}", f"05/04/{PLANT}", f"12.5{PLANT}"):
        yield module(HEADER, ",".join([cell] * 7), HEADER_ROW)
        yield module(EPISODES, ",".join([cell] * 13), f"{EPISODE_ROW},{cell}")
    yield census(PLANT).replace(b"2012-02-29", PLANT.encode()).replace(b">1a<", f">{PLANT}<".encode())


def test_no_output_ever_holds_a_value(safeguarding: CommandLine, tmp_path: Path) -> None:
    place = tmp_path / "planted"
    place.mkdir()
    for number, data in enumerate(_values_planted()):
        (place / f"{number}.x").write_bytes(data)
    (place / "broken.xml").write_bytes(census(PLANT)[:-40])
    (place / "bare.csv").write_bytes(module(f"{PLANT}1,{PLANT}2", f"{PLANT},{PLANT}"))
    book = tmp_path / "out.xlsx"
    outputs = [
        safeguarding("check", str(place), "--year", "2026", "--xlsx", str(book), *form)
        for form in ((), ("--json",), ("--csv",))
    ]
    assert all(said.code == 10 for said in outputs)
    assert all(PLANT not in said.out + said.err for said in outputs)
    assert "unreadable_date" in outputs[1].out
    with zipfile.ZipFile(book) as members:
        assert not any(PLANT.encode() in members.read(name) for name in members.namelist())


def test_hostile_names_of_files_are_data(safeguarding: CommandLine, tmp_path: Path) -> None:
    names = (
        "=cmd|' C'!A0.csv",
        "a\nline\r\x1b[2J\u202e.csv",
        "\udcff\udcfe.csv",
        "\\xff.csv",
        "'; DROP TABLE x; --.csv",
        "{0}%s.csv",
    )
    place = tmp_path / "=made\nup"
    place.mkdir()
    for number, name in enumerate(names):
        (place / name).write_bytes(module(EPISODES, EPISODE_ROW.replace("MADE1", f"MADE{number}")))
    (place / "\udcff\n.x").write_bytes(b"\0")
    book = tmp_path / "out.xlsx"
    page, as_json, as_csv = (
        safeguarding("check", str(place), "--xlsx", str(book), *form) for form in ((), ("--json",), ("--csv",))
    )
    assert {page.code, as_json.code, as_csv.code} == {10}
    assert len(set(as_json.json["returns"][0]["files"])) == len(names)
    assert [file["code"] for file in as_json.json["refused"]] == ["unreadable_file"]
    for said in (page, as_json, as_csv):
        assert all(c.isprintable() or c == "\n" for c in said.out + said.err) and "\nline" not in said.out
    cells = [cell for row in csv.reader(io.StringIO(as_csv.out)) for cell in row]
    assert len(cells) > len(names) and not [cell for cell in cells if cell[:1] in ("=", "@", "+", "-")]
    with zipfile.ZipFile(book) as members:
        assert not any(b"<f>" in members.read(name) for name in members.namelist())


def test_a_panic_is_told_of_the_return_and_holds_up_no_other(
    safeguarding: CommandLine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_return, "_CHECK", "tests.integration.made_up_rules:panic")
    said = safeguarding("check", str(folder), "--json")
    assert said.code == 10 and said.json["returns"] == []
    assert [file["code"] for file in said.json["refused"] if not file["is_passed_over"]] == ["parser_fault"]
    assert "PanicException" in said.out and "MADE1" not in said.out + said.err


def test_a_workbook_that_cannot_be_written_is_told(safeguarding: CommandLine, folder: Path) -> None:
    assert safeguarding("check", str(folder), "--xlsx", str(folder / "none" / "x.xlsx")).code == 13


def test_neither_airflow_nor_great_expectations_is_imported(in_child: CommandLine, folder: Path) -> None:
    said = in_child(
        "import atexit, sys; from warehouse import cli; sys.argv[0] = 'safeguarding'\n"
        "slow = ('airflow', 'great_expectations', 'pandas', 'sqlalchemy')\n"
        "atexit.register(lambda: print([name for name in slow if name in sys.modules]))\n"
        "cli.main()",
        "check",
        str(folder),
    )
    assert said.code == 0 and said.out.splitlines()[-1] == "[]", said.err


def test_csv_and_workbook_hold_as_many_findings(folder: Path, tmp_path: Path) -> None:
    outcome = check([folder])
    text = io.StringIO()
    write_csv(outcome, text)
    write_workbook(outcome, tmp_path / "x.xlsx")
    rows = CalamineWorkbook.from_path(str(tmp_path / "x.xlsx")).get_sheet_by_name("Findings").to_python()
    assert len(rows) - 1 == len(list(csv.DictReader(io.StringIO(text.getvalue())))) == 3
