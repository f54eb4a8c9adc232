"""Names, paths and contents are data: they become no SQL, no path, no markup, no formula and no line of a log."""

from __future__ import annotations

import csv
import io
import json
import logging
import os
import stat
import zipfile
from datetime import date
from pathlib import Path

import duckdb
import pytest

from tests.integration.conftest import World, report_text
from tests.integration.test_replay import statistics_csv
from warehouse import alerts, cli, operations, query, show
from warehouse.ledger import Ledger, utc_now

NAMES = {
    "quotes'; DROP TABLE star.fact_judgement; --.txt": "'; DROP TABLE star.fact_judgement; --",
    'double"quotes" || 1.txt': 'double"quotes"',
    "=HYPERLINK(\"http:||192.0.2.1\",\"x\").txt": "=HYPERLINK",
    "@SUM(1+1)*cmd|' |C calc'!A0.txt": "@SUM",
    "<img src=x onerror=alert(1)>.txt": "<img",
    "a..%2f..%2fetc%2fpasswd.txt": "a..%2f",
    "new\nline ERROR forged.txt": "\\n",
    "\u202etxt.fdp.txt": "\\u202e",
    "\x1b[2Jescape.txt": "\\x1b",
    "x" * 251 + ".txt": "xxx",
    "{load_id} %s ${HOME} $(id) `id`.txt": "{load_id}",
}  # fmt: skip


def slipping_zip() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        table = statistics_csv(("202425", "Total", "1"))
        for name in ("../../../slipped.csv", "/tmp/slipped.csv", "data/inside.csv"):
            archive.writestr(name, table)
    return stream.getvalue()


@pytest.fixture
def loaded(world: World, caplog: pytest.LogCaptureFixture) -> World:
    for number, name in enumerate(NAMES):
        text = report_text("ilacs_2018", "Brackenshire", date(2019, 1, 7 + number), seed=number)
        world.deposit(f"reports/{name}", text if number % 2 else f"made up, no report: {name}")
    world.deposit("reports/quotes'; sub/folder.txt", report_text("ilacs_2023", "Brackenshire", date(2024, 6, 10)))
    world.deposit("statistics/slips.zip", slipping_zip())
    cells = statistics_csv(
        ("202425", "=cmd|'/C calc'!A0", "1"), ("202425", "'; DROP TABLE star.dim_source; --", "2"),
        ("202425", "<script>alert(1)</script>", "3"), ("202425", "Total", "4"),
    )  # fmt: skip
    world.deposit("statistics/2025-01-30/cells.csv", cells)
    with caplog.at_level(logging.INFO, logger="safeguarding"):
        world.load()
    return world


def test_hostile_names_and_contents_stay_data(loaded: World, caplog: pytest.LogCaptureFixture) -> None:
    paths = [path for (path,) in loaded.query("SELECT landing_path FROM meta.source_file")]
    for escaped in NAMES.values():
        assert any(escaped in path for path in paths), escaped
    assert all(path.isprintable() for path in paths)
    assert loaded.query("SELECT count(*) FROM star.fact_judgement")[0][0] > 0
    breakdowns = {found for (found,) in loaded.query("SELECT breakdown FROM bi.indicator_value")}
    assert any("DROP TABLE" in found for found in breakdowns) and any("<script>" in found for found in breakdowns)
    # Folders of other tests lie there too, some too deep to be opened by name: the walk passes over them.
    outside = [name for _, _, names in os.walk(loaded.root.parent) for name in names if "slipped" in name]
    assert outside == [] and not Path("/tmp/slipped.csv").exists()
    page = loaded.settings.checks_page.read_text("utf-8")
    assert "<img" not in page and "<script>alert" not in page and "\x1b" not in page and "\u202e" not in page
    assert [record for record in caplog.messages if not record.isprintable()] == []


