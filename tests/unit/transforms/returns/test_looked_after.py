"""Twelve months looked after: hand-worked cases around the edges of the year 2025/26. All children are made up."""

from datetime import date

import polars as pl
import pytest

from transforms.returns.looked_after import continuously_looked_after
from transforms.returns.model import ROW, MissingInput, ReturnData

FIRST, LAST = date(2025, 4, 1), date(2026, 3, 31)
SCHEMA = {"CHILD": pl.String, "DECOM": pl.Date, "DEC": pl.Date, "RNE": pl.String, "REC": pl.String, "LS": pl.String}


def whole_year(*episodes):
    rows = [("a", *episode) for episode in episodes]
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row").with_row_index(ROW)
    data = ReturnData("ssda903", 2026, FIRST, LAST, {"Episodes": frame})
    return continuously_looked_after(data).collect()["CHILD"].to_list() == ["a"]


@pytest.mark.parametrize(
    ("expected", "episodes"),
    [
        (True, [(date(2020, 1, 1), None, "S", None, "C2")]),
        (True, [(FIRST, None, "S", None, "C2")]),  # the first day of the year is in time
        (False, [(date(2025, 4, 2), None, "S", None, "C2")]),
        (True, [(date(2025, 4, 2), None, "P", None, "C2")]),  # a change of placement, not a start of care
        (True, [(date(2020, 1, 1), LAST, "S", "E3", "C2")]),  # the last day of the year is late enough
        (False, [(date(2020, 1, 1), date(2026, 3, 30), "S", "E3", "C2")]),
        (False, [(date(2020, 1, 1), date(2026, 3, 30), "S", None, "C2")]),  # ended, and no reason says it went on
        (True, [(date(2020, 1, 1), date(2025, 9, 1), "S", "X1", "C2"), (date(2025, 9, 1), None, "L", None, "E1")]),
        (False, [(date(2020, 1, 1), date(2025, 9, 1), "S", "X1", "V3"), (date(2025, 9, 1), None, "L", None, "C2")]),
        (True, [(date(2020, 1, 1), date(2025, 3, 31), "S", "X1", "V4"), (date(2025, 3, 31), None, "L", None, "C2")]),
        (False, [(date(2020, 1, 1), date(2024, 9, 1), "S", "E3", "C2")]),  # nothing in the year
        (False, [(date(2026, 4, 1), None, "S", None, "C2")]),
        (False, [(None, None, "S", None, "C2")]),  # no start that can be read
        (True, [(date(2020, 1, 1), None, None, None, None)]),
        (False, []),
    ],
)
def test_who_was_looked_after_the_whole_year(expected, episodes):
    assert whole_year(*episodes) is expected


def test_without_episodes_it_says_what_is_missing():
    with pytest.raises(MissingInput, match="Episodes"):
        continuously_looked_after(ReturnData("ssda903", 2026, FIRST, LAST, {}))
