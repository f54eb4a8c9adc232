"""What lies in the landing zone is known by content, read once and never touched."""

from __future__ import annotations

import json
import os
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from transforms.errors import WarehouseError
from warehouse import operations, pipeline
from warehouse.archive import PlainArchive
from warehouse.arrivals import ARRIVALS
from warehouse.beside import read_sidecar
from warehouse.landing import FileVersion, _walk, archive_path, archived_versions, scan, unread
from warehouse.ledger import Ledger
from warehouse.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.load(
        {
            "SAFEGUARDING_LANDING": str(tmp_path / "landing"),
            "SAFEGUARDING_WAREHOUSE": str(tmp_path / "warehouse"),
            "SAFEGUARDING_PUBLISHED": str(tmp_path / "published"),
            "SAFEGUARDING_SETTLE_SECONDS": "0",
        }
    )


@pytest.fixture
def ledger(settings: Settings):
    with Ledger(settings.warehouse / "ledger.sqlite") as opened:
        yield opened


def lay(settings: Settings, name: str, content: bytes = b"content") -> Path:
    path = settings.landing / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_a_missing_landing_zone_is_empty(settings: Settings, ledger: Ledger) -> None:
    assert scan(settings, ledger).files == []


def test_a_file_is_read_once_and_kept_read_only(settings: Settings, ledger: Ledger) -> None:
    path = lay(settings, "reports/a.pdf")
    first, second = scan(settings, ledger), scan(settings, ledger)
    assert (first.opened, second.opened) == (1, 0)
    assert first.files == second.files
    kept = archive_path(settings, first.files[0].sha256)
    assert kept.read_bytes() == b"content"
    assert kept.stat().st_mode & 0o222 == 0
    assert path.read_bytes() == b"content"


def test_other_bytes_of_the_same_size_and_time_are_seen(settings: Settings, ledger: Ledger) -> None:
    path = lay(settings, "reports/a.pdf", b"one")
    stamp = path.stat().st_mtime_ns
    before = scan(settings, ledger).files[0].sha256
    path.write_bytes(b"two")
    os.utime(path, ns=(stamp, stamp))
    assert [why for _, why in unread(settings, ledger)] == ["changed: waits for the next load"]
    assert scan(settings, ledger).files[0].sha256 != before


def test_a_lost_archive_copy_is_made_again(settings: Settings, ledger: Ledger) -> None:
    lay(settings, "reports/a.pdf")
    kept = archive_path(settings, scan(settings, ledger).files[0].sha256)
    kept.unlink()
    assert scan(settings, ledger).opened == 1
    assert kept.exists()


@pytest.mark.parametrize("name", ["reports/a.pdf.part", "reports/a.crdownload", "reports/b.TMP"])
def test_names_of_unfinished_files_wait(settings: Settings, ledger: Ledger, name: str) -> None:
    lay(settings, name)
    found = scan(settings, ledger)
    assert (found.files, [path for path, _ in found.waiting], found.opened) == ([], [name], 0)


@pytest.mark.parametrize("name", ["reports/.hidden.pdf", "reports/~$a.docx", "reports/.git/a.pdf"])
def test_hidden_files_are_nobodys_business(settings: Settings, ledger: Ledger, name: str) -> None:
    lay(settings, name)
    found = scan(settings, ledger)
    assert (found.files, found.waiting) == ([], [])


