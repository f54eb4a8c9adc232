"""Under which of its paths a content is read: that which tells its release date, whatever came first."""

from __future__ import annotations

import pytest

from warehouse.landing import FileVersion, Scan
from warehouse.planning import _unread

CONTENT = "a" * 64


def lying(path: str, kind: str = "statistics") -> FileVersion:
    return FileVersion(path, CONTENT, kind, 1, "2026-01-01T00:00:00+00:00", "2026-01-01T00:00:00+00:00")


def read_from(present: list[str], loaded: str | None = None, kind: str = "statistics") -> list[str]:
    """Paths under which a content would be read, where it lies now and was loaded from before."""
    row = {"state": "loaded", "sidecar_sha256": "", "metadata_sha256": "", "parser_version": "1",
           "register_version": "1"}  # fmt: skip
    found = [lying(path, kind) for path in present]
    wanted, _ = _unread(Scan(found, [], 0), {CONTENT: {loaded: row}} if loaded else {}, "1", "1")
    return [file["path"] for file in wanted]


UNDATED, EARLY, LATE = "statistics/d3.csv", "statistics/z/2024-11-01/d3.csv", "statistics/a/2025-10-30/d3.csv"


@pytest.mark.parametrize(
    ("present", "loaded", "wanted"),
    [
        ([LATE, EARLY, UNDATED], None, [EARLY]),
        ([UNDATED], None, [UNDATED]),
        ([LATE], UNDATED, [LATE]),  # laid into a folder with a date at last
        ([LATE, UNDATED], UNDATED, [LATE]),
        ([LATE, EARLY], LATE, [EARLY]),
        ([LATE, EARLY], EARLY, []),
        ([LATE], EARLY, []),
        ([UNDATED], LATE, []),
    ],
)
def test_a_content_is_of_the_first_day_that_a_folder_tells(
    present: list[str], loaded: str | None, wanted: list[str]
) -> None:
    assert read_from(present, loaded) == wanted


def test_folders_date_no_reports() -> None:
    assert read_from([LATE.replace("statistics", "reports")], UNDATED.replace("statistics", "reports"), "report") == []
