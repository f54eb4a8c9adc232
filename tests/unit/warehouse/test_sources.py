"""What a file among statistics is said to be that no source reads."""

from __future__ import annotations

import io
import zipfile

import pytest

from transforms.readers import ReadingLimits
from warehouse.sources import find_source

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def zipped(member: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(member, "made up")
    return made.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (OLE, "found an old Office document (doc, xls, msg), or one with a password, expected a table"),
        (b"%PDF-1.7\n", "found a PDF, expected a table"),
        (b"", "found 0 bytes"),
        (b"\x89PNG\r\n\x1a\n", "found a PNG picture"),
        (zipped("report.pdf"), "it is an archive without data files"),
        (b"a,b\n1,2\n", "no header with time_period and a place"),
    ],
)
def test_what_no_source_reads_is_named(data: bytes, said: str) -> None:
    kind, seen = find_source(data, "a" * 64, ReadingLimits(), "statistics")
    assert kind is None
    assert said in seen
