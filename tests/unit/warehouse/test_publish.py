"""Which files are versions, and what a new load is called."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from transforms.errors import WarehouseError
from warehouse import publish
from warehouse.settings import Settings

AT = datetime(2026, 3, 1, 2, 0, 0, 5, tzinfo=UTC)


def test_a_copy_that_somebody_keeps_beside_the_versions_is_none(tmp_path: Path) -> None:
    settings = Settings.load({"SAFEGUARDING_PUBLISHED": str(tmp_path)})
    assert publish.versions(settings) == []
    load_id = publish.new_load_id(settings, AT)
    kept = publish.version_path(settings, load_id)
    kept.parent.mkdir(parents=True)
    for path in (kept, *(kept.with_name(f"safeguarding_{name}.duckdb") for name in ("mine", "zz of March", "9"))):
        path.touch()
    publish.point(settings, kept)
    assert publish.versions(settings) == [kept]
    assert publish.new_load_id(settings, datetime(2001, 1, 1, tzinfo=UTC))[:21] > load_id[:21]
    with pytest.raises(WarehouseError, match="no earlier version"):
        publish.previous_version(settings)
    publish.prune(settings)
    assert len(list(kept.parent.iterdir())) == 4
