"""Marked values in every cell of returns, loaded with faults and kills: no byte of any output may hold one."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from warehouse.samples.returns import as_csv, make_ssda903
from warehouse.settings import Settings

pytestmark = pytest.mark.slow

MARK = "KNARI"  # begins every planted value that may be any text
UPN = "H987650012349"
POSTCODES = ("QX77 7ZQ", "QX777ZQ", "QX77 7")
BORN = ("17/11/2013", "2013-11-17")
MARKS = (MARK, UPN, *POSTCODES, *BORN)
KEYS = {
    "SAFEGUARDING_RESTRICTED_KEY": "KNARIkey of the tests, made up 0123456789 abcdef",
    "SAFEGUARDING_HASH_KEY": "KNARIhash key of the tests, made up 9876543210 xyz",
}
CIN = """<?xml version="1.0"?>
<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>2026</Year>
<ReferenceDate>2026-03-31</ReferenceDate></CollectionDetails>
<Source><SourceLevel>L</SourceLevel><LEA>990</LEA><SoftwareCode>KNARIsoftware</SoftwareCode></Source></Header><Children>
{children}</Children></Message>
"""
CHILD = """<Child><ChildIdentifiers><LAchildID>KNARIcin{n}</LAchildID><UPN>H987650012349</UPN>
<PersonBirthDate>2013-11-17</PersonBirthDate><Sex>{sex}</Sex><KNARIelement>KNARIunknown{n}</KNARIelement></ChildIdentifiers>
<ChildCharacteristics><Ethnicity>{ethnic}</Ethnicity></ChildCharacteristics>
<CINdetails><CINreferralDate>2025-06-01</CINreferralDate><ReferralSource>{source}</ReferralSource>
<PrimaryNeedCode>N1</PrimaryNeedCode></CINdetails>KNARIstray text</Child>
"""


def planted_903(year: int) -> dict[str, str]:
    """Plausible rows whose identifying cells are marked: they go through rules and indicators."""
    files = {}
    for module, rows in make_ssda903(year, children=40).items():
        for row in rows:
            row["CHILD"] = f"{MARK}{row['CHILD']}"
            row["DOB"] = BORN[0] if "DOB" in row and row["CHILD"].endswith("7") else row.get("DOB", "")
            if "DOB" not in row or not row["DOB"]:
                row.pop("DOB")
            for name, value in (("UPN", UPN), ("HOME_POST", POSTCODES[0]), ("PL_POST", POSTCODES[1])):
                if name in row:
                    row[name] = value
        files[f"{module}.csv"] = as_csv(rows)
    return files


def all_marked(year: int) -> dict[str, str]:
    """Rows with a mark in every single cell, days and codes too."""
    return {
        f"{module}.csv": as_csv([{name: f"{MARK}{module}{n}{name}" for name in rows[0]} for n in range(30)])
        for module, rows in make_ssda903(year, children=10).items()
    }


def workbook() -> bytes:
    import io

    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet(f"{MARK}sheet")
        headings = [
            "Child Unique ID",
            "Gender",
            "Ethnicity",
            "Date of Birth",
            "Age of Child (Years)",
            "Date of Contact",
        ]
        sheet.write_row(0, 0, [*headings, f"{MARK} name", "Contact Source"])
        for n in range(1, 20):
            sheet.write_row(n, 0, [f"{MARK}{m}{n}" for m in range(8)])
    return out.getvalue()


def plant(landing: Path) -> None:
    from warehouse.samples.landing import make_landing

    make_landing(landing.parent / "sample")
    for file in (landing.parent / "sample" / "reference").iterdir():
        deposit(landing, f"reference/{file.name}", file.read_bytes())
    for name, text in planted_903(2025).items():
        deposit(landing, f"returns/990/ssda903/2025/{name}", text.encode())
    for name, text in planted_903(2026).items():
        deposit(landing, f"returns/990/ssda903/2026/{name}", text.encode())
    for name, text in all_marked(2026).items():
        deposit(landing, f"returns/991/ssda903/2026/{name}", text.encode())
    children = "".join(CHILD.format(n=n, sex="M", ethnic="WBRI", source="1A") for n in range(20))
    children += CHILD.format(n="bad", sex="KNARIsex", ethnic="KNARIethnic", source="KNARIsource")
    deposit(landing, "returns/990/cin_census/2026/cin.xml", CIN.format(children=children).encode())
    deposit(landing, "returns/990/annex_a/2026-03-31/lists.xlsx", workbook())
    # Faults: each of these is refused, and its content must not show in the reason.
    deposit(landing, "returns/990/cin_census/2025/broken.xml", CIN.format(children=CHILD[:200]).encode())
    deposit(landing, "returns/990/cin_census/2024/wrong.xml", CIN.format(children=children).encode())
    deposit(landing, "returns/992/cin_census/2026/other.xml", CIN.format(children=children).encode())
    deposit(landing, "returns/992/ssda903/2026/headless.csv", f"{MARK}a,{MARK}b\n{MARK}c,{MARK}d\n".encode())
    deposit(landing, "returns/992/ssda903/2025/zero.csv", as_csv(make_ssda903(2025)["header"]).encode() + b"\0KNARI\0")
    deposit(landing, "returns/992/annex_a/2026-03-31/cut.xlsx", workbook()[:-900])
    deposit(landing, "returns/993/csww/2026/census.pdf", b"%PDF-1.4 KNARI")
    deposit(landing, "returns/990/ssda903/stray.csv", f"{MARK}\n".encode())


def deposit(landing: Path, name: str, content: bytes) -> None:
    path = landing / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


@pytest.fixture
def planted(places: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    plant(places.landing)
    return places


def command(*words: str, **more: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from warehouse.cli import main; main()", *words],
        capture_output=True, text=True, timeout=500, check=False, **more,  # type: ignore[call-overload]
    )  # fmt: skip


def outputs(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield every output as text: bytes as they lie, and what databases and Parquet hold when read."""
    import duckdb

    root = settings.warehouse.parent
    for folder in (settings.warehouse, settings.published, root / "tmp"):
        for path in sorted(folder.rglob("*")):
            name = str(path.relative_to(root))
            yield f"{name} (name)", name
            if not path.is_file():
                continue
            yield name, path.read_bytes().decode("latin-1")
            if path.suffix == ".parquet":
                yield f"{name} (read)", str(pl.read_parquet(path).to_dicts())
            if path.suffix == ".duckdb" and "restricted" not in path.parts:
                connection = duckdb.connect(str(path), read_only=True)
                tables = connection.execute(
                    "SELECT schema_name || '.' || table_name FROM duckdb_tables() "
                    "UNION ALL SELECT schema_name || '.' || view_name FROM duckdb_views() WHERE NOT internal"
                ).fetchall()
                for (table,) in tables:
                    yield f"{name} {table}", str(connection.execute(f"FROM {table}").fetchall())
                connection.close()


