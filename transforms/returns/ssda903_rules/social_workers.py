"""Rules on the social workers of a child: the module SWEpisodes, from 2023/24."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from transforms.returns.looked_after import CONTINUES, SHORT_BREAKS
from transforms.returns.model import ROW, ReturnData
from transforms.returns.rule import Found, Rule, rule
from transforms.returns.ssda903_rules.module_frames import (
    any_blank,
    blank,
    filled,
    follows,
    given,
    in_order,
    in_part,
    known,
    last_of_child,
    not_a_date,
    not_valid,
    of_others,
    one_of,
    years_before,
)

TABLE = "SWEpisodes"
SINCE = 2024
_BOTH = (TABLE, "Episodes")
_COMPLETE = ("SW_ID", "SW_DECOM", "SW_REASON")
_REASONS = ("MANAGE", "FCONTA", "LEFTRL", "ORGRST", "TSPROC", "ABSENC", "CHCHAN", "PCCHAN", "SWDIED", "OTHERS")
_REASONS_FROM = date(2023, 4, 1)


def _worker(
    code: str,
    message: str,
    fields: tuple[str, ...],
    condition: pl.Expr,
    since: int = SINCE,
    until: int | None = None,
) -> Rule:
    """A rule on single rows of SWEpisodes."""
    return Rule(
        code,
        message,
        fields,
        (TABLE,),
        lambda data: {TABLE: given(data, TABLE).filter(condition)},
        since=since,
        until=until,
    )


_STARTED = pl.col("SW_DECOM")

_SINGLE_ROWS = (
    _worker(
        "SW01aSTG1",
        "The start is missing, or the worker of an episode from before 1 April 2023 is",
        ("SW_DECOM", "SW_ID"),
        _STARTED.is_null() | ((_STARTED < _REASONS_FROM) & blank("SW_ID")),
        since=2025,
    ),
    _worker(
        "SW01bSTG1",
        "The start is missing, or worker or reason of an episode from 1 April 2023 on is",
        _COMPLETE,
        _STARTED.is_null() | ((_STARTED >= _REASONS_FROM) & any_blank(("SW_ID", "SW_REASON"))),
        since=2025,
    ),
    _worker(
        "SW02STG1",
        "SW_ID does not begin with SW or XX",
        ("SW_ID",),
        ~pl.col("SW_ID").str.slice(0, 2).is_in(["SW", "XX"]).fill_null(False),
    ),
    _worker("SW03STG1", "Worker, start or reason is blank", _COMPLETE, any_blank(_COMPLETE), until=2024),
    _worker(
        "SW09STG2",
        "The episode began and ended on one day",
        ("SW_DECOM", "SW_DEC"),
        pl.col("SW_DEC") == _STARTED,
    ),
)


@rule("SW04STG1", "SW_DECOM is not a valid date", [TABLE], ["SW_DECOM"], since=SINCE)
def _start_not_valid(data: ReturnData) -> Found:
    odd = given(data, TABLE).filter(filled("SW_DECOM") & not_a_date("SW_DECOM"))
    return {TABLE: odd.filter(in_part("SW_DECOM").is_null())}


@rule("SW05STG1", "SW_DEC is not a valid date", [TABLE], ["SW_DEC"], since=SINCE)
def _end_not_valid(data: ReturnData) -> Found:
    odd = given(data, TABLE).filter(filled("SW_DEC") & not_a_date("SW_DEC"))
    return {TABLE: odd.filter(in_part("SW_DEC").is_null())}


@rule("SW06STG2", "The episode begins after the end of the collection year", [TABLE], ["SW_DECOM"], since=SINCE)
def _starts_after_year(data: ReturnData) -> Found:
    return {TABLE: given(data, TABLE).filter(_STARTED > data.end)}


def _ends_outside(data: ReturnData, first: date) -> Found:
    return {TABLE: given(data, TABLE).filter((pl.col("SW_DEC") < first) | (pl.col("SW_DEC") > data.end))}


@rule("SW07STG2", "The episode ends outside the collection year", [TABLE], ["SW_DEC"], since=SINCE, until=2024)
def _ends_outside_year(data: ReturnData) -> Found:
    return _ends_outside(data, data.start)


@rule("SW07STG2", "The episode ends outside the collection year and the one before", [TABLE], ["SW_DEC"], since=2025)
def _ends_outside_two_years(data: ReturnData) -> Found:
    return _ends_outside(data, years_before(data.start, 1))


def _open_before_another(data: ReturnData) -> Found:
    """Episodes without an end after which another of the child begins."""
    ordered = in_order(data, TABLE, "SW_DECOM", "SW_DEC").filter(_STARTED.is_not_null())
    goes_on = pl.col("CHILD").eq(pl.col("CHILD").shift(-1)).fill_null(False)
    return {TABLE: ordered.filter(goes_on & blank("SW_DEC"))}


@rule("SW08STG2", "Another episode has begun, but this one has no end", [TABLE], ["SW_DEC"], since=SINCE)
def _not_ended(data: ReturnData) -> Found:
    return _open_before_another(data)


@rule("SW14STG2", "The end is blank, though this is not the last episode", [TABLE], ["SW_DEC"], since=SINCE, until=2024)
def _end_blank(data: ReturnData) -> Found:
    return _open_before_another(data)


def _apart(days: int) -> pl.Expr:
    """Whether an episode begins more than some days from the end of the one before, in a frame in order."""
    return (_STARTED - pl.col("SW_DEC").shift(1)).dt.total_days().abs() > days


def _not_adjoining(data: ReturnData, excused: pl.Expr) -> Found:
    ordered = in_order(data, TABLE, "SW_DECOM", "SW_DEC")
    apart = _STARTED.is_not_null() & (blank("SW_DEC").shift(1) | _apart(7))
    return {TABLE: ordered.filter(follows() & apart & ~excused)}


_ADJOINING = "The episode does not begin within a week of the end of the one before"


@rule("SW10STG2", _ADJOINING, [TABLE], ["SW_DECOM"], since=SINCE, until=2024)
def _overlaps(data: ReturnData) -> Found:
    return _not_adjoining(data, pl.lit(False))


@rule("SW10STG2", _ADJOINING, [TABLE], ["SW_DECOM", "SW_REASON"], since=2025)
def _overlaps_but_for_first_contact(data: ReturnData) -> Found:
    return _not_adjoining(data, one_of("SW_REASON", ("FCONTA",)))


@rule(
    "SW11aSTG2",
    "The episode before ended in the year, and this one does not begin within five days",
    [TABLE],
    ["SW_DEC"],
    since=SINCE,
    until=2024,
)
def _gap(data: ReturnData) -> Found:
    ended = pl.col("SW_DEC").shift(1) <= data.end - timedelta(days=5)
    return {TABLE: in_order(data, TABLE, "SW_DECOM").filter(follows() & ended & (blank("SW_DECOM") | _apart(5)))}


@rule("SW11bSTG2", "The last episode ended before 31 March, and none follows", [TABLE], ["SW_DEC"], since=SINCE)
def _none_follows(data: ReturnData) -> Found:
    # An entry without a start follows nothing. The tool of today finds every child with one episode
    # only, whether or not it ended, and no child with several.
    ordered = in_order(data, TABLE, "SW_DECOM")
    ended = pl.col("SW_DEC").shift(1).is_between(data.end - timedelta(days=5), data.end)
    empty = ordered.filter(follows() & ended & blank("SW_DECOM"))
    ends = in_order(data, TABLE, "SW_DEC")
    last = of_others(last_of_child(ends), ends.filter(pl.col("SW_DEC").is_null()))
    return {TABLE: pl.concat([empty.select(ROW), last.filter(pl.col("SW_DEC") < data.end).select(ROW)])}


@rule(
    "SW01STG1",
    "The child is looked after on 31 March, but no worker is fully reported",
    _BOTH,
    ["DEC"],
    since=SINCE,
    until=2024,
)
def _no_worker(data: ReturnData) -> Found:
    # The tool of today names the table SWEpisodes with the row numbers of Episodes.
    looked_after = given(data, "Episodes").filter(blank("DEC") & ~one_of("LS", SHORT_BREAKS))
    return {"Episodes": of_others(looked_after, given(data, TABLE).filter(~any_blank(_COMPLETE)))}


@rule(
    "SW12STG2",
    "Care began or ended in these two years, but no episode of a worker goes with it",
    _BOTH,
    ["SW_DECOM"],
    since=SINCE,
)
def _no_worker_for_care(data: ReturnData) -> Found:
    # One that fits is enough. The tool of today also finds children with another that does not; its
    # version for 2023/24 stops at an error.
    episodes = data["Episodes"].select("CHILD", "DECOM", "DEC", "REC", "RNE", "LS", ROW)
    recent = pl.col("DEC").is_null() | pl.col("DEC").is_between(years_before(data.start, 1), data.end)
    begins, ends = one_of("RNE", ("S",)), pl.col("REC").ne_missing(CONTINUES)
    cases = episodes.filter(recent & ~one_of("LS", SHORT_BREAKS) & (begins | ends))
    fits = (ends & (_STARTED <= pl.col("DEC"))) | (begins & (_STARTED >= pl.col("DECOM")))
    fitting = cases.join(data[TABLE].select("CHILD", "SW_DECOM"), on="CHILD").filter(fits)
    return {"Episodes": cases.join(fitting.select(ROW), on=ROW, how="anti")}


@rule("SW13STG1", "SW_REASON is blank or not a valid code", [TABLE], ["SW_REASON"], since=SINCE, until=2024)
def _reason_not_valid(data: ReturnData) -> Found:
    return {TABLE: given(data, TABLE).filter(~one_of("SW_REASON", _REASONS))}


@rule(
    "SW13STG1",
    "SW_REASON is not a valid code, or is blank for an episode from 1 April 2023 on",
    [TABLE],
    ["SW_REASON"],
    since=2025,
)
def _reason_not_valid_since_collected(data: ReturnData) -> Found:
    lacking = blank("SW_REASON") & (_STARTED >= _REASONS_FROM)
    return {TABLE: given(data, TABLE).filter(not_valid("SW_REASON", _REASONS) | lacking)}


@rule(
    "SW17STG2", "No episode is open on 31 March: the last one has an end", [TABLE], ["SW_DEC", "SW_DECOM"], since=2026
)
def _none_open(data: ReturnData) -> Found:
    # An episode without an end is open, also where the start it gives cannot be read.
    ordered = in_order(data, TABLE, "SW_DECOM", "SW_DEC")
    ended = last_of_child(ordered.filter(_STARTED.is_not_null())).filter(filled("SW_DEC"))
    return {TABLE: of_others(ended, ordered.filter(filled("SW_DECOM") & _STARTED.is_null() & blank("SW_DEC")))}


RULES = known(
    (
        *_SINGLE_ROWS,
        _start_not_valid,
        _end_not_valid,
        _starts_after_year,
        _ends_outside_year,
        _ends_outside_two_years,
        _not_ended,
        _end_blank,
        _overlaps,
        _overlaps_but_for_first_contact,
        _gap,
        _none_follows,
        _no_worker,
        _no_worker_for_care,
        _reason_not_valid,
        _reason_not_valid_since_collected,
        _none_open,
    )
)
