"""A landing zone on an object store is copied whole, once, and its loads are those of a folder."""

from pathlib import Path

import fsspec
import pytest

from transforms.errors import UsageError, WarehouseError
from warehouse import remote
from warehouse.landing import scan
from warehouse.ledger import Ledger
from warehouse.settings import Settings
from warehouse.watching import Watch


@pytest.fixture
def store():
    memory = fsspec.filesystem("memory")
    memory.store.clear()
    memory.pseudo_dirs[:] = [""]
    return memory


@pytest.fixture
def settings(tmp_path):
    return Settings.load(
        {
            "SAFEGUARDING_LANDING": "memory://bucket/landing",
            "SAFEGUARDING_WAREHOUSE": str(tmp_path / "warehouse"),
            "SAFEGUARDING_PUBLISHED": str(tmp_path / "published"),
            "SAFEGUARDING_SETTLE_SECONDS": "0",
        }
    )


def paths(settings):
    with Ledger(settings.warehouse / "ledger.sqlite") as ledger:
        return [file.path for file in scan(settings, ledger).files]


def test_new_objects_are_copied_once_and_scanned(settings, store):
    store.pipe("/bucket/landing/reports/a.pdf", b"made up")
    store.pipe("/bucket/landing/reports/b/c.txt", b"made up too")
    assert remote.bring(settings) == 2
    assert remote.bring(settings) == 0
    assert paths(settings) == ["reports/a.pdf", "reports/b/c.txt"]


def test_a_changed_object_is_copied_again_and_a_vanished_one_stays(settings, store):
    store.pipe("/bucket/landing/reports/a.txt", b"one")
    remote.bring(settings)
    store.pipe("/bucket/landing/reports/a.txt", b"another")
    assert remote.bring(settings) == 1
    assert (settings.landing / "reports/a.txt").read_bytes() == b"another"
    store.rm("/bucket/landing/reports/a.txt")
    assert remote.bring(settings) == 0
    assert paths(settings) == ["reports/a.txt"]


def test_a_copy_that_breaks_off_leaves_nothing_to_load_and_is_tried_again(settings, store, monkeypatch):
    store.pipe("/bucket/landing/reports/a.txt", b"one")

    def breaks_off(self, name, to, **_):
        Path(to).write_bytes(b"o")
        raise ConnectionResetError

    with monkeypatch.context() as broken:
        broken.setattr(type(store), "get_file", breaks_off)
        with pytest.raises(WarehouseError, match="ConnectionResetError"):
            remote.bring(settings)
    assert paths(settings) == []
    assert remote.bring(settings) == 1


def test_the_watch_tells_of_new_objects(settings, store):
    store.pipe("/bucket/landing/reports/a.txt", b"one")
    assert Watch(settings).look() == ("reports/a.txt",)


def test_child_processes_get_the_address_not_the_copy(settings):
    assert Settings.load(settings.environ()) == settings


def test_an_address_without_a_driver_is_told_without_the_address(tmp_path):
    settings = Settings.load(
        {"SAFEGUARDING_LANDING": "nosuch://key:secret@host/x", "SAFEGUARDING_WAREHOUSE": str(tmp_path)}
    )
    with pytest.raises(WarehouseError) as told:
        remote.bring(settings)
    assert "secret" not in str(told.value)


def test_half_an_address_is_refused():
    with pytest.raises(UsageError, match="SAFEGUARDING_LANDING"):
        Settings.load({"SAFEGUARDING_LANDING": "s3://"})


def test_objects_that_no_folder_can_hold_hold_up_no_other(settings, store):
    store.pipe("/bucket/landing/reports/a/b.txt", b"made up")
    (settings.landing / "reports").mkdir(parents=True)
    (settings.landing / "reports/a").write_bytes(b"a store may hold an object of a folder's name as well")
    store.pipe(f"/bucket/landing/reports/{'x' * 300}.txt", b"a name too long")
    store.pipe(f"/bucket/landing/reports/{'y' * 251}.txt", b"a name as long as may be")
    store.pipe("/bucket/landing/reports/z.txt", b"made up too")
    remote.bring(settings)
    assert {"reports/z.txt", f"reports/{'y' * 251}.txt"} <= set(paths(settings))