def assert_clean(texts: Iterator[tuple[str, str]] | list[tuple[str, str]]) -> None:
    pattern = re.compile("|".join(map(re.escape, MARKS)), re.IGNORECASE)
    found = [(name, match[0]) for name, text in texts if (match := pattern.search(text))]
    assert not found


def test_no_output_holds_a_marked_value(planted: Settings) -> None:
    said = [command("load", "-v"), command("load", "--json"), command("status"), command("status", "--json")]
    assert [done.returncode for done in said] == [10, 0, 0, 0], said[0].stderr
    csv_file, xlsx = planted.warehouse.parent / "tmp" / "f.csv", planted.warehouse.parent / "tmp" / "f.xlsx"
    about = ("--la", "990", "--return", "ssda903", "--year", "2026")
    said.append(command("findings", *about))
    said.append(command("findings", *about, "--csv", str(csv_file), "--xlsx", str(xlsx)))
    said.append(command("access-log"))
    said.append(command("query", "FROM bi.local_indicator_comparison", "--csv"))
    ids = planted.warehouse.parent / "ids.txt"
    ids.write_text(f"{MARK}9000007\n")
    said.append(command("forget", "--la", "990", "--child-id-file", str(ids), "--json"))
    assert [done.returncode for done in said[4:]] == [0] * 5, [done.stderr for done in said[4:]]
    assert len(csv_file.read_text().splitlines()) > 1
    assert_clean([(" ".join(done.args[3:6]), done.stdout + done.stderr) for done in said])
    assert_clean(outputs(planted))
    import duckdb

    connection = duckdb.connect(str(planted.published_file), read_only=True)
    states = connection.execute(
        "SELECT state, count(*) FROM meta.source_file WHERE source_kind = 'return' GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    assert states == [("loaded", 5), ("quarantined", 7)]
    (failed,) = connection.execute("SELECT count(*) FROM meta.return_rule WHERE state = 'failed'").fetchone() or (0,)
    assert failed > 20
    assert connection.execute("SELECT count(*) > 20 FROM bi.local_indicator_comparison").fetchone() == (True,)


def test_the_search_finds_what_is_there(planted: Settings) -> None:
    """The test above can fail: a mark in any kind of output is found."""
    import duckdb

    with pytest.raises(AssertionError):
        assert_clean([("text", "… KNARIcin3 …")])
    for name, write in {
        "a.parquet": lambda path: pl.DataFrame({"x": ["KNARI1"] * 100}).write_parquet(path, compression="zstd"),
        "b.duckdb": lambda path: duckdb.connect(str(path)).execute("CREATE TABLE t AS SELECT 'KNARI2' AS x").close(),
        "c.log": lambda path: path.write_text("born 2013-11-17"),
    }.items():
        path = planted.warehouse / name
        path.parent.mkdir(exist_ok=True)
        write(path)
        with pytest.raises(AssertionError):
            assert_clean(outputs(planted))
        path.unlink()


@pytest.mark.parametrize("stage", ["stage=discover", "restricted.duckdb", "stage=parse", "stage=build"])
def test_a_load_that_is_killed_leaves_nothing_plain(planted: Settings, stage: str) -> None:
    log = planted.warehouse.parent / "said.txt"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", "from warehouse.cli import main; main()", "load", "-v"],
            stdout=out, stderr=out, env=dict(os.environ),
        )  # fmt: skip
        began = time.monotonic()
        while process.poll() is None and time.monotonic() - began < 300:
            if stage in log.read_text() or (planted.warehouse / "restricted" / stage).exists():
                break
            time.sleep(0.005)
        assert process.poll() is None, log.read_text()
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert_clean([("log", log.read_text())])
    assert_clean(outputs(planted))


def test_without_keys_everything_else_loads_and_nothing_is_opened(
    planted: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in KEYS:
        monkeypatch.delenv(name)
    done = command("load", "--json")
    assert done.returncode == 10
    assert "SAFEGUARDING_RESTRICTED_KEY_FILE" in command("status").stdout
    assert not (planted.warehouse / "restricted").exists()
    assert_clean([("load", done.stdout + done.stderr)])
    assert_clean(outputs(planted))


@pytest.mark.airflow
def test_the_nightly_run_leaves_no_mark_and_no_key_in_airflow(planted: Settings) -> None:
    """The keys hold the mark too: neither they nor a value may be in Airflow's database or logs."""
    done = command("nightly", "--json")
    assert done.returncode == 10, done.stderr
    assert_clean([("nightly", done.stdout + done.stderr)])
    assert (planted.airflow_home / "metadata.db").exists()
    assert_clean(outputs(planted))
