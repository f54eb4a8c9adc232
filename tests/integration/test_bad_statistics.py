"""Bad files of statistics beside a good one: each is left out or loses its bad rows, with place and reason."""

from __future__ import annotations

import struct

import pytest

from tests.integration.conftest import World
from tests.sheets import ods
from tests.statistics_files import HARTLEPOOL, NATIONAL, TIME_AND_PLACE, text_of, tidy, zipped

COLUMNS = ("made_up_count", "made_up_percent")
GOOD = [["2024", "Reporting year", *NATIONAL, 10, "50.5"], ["2024", "Reporting year", *HARTLEPOOL, 5, "40.0"]]


def declaring(size: int, data: bytes) -> bytes:
    """An archive whose directory says that every member unpacks to so many bytes."""
    out, at = bytearray(data), 0
    while (at := out.find(b"PK\x01\x02", at)) >= 0:
        out[at + 24 : at + 28] = struct.pack("<I", size)
        at += 4
    return bytes(out)


def with_rows(*more: list[object]) -> bytes:
    return tidy([*GOOD, *more], COLUMNS)


YEAR = ["2023", "Reporting year", *HARTLEPOOL]
ACCENTED = text_of([*TIME_AND_PLACE, *COLUMNS, "made_up_kind"], [[*row, "caf\u00e9"] for row in GOOD])
WITHOUT_PERIOD = tidy([row[1:] for row in GOOD], COLUMNS, head=TIME_AND_PLACE[1:])
MERGED = f"{','.join([''] * 10)},Made-up figures,\n" + with_rows().decode()
# File, its bytes, what of it loads, and rule, place and words of what is said of the rest.
LOADED_IN_PART = {
    "encoding.csv": (ACCENTED.encode("cp1252"), 4, "wrong_encoding", "line 2", "Windows-1252"),
    "thousands.csv": (with_rows([*YEAR, "1,234", "1.0"]), 5, "thousands_separator", "made_up_count, row 3", "1,234"),
    "text.csv": (with_rows([*YEAR, "about five", "1.0"]), 5, "text_in_value", "made_up_count, row 3", "about five"),
    "symbol.csv": (with_rows([*YEAR, "q", "1.0"]), 5, "unknown_symbol", "made_up_count, row 3", "'q'"),
    "merged.csv": (MERGED.encode(), 4, "lines_above_header", "lines 1 to 1", "other lines"),
    "twice.csv": (with_rows(GOOD[1]), 4, "duplicate_row", "row 3", "given before"),
    "two_values.csv": (
        with_rows(*([year, *YEAR[1:], 7, "1.0"] for year in ("2021", "2022", "2023")), [*GOOD[1][:10], 6, "41.0"]),
        8, "conflicting_rows", "rows 2, 6", "other values",
    ),
    "nowhere.csv": (
        with_rows(["2024", "Reporting year", *HARTLEPOOL[:5], "999", "E06999999", "Nowhere", 1, "1.0"]),
        4, "unknown_place", "row 3", "Nowhere",
    ),
    "period.csv": (with_rows(["20x4", "Reporting year", *HARTLEPOOL, 1, "1.0"]), 4, "not_a_period", "row 3", "20x4"),
    "ragged.csv": (with_rows() + b"2023,Reporting year,National\n", 4, "ragged_row", "row 3", "3 cells"),
    "two_tables.zip": (
        zipped({"data/good_table.csv": with_rows(), "data/bad_table.csv": WITHOUT_PERIOD}),
        4, "table_not_read", "data/bad_table.csv", "expected",
    ),
}  # fmt: skip
REFUSED = {
    "bomb.xlsx": (
        declaring(2**31 - 1, zipped({"xl/workbook.xml": b"x", "xl/worksheets/sheet1.xml": b"y"})),
        "unpacks to",
    ),
    "bomb.ods": (declaring(2**31 - 1, ods({"x": [["y"]]})), "unpacks to"),
    "bomb.zip": (declaring(2**32 - 2, zipped({"data/a.csv": with_rows()})), "bytes unpacked"),
    "nul.csv": (with_rows().replace(b"50.5", b"5\x00.5"), "NUL"),
    "no_place.csv": (
        tidy([["2024", "Reporting year", *HARTLEPOOL[:5], "999", "E06999999", "Nowhere", 1, "1.0"]], COLUMNS),
        "no value that can be kept (row 1: found authority 'Nowhere'",
    ),
    "no_period.csv": (WITHOUT_PERIOD, "expected also time_period"),
    "cut.zip": (zipped({"data/a.csv": with_rows()})[:-40], "archive"),
}
WAITING = {
    "picture.csv": (b"\x89PNG\r\n\x1a\n\x00\x00\x00", "found a PNG picture"),
}


@pytest.fixture
def loaded(world: World) -> World:
    world.deposit("statistics/good.csv", tidy(GOOD, ("good_count", "good_percent")))
    for name, (data, *_) in {**LOADED_IN_PART, **REFUSED, **WAITING}.items():
        world.deposit(f"statistics/{name}", data)
    summary = world.load()
    assert summary.exit_code == 10
    assert {one["file"].removeprefix("statistics/") for one in summary.quarantined} == set(REFUSED)
    waiting = {one["file"].removeprefix("statistics/"): one["reason"] for one in summary.waiting}
    assert set(waiting) == set(WAITING)
    for name, (_, words) in WAITING.items():
        assert words in waiting[name]
    return world


def test_each_is_left_out_where_it_is_bad_and_says_why(loaded: World) -> None:
    rows = dict(loaded.query("SELECT document_name, count(*) FROM bi.indicator_value GROUP BY ALL"))
    assert rows.pop("good.csv") == 4
    assert rows == {name: count for name, (_, count, *_) in LOADED_IN_PART.items()}
    said = loaded.query("SELECT parse_filename(landing_path), rule, place, found FROM meta.reject")
    for name, (_, _, rule, place, words) in LOADED_IN_PART.items():
        found = [(where or "", what or "") for file, code, where, what in said if (file, code) == (name, rule)]
        assert any(place in where and words in f"{where} {what}" for where, what in found) or (
            rule == "table_not_read" and any(place in where for where, _ in found)
        ), (name, [row for row in said if row[0] == name])
    reasons = dict(
        loaded.query("SELECT parse_filename(landing_path), reason FROM meta.source_file WHERE state = 'quarantined'")
    )
    for name, (_, words) in REFUSED.items():
        assert words in reasons[name], reasons[name]
