"""Which files are versions, what a new load is called, and what a published database is called."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from transforms.errors import WarehouseError
from warehouse import publish
from warehouse.settings import Settings

AT = datetime(2026, 3, 1, 2, 0, 0, 5, tzinfo=UTC)


def placed(tmp_path: Path, **more: str) -> Settings:
    return Settings.load({"SAFEGUARDING_PUBLISHED": str(tmp_path / "published"), **more})


def published(settings: Settings, load_id: str) -> Path:
    """Publish a made-up version that holds nothing but the id of its load."""
    build = settings.published.parent / f"build of {load_id}"
    with duckdb.connect(str(build)) as connection:
        connection.execute(f"CREATE SCHEMA bi; CREATE VIEW bi.loads AS SELECT '{load_id}' AS load_id")
    return publish.switch(settings, build, load_id)


def test_a_copy_that_somebody_keeps_beside_the_versions_is_none(tmp_path: Path) -> None:
    settings = placed(tmp_path)
    assert publish.versions(settings) == []
    load_id = publish.new_load_id(settings, AT)
    kept = publish.version_path(settings, load_id)
    kept.parent.mkdir(parents=True)
    others = [kept.parent.parent / f"safeguarding_{name}.duckdb" for name in ("mine", "zz of March", "9")]
    others.append(kept.parent.parent / "safeguarding_mine" / kept.name)
    others[-1].parent.mkdir()
    for path in (kept, *others):
        path.touch()
    publish.point(settings, kept)
    assert publish.versions(settings) == [kept]
    assert publish.new_load_id(settings, datetime(2001, 1, 1, tzinfo=UTC))[:21] > load_id[:21]
    with pytest.raises(WarehouseError, match="no earlier version"):
        publish.previous_version(settings)
    publish.prune(settings)
    assert all(path.exists() for path in (kept, *others))


def test_what_a_tool_stores_about_one_version_holds_for_the_next(tmp_path: Path) -> None:
    """Tools write the database's name into what they store; DuckDB takes it from the file behind the link."""
    settings = placed(tmp_path)
    stored = "SELECT load_id FROM safeguarding.bi.loads"
    for load_id in ("20260301T020000000005Z-a", "20260302T020000000005Z-b"):
        version = published(settings, load_id)
        for opened in (settings.published_file, version):
            with duckdb.connect(str(opened), read_only=True) as connection:
                assert connection.execute(stored).fetchall() == [(load_id,)]


def test_a_new_connection_sees_the_new_version_beside_one_that_stays_open(tmp_path: Path) -> None:
    settings = placed(tmp_path)
    first, second = "20260301T020000000005Z-a", "20260302T020000000005Z-b"
    published(settings, first)
    with duckdb.connect(str(settings.published_file), read_only=True) as old:
        published(settings, second)
        with duckdb.connect(str(settings.published_file), read_only=True) as new:
            assert new.execute("SELECT load_id FROM bi.loads").fetchall() == [(second,)]
        assert old.execute("SELECT load_id FROM bi.loads").fetchall() == [(first,)]


def test_versions_of_the_former_layout_are_gone_back_to_and_removed_in_their_turn(tmp_path: Path) -> None:
    settings = placed(tmp_path, SAFEGUARDING_KEEP_VERSIONS="2")
    folder = settings.published / "versions"
    folder.mkdir(parents=True)
    former = [folder / f"safeguarding_2026022{day}T020000000005Z-a.duckdb" for day in (7, 8)]
    for path in former:
        path.touch()
    publish.point(settings, former[1])
    assert publish.previous_version(settings) == former[0]
    version = published(settings, "20260301T020000000005Z-b")
    assert publish.versions(settings) == [former[1], version]
    for path in publish.versions(settings):
        assert publish.version_named(settings, publish.version_name(path)) == path
    assert publish.version_named(settings, publish.version_name(former[0])) is None
    assert publish.previous_version(settings) == former[1]
    left = folder / "safeguarding_20260228T030000000005Z-c"
    left.mkdir()
    (left / ".safeguarding.duckdb.incoming").touch()
    later = published(settings, "20260302T020000000005Z-d")
    assert publish.versions(settings) == [version, later]
    assert sorted(folder.iterdir()) == [version.parent, later.parent]
