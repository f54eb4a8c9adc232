"""Children looked after: how many, who starts, who leaves and why, unaccompanied children, missing.

Source: LAIT measures 124, 376, 392, 334, 161, 208, 390, 273b; DfE children looked after dashboard text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from transforms.indicators.episodes import ceased, in_year, looked_after, started
from transforms.indicators.model import (
    COUNT,
    MEAN,
    PERCENT,
    RATE,
    Flow,
    Indicator,
    Leftover,
    Scope,
    apart,
    parts_of,
    same,
)
from transforms.indicators.people import PEOPLE, label

RETURN = "ssda903"
EPISODE_FIELDS = ("Episodes.CHILD", "Episodes.DECOM", "Episodes.DEC", "Episodes.REC", "Episodes.LS")
PEOPLE_FIELDS = ("Header.DOB",)

NEED = parts_of(
    "Category of need",
    "Abuse or neglect",
    "Child's disability",
    "Parental illness or disability",
    "Family in acute stress",
    "Family dysfunction",
    "Socially unacceptable behaviour",
    "Low income",
    "Absent parenting",
    "Not known",
)
NEED_CODES = {f"N{number + 1}": name for number, name in enumerate(NEED.values[:-1])}
PLACEMENT = parts_of(
    "Placement",
    "Foster placements",
    "Placed for adoption",
    "Secure homes and children's homes",
    "Supported accommodation",
    "Placed with parents",
    "Residential schools",
    "Other residential settings",
    "Other placements",
    "Temporary placements",
    "Not known",
)
_PLACES = {
    "Foster placements": "U1 U2 U3 U4 U5 U6",
    "Placed for adoption": "A3 A4 A5 A6",
    "Secure homes and children's homes": "K1 K2",
    "Supported accommodation": "K3",
    "Placed with parents": "P1",
    "Residential schools": "S1",
    "Other residential settings": "R1 R2 R3 R5",
    "Other placements": "P3 Z1 Z11 Z12 Z13 Z14",
    "Temporary placements": "T0 T1 T2 T3 T4",
}
_PLACE = {code: name for name, codes in _PLACES.items() for code in codes.split()}
_BEFORE_2025 = {"H5": "Supported accommodation", "P2": "Supported accommodation"}
SUPPORTED_UNTIL = 2024  # H5 and P2 ended then
REASON = parts_of(
    "Reason ceased",
    "Adopted",
    "Special guardianship order",
    "Child arrangements order",
    "Returned home, planned",
    "Returned home, not planned",
    "Left to live with others",
    "Independent living",
    "Transferred to adult services or aged 18 stayed with carers",
    "Sentenced to custody or remand ended",
    "Taken over by another authority",
    "Other reasons",
)
_REASONS = {
    "Adopted": "E11 E12",
    "Special guardianship order": "E43 E44 E45 E46 E47 E48",
    "Child arrangements order": "E41",
    "Returned home, planned": "E4A",
    "Returned home, not planned": "E4B",
    "Left to live with others": "E13",
    "Independent living": "E5 E6",
    "Transferred to adult services or aged 18 stayed with carers": "E7 E17",
    "Sentenced to custody or remand ended": "E9 E14",
    "Taken over by another authority": "E3",
}
_REASON = {code: name for name, codes in _REASONS.items() for code in codes.split()}


def placement_type(year: int) -> pl.Expr:
    """Return the kind of a placement; semi-independent codes count until they ended."""
    return label(PLACEMENT, pl.col("PLACE"), _PLACE | (_BEFORE_2025 if year <= SUPPORTED_UNTIL else {}))


def counted(rows: pl.LazyFrame, numerator: pl.Expr | None = None) -> pl.LazyFrame:
    """Return rows that count one each below the line, and above it where `numerator` holds."""
    above = pl.lit(1) if numerator is None else numerator.fill_null(False).cast(pl.Int64)
    return rows.with_columns(above.alias("numerator"), pl.lit(1).alias("denominator"))


def number(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Return rows that count one each, with nothing below the line."""
    return rows.with_columns(pl.lit(1).alias("numerator"))


def on_last_day(scope: Scope) -> pl.LazyFrame:
    """Return children looked after on the last day with placement type and category of need."""
    rows = looked_after(scope)
    return rows.with_columns(placement_type(scope.data.year), label(NEED, pl.col("CIN"), NEED_CODES))


def _ceased(scope: Scope) -> pl.LazyFrame:
    reason = pl.col("REC").replace_strict(_REASON, default="Other reasons", return_dtype=pl.String)
    return ceased(scope).with_columns(reason.alias(REASON.name))


def _started(scope: Scope) -> pl.LazyFrame:
    return started(scope).with_columns(label(NEED, pl.col("CIN"), NEED_CODES))


def _unaccompanied(scope: Scope) -> pl.LazyFrame:
    there = scope.table("UASC").filter(pl.col("DUC").is_null() | (pl.col("DUC") > scope.end))
    named = there.select("CHILD").unique().with_columns(pl.lit(True).alias("is_uasc"))
    return counted(on_last_day(scope).join(named, on="CHILD", how="left"), pl.col("is_uasc"))


