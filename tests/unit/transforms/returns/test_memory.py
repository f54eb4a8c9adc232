"""Memory does not grow with the size of a census that is read piece by piece."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bench.returns import make_census

# What a process held at most once it had read a file, beyond what it held before, in kilobytes.
_READ = """
import resource, sys
from pathlib import Path
import polars as pl
from transforms.returns.reading import read_chunks
from transforms.returns.assembling import typed_table
rows = 0
def read(path):
    global rows
    with Path(path).open("rb") as stream:
        entry, chunks = read_chunks(stream, 20_000)
        for table, text in chunks:
            rows += typed_table(entry.table(table), text, 2026)[0].height
read(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
rows = 0
read(sys.argv[2])
print(rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.thorough
def test_ten_times_the_census_takes_no_more_memory(tmp_path: Path) -> None:
    small, large = tmp_path / "small.xml", tmp_path / "large.xml"
    make_census(small, 4)
    children = make_census(large, 40)
    done = subprocess.run(
        [sys.executable, "-c", _READ, str(small), str(large)], capture_output=True, text=True, check=True
    )
    rows, grown = map(int, done.stdout.split())
    assert rows > 12 * children
    # A tree of the whole file would take five times its 40 MB.
    assert grown < 20_000
