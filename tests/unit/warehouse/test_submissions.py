"""Files of returns become submissions: by their folders, whole, known by all their bytes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from warehouse import landing, vault
from warehouse.archive import NO_KEY
from warehouse.landing import FileVersion, scan
from warehouse.ledger import Ledger
from warehouse.settings import Settings
from warehouse.submissions import INCOMPLETE, Part, group, named_by


def part(path: str, sha: str = "a", seen: str = "2026-05-01T00:00:00+00:00", is_forgotten: bool = False) -> Part:
    return Part(path, sha * 64, 5, "2026-04-30T00:00:00+00:00", seen, None, is_forgotten)


@pytest.fixture
def keyed(places: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("SAFEGUARDING_RESTRICTED_KEY", "made-up key of the tests 0123456789 abcdef")
    monkeypatch.setenv("SAFEGUARDING_HASH_KEY", "another made-up key of the tests 9876543210")
    return places


def test_files_of_one_folder_are_one_submission_whatever_their_order() -> None:
    files = [part("returns/301/ssda903/2026/header.csv"), part("returns/301/ssda903/2026/sub/episodes.csv", "b")]
    (one,), waiting = group(files)
    (other,), _ = group(files[::-1])
    assert not waiting
    assert one == other
    assert one.path == "returns/301/ssda903/2026"
    assert [p["name"] for p in one.parts] == ["header.csv", "sub/episodes.csv"]
    assert FileVersion.from_dict(one.as_dict()) == one


def test_any_other_byte_place_or_file_is_another_submission() -> None:
    files = [part("returns/301/ssda903/2026/header.csv"), part("returns/301/ssda903/2026/episodes.csv", "b")]
    shas = {
        group(variant)[0][0].sha256
        for variant in (
            files,
            files[:1],
            [files[0], part("returns/301/ssda903/2026/episodes.csv", "c")],
            [part(p.path.replace("301", "302"), p.sha256[0]) for p in files],
            [part(p.path.replace("2026", "2025"), p.sha256[0]) for p in files],
        )
    }
    assert len(shas) == 5


@pytest.mark.parametrize(
    ("folder", "year", "day"),
    [
        ("returns/301/ssda903/2026", 2026, None),
        ("returns/301/SSDA903/2025-26", 2026, None),
        ("returns/301/ssda903/2025_2026", 2026, None),
        ("returns/301/ssda903/2026-03-31", None, date(2026, 3, 31)),
    ],
)
def test_a_folder_is_named_by_a_year_or_a_day(folder: str, year: int | None, day: date | None) -> None:
    named = named_by(folder)
    assert not isinstance(named, str)
    assert (named.la_code, named.return_code, named.year, named.day) == ("301", "ssda903", year, day)


def test_a_folder_named_by_years_that_do_not_follow_is_told() -> None:
    assert isinstance(named_by("returns/301/ssda903/2025-28"), str)


@pytest.mark.parametrize(
    "path",
    [
        "returns/header.csv",
        "returns/301/ssda903/header.csv",
        "returns/Exampleshire/ssda903/2026/header.csv",
        "returns/301/unheard_of/2026/header.csv",
        "returns/301/ssda903/2025-27/header.csv",
        "returns/301/ssda903/2026-02-30/header.csv",
    ],
)
def test_a_file_of_no_submission_waits_and_says_why(path: str) -> None:
    found, ((waits, why),) = group([part(path)])
    assert not found
    assert waits == path
    assert "expected" in why


def test_a_submission_with_a_forgotten_file_waits_as_a_whole() -> None:
    found, waiting = group(
        [
            part("returns/301/ssda903/2026/header.csv", is_forgotten=True),
            part("returns/301/ssda903/2026/episodes.csv", "b"),
            part("returns/301/ssda903/2025/header.csv", "c"),
        ]
    )
    assert [f.path for f in found] == ["returns/301/ssda903/2025"]
    assert [path for path, _ in waiting] == ["returns/301/ssda903/2026/header.csv"]


def deposit(settings: Settings, text: bytes = b"CANARY-file") -> Path:
    path = settings.landing / "returns" / "301" / "ssda903" / "2026" / "header.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)
    return path


def plain(settings: Settings) -> bytes:
    return b"".join(path.read_bytes() for path in settings.warehouse.rglob("*") if path.is_file())


def test_without_a_key_a_return_is_not_opened_and_says_what_to_set(places: Settings) -> None:
    deposit(places)
    with Ledger(places.warehouse / "ledger.sqlite") as ledger:
        found = scan(places, ledger)
    assert [f.refusal for f in found.files] == [NO_KEY]
    assert found.opened == 0
    assert b"CANARY" not in plain(places)


def test_with_a_key_a_return_is_archived_encrypted_and_read_once(keyed: Settings) -> None:
    deposit(keyed)
    with Ledger(keyed.warehouse / "ledger.sqlite") as ledger:
        found, again = scan(keyed, ledger), scan(keyed, ledger)
    assert (found.opened, again.opened) == (1, 0)
    assert [f.path for f in found.files] == ["returns/301/ssda903/2026"]
    assert again.files == found.files
    assert not (keyed.warehouse / "archive").exists()
    assert b"CANARY" not in plain(keyed)


def test_a_return_read_before_is_nothing_new_when_the_key_is_gone(
    keyed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = deposit(keyed)
    with Ledger(keyed.warehouse / "ledger.sqlite") as ledger:
        before = scan(keyed, ledger).files
        monkeypatch.delenv("SAFEGUARDING_RESTRICTED_KEY")
        monkeypatch.delenv("SAFEGUARDING_HASH_KEY")
        assert scan(keyed, ledger).files == before
        path.write_bytes(b"CANARY-changed")
        assert [f.refusal for f in scan(keyed, ledger).files] == [NO_KEY]


def test_what_was_forgotten_is_not_archived_again(keyed: Settings) -> None:
    from warehouse.keys import load_keys

    keys = load_keys()
    assert keys is not None
    path = deposit(keyed)
    with Ledger(keyed.warehouse / "ledger.sqlite") as ledger:
        (file,) = scan(keyed, ledger).files
        sha = file.parts[0]["sha256"]
        vault.discard(keyed, keys, sha)
        vault.mark_forgotten(keyed, [keys.file_name(sha)])
        path.touch()
        found = scan(keyed, ledger)
    assert not found.files
    assert "forgotten" in found.waiting[0][1]
    assert not [p for p in (keyed.warehouse / "restricted" / "originals").rglob("*") if p.is_file()]


def test_an_unusable_key_refuses_returns_only(keyed: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAFEGUARDING_HASH_KEY", "short")
    deposit(keyed)
    (keyed.landing / "reports").mkdir()
    (keyed.landing / "reports" / "a.txt").write_text("x")
    with Ledger(keyed.warehouse / "ledger.sqlite") as ledger:
        found = scan(keyed, ledger)
    assert {f.path: bool(f.refusal) for f in found.files} == {"reports/a.txt": False, "returns/301/ssda903/2026": True}


@pytest.mark.parametrize("state", ["named so", "changed just now", "not to be read"])
def test_a_return_is_not_taken_without_a_file_that_is_still_being_written(
    keyed: Settings, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    header = deposit(keyed)
    last_year = header.parents[1] / "2025" / "header.csv"
    last_year.parent.mkdir()
    last_year.write_bytes(b"CANARY-last-year")
    with Ledger(keyed.warehouse / "ledger.sqlite") as ledger:
        assert len(scan(keyed, ledger).files) == 2
        growing = header.with_name("episodes.csv.part" if state == "named so" else "episodes.csv")
        growing.write_bytes(b"CANARY-half")
        with monkeypatch.context() as now:
            if state == "changed just now":
                now.setattr(landing, "_is_unsettled", lambda _, real: real.endswith("episodes.csv"))
            if state == "not to be read":
                now.setattr(landing, "_take", lambda *_: "it cannot be read: permission denied")
            found = scan(keyed, ledger)
        assert [file.path for file in found.files] == ["returns/301/ssda903/2025"]
        folder = "returns/301/ssda903/2026"
        assert [path for path, _ in found.waiting] == [f"{folder}/{growing.name}", f"{folder}/header.csv"]
        assert found.waiting[1][1] == INCOMPLETE
        growing.rename(header.with_name("episodes.csv"))
        (whole,) = [file for file in scan(keyed, ledger).files if file.path == folder]
    assert [one["name"] for one in whole.parts] == ["episodes.csv", "header.csv"]