def test_links_and_pipes_are_refused_unread(settings: Settings, ledger: Ledger, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    inside = lay(settings, "reports/a.txt")
    (settings.landing / "reports/out.txt").symlink_to(secret)
    (settings.landing / "reports/dead.txt").symlink_to(tmp_path / "nothing")
    (settings.landing / "reports/in.txt").symlink_to(inside)
    os.mkfifo(settings.landing / "reports/pipe.txt")
    found = {file.path: file.refusal for file in scan(settings, ledger).files}
    assert found["reports/a.txt"] is None
    assert found["reports/in.txt"] is None
    assert "out of the landing zone" in (found["reports/out.txt"] or "")
    assert found["reports/dead.txt"] and found["reports/pipe.txt"]
    kept = [path.read_bytes() for path in (settings.warehouse / "archive").glob("*/*") if path.is_file()]
    assert kept == [b"content"]


def test_a_folder_that_goes_while_it_is_looked_through_is_nothing(settings: Settings, ledger: Ledger) -> None:
    for name in ("a", "b", "c"):
        lay(settings, f"reports/{name}/{name}.txt")
    walk = _walk(settings.landing)
    assert next(walk)[0].endswith("/c.txt")
    shutil.rmtree(settings.landing / "reports" / "b")
    shutil.rmtree(settings.landing / "reports" / "a")
    (settings.landing / "reports" / "a").write_text("a file where a folder was")
    assert list(walk) == []
    assert [file.path for file in scan(settings, ledger).files] == ["reports/a", "reports/c/c.txt"]


def test_an_archive_that_may_not_be_written_is_not_taken_for_a_file_that_may_not_be_read(
    settings: Settings, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(settings, "reports/a.txt")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "archive")

    monkeypatch.setattr(PlainArchive, "take", refuse)
    with pytest.raises(WarehouseError, match="expected to copy it into the archive"):
        scan(settings, ledger)


def test_a_file_beside_a_report_that_may_not_be_read_is_told(
    settings: Settings, ledger: Ledger, tmp_path: Path
) -> None:
    lay(settings, "reports/a.pdf")
    (tmp_path / "elsewhere.json").write_text("{}")
    (settings.landing / "reports" / "a.pdf.json").symlink_to(tmp_path / "elsewhere.json")
    found = scan(settings, ledger)
    assert [(file.path, file.sidecar, file.refusal) for file in found.files] == [("reports/a.pdf", None, None)]
    ((path, why),) = found.waiting
    assert path == "reports/a.pdf.json" and "out of the landing zone" in why


def test_a_version_is_made_from_what_it_was_written_as_and_leaves_that_alone(
    settings: Settings, ledger: Ledger
) -> None:
    lay(settings, "reports/a.pdf")
    lay(settings, "reports/a.json", json.dumps({"provider_urn": "80426"}).encode())
    (found,) = scan(settings, ledger).files
    written = found.as_dict()
    assert FileVersion.from_dict(written) == FileVersion.from_dict(written) == found


def test_odd_names_are_shown_escaped(settings: Settings, ledger: Ledger) -> None:
    folder = settings.landing / "reports"
    folder.mkdir(parents=True)
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff\n\xe2\x80\xaename.pdf")).write_bytes(b"x")
    (found,) = scan(settings, ledger).files
    assert found.path == "reports/\\xff\\n\\u202ename.pdf"


def test_files_of_no_source_wait(settings: Settings, ledger: Ledger) -> None:
    lay(settings, "elsewhere/a.pdf")
    lay(settings, "a.pdf")
    found = scan(settings, ledger)
    assert (found.files, [path for path, _ in found.waiting]) == ([], ["a.pdf", "elsewhere/a.pdf"])


def test_a_json_file_belongs_to_the_report_beside_it(settings: Settings, ledger: Ledger) -> None:
    lay(settings, "reports/a.pdf")
    lay(settings, "reports/a.json", json.dumps({"published_date": "2024-05-01"}).encode())
    lay(settings, "reports/b.txt")
    lay(settings, "reports/b.txt.json", json.dumps({"provider_urn": 80426}).encode())
    lay(settings, "reports/c.json", b"{}")
    found = scan(settings, ledger)
    sidecars = {file.path: file.sidecar for file in found.files}
    assert sidecars["reports/a.pdf"] and sidecars["reports/a.pdf"].published_date == "2024-05-01"
    assert sidecars["reports/b.txt"] and sidecars["reports/b.txt"].provider_urn == "80426"
    assert [path for path, _ in found.waiting] == ["reports/c.json"]


def test_metadata_belong_to_the_table_beside_them(settings: Settings, ledger: Ledger) -> None:
    table = b"time_period,geographic_level,country_code,value\n2024,National,E92000001,1\n"
    meta = b"col_name,col_type,label\nvalue,Indicator,Made-up value\n"
    lay(settings, "statistics/one/A.csv", table)
    lay(settings, "statistics/one/a.meta.csv", meta)
    lay(settings, "statistics/two/alone.meta.csv", meta)
    lay(settings, "statistics/two/other.csv", table.replace(b",1", b",2"))
    found = scan(settings, ledger)
    one, other = found.files
    assert one.path == "statistics/one/A.csv"
    assert archive_path(settings, one.metadata_sha256).read_bytes() == meta
    assert not one.sidecar_sha256 and not other.metadata_sha256
    lay(settings, "statistics/one/A.json", b"{}")
    (both, _) = scan(settings, ledger).files
    assert both.sidecar and (both.sidecar_sha256, both.metadata_sha256) == (both.sidecar.sha256, one.metadata_sha256)
    assert [(path, "metadata" in why) for path, why in found.waiting] == [("statistics/two/alone.meta.csv", True)]


@pytest.mark.parametrize(
    ("content", "problems"),
    [
        (b"not json", 1),
        (b"[1, 2]", 1),
        (b"[" * 100_000, 1),
        (json.dumps({"published_date": "31/12/2024"}).encode(), 1),
        (json.dumps({"source_url": "javascript:alert(1)", "retrieved_at": "yesterday"}).encode(), 2),
        (json.dumps({"published_date": "2024-12-31", "unknown": 1, "provider_urn": ""}).encode(), 0),
    ],
)
def test_unusable_parts_of_a_json_file_are_left_out_and_said(tmp_path: Path, content: bytes, problems: int) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)
    assert len(read_sidecar(path, "0" * 64, "reports/a.json").problems) == problems


