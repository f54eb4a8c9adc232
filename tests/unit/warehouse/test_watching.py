"""The watch over the landing zone: told once, by content, when settled; nothing lost by a restart."""

import os
from datetime import timedelta

import pytest

from warehouse import watching
from warehouse.landing import scan
from warehouse.ledger import Ledger, utc_now
from warehouse.settings import Settings
from warehouse.watching import Watch


class Clock:
    """A clock that a test moves."""

    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def place(tmp_path):
    settings = Settings.load(
        {
            "SAFEGUARDING_LANDING": str(tmp_path / "landing"),
            "SAFEGUARDING_WAREHOUSE": str(tmp_path / "warehouse"),
            "SAFEGUARDING_PUBLISHED": str(tmp_path / "published"),
            "SAFEGUARDING_SETTLE_SECONDS": "2",
        }
    )
    (settings.landing / "reports").mkdir(parents=True)
    return settings


@pytest.fixture
def clock():
    return Clock()


def drop(settings, name, text="made up"):
    path = settings.landing / "reports" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def settled(watch, clock, seconds=2.0):
    """Look, let time pass, look again."""
    assert watch.look() == ()
    clock.now += seconds
    return watch.look()


def test_new_content_is_told_once_when_it_has_settled(place, clock):
    watch = Watch(place, clock)
    drop(place, "a.txt")
    assert settled(watch, clock) == ("reports/a.txt",)
    watch.told(["reports/a.txt"])
    clock.now += 60
    assert watch.look() == ()


def test_a_file_that_grows_is_not_told(place, clock):
    watch = Watch(place, clock)
    for size in range(1, 5):
        drop(place, "slow.txt", "x" * size)
        assert watch.look() == ()
        clock.now += 1.5
    clock.now += 1
    assert watch.look() == ("reports/slow.txt",)


def test_a_burst_is_one_event_and_ends_at_the_latest_after_a_while(place, clock):
    watch = Watch(place, clock)
    for number in range(8):
        drop(place, f"{number}.txt", str(number))
        assert watch.look() == ()
        clock.now += 1
    clock.now += 2
    assert len(watch.look()) == 8
    told = []
    for number in range(100, 150):  # one a second, without end
        drop(place, f"{number}.txt", str(number))
        if found := watch.look():
            told.append((clock.now, found))
            watch.told(found)
        clock.now += 1
    assert told and all(later - sooner >= 2 for (sooner, _), (later, _) in zip(told, told[1:], strict=False))


@pytest.mark.parametrize("marker", ["a.txt.ready", ".ready"])
def test_a_marker_says_that_a_file_is_complete(place, clock, marker):
    drop(place, "a.txt")
    drop(place, marker, "")
    assert Watch(place, clock).look() == ("reports/a.txt",)


def test_markers_and_unfinished_files_are_never_told_nor_loaded(place, clock):
    for name in ("x.ready", ".hidden", "~$x.xlsx", "y.part", "z.crdownload"):
        drop(place, name)
    watch = Watch(place, clock)
    assert settled(watch, clock) == ()
    with Ledger(place.warehouse / "ledger.sqlite") as ledger:
        assert scan(place, ledger).files == []


def test_a_restart_repeats_nothing_and_loses_nothing(place, clock):
    first = Watch(place, clock)
    drop(place, "a.txt")
    told = settled(first, clock)
    first.told(told)
    drop(place, "b.txt", "other")  # arrives while nobody watches
    second = Watch(place, clock)
    assert settled(second, clock) == ("reports/b.txt",)


def test_an_event_that_nobody_heard_comes_again(place, clock, monkeypatch):
    watch = Watch(place, clock)
    drop(place, "a.txt")
    watch.told(settled(watch, clock))
    assert watch.look() == ()
    later = utc_now() + timedelta(seconds=place.reannounce_seconds + 1)
    monkeypatch.setattr(watching, "utc_now", lambda: later)
    assert settled(watch, clock) == ("reports/a.txt",)


def test_while_a_load_runs_the_next_one_is_given_time(place, clock, monkeypatch):
    watch = Watch(place, clock)
    drop(place, "a.txt")
    watch.told(settled(watch, clock))
    with Ledger(place.warehouse / "ledger.sqlite") as ledger:
        ledger.start_load("L1", utc_now(), {})
    now = utc_now()
    monkeypatch.setattr(watching, "utc_now", lambda: now + timedelta(seconds=place.reannounce_seconds + 1))
    assert settled(watch, clock) == ()
    monkeypatch.setattr(watching, "utc_now", lambda: now + timedelta(seconds=10 * place.reannounce_seconds + 1))
    assert settled(watch, clock) == ("reports/a.txt",)


def test_what_loads_have_read_is_not_looked_up_again_until_it_changes(place, clock, monkeypatch):
    drop(place, ".ready", "")
    path = drop(place, "a.txt")
    with Ledger(place.warehouse / "ledger.sqlite") as ledger:
        scan(place, ledger)
    watch = Watch(place, clock)
    assert watch.look() == ()
    monkeypatch.setattr(watching, "Ledger", lambda _: pytest.fail("the ledger was opened though nothing changed"))
    assert watch.look() == ()
    monkeypatch.undo()
    path.write_text("corrected")
    assert watch.look() == ("reports/a.txt",)


def test_a_clock_set_back_keeps_no_event(place, clock, monkeypatch):
    watch = Watch(place, clock)
    drop(place, "a.txt")
    watch.told(settled(watch, clock))
    assert watch.look() == ()
    earlier = utc_now() - timedelta(hours=1)
    monkeypatch.setattr(watching, "utc_now", lambda: earlier)
    assert settled(watch, clock) == ("reports/a.txt",)


def test_what_a_load_has_read_is_not_told(place, clock):
    drop(place, "a.txt.ready", "")
    drop(place, "a.txt")
    with Ledger(place.warehouse / "ledger.sqlite") as ledger:
        scan(place, ledger)
    assert settled(Watch(place, clock), clock) == ()


def test_bytes_seen_before_are_no_new_content(place, clock):
    original = drop(place, "a.txt")
    drop(place, ".ready", "")
    with Ledger(place.warehouse / "ledger.sqlite") as ledger:
        scan(place, ledger)
    drop(place, "copy.txt")
    os.utime(original, (1, 1))
    watch = Watch(place, clock)
    assert settled(watch, clock) == ()
    assert settled(watch, clock) == ()


def test_a_correction_under_the_same_name_is_new(place, clock):
    drop(place, ".ready", "")
    drop(place, "a.txt")
    with Ledger(place.warehouse / "ledger.sqlite") as ledger:
        scan(place, ledger)
    drop(place, "a.txt", "corrected")
    assert Watch(place, clock).look() == ("reports/a.txt",)


def test_nothing_watched_is_touched(place, clock):
    paths = [drop(place, "a.txt"), drop(place, "b.txt.ready", "")]
    before = [(path.read_bytes(), path.stat().st_mtime_ns) for path in paths]
    watch = Watch(place, clock)
    watch.told(settled(watch, clock))
    assert [(path.read_bytes(), path.stat().st_mtime_ns) for path in paths] == before


def test_a_landing_zone_that_is_not_there_yet_is_empty(place, clock):
    (place.landing / "reports").rmdir()
    place.landing.rmdir()
    assert Watch(place, clock).look() == ()
