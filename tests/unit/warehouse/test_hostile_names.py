"""Names in the returns part of the landing zone are data: none is lost, none hides another, none leads elsewhere."""

from __future__ import annotations

import json
import os
import unicodedata
from pathlib import Path

import pytest

from warehouse import vault
from warehouse.documents import quarantine
from warehouse.keys import Keys, load_keys
from warehouse.landing import FileVersion, Scan, archive_path, scan, unread
from warehouse.ledger import Ledger
from warehouse.places import printable
from warehouse.settings import Settings

FOLDER = "returns/990/ssda903/2026"
NAMES = (
    b"x'); DROP TABLE star.dim_authority; --.csv",
    b'"quoted".csv',
    b"=cmd|' C'!A0.csv",
    b"@SUM(1).csv",
    b"{0}%s$(id).csv",
    b"new\nline ERROR forged.csv",
    b"\r.csv",
    b"\x1b[2J.csv",
    b"tab\t.csv",
    "\u202efdp.csv".encode(),
    "a\u200bb.csv".encode(),
    b"a..%2f..%2fetc%2fpasswd",
    b"C:\\windows\\system32",
    b"\\\\host\\share",
    b"CON",
    b"aux.csv",
    b"header.csv",
    b"Header.csv",
    b"\xff\xfe.csv",
    b"\\xff\\xfe.csv",
    "\x85.csv".encode(),
    b"\x85.csv",
    b"\\x85.csv",
    b"\\u0085.csv",
    b"x" * 255,
    unicodedata.normalize("NFC", "\u00e9").encode(),
    unicodedata.normalize("NFD", "\u00e9").encode(),
    "\u00ad".encode(),
    b"\xad",
    b"sub'; --/header.csv",
    b"sub'; --/deep/er/a",
)


@pytest.fixture
def keys(places: Settings, monkeypatch: pytest.MonkeyPatch) -> Keys:
    monkeypatch.setenv("SAFEGUARDING_RESTRICTED_KEY", "made-up key of the tests 0123456789 abcdef")
    monkeypatch.setenv("SAFEGUARDING_HASH_KEY", "another made-up key of the tests 9876543210")
    found = load_keys()
    assert found is not None
    return found