def _away(scope: Scope, kind: str) -> pl.LazyFrame:
    """Return periods of going missing (M) or away (A) that touch the year: CHILD and `periods`."""
    touching = (pl.col("MIS_START") <= scope.end) & (pl.col("MIS_END").is_null() | (pl.col("MIS_END") >= scope.start))
    return (
        scope.table("Missing")
        .filter((pl.col("MISSING") == kind) & touching)
        .select("CHILD", "MIS_START")
        .unique()
        .group_by("CHILD")
        .agg(pl.len().alias("periods"))
    )


def _went(kind: str) -> Callable[[Scope], pl.LazyFrame]:
    def measure(scope: Scope) -> pl.LazyFrame:
        rows = in_year(scope).join(_away(scope, kind), on="CHILD", how="left")
        return counted(rows, pl.col("periods") > 0)

    return measure


def _incidents(scope: Scope) -> pl.LazyFrame:
    rows = in_year(scope).join(_away(scope, "M"), on="CHILD")
    return rows.with_columns(pl.col("periods").alias("numerator"), pl.lit(1).alias("denominator"))


def _left_by(*names: str) -> Callable[[Scope], pl.LazyFrame]:
    return lambda scope: counted(_ceased(scope), pl.col(REASON.name).is_in(names))


_CLA = "Children looked after on 31 March"
_LEFT = "Children who ceased to be looked after in the year, each once, by their last occasion"


# Of a year's children some stay through it, some start, some leave, some do two of these. Without faults each of
# these differences counts some of them; the number of the year gives way, for little else rests on it.
_IN_YEAR = "cla_in_year"
_MOVES = (
    # Left and came back: there on the last day although they left.
    Leftover(same("cla", "cla_ceased"), same(_IN_YEAR), _IN_YEAR, holds_always=False),
    Leftover(same(_IN_YEAR), same("cla_ceased"), _IN_YEAR, holds_always=False),  # did not leave
    Leftover(same(_IN_YEAR), same("cla_started"), _IN_YEAR, holds_always=False),  # did not start
    Leftover(same(_IN_YEAR), same("cla12", "cla_ceased"), _IN_YEAR, holds_always=False),  # started and stayed
    Leftover(same(_IN_YEAR), same("cla12", "cla_started"), _IN_YEAR, holds_always=False),  # left for good
    Leftover(same("cla_ceased", "cla_started", "cla12"), same(_IN_YEAR), _IN_YEAR, holds_always=False),  # did both
    Leftover(same("cla12", "cla_started"), same("cla"), "cla_started", holds_always=False),  # started and left
    Leftover(same("cla_ceased", "cla"), same("cla_started", "cla12"), "cla_started", holds_always=False),
)
# Of those looked after a year before some stay through the year; others of its children are new.
_SINCE = (
    # Left and came back; new; left of those there; new and left.
    Leftover(same("cla_started"), same(_IN_YEAR), _IN_YEAR, holds_always=False, wholes_before=same("cla")),
    Leftover(same(_IN_YEAR), (), _IN_YEAR, holds_always=False, parts_before=same("cla")),
    Leftover((), same("cla12"), "cla12", holds_always=False, wholes_before=same("cla")),
    Leftover(same("cla12", "cla_ceased"), (), "cla_ceased", holds_always=False, parts_before=same("cla")),
)
_YEAR_ON = Flow("cla", came=("cla_started",), went=("cla_ceased",))


def _entry(
    code: str,
    title: str,
    definition: str,
    above: str,
    below: str,
    unit: str,
    polarity: str,
    source: str,
    measure: Callable[[Scope], pl.LazyFrame],
    **more: Any,
) -> Indicator:
    fields = EPISODE_FIELDS + tuple(more.pop("also", ()))
    decimals = more.pop("decimals", 0)
    return Indicator(
        code,
        title,
        definition,
        above,
        below,
        unit,
        decimals,
        polarity,
        RETURN,
        source,
        measure,
        fields,
        **more,
    )


def _share(code: str, title: str, reasons: tuple[str, ...], polarity: str, source: str) -> Indicator:
    codes = " ".join(_REASONS[name] for name in reasons)
    return _entry(
        code,
        title,
        f"Of children who ceased to be looked after in the year, those whose last reason is {codes}.",
        f"Children whose last occasion ended with {codes}",
        _LEFT,
        PERCENT,
        polarity,
        source,
        _left_by(*reasons),
        counts=(f"{code} left", "cla_ceased"),
        is_part=True,
        dimensions=PEOPLE,
        also=PEOPLE_FIELDS,
        adds=tuple(("cla_ceased", REASON.label(name)) for name in reasons),
    )


