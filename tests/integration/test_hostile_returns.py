"""Hostile names and contents of returns in one load: loaded rightly or refused, and nothing told of a child."""

from __future__ import annotations

import csv
import json
import logging
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.integration.conftest import World, report_text
from tests.integration.test_planted_values import KEYS, MARK, assert_clean, outputs
from tests.returns_made_up import HEADER, HEADER_ROW, census, module
from tests.sheets import xlsx
from warehouse import findings, operations, restricted
from warehouse.keys import load_keys
from warehouse.restricted import Access
from warehouse.samples.returns import as_csv, make_ssda903

pytestmark = pytest.mark.slow

CHILD = f"=cmd|'/C {MARK}'!A0'); DROP TABLE kept.submission; --\x1b[2J\u202e"
NAMES = (
    "x'); DROP TABLE star.dim_authority; --.csv",
    "=cmd|' C'!A0.csv",
    "new\nline ERROR forged \x1b[2J\u202e.csv",
    "{load_id} %s $(id) \udcff\udcfe.csv",
)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
ROW = HEADER_ROW.replace("MADE1", MARK)


def looked_after() -> bytes:
    """Return a document whose unknown elements are named like values."""
    child = (
        "<CHILD><HEADER><CHILDID>{n}</CHILDID><SEX>F</SEX><DOB>05/04/2010</DOB><ETHNIC>WBRI</ETHNIC><UPN>UN1</UPN>"
        f"<{MARK}block><{MARK}leaf>{MARK}</{MARK}leaf></{MARK}block></HEADER>"
        "<EPISODE><DECOM>01/05/2024</DECOM><RNE>S</RNE><LS>C2</LS><PL>U4</PL></EPISODE></CHILD>"
    )
    return f"<EXPSSDA903>{''.join(child.format(n=f'{MARK}{n}') for n in range(20))}</EXPSSDA903>".encode()


def sheet(cell: str) -> bytes:
    row = "".join(f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in ("Child Unique ID", "Gender"))
    return f'<worksheet xmlns="{MAIN}"><sheetData><row r="1">{row}</row>{cell}</sheetData></worksheet>'.encode()


REFUSED: dict[str, tuple[str, bytes, str]] = {
    "returns/991/cin_census/2026": (
        "c.xml",
        census(MARK).replace(b"<Message>", f'<!DOCTYPE Message [<!ENTITY {MARK} "x">]><Message>'.encode()),
        "document type: found one, expected none",
    ),
    "returns/991/cin_census/2025": ("c.xml", census(MARK).replace(b"<CINdetails>", b"<a>" * 99_999), "line "),
    "returns/991/annex_a/2026-03-31": (
        "far.xlsx",
        xlsx(sheet('<row r="1048576"><c r="ZZ1048576"><v>1</v></c></row>')),
        "MB of memory",
    ),
    "returns/991/annex_a/2025-03-31": (
        "unsound.xlsx",
        xlsx(sheet(f'<row r="2"><c r="A2" t="e"><v>{MARK}</v></c></row>')),
        "unsound.xlsx: spreadsheet: found it damaged",
    ),
    "returns/991/ssda903/2026": (
        "quotes.csv",
        module(HEADER, ROW) + b'"' + module("", *[ROW] * 9_999) + b'"',
        "quotes.csv: line 3: found a cell that holds whole rows",
    ),
    "returns/991/ssda903/2025": ("zero.csv", module(HEADER, ROW) + b"\0", "zero.csv: file: found zero bytes"),
    "returns/991/ssda903/2024": (
        "wide.csv",
        module(HEADER + "".join(f",{MARK}{n}" for n in range(200_000)), ROW),
        "wide.csv: line 1: found a row of headings of more than",
    ),
    "returns/992/ssda903/2062": ("header.csv", module(HEADER, ROW), "folder: found 2062, received in"),
    "returns/993/ssda903/2026": ("header.csv", module(HEADER, ROW), "same return in returns/993/SSDA903/2025-26"),
    "returns/993/SSDA903/2025-26": ("header.csv", module(HEADER, ROW), "same return in returns/993/ssda903/2026"),
}


MISPLACED = ("statistics/2026/header.csv", "reports/header.csv")