def test_times_of_retrieval_are_kept_in_utc(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"retrieved_at": "2024-07-01T12:00:00+01:00"}))
    assert read_sidecar(path, "0" * 64, "a.json").retrieved_at == "2024-07-01T11:00:00+00:00"


def test_a_file_that_is_still_growing_waits_and_is_taken_whole_later(settings: Settings, ledger: Ledger) -> None:
    patient = replace(settings, settle_seconds=0.4)
    path = lay(settings, "reports/slow.txt", b"begun ")
    done = threading.Event()

    def write() -> None:
        with path.open("ab", buffering=0) as file:
            while not done.wait(0.05):
                file.write(b"more ")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        growing = scan(patient, ledger)
    finally:
        done.set()
        writer.join()
    assert (growing.files, growing.opened) == ([], 0)
    assert growing.waiting == [("reports/slow.txt", "it changed a moment ago: still being written")]
    (whole,) = scan(patient, ledger).files
    assert archive_path(settings, whole.sha256).read_bytes() == path.read_bytes()


def test_the_archive_tells_what_lay_beside_what(settings: Settings, ledger: Ledger) -> None:
    lay(settings, "reports/a.pdf")
    lay(settings, "reports/a.pdf.json", json.dumps({"provider_urn": "80426"}).encode())
    lay(settings, "statistics/a.csv", b"time_period,geographic_level,country_code,value\n2024,National,E92000001,1\n")
    lay(settings, "statistics/a.meta.csv", b"col_name,col_type,label\nvalue,Indicator,Made-up value\n")
    there = scan(settings, ledger).files
    assert archived_versions(settings, ledger) == there
    report, table = there
    assert report.sidecar and table.metadata_sha256


def test_a_line_that_was_cut_short_takes_no_other_with_it(settings: Settings, ledger: Ledger) -> None:
    lay(settings, "reports/a.pdf", b"a")
    scan(settings, ledger)
    listed = settings.warehouse / "archive" / ARRIVALS
    with listed.open("a") as file:
        file.write('{"path": "reports/b.pdf", "sha')  # the process that wrote it died, and b comes again
    lay(settings, "reports/b.pdf", b"b")
    there = scan(settings, ledger).files
    assert archived_versions(settings, ledger) == there
    assert len(there) == 2


def test_what_is_still_being_written_waits_and_is_told(settings: Settings, ledger: Ledger) -> None:
    lay(settings, "reports/a.pdf.part")
    assert unread(settings, ledger) == scan(settings, ledger).waiting


def test_a_return_among_public_files_is_told_before_and_after_every_load(settings: Settings, ledger: Ledger) -> None:
    lay(settings, "reports/header.csv", b"CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n1,1,01/01/2015,WBRI,,,\n")
    lay(settings, "reports/a.pdf")
    for expected in (["reports/a.pdf", "reports/header.csv"], ["reports/header.csv"]):
        found = dict(unread(settings, ledger))
        assert sorted(found) == expected
        assert "expected it in returns/<la_code>" in found["reports/header.csv"]
        scan(settings, ledger)


def test_what_windows_lays_into_folders_is_no_file(settings: Settings, ledger: Ledger) -> None:
    for name in ("Thumbs.db", "desktop.ini", "DESKTOP.INI"):
        lay(settings, f"reports/{name}")
    assert unread(settings, ledger) == []
    assert scan(settings, ledger).files == []


def test_a_landing_zone_that_is_not_there_is_told(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    """An unmounted share looks like one without files: the night must not end as if all were well."""
    assert operations.status(settings)["landing_zone"].endswith("expected the landing zone (SAFEGUARDING_LANDING)")
    found = pipeline.load(settings)
    assert (found.state, found.exit_code) == ("unchanged", 0)
    assert f"{settings.landing}: found no folder" in found.message
    assert any(record.levelname == "WARNING" and "landing zone" in record.message for record in caplog.records)
    assert operations.status(settings)["loads"][0]["message"] == found.message
    settings.landing.mkdir()
    assert operations.status(settings)["landing_zone"] == str(settings.landing)
    assert pipeline.load(settings).message == "nothing new"
