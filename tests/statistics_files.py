"""Made-up statistics files in the layouts that publishers use, and a slow reading of them to compare with."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import polars as pl

from transforms.authorities import Register
from transforms.statistics.reading import StatisticsRead, read_statistics

TIME_AND_PLACE = (
    "time_period", "time_identifier", "geographic_level", "country_code", "country_name", "region_code", "region_name",
    "old_la_code", "new_la_code", "la_name",
)  # fmt: skip
NATIONAL = ("National", "E92000001", "England", "", "", "", "", "")
NORTH_EAST = ("Regional", "E92000001", "England", "E12000001", "North East", "", "", "")
LONDON = ("Regional", "E92000001", "England", "E12000007", "London", "", "", "")
INNER = ("Regional", "E92000001", "England", "E13000001", "Inner London", "", "", "")
HARTLEPOOL = ("Local authority", "E92000001", "England", "E12000001", "North East", "805", "E06000001", "Hartlepool")
CAMDEN = ("Local authority", "E92000001", "England", "E13000001", "Inner London", "202", "E09000007", "Camden")
BOTH_NORTHAMPTONSHIRES = (
    "Local authority", "E92000001", "England", "E12000004", "East Midlands", "940 / 941", "E06000061 / E06000062",
    "North Northamptonshire / West Northamptonshire",
)  # fmt: skip
PLACES = (NATIONAL, NORTH_EAST, LONDON, INNER, HARTLEPOOL, CAMDEN, BOTH_NORTHAMPTONSHIRES)
SYMBOLS = {
    "c": "suppressed", "z": "not_applicable", "x": "not_available", "k": "low", "low": "low", "u": "unreliable",
    ":": "not_available", "~": "low", "-": "unreliable", "*": "suppressed", "": "not_available", "[c]": "suppressed",
}  # fmt: skip


def text_of(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def tidy(rows: Iterable[Sequence[object]], columns: Sequence[str], head: Sequence[str] = TIME_AND_PLACE) -> bytes:
    return text_of([*head, *columns], rows).encode()


def plain(periods: Iterable[str] = ("2024", "2025"), places: Iterable[Sequence[str]] = PLACES) -> list[list[object]]:
    """Rows of two columns, a count and a percentage, without filters."""
    return [
        [period, "Reporting year", *place, 100 + number + int(period) * 10, f"{number + 0.5}"]
        for period in periods
        for number, place in enumerate(places)
    ]


def zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def read(
    data: bytes, tmp_path: Path, register: Register, name: str = "made_up_2013_to_2025.csv", meta: bytes | None = None
) -> tuple[StatisticsRead, pl.DataFrame]:
    out = tmp_path / "observations.parquet"
    sha = hashlib.sha256(data).hexdigest()
    found = read_statistics(data, out, sha256=sha, register=register, name=name, metadata=meta)
    return found, pl.read_parquet(out)


def slow_reading(data: bytes, indicators: Iterable[str]) -> tuple[Counter[str], float, dict[tuple[int, str], str]]:
    """Read a tidy file row by row with the csv module.

    Returns:
        Observations by status, the sum of all values, and every cell as printed by row and column.
    """
    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    wanted, statuses, total, cells = list(indicators), Counter[str](), 0.0, {}
    for number, row in enumerate(rows, start=1):
        for name in wanted:
            cell = row[name].strip()
            cells[number, name] = cell
            if re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", cell):
                statuses["reported"] += 1
                total += float(cell)
            elif re.fullmatch(r"\d+:\d\d", cell):
                statuses["reported"] += 1
                years, months = cell.split(":")
                total += int(years) + int(months) / 12
            else:
                statuses[SYMBOLS[cell]] += 1
    return statuses, total, cells
