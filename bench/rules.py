"""How fast the rules are: `python -m bench --rules N` runs all of them on returns of N made-up children.

A return on looked-after children over two years as CSV modules, and a children in need census as XML,
are made anew for each run below the temporary folder, and hold nobody: numbers, made-up codes and
dates by a fixed rule, with some faults of each sort planted. Each return is read and checked by a
process of its own, on one thread, so that its processor time and peak memory are its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import polars as pl

from bench.returns import make_census

_YEAR = 2026
_LA_CODE = "999"
_RUN = "import sys; from bench.rules import check; check(sys.argv[1], sys.argv[2])"
_LOOKED_AFTER, _CENSUS = "ssda903", "cin_census"

# Rows a child, about as in returns that authorities send.
_ROWS = {
    "Header": 1.0,
    "Episodes": 1.9,
    "Reviews": 4.7,
    "UASC": 0.05,
    "OC2": 1.0,
    "OC3": 0.02,
    "AD1": 0.012,
    "PlacedAdoption": 0.012,
    "PrevPerm": 1.0,
    "Missing": 0.02,
    "SWEpisodes": 1.2,
}
_ROW, _CHILD, _NTH = pl.col("row"), pl.col("child"), pl.col("nth")

# Of so many children: seconds of the processor that the tools of today take, and how many times faster
# the rules have to be.
_LIMITS = {_LOOKED_AFTER: (267_500, 346, 20), _CENSUS: (6_000, 103, 100)}
# Of so many children, the year of a large county a hundred times and that of England: 2 GB at most.
_LARGEST = {_LOOKED_AFTER: 267_500, _CENSUS: 400_000}
_MOST_MB, _LIBRARIES_MB, _START_SECONDS = 2_000, 120, 0.5


def _day(number: pl.Expr, year: int, days: int = 365) -> pl.Expr:
    first = pl.lit(date(year - 1, 4, 1))
    return (first + pl.duration(days=number % days)).dt.strftime("%d/%m/%Y")


def _born() -> pl.Expr:
    return (pl.lit(date(2008, 4, 1)) + pl.duration(days=_CHILD * 37 % 6_500)).dt.strftime("%d/%m/%Y")


def _one_of(codes: Sequence[str], number: pl.Expr = _ROW) -> pl.Expr:
    return pl.lit(pl.Series(codes)).gather(number % len(codes))


def _some(value: pl.Expr, every: int, number: pl.Expr = _ROW) -> pl.Expr:
    """Leave the value out of one row in so many."""
    return pl.when(number % every != 1).then(value)


def _episodes(year: int) -> dict[str, pl.Expr]:
    # The first episode of a child goes on where the second begins; the last one is mostly open.
    change = _day(_CHILD * 11 + 90, year)
    is_first, goes_on = _NTH == 0, _CHILD % 10 != 9
    ends = pl.when(is_first & goes_on).then(change).when(_CHILD % 7 == 0).then(_day(_CHILD + 300, year))
    return {
        "DECOM": _some(pl.when(is_first).then(_day(_CHILD * 5, year - 1, 700)).otherwise(change), 997),
        "RNE": _one_of(("S", "P", "L", "B", "S", "9"), _CHILD + _NTH),
        "LS": _one_of(("C2", "C1", "V2", "E1", "V3", "C2")),
        "CIN": _one_of(("N1", "N2", "N4", "N9")),
        "PLACE": _one_of(("U4", "K2", "P1", "R1", "T1", "A5", "U1", "K1")),
        "PLACE_PROVIDER": _some(_one_of(("PR1", "PR4", "PR0")), 40),
        "DEC": ends,
        "REC": pl.when(ends.is_not_null()).then(
            pl.when(is_first).then(pl.lit("X1")).otherwise(_one_of(("E4A", "E11", "E8")))
        ),
        "REASON_PLACE_CHANGE": _some(_one_of(("CARPL", "CLOSE", "OTHER")), 3),
        "HOME_POST": _one_of(("AB1 2CD", "EF3 4GH", "IJ5 6KL")),
        "PL_POST": _some(_one_of(("MN7 8OP", "QR9 1ST", "EF3 4GH")), 20),
        "URN": pl.format("SC{}", (_ROW % 5_000).cast(pl.String).str.zfill(6)).str.slice(0, 7),
    }


def _module(table: str, year: int) -> dict[str, pl.Expr]:
    """Return the columns of a module beside CHILD, by name."""
    flag = ("0", "1")
    columns: dict[str, dict[str, pl.Expr]] = {
        "Header": {
            "SEX": _one_of(("M", "F", "U")),
            "DOB": _some(_born(), 1_009),
            "ETHNIC": _one_of(("WBRI", "AIND", "NOBT", "XXXX")),
            "UPN": pl.format("A{}", (_CHILD + 10**11).cast(pl.String)),
            "MOTHER": pl.when(_ROW % 90 == 1).then(pl.lit("1")),
            "MC_DOB": pl.when(_ROW % 90 == 1).then(_day(_ROW, year)),
        },
        "Episodes": _episodes(year),
        "Reviews": {
            "DOB": _born(),
            "REVIEW": _some(_day(_ROW * 3 + _NTH * 60, year, 400), 503),
            "REVIEW_CODE": _one_of(("PN0", "PN1", "PN3", "PN9")),
        },
        "UASC": {"SEX": _one_of(("M", "F")), "DOB": _born(), "DUC": _some(_day(_ROW * 7, year, 900), 3)},
        "OC2": {
            "DOB": _born(),
            "SDQ_SCORE": _some((_ROW % 44).cast(pl.String), 4),
            "SDQ_REASON": pl.when(_ROW % 5 == 1).then(_one_of(("SDQ1", "SDQ2"))),
            **{
                name: _some(_one_of(flag, _ROW + number), 9 + number)
                for number, name in enumerate(
                    ("CONVICTED", "HEALTH_CHECK", "IMMUNISATIONS", "TEETH_CHECK", "HEALTH_ASSESSMENT")
                    + ("SUBSTANCE_MISUSE", "INTERVENTION_RECEIVED", "INTERVENTION_OFFERED")
                )
            },
        },
        "OC3": {
            "DOB": _born(),
            "IN_TOUCH": _one_of(("YES", "NO", "DIED")),
            "ACTIV": _one_of(("F1", "0", "G4")),
            "ACCOM": _one_of(("B1", "0", "S2", "Z1")),
        },
        "AD1": {
            "DOB": _born(),
            "DATE_INT": _day(_ROW, year),
            "DATE_MATCH": _day(_ROW * 2, year),
            "FOSTER_CARE": _one_of(flag),
            "NB_ADOPTR": _one_of(("1", "2")),
            "SEX_ADOPTR": _one_of(("M1", "MF", "FF")),
            "LS_ADOPTR": _one_of(("L0", "L2", "L3")),
        },
        "PlacedAdoption": {
            "DOB": _born(),
            "DATE_PLACED": _day(_ROW * 3, year),
            "DATE_PLACED_CEASED": pl.when(_ROW % 4 == 1).then(_day(_ROW * 5, year)),
            "REASON_PLACED_CEASED": pl.when(_ROW % 4 == 1).then(_one_of(("RD1", "RD9"))),
        },
        "PrevPerm": {
            "DOB": _born(),
            "PREV_PERM": _some(_one_of(("Z1", "P1", "P2", "P9")), 30),
            "LA_PERM": _some(_one_of(("301", "WAL", "998")), 2),
            "DATE_PERM": pl.when(_ROW % 3 == 1).then(_one_of(("ZZ/05/2019", "01/06/2020", "ZZ/ZZ/ZZZZ", "soon"))),
        },
        "Missing": {
            "DOB": _born(),
            "MISSING": _one_of(("M", "A", "X")),
            "MIS_START": _some(_day(_ROW * 3, year), 50),
            "MIS_END": _some(_day(_ROW * 3 + 4, year), 5),
        },
        "SWEpisodes": {
            "DOB": _born(),
            "SW_ID": pl.format("SW{}", _ROW % 9_000 + 1_000),
            "SW_DECOM": _some(_day(_CHILD * 3 + _NTH * 100, year), 700),
            "SW_DEC": pl.when(_ROW % 4 == 1).then(_day(_CHILD * 3 + 100, year)),
            "SW_REASON": _some(_one_of(("MANAGE", "FCONTA", "OTHERS", "LAZY")), 8),
        },
    }
    return columns[table]


def make_looked_after(folder: Path, children: int) -> None:
    """Write a made-up return of two years, one CSV file a module, below folders named after the years.

    One child in five of this year is not in that of the year before.
    """
    for year, share in ((_YEAR, 1.0), (_YEAR - 1, 0.8)):
        below = folder / str(year)
        below.mkdir(parents=True)
        for table, rows in _ROWS.items():
            count = max(1, round(children * share * rows))
            numbers = pl.LazyFrame({"row": pl.int_range(count, eager=True)}).with_columns(
                (_ROW * max(1, round(children * share)) // count).alias("child")
            )
            numbered = numbers.with_columns((_ROW - _ROW.min().over("child")).alias("nth"))
            child = pl.format("MADE{}", _CHILD.cast(pl.String).str.zfill(7)).alias("CHILD")
            columns = [value.alias(name) for name, value in _module(table, year).items()]
            numbered.select(child, *columns).collect().write_csv(below / f"{table.lower()}.csv")


def _providers() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "URN": [f"SC{number:06d}"[:7] for number in range(0, 5_000, 3)],
            "PLACE_CODES": "U1,U2,U3,U4,U5,U6",
            "PROVIDER_CODES": "PR1,PR2",
            "REG_END": None,
            "POSTCODE": "EF34GH",
        },
        schema_overrides={"REG_END": pl.Date},
    ).unique("URN")


def check(return_code: str, path: str) -> None:
    """Read a return and run all its rules; print what was found and what reading and rules took."""
    from transforms.returns import rules_of
    from transforms.returns.assembling import assemble
    from transforms.returns.model import ReturnData
    from transforms.returns.reading import read_file
    from transforms.returns.rule import run_rules

    def submitted(files: Iterable[Path], year: int, previous: ReturnData | None = None) -> ReturnData:
        # By processes of their own, as the command reads them.
        with ProcessPoolExecutor(1, get_context("spawn")) as reader:
            read = list(reader.map(read_file, files))
        return assemble(return_code, read, year, _LA_CODE, previous, {"providers": _providers()})

    if return_code == _CENSUS:
        data = submitted([Path(path)], _YEAR)
    else:
        before, now = (sorted((Path(path) / str(year)).glob("*.csv")) for year in (_YEAR - 1, _YEAR))
        data = submitted(now, _YEAR, submitted(before, _YEAR - 1))
    read = sum(os.times()[:4])
    run = run_rules(data, rules_of(return_code))
    checked = sum(os.times()[:4])
    json.dump(
        {
            "rows": sum(frame.height for frame in data.typed.values()),
            "read_seconds": round(read, 2),
            "rule_seconds": round(checked - read, 2),
            "rules": Counter(verdict.state for verdict in run.verdicts),
            "findings": run.findings.height,
        },
        sys.stdout,
    )


def measure(children: int) -> dict[str, Any]:
    """Make both returns and check them; return processor seconds, peak memory and what was found, by return."""
    found: dict[str, Any] = {"children": children}
    with tempfile.TemporaryDirectory(prefix="safeguarding-bench-") as root:
        places = {_LOOKED_AFTER: Path(root) / "looked_after", _CENSUS: Path(root) / "census.xml"}
        make_looked_after(places[_LOOKED_AFTER], children)
        make_census(places[_CENSUS], children=children)
        for return_code, place in places.items():
            found[return_code] = _checked(return_code, place)
    return found


def _checked(return_code: str, place: Path) -> dict[str, Any]:
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", _RUN, return_code, str(place)],
        stdout=subprocess.PIPE,
        env={**os.environ, "POLARS_MAX_THREADS": "1"},
    )
    output = process.stdout.read() if process.stdout else b""
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"rules of {return_code}: found that they failed, expected findings")
    return {**json.loads(output), "peak_mb": round(usage.ru_maxrss / 1024)}


def limits(found: dict[str, Any]) -> list[tuple[str, float, float, str]]:
    """Return what was measured, the figure, its limit and the unit."""
    rows = []
    for return_code, (children, seconds, times) in _LIMITS.items():
        figures = found[return_code]
        slowest = _START_SECONDS + (seconds / times - _START_SECONDS) * found["children"] / children
        most = _LIBRARIES_MB + (_MOST_MB - _LIBRARIES_MB) * found["children"] / _LARGEST[return_code]
        rows += [
            (f"{return_code}: all rules", figures["rule_seconds"], slowest, "s"),
            (f"{return_code}: peak memory", figures["peak_mb"], most, "MB"),
        ]
    return rows