@pytest.fixture
def hostile(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    world.settings = replace(world.settings, return_memory_mb=1024)
    for name, (module_name, rows) in zip(NAMES, make_ssda903(2026).items(), strict=True):
        assert module_name
        hostile_rows = [{**row, "CHILD": f"{CHILD}{row['CHILD']}"} for row in rows]
        world.deposit(f"returns/990/ssda903/2026/{name}", as_csv(hostile_rows))
    world.deposit("returns/990/ssda903/2026/notes\n\x1b[2J'; --.txt", f"{MARK}, born 17/11/2013\n{MARK}\n")
    world.deposit("returns/990/ssda903/2025/all.xml", looked_after())
    world.deposit(f"returns/990'; DROP SCHEMA meta; --/ssda903/2026/{MARK[:2]}.csv", module(HEADER, ROW))
    world.deposit("Returns/990/ssda903/2026/header.csv", module(HEADER, ROW))
    for name in MISPLACED:
        world.deposit(name, module(HEADER, ROW))
    for folder, (name, data, _) in REFUSED.items():
        world.deposit(f"{folder}/{name}", data)
    (world.landing / "returns/992/ssda903/2026").mkdir(parents=True)
    (world.landing / "returns/992/ssda903/2026/link.csv").symlink_to("/etc/passwd")
    world.deposit("reports/a.txt", report_text("ilacs_2023", "Brackenshire", date(2024, 6, 10)))
    return world


def test_hostile_returns_are_loaded_rightly_or_refused(
    hostile: World, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with caplog.at_level(logging.DEBUG, logger="safeguarding"):
        summary = hostile.load()
    told = {refused["file"]: refused["reason"] for refused in summary.quarantined}
    for folder, (_, _, reason) in REFUSED.items():
        assert reason in told[folder], (folder, told[folder])
    assert "link.csv: " not in told["returns/992/ssda903/2026"]  # the only file of its folder
    assert "leads out of the landing zone" in told["returns/992/ssda903/2026"]
    assert set(told) == {*REFUSED, *MISPLACED, "returns/992/ssda903/2026"}
    assert all("expected it in returns/<la_code>" in told[name] for name in MISPLACED)
    assert {"Returns/990/ssda903/2026/header.csv"} <= {waiting["file"] for waiting in summary.waiting}

    # What is sound is loaded, whatever it is called and its children are.
    loaded = hostile.query("SELECT year, file_count FROM meta.return_submission ORDER BY year")
    assert loaded == [(2025, 1), (2026, 5)]
    assert hostile.query("SELECT count(*) > 0 FROM star.fact_judgement") == [(True,)]
    assert hostile.query("SELECT count(*) > 20 FROM bi.local_indicator_comparison") == [(True,)]
    keys = load_keys()
    assert keys is not None
    with restricted.opened(hostile.settings, keys, Access("open", "test")) as kept:
        children = len(make_ssda903(2026)["header"])
        assert kept.query("SELECT count(*) FROM kept.ssda903.header WHERE year = 2026") == [(children,)]
        assert len({s.sha256 for s in kept.quarantined()}) >= 5

    # Findings leave as data: a formula is text, in the workbook's own bytes too.
    found = findings.read_findings(hostile.settings, "990", "ssda903", 2026, "a test")
    assert found.rows
    findings.write_csv(found, tmp_path / "f.csv")
    findings.write_workbook(found, tmp_path / "f.xlsx")
    with (tmp_path / "f.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert any("cmd|" in cell for cell in cells) and all(cell.isprintable() for cell in cells)
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]
    with zipfile.ZipFile(tmp_path / "f.xlsx") as book:
        parts = {name: book.read(name).decode() for name in book.namelist()}
    sheets = [text for name, text in parts.items() if name.startswith("xl/")]
    assert not [text for text in sheets if "<f>" in text or "<f " in text or "hyperlink" in text.lower()]

    # And nothing of a child, or of a line of its own, is told anywhere.
    said = [record.getMessage() for record in caplog.records]
    assert [line for line in said if not line.isprintable()] == []
    status = json.dumps(operations.status(hostile.settings), default=str)
    printed = capsys.readouterr()
    told_at_all = (*said, status, str(summary), printed.out + printed.err, (tmp_path / "f.csv").read_text("utf-8-sig"))
    assert_clean([(f"said {number}", text) for number, text in enumerate(told_at_all)])
    assert_clean([(f"workbook {name}", text) for name, text in parts.items()])
    assert_clean(outputs(hostile.settings))
    texts = hostile.query("SELECT reason FROM meta.source_file UNION ALL SELECT message FROM meta.reject")
    assert [text for (text,) in texts if text and not text.isprintable()] == []