INDICATORS = (
    _entry(
        "CLA1",
        "Children looked after per 10,000",
        "Children looked after on 31 March, without short breaks.",
        _CLA,
        "Children aged 0 to 17",
        RATE,
        "none",
        "LAIT 124; INF mid-year",
        lambda s: number(on_last_day(s)),
        published_code="lac",
        counts=("cla", "population"),
        has_population=True,
    ),
    _entry(
        "CLA1N",
        "Children looked after",
        "Children looked after on 31 March, without short breaks.",
        _CLA,
        "",
        COUNT,
        "none",
        "LAIT 332",
        lambda s: number(on_last_day(s)),
        published_code="lacnum",
        counts=("cla", ""),
        within_whole=("cla_in_year",),
        dimensions=(*PEOPLE, NEED, PLACEMENT),
        also=("Header.DOB", "Episodes.PLACE"),
    ),
    _entry(
        "CLA2",
        "Children who started to be looked after per 10,000",
        "Children with an episode begun as a start (S).",
        "Children who started in the year, each once",
        "Children aged 0 to 17",
        RATE,
        "none",
        "LAIT 376; DASH",
        lambda s: number(_started(s)),
        published_code="lac_start_rate",
        counts=("cla_started", "population"),
        has_population=True,
        also=("Episodes.RNE",),
    ),
    _entry(
        "CLA2N",
        "Children who started to be looked after",
        "Children with an episode begun as a start (S).",
        "Children who started in the year, each once",
        "",
        COUNT,
        "none",
        "LAIT 376",
        lambda s: number(_started(s)),
        published_code="lacnum_start",
        counts=("cla_started", ""),
        dimensions=(*PEOPLE, NEED),
        also=("Episodes.RNE", "Header.DOB"),
    ),
    _entry(
        "CLA3",
        "Children who ceased to be looked after per 10,000",
        "Children with an end of care in the year.",
        _LEFT,
        "Children aged 0 to 17",
        RATE,
        "none",
        "LAIT 392",
        lambda s: number(_ceased(s)),
        published_code="lac_cease_rate",
        counts=("cla_ceased", "population"),
        has_population=True,
    ),
    _entry(
        "CLA3N",
        "Children who ceased to be looked after",
        "Children with an end of care in the year.",
        _LEFT,
        "",
        COUNT,
        "none",
        "LAIT 392",
        lambda s: number(_ceased(s)),
        published_code="lacceased",
        counts=("cla_ceased", ""),
        dimensions=(*PEOPLE, REASON),
        flows=(_YEAR_ON,),
        leaves=(*_MOVES, *_SINCE, *apart("cla_ceased", "AD left", "SGO left", "HOMEP left", "HOMEU left")),
        also=PEOPLE_FIELDS,
    ),
    _entry(
        "CLA4",
        "Looked after children who are unaccompanied asylum seekers",
        "Unaccompanied on 31 March.",
        "Looked after, in the UASC module, and not ceased to be unaccompanied by 31 March",
        _CLA,
        PERCENT,
        "none",
        "LAIT 334",
        _unaccompanied,
        counts=("uasc", "cla"),
        is_part=True,
        dimensions=PEOPLE,
        also=("UASC.CHILD", "UASC.DUC", "Header.DOB"),
    ),
    _entry(
        "CLA13",
        "Looked after children who went missing",
        "A missing period (M) that touches the year.",
        "Looked after in the year with a missing period",
        "Children looked after at any time in the year",
        PERCENT,
        "low",
        "LAIT 161; INF first day",
        _went("M"),
        counts=("missing", "cla_in_year"),
        is_part=True,
        dimensions=PEOPLE,
        also=("Missing.MISSING", "Missing.MIS_START", "Missing.MIS_END", "Header.DOB"),
    ),
    _entry(
        "CLA14",
        "Missing incidents per missing child",
        "How often those who went missing did.",
        "Missing periods that touch the year",
        "Looked after in the year with a missing period",
        MEAN,
        "low",
        "INF",
        _incidents,
        counts=("missing_periods", "missing"),
        leaves=(Leftover(same("missing_periods"), same("missing"), "missing_periods"),),  # periods after the first
        decimals=1,
        also=("Missing.MISSING", "Missing.MIS_START", "Missing.MIS_END"),
    ),
    _entry(
        "CLA15",
        "Looked after children away without authorisation",
        "An away period (A) that touches the year.",
        "Looked after in the year with an away period",
        "Children looked after at any time in the year",
        PERCENT,
        "none",
        "LAIT 161; INF first day",
        _went("A"),
        counts=("away", "cla_in_year"),
        is_part=True,
        dimensions=PEOPLE,
        also=("Missing.MISSING", "Missing.MIS_START", "Missing.MIS_END", "Header.DOB"),
    ),
    _share("AD", "Adopted, of those who ceased", ("Adopted",), "high", "LAIT 208"),
    _share("SGO", "Special guardianship, of those who ceased", ("Special guardianship order",), "none", "LAIT 390"),
    _share("HOMEP", "Returned home as planned, of those who ceased", ("Returned home, planned",), "none", "LAIT 273b"),
    _share(
        "HOMEU",
        "Returned home not as planned, of those who ceased",
        ("Returned home, not planned",),
        "none",
        "LAIT 273b",
    ),
)
