"""What fuzzing found stays found out: every kept case is read or refused, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.readers import READERS, read

CASES = sorted(p for p in (Path(__file__).parents[1] / "fuzz" / "cases").rglob("*") if p.is_file())
ODD = [b"", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"PK\x03\x04", b"%PDF-", b"<", b"\r\n" * 50, b"," * 5000, b"\x1b[31m"]


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}-{path.name[:20]}")
def test_a_case_that_once_broke_a_reader_no_longer_does(path: Path) -> None:
    read(path.parent.name, path.read_bytes())


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("data", ODD, ids=repr)
def test_odd_bytes_are_read_or_refused(name: str, data: bytes) -> None:
    read(name, data)
