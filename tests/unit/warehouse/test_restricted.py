"""The encrypted store, its keys and the vault of originals: nothing plain on disk, deletion proven."""

from __future__ import annotations

import io
import pickle
import stat
from datetime import date, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from transforms.errors import UsageError, WarehouseError
from warehouse import restricted, vault
from warehouse.keys import Keys, load_keys
from warehouse.restricted import Access, Submission, opened
from warehouse.settings import Settings

KEYS = Keys(b"made-up key number one of the tests 0123456789", b"made-up hash key of the tests 9876543210 abc")
OTHER = Keys(b"another made-up key of the tests 4567 89abcdefg", b"made-up hash key of the tests 9876543210 abc")
LOADING = Access("load", "a test")
CANARY = "CANARY-7f3a"


def submission(sha: str = "a" * 64, year: int = 2026, la_code: str = "999") -> Submission:
    part = {"name": "episodes.csv", "sha256": f"{year}{la_code}" + "b" * 57, "size": 10}
    return Submission(
        sha, la_code, "ssda903", year, "returns/x", date(2026, 5, 1), datetime(2026, 5, 1), date(year, 3, 31), (part,)
    )


def write(settings: Settings, about: Submission, children: list[str]) -> None:
    rows = pl.DataFrame({"row_number": range(len(children)), "file_name": "header.csv", "CHILD": children})
    verdicts = pl.DataFrame(
        [("101", "error", "failed", len(children), "", "SEX", "why")],
        schema=["rule_code", "severity", "state", "findings", "needs", "fields", "message"],
        orient="row",
    )
    findings = rows.select(pl.lit("101").alias("rule_code"), pl.lit("Header").alias("table_name"), "row_number")
    with opened(settings, KEYS, LOADING) as store:
        results = pl.DataFrame({"indicator_code": ["CLA1"], "value": [float(len(children))]})
        store.write(about, {"Header": rows}, verdicts, findings, results, pl.Series(children, dtype=pl.String))


def all_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_the_store_is_encrypted_and_only_its_owner_may_read_it(places: Settings) -> None:
    write(places, submission(), [CANARY])
    path = restricted.store_path(places)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    found = all_bytes(places.warehouse)
    assert CANARY.encode() not in found
    assert KEYS.store_key().encode() not in found
    with opened(places, KEYS, LOADING) as store:
        assert store.query("SELECT CHILD, la_code, year FROM kept.ssda903.Header") == [(CANARY, "999", 2026)]


def test_another_key_opens_nothing_and_the_error_shows_no_key(places: Settings) -> None:
    write(places, submission(), [CANARY])
    with pytest.raises(WarehouseError, match="another key") as told, opened(places, OTHER, LOADING):
        pass
    assert OTHER.store_key() not in str(told.value)


def test_an_error_of_the_database_quotes_no_value(places: Settings) -> None:
    write(places, submission(), [CANARY])
    with pytest.raises(WarehouseError) as told, opened(places, KEYS, LOADING) as store:
        store.query("SELECT CHILD::INTEGER FROM kept.ssda903.Header")
    assert CANARY not in str(told.value)
    assert told.value.__suppress_context__


def test_a_full_disk_is_told_as_one_though_the_transaction_is_gone(places: Settings) -> None:
    with pytest.raises(WarehouseError, match="a full disk"), opened(places, KEYS, LOADING) as store:
        with store.transaction():
            store._db.execute("ROLLBACK")  # as DuckDB does by itself where it cannot write
            raise duckdb.IOException("Could not write all required bytes: No space left on device")


def test_a_resubmission_takes_the_place_of_its_own_rows_only(places: Settings) -> None:
    write(places, submission(), ["A", "B"])
    write(places, submission("c" * 64, year=2025), ["A"])
    write(places, submission(), ["C"])
    with opened(places, KEYS, LOADING) as store:
        rows = store.query("SELECT year, CHILD FROM kept.ssda903.Header ORDER BY ALL")
        assert rows == [(2025, "A"), (2026, "C")]
        assert store.query("SELECT count(*) FROM kept.finding") == [(2,)]
        assert [s.year for s in store.submissions()] == [2025, 2026]