def lay(settings: Settings, name: bytes | str, content: bytes = b"made up") -> Path:
    path = settings.landing / os.fsdecode(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def link(settings: Settings, name: str, target: str | Path) -> None:
    path = settings.landing / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


def look(settings: Settings) -> Scan:
    with Ledger(settings.warehouse / "ledger.sqlite") as ledger:
        return scan(settings, ledger)


def test_every_name_is_a_part_of_its_submission_and_a_line_of_its_own(places: Settings, keys: Keys) -> None:
    for number, name in enumerate(NAMES):
        lay(places, os.fsencode(f"{FOLDER}/") + name, f"made up {number}".encode())
    found = look(places)
    (one,) = found.files
    assert (found.waiting, one.refusal, len(one.parts)) == ([], None, len(NAMES))
    assert len({part["name"] for part in one.parts}) == len({part["sha256"] for part in one.parts}) == len(NAMES)
    assert all(part["name"].isprintable() for part in one.parts)
    assert all(vault.original_path(places, keys, part["sha256"]).exists() for part in one.parts)
    again = look(places)
    assert (again.opened, again.files[0].sha256) == (0, one.sha256)
    assert not [path for path in places.warehouse.rglob("*") if path.name in {printable(os.fsdecode(n)) for n in NAMES}]


def test_no_two_names_are_written_alike() -> None:
    names = [os.fsdecode(name) for name in NAMES] + ["\\", "\\\\", "\n", "\\n", "\u2028", "\\u2028", "\U000e0001"]
    assert len({printable(name) for name in names}) == len(names)
    assert all(printable(name).isprintable() for name in names)
    assert printable("Kirklees 2025-26 (final) é.csv") == "Kirklees 2025-26 (final) é.csv"


@pytest.mark.parametrize(
    "folder",
    [
        "returns/x'); DROP TABLE t; --/ssda903/2026",
        "returns/=cmd|x/ssda903/2026",
        "returns/９９０/ssda903/2026",
        "returns/٠٩٩/ssda903/2026",
        "returns/99\n0/ssda903/2026",
        "returns/990\u200b/ssda903/2026",
        "returns/-90/ssda903/2026",
        "returns/990/ssda903'; --/2026",
        "returns/990/\u202essda903/2026",
        "returns/990/ssda\u200b903/2026",
        "returns/990/ſsda903/2026",
        "returns/990/ssda903;cin_census/2026",
        "returns/990/CON/2026",
        "returns/990/ssda903/２０２６",
        "returns/990/ssda903/2026\n",
        "returns/990/ssda903/2026'--",
        "returns/990/ssda903/1e3",
        "returns/990/ssda903/9999-12-31",
        "returns/990/ssda903/0001-01-01",
        "returns/990/ssda903/2026-02-30",
        f"returns/990/{'x' * 255}/2026",
    ],
)
def test_a_folder_that_names_no_return_is_told_in_one_line(places: Settings, keys: Keys, folder: str) -> None:
    lay(places, f"{folder}/header.csv")
    found = look(places)
    ((path, reason),) = found.waiting
    assert found.files == [] and path.isprintable() and reason.isprintable()
    assert "found the folder" in reason and "expected" in reason


def test_links_out_of_the_returns_of_an_authority_are_not_followed(
    places: Settings, keys: Keys, tmp_path: Path
) -> None:
    outside = tmp_path / "outside" / "ssda903" / "2026"
    outside.mkdir(parents=True)
    (outside / "secret.csv").write_text("secret")
    lay(places, f"{FOLDER}/header.csv", b"about children")
    link(places, "returns/990/ssda903/2025/inside.csv", "../2026/header.csv")
    link(places, "returns/990/ssda903/2024/out.csv", outside / "secret.csv")
    lay(places, "returns/990/ssda903/2024/ok.csv", b"sound")
    link(places, "returns/992/ssda903/2026/other.csv", places.landing / FOLDER / "header.csv")
    link(places, "returns/993/ssda903/2026/loop.csv", "loop.csv")
    link(places, "returns/994", outside.parents[1])
    link(places, "reports/public.txt", places.landing / FOLDER / "header.csv")
    link(places, "returns/995/ssda903/2026/report.csv", lay(places, "reports/a.txt"))
    found = look(places)
    refused = {version.path: version.refusal for version in found.files}
    assert (
        refused["returns/990/ssda903/2026"] is refused["returns/990/ssda903/2025"] is refused["reports/a.txt"] is None
    )
    assert refused["returns/990/ssda903/2024"] == (
        "out.csv: found a symbolic link that leads out of the landing zone, expected a file"
    )
    assert "leads to no file" in str(refused["returns/993/ssda903/2026"])
    for path in ("returns/992/ssda903/2026", "reports/public.txt", "returns/995/ssda903/2026"):
        assert refused[path] == "found a symbolic link into or out of the returns of an authority, expected a file"
    ((path, reason),) = found.waiting
    assert path == "returns/994" and "leads out" in reason
    # What is about children lies encrypted, and nothing of it beside.
    kept = [file.read_bytes() for file in places.warehouse.rglob("*") if file.is_file()]
    assert not [data for data in kept if b"about children" in data or b"secret" in data]


def test_folders_nested_too_deep_to_be_opened_hold_up_nothing_else(
    places: Settings, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    for top in ("returns/991/ssda903/2026", "reports"):
        (places.landing / top).mkdir(parents=True)
        monkeypatch.chdir(places.landing / top)
        for _ in range(20):
            Path("x" * 250).mkdir()
            monkeypatch.chdir("x" * 250)
        Path("deep.csv").write_text("made up")
    monkeypatch.chdir(places.landing)
    lay(places, f"{FOLDER}/header.csv")
    refused = {version.path: version.refusal for version in look(places).files}
    assert refused.pop(FOLDER) is None and len(refused) == 2
    assert all("path too long to be opened" in str(reason) for reason in refused.values())


@pytest.mark.parametrize("folder", ["Returns", "RETURNS", " returns", "return", "in/returns", "returns\u200b", "."])
def test_a_return_in_a_folder_of_a_wrong_name_is_not_opened(places: Settings, keys: Keys, folder: str) -> None:
    lay(places, f"{folder}/990/ssda903/2026/header.csv" if folder != "." else "header.csv", b"about children")
    found = look(places)
    assert (found.files, found.opened, len(found.waiting)) == ([], 0, 1)
    assert "no source reads this folder" in found.waiting[0][1]
    assert not [path for path in places.warehouse.rglob("*") if path.is_file() and b"children" in path.read_bytes()]
    with Ledger(places.warehouse / "ledger.sqlite") as ledger:
        assert unread(places, ledger) == found.waiting


@pytest.mark.parametrize(
    "name", ["é" * 100 + "\\xff" * 50, "x" * 1020, ".." * 20, "reason.json", "", "\u202e", "a/b" * 30, "☃" * 85]
)
def test_a_refused_file_is_kept_beside_its_reason_whatever_its_name(places: Settings, name: str) -> None:
    sha256 = "a" * 64
    kept = archive_path(places, sha256)
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"made up")
    folder = quarantine(places, FileVersion(f"statistics/{name}", sha256, "statistics", 7, "", ""), "why")
    reason, copy = sorted(folder.iterdir(), key=lambda path: path.name != "reason.json")
    assert json.loads(reason.read_text("utf-8"))["reason"] == "why"
    assert copy.read_bytes() == kept.read_bytes() == b"made up"


def test_two_folders_of_one_return_that_came_together_are_both_refused(places: Settings, keys: Keys) -> None:
    lay(places, "returns/990/ssda903/2026/header.csv", b"one")
    lay(places, "returns/990/SSDA903/2025-26/episodes.csv", b"two")
    lay(places, "returns/990/ssda903/2025/header.csv", b"three")
    refused = {version.path: version for version in look(places).files}
    assert refused["returns/990/ssda903/2025"].refusal is None
    first, second = refused["returns/990/ssda903/2026"], refused["returns/990/SSDA903/2025-26"]
    assert first.refusal == f"found the same return in {second.path}, which came with it, expected one"
    assert second.refusal == f"found the same return in {first.path}, which came with it, expected one"
    # Once one of them is gone the other is another version, and is read.
    (places.landing / second.path / "episodes.csv").unlink()
    alone = {version.path: version for version in look(places).files}[first.path]
    assert alone.refusal is None and alone.sha256 != first.sha256
    # What comes later is sent again, as before.
    lay(places, f"{second.path}/header.csv", b"four")
    assert {version.refusal for version in look(places).files} == {None}


@pytest.mark.parametrize("folder", ["reports", "statistics", "reference"])
def test_a_return_among_public_files_is_named_and_not_kept(keys: Keys, places: Settings, folder: str) -> None:
    secret = b"CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\nPLANTED01,1,01/01/2015,WBRI,,,\n"
    lay(places, f"{folder}/deep/episodes.csv", secret)
    lay(places, f"{folder}/public.txt", b"made up")
    for _ in range(2):
        found = {file.path: file.refusal for file in look(places).files}
        assert (found[f"{folder}/deep/episodes.csv"] or "").startswith("found the beginning of a return about children")
    kept = [path.read_bytes() for path in places.warehouse.rglob("*") if path.is_file()]
    assert b"made up" in kept
    assert not [data for data in kept if b"PLANTED01" in data]
