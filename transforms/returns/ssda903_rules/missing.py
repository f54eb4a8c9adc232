"""Rules on children who went missing or were away without authorisation: the module Missing."""

from __future__ import annotations

import polars as pl

from transforms.returns.model import ROW, ReturnData
from transforms.returns.rule import Found, Rule, rule
from transforms.returns.ssda903_rules.module_frames import (
    blank,
    by_end,
    cited,
    filled,
    first_of_child,
    follows,
    given,
    in_order,
    known,
    last_year,
    not_a_date,
    not_valid,
    numbered,
    one_of,
    outside_care,
    periods_of_care,
)

TABLE = "Missing"
_BOTH = (TABLE, "Episodes")
_FIELDS = ("MIS_START", "MIS_END")


def _absence(code: str, message: str, fields: tuple[str, ...], condition: pl.Expr) -> Rule:
    """A rule on single rows of Missing."""
    return Rule(code, message, fields, (TABLE,), lambda data: {TABLE: given(data, TABLE).filter(condition)})


_SINGLE_ROWS = (
    _absence("1004", "MIS_START is blank or not a valid date", ("MIS_START",), not_a_date("MIS_START")),
    _absence("1005", "MIS_END is not a valid date", ("MIS_END",), filled("MIS_END") & not_a_date("MIS_END")),
    _absence("1006", "MISSING must be M or A", ("MISSING",), not_valid("MISSING", ("M", "A"))),
    _absence(
        "564",
        "The child was missing or away, but the start is blank",
        ("MISSING", "MIS_START"),
        one_of("MISSING", ("M", "A")) & blank("MIS_START"),
    ),
    _absence(
        "565",
        "There is a start, but not whether the child was missing or away",
        ("MISSING", "MIS_START"),
        filled("MIS_START") & blank("MISSING"),
    ),
    _absence(
        "566",
        "There is an end, but not whether the child was missing or away",
        ("MISSING", "MIS_END"),
        filled("MIS_END") & blank("MISSING"),
    ),
    _absence("567", "The end is before the start", _FIELDS, pl.col("MIS_START") > pl.col("MIS_END")),
    _absence(
        "586", "The start is not after the child's birth", ("MIS_START", "DOB"), pl.col("MIS_START") <= pl.col("DOB")
    ),
)


@rule("570", "The start is after the end of the collection year", [TABLE], ["MIS_START"])
def _starts_after_year(data: ReturnData) -> Found:
    return {TABLE: given(data, TABLE).filter(pl.col("MIS_START") > data.end)}


@rule("571", "The end is not within the collection year", [TABLE], ["MIS_END"])
def _ends_outside_year(data: ReturnData) -> Found:
    # Compared one by one: a period given the wrong way round leaves every date outside.
    return {TABLE: given(data, TABLE).filter((pl.col("MIS_END") < data.start) | (pl.col("MIS_END") > data.end))}


@rule("574", "A new absence starts while the one before is open, or overlaps it", [TABLE], _FIELDS)
def _absences_overlap(data: ReturnData) -> Found:
    overlaps = blank("MIS_END").shift(1) | (pl.col("MIS_START") < pl.col("MIS_END").shift(1))
    return {TABLE: by_end(data, TABLE, *_FIELDS).filter(follows() & overlaps)}


def _with_episodes(data: ReturnData) -> pl.LazyFrame:
    """Pair absences with all episodes of their child."""
    episodes = data["Episodes"].select("CHILD", "DECOM", "DEC")
    return given(data, TABLE).join(episodes, on="CHILD")


@rule("575", "The placement ended, but the absence that began during it has no end", _BOTH, ["MIS_END"])
def _placement_ended(data: ReturnData) -> Found:
    during = pl.col("MIS_START").is_between(pl.col("DECOM"), pl.col("DEC"))
    return {TABLE: _with_episodes(data).filter(blank("MIS_END") & during)}


@rule(
    "576",
    "An absence was open at the end of last year, but this year's first is another",
    [TABLE],
    ["CHILD"],
    needs=("previous_year",),
)
def _open_absence_lost(data: ReturnData) -> Found:
    # A child without any row this year has none to cite.
    first = first_of_child(in_order(data, TABLE, "MIS_START"))  # where no start can be read, the row that came first
    before = last_year(data, TABLE).filter(blank("MIS_END") & pl.col("MIS_START").is_not_null())
    before = before.select("CHILD", pl.col("MIS_START").alias("start before"))
    return {TABLE: first.join(before, on="CHILD").filter(pl.col("MIS_START").ne_missing(pl.col("start before")))}


@rule("577", "The child left care, but the absence has no end or ends outside care", _BOTH, ["MIS_END"])
def _absent_outside_care(data: ReturnData) -> Found:
    return {TABLE: outside_care(data, TABLE, *_FIELDS)}


@rule("578", "The absence starts when the child was not in care", _BOTH, ["MIS_START"])
def _absent_after_care(data: ReturnData) -> Found:
    pairs = given(data, TABLE).join(periods_of_care(data), on="CHILD")
    outside = (pl.col("MIS_START") < pl.col("care_from")) | (pl.col("MIS_START") > pl.col("care_to"))
    return {TABLE: pairs.group_by(ROW).agg(outside.fill_null(False).all().alias("outside")).filter("outside")}


@rule("580", "The child was missing until leaving care at 18, but the reason is not E8", _BOTH, ["REC", "MIS_END"])
def _missing_when_leaving(data: ReturnData) -> Found:
    birthday = pl.col("DOB").dt.offset_by("18y")
    absences = given(data, TABLE).filter(pl.col("MIS_END") == birthday)
    episodes = numbered(data["Episodes"].select("CHILD", "DEC", "REC", ROW), "Episodes")
    pairs = absences.join(episodes, on="CHILD")
    return cited(pairs.filter((pl.col("DEC") == pl.col("MIS_END")) & pl.col("REC").ne_missing("E8")), "Episodes")


@rule("581", "The absence starts when the child was not looked after", _BOTH, ["MIS_START"])
def _absent_before_care(data: ReturnData) -> Found:
    # A start that is blank or cannot be read is not outside care: rules 564 and 1004 find it.
    begun = pl.col("MIS_START") >= pl.col("DECOM")
    within = begun & (pl.col("DEC").is_null() | (pl.col("MIS_START") <= pl.col("DEC")))
    pairs = _with_episodes(data).filter(pl.col("MIS_START").is_not_null())
    return {TABLE: pairs.group_by(ROW).agg(within.fill_null(False).any().alias("within")).filter(~pl.col("within"))}


RULES = known(
    (
        *_SINGLE_ROWS,
        _starts_after_year,
        _ends_outside_year,
        _absences_overlap,
        _placement_ended,
        _open_absence_lost,
        _absent_outside_care,
        _absent_after_care,
        _missing_when_leaving,
        _absent_before_care,
    )
)