@pytest.fixture
def unencrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the store kept as it is but for its encryption, so that its pages can be searched."""

    def attach(connection: duckdb.DuckDBPyConnection, place: Path, keys: Keys, name: str = restricted.NAME) -> None:
        connection.execute(f"ATTACH '{place}' AS {name}")

    monkeypatch.setattr(restricted, "_attach", attach)


@pytest.mark.usefixtures("unencrypted")
def test_forgetting_a_child_leaves_no_byte_of_it_in_the_pages_of_the_store(places: Settings) -> None:
    write(places, submission(), [CANARY, "B"])
    write(places, submission("c" * 64, year=2025), [CANARY])
    with opened(places, KEYS, Access("forget", "a test")) as store:
        gone, held = store.forget_hash(CANARY)
    assert gone == 2
    assert held == {"a" * 64: {"header.csv"}, "c" * 64: {"header.csv"}}
    assert CANARY.encode() in all_bytes(places.warehouse)  # deleted, but its page is not written over yet
    restricted.compact(places, KEYS)
    assert CANARY.encode() not in all_bytes(places.warehouse)
    with opened(places, KEYS, LOADING) as store:
        assert store.query("SELECT CHILD FROM kept.ssda903.Header") == [("B",)]
        assert store.query("SELECT count(*) FROM kept.finding") == [(1,)]
        assert store.query("SELECT hash FROM kept.identifier") == [("B",)]


def test_compaction_gives_back_the_pages_of_what_was_deleted(places: Settings) -> None:
    write(places, submission(), [f"child number {n}" for n in range(200_000)])
    with opened(places, KEYS, Access("forget", "a test")) as store:
        store.forget_submission(submission())
    before = restricted.store_path(places).stat()
    restricted.compact(places, KEYS)
    after = restricted.store_path(places).stat()
    assert after.st_size < before.st_size / 2
    assert after.st_ino != before.st_ino
    assert stat.S_IMODE(after.st_mode) == 0o600


def test_every_access_is_logged_and_a_changed_entry_shows(places: Settings) -> None:
    write(places, submission(), ["A"])
    with opened(places, KEYS, Access("open", "to see", "999", "ssda903", 2026)) as store:
        store.query("FROM kept.ssda903.Header")
    with opened(places, KEYS, LOADING) as store:
        log = store.log()
        assert [(e["action"], e["why"], e["row_count"]) for e in log] == [("load", "a test", 1), ("open", "to see", 1)]
        assert all(e["is_sealed"] and e["who"] for e in log)
        store.query("UPDATE kept.access_log SET who = 'nobody' WHERE entry = 1")
        assert [e["is_sealed"] for e in store.log()] == [False, True]


def test_an_access_that_fails_is_logged_too(places: Settings) -> None:
    with pytest.raises(ZeroDivisionError), opened(places, KEYS, Access("compute", "fails")):
        _ = 1 / 0
    with opened(places, KEYS, LOADING) as store:
        assert [e["action"] for e in store.log()] == ["compute"]


@pytest.mark.parametrize("size", [0, 1, vault.BLOCK, vault.BLOCK + 1, 3 * vault.BLOCK])
def test_originals_come_back_as_they_were(places: Settings, size: int) -> None:
    data = (CANARY.encode() * (size // len(CANARY) + 1))[:size]
    sha, found, temporary = vault.take(places, KEYS, io.BytesIO(data))
    path = vault.keep(places, KEYS, temporary, sha)
    assert found == size
    assert vault.read(path, KEYS.file_key(sha)) == data
    assert CANARY.encode() not in all_bytes(places.warehouse)
    assert sha not in path.name
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("damage", ["cut", "changed", "swapped", "key"])
def test_an_original_that_was_tampered_with_is_refused(places: Settings, damage: str) -> None:
    data = bytes(range(256)) * (3 * vault.BLOCK // 256)
    sha, _, temporary = vault.take(places, KEYS, io.BytesIO(data))
    path = vault.keep(places, KEYS, temporary, sha)
    kept = path.read_bytes()
    head, block = len(kept) - 3 * (vault.BLOCK + 16), vault.BLOCK + 16
    if damage == "cut":
        path.write_bytes(kept[: head + 2 * block])
    elif damage == "changed":
        path.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    elif damage == "swapped":
        path.write_bytes(
            kept[:head] + kept[head + block : head + 2 * block] + kept[head : head + block] + kept[-block:]
        )
    with pytest.raises(WarehouseError, match="cannot be decrypted"):
        vault.read(path, (OTHER if damage == "key" else KEYS).file_key(sha))


def test_a_discarded_original_is_gone(places: Settings) -> None:
    sha, _, temporary = vault.take(places, KEYS, io.BytesIO(b"abc"))
    path = vault.keep(places, KEYS, temporary, sha)
    assert vault.discard(places, KEYS, sha)
    assert not path.exists()
    assert not vault.discard(places, KEYS, sha)


def test_what_was_forgotten_is_remembered_by_keyed_names_only(places: Settings) -> None:
    assert vault.forgotten(places) == set()
    vault.mark_forgotten(places, [KEYS.file_name("a" * 64)])
    vault.mark_forgotten(places, [KEYS.file_name("a" * 64), KEYS.file_name("b" * 64)])
    assert vault.forgotten(places) == {KEYS.file_name("a" * 64), KEYS.file_name("b" * 64)}
    path = vault.folder(places) / "forgotten"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(path.read_text().split()) == 2


def key_environ(tmp_path: Path, mode: int = 0o600) -> dict[str, str]:
    environ = {}
    for number, name in enumerate(("RESTRICTED_KEY", "HASH_KEY")):
        path = tmp_path / name
        path.write_text(f"{number} a made-up key 0123456789 abcdefghijk\n")
        path.chmod(mode)
        environ[f"SAFEGUARDING_{name}_FILE"] = str(path)
    return environ


def test_keys_come_from_files_that_only_their_owner_reads(tmp_path: Path) -> None:
    keys = load_keys(key_environ(tmp_path))
    assert keys is not None
    assert "made-up" not in repr(keys) + str(keys)
    with pytest.raises(TypeError):
        pickle.dumps(keys)
    for mode in (0o640, 0o604, 0o660):
        with pytest.raises(UsageError, match="only its owner") as told:
            load_keys(key_environ(tmp_path, mode))
        assert "made-up" not in str(told.value)


def test_a_key_alone_a_weak_key_and_the_same_key_twice_are_refused() -> None:
    strong, other = "0123456789abcdefghijklmnopqrstuvwxyz", "zyxwvutsrqponmlkjihgfedcba9876543210"
    assert load_keys({}) is None
    for environ in (
        {"SAFEGUARDING_RESTRICTED_KEY": strong},
        {"SAFEGUARDING_HASH_KEY": strong},
        {"SAFEGUARDING_RESTRICTED_KEY": strong, "SAFEGUARDING_HASH_KEY": strong},
        {"SAFEGUARDING_RESTRICTED_KEY": "short and sweet", "SAFEGUARDING_HASH_KEY": strong},
        {"SAFEGUARDING_RESTRICTED_KEY": "ab" * 40, "SAFEGUARDING_HASH_KEY": strong},
        {
            "SAFEGUARDING_RESTRICTED_KEY": other,
            "SAFEGUARDING_RESTRICTED_KEY_FILE": "x",
            "SAFEGUARDING_HASH_KEY": strong,
        },
    ):
        with pytest.raises(UsageError) as told:
            load_keys(environ)
        assert not any(value in str(told.value) for value in environ.values() if len(value) > 1)


def test_keys_of_hashes_differ_by_authority_and_purpose() -> None:
    made = [
        KEYS.hash_key("301"),
        KEYS.hash_key("302"),
        KEYS.file_key("301"),
        KEYS.log_key(),
        bytes.fromhex(KEYS.store_key()),
    ]
    assert len(set(made)) == len(made)
    assert all(len(key) == 32 for key in made)