def test_hostile_values_leave_as_data(loaded: World, capsys: pytest.CaptureFixture[str]) -> None:
    out = io.StringIO()
    sql = "SELECT landing_path, reason FROM meta.source_file UNION ALL SELECT breakdown, '' FROM bi.indicator_value"
    with query.ask(loaded.settings, sql) as answer:
        query.write_csv(answer, out)
    cells = [cell for row in csv.reader(io.StringIO(out.getvalue())) for cell in row]
    assert any("HYPERLINK" in cell for cell in cells)
    assert [cell for cell in cells if cell.startswith(query.FORMULA_STARTS)] == []
    found = operations.status(loaded.settings)
    show.status(show.out(), found)
    printed = capsys.readouterr().out
    assert [c for c in printed if not (c.isprintable() or c == "\n")] == []
    assert "ERROR forged" in printed and "\nline ERROR" not in printed
    json.dumps(found)


def test_what_a_fault_quotes_reaches_people_as_one_line(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    said: list[alerts.Notice] = []
    files = [{"file": "reports/a.txt", "reason": "found 'x\n\x1b[2Jall is well\u202e', expected y"}]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alerts, "_post", lambda settings, notice: said.append(notice))
        alerts.tell_quarantined(world.settings, "L1", files)
        alerts.tell_failed(world.settings, "L1", cli.UsageError("found\nno \x1b[2J sense"))
    assert [line for notice in said for line in notice.lines if not line.isprintable()] == []
    line = cli._OneLine("%(message)s").format(
        logging.LogRecord("safeguarding", logging.ERROR, "", 0, "a\nERROR b\x1b[2J\u202e\udcff", (), None)
    )
    assert line.isprintable() and "\\n" in line


def test_the_message_of_a_failed_load_spoils_no_later_one(world: World) -> None:
    with Ledger(world.settings.warehouse / "ledger.sqlite") as ledger:
        ledger.start_load("L0", utc_now(), {"trigger": "load"})
        ledger.update_load("L0", message="found 'nul \0 quote ' \" \\ \udcff \u202e', expected '; DROP SCHEMA meta; --")
        ledger.finish_load("L0", utc_now(), "failed", 13)
    world.deposit("reports/a.txt", report_text("ilacs_2023", "Brackenshire", date(2024, 6, 10)))
    world.load()
    (message,) = world.query("SELECT message FROM meta.load WHERE load_id = 'L0'")[0]
    assert "DROP SCHEMA" in message


def test_readers_of_the_published_file_can_neither_write_it_nor_read_others(loaded: World) -> None:
    version = loaded.settings.published_file.resolve()
    assert stat.S_IMODE(version.stat().st_mode) == 0o444
    config = {
        "enable_external_access": "false", "lock_configuration": "true", "autoinstall_known_extensions": "false",
    }  # fmt: skip
    connection = duckdb.connect(str(loaded.settings.published_file), read_only=True, config=config)
    secret = loaded.root / "secret.csv"
    secret.write_text("a\n1\n")
    for statement in (
        f"SELECT * FROM read_csv('{secret}')",
        f"ATTACH '{loaded.root / 'other.duckdb'}'",
        f"COPY (SELECT 1) TO '{loaded.root / 'out.csv'}'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "CREATE TABLE star.made_up (a INTEGER)",
        "DELETE FROM star.fact_judgement",
    ):
        with pytest.raises(duckdb.Error):
            connection.execute(statement)
    connection.close()
    assert not (loaded.root / "out.csv").exists() and not (loaded.root / "other.duckdb").exists()


def test_entities_of_a_spreadsheet_are_never_followed(tmp_path: Path) -> None:
    from tests.sheets import ods
    from transforms.errors import InputError
    from transforms.official_list import read_official_list, recognise

    secret = tmp_path / "secret.txt"
    secret.write_text("the content of another file")
    whole = ods(
        {"Sheet": [["Local authority name", "Inspection date", "Overall effectiveness"], ["PLACE", "2019", "Good"]]}
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as sound, zipfile.ZipFile(stream, "w") as bad:
        for info in sound.infolist():
            body = sound.read(info)
            if info.filename == "content.xml":
                doctype = f'?><!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>'.encode()
                body = body.replace(b"?>", doctype, 1).replace(b"PLACE", b"&e;")
            bad.writestr(info, body)
    data = stream.getvalue()
    try:
        said = str(recognise(data))
        from transforms.authorities import load_register

        said += str(read_official_list(data, "0" * 64, load_register(())))
    except InputError as refused:
        said = str(refused)
    assert "content of another file" not in said
