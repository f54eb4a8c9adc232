"""Rules on unaccompanied asylum-seeking children: who is one, since when no longer, this year and the last.

The XML form says in the header who is one. Of CSV files the module of asylum seekers says it, by
having a row of the child.
"""

from __future__ import annotations

from typing import Literal

import polars as pl

from transforms.returns.model import ROW, MissingInput, ReturnData
from transforms.returns.rule import Found, Rule
from transforms.returns.ssda903_rules.conditions import birthday, is_yes
from transforms.returns.ssda903_rules.episode_frames import (
    FIRST_YEAR,
    HEADER_ROW,
    LAST,
    Frame,
    asylum_seekers,
    given,
    on,
    rows_of,
)

_MODULE_ROW = "module_row"


def header_with_status(data: ReturnData) -> pl.LazyFrame:
    """Return the header with `is_uasc`: as its rows say it, else whether the module has a row of the child.

    Raises:
        MissingInput: neither the header nor the module says it.
    """
    if "UASC" in data["Header"].collect_schema():
        return data["Header"].with_columns(is_yes("UASC").alias("is_uasc"))
    status = asylum_seekers(data)
    if status is None:
        raise MissingInput("table UASC")
    return (
        data["Header"]
        .join(status.group_by("CHILD").agg(pl.col("is_uasc").any()), on="CHILD", how="left")
        .with_columns(pl.col("is_uasc").fill_null(False))
    )


def _said(data: ReturnData) -> pl.LazyFrame:
    """Return, by child, what one year says: the status and, where there is a header, its row.

    Without a header only the module is there, and a row of it tells by what it holds beside the
    child's date of birth.
    """
    if "Header" in data:
        return header_with_status(data).select("CHILD", "is_uasc", pl.col(ROW).alias(HEADER_ROW))
    module = given("UASC")(data)
    told = [name for name in ("SEX", "DUC_given") if name in module.collect_schema()]
    says = [pl.col(name) if name == "DUC_given" else pl.col(name).is_not_null() for name in told]
    return module.select("CHILD", pl.any_horizontal(says).alias("is_uasc"), pl.lit(None, pl.UInt32).alias(HEADER_ROW))


def _across(data: ReturnData) -> pl.LazyFrame:
    """Return the rows of this year's module beside the status, and both of the year before."""

    def make(data: ReturnData) -> pl.LazyFrame:
        return _beside_last_year(_of_this_year(data), data, "left")

    return data.derived("asylum seekers across years", make)


def _across_in_care(data: ReturnData) -> pl.LazyFrame:
    """Return `_across` and, beside its rows, children with an episode this year whom a header has and the module not.

    In CSV files, that is how one who is no asylum seeker any more is told. Today's tool overlooks them. Of
    care leavers the module is not due (rule 1014).
    """

    def make(data: ReturnData) -> pl.LazyFrame:
        now = _of_this_year(data)
        if "Episodes" in data:
            others = _said(data).join(now.select("CHILD"), on="CHILD", how="anti")
            in_care = others.join(data["Episodes"].select("CHILD"), on="CHILD", how="semi")
            now = pl.concat([now, in_care], how="diagonal")
        return _beside_last_year(now, data, "full")

    return data.derived("asylum seekers across years, all in care", make)


def _of_this_year(data: ReturnData) -> pl.LazyFrame:
    module = given("UASC")(data)
    told = [name for name in ("CHILD", "DOB", "DUC", "DUC_given") if name in module.collect_schema()]
    return module.select(*told, pl.col(ROW).alias(_MODULE_ROW)).join(_said(data), on="CHILD", how="left")


def _beside_last_year(now: pl.LazyFrame, data: ReturnData, how: Literal["left", "full"]) -> pl.LazyFrame:
    """Join what last year says: of children in its module, or (full) of those in its header too."""
    before = given("UASC")(data.last).select("CHILD", "DUC", "DUC_given")
    then = before.join(_said(data.last).drop(HEADER_ROW), on="CHILD", how=how, coalesce=True)
    renamed = then.rename({name: f"{name}{LAST}" for name in ("DUC", "DUC_given", "is_uasc")})
    flags = ("is_uasc", "DUC_given", f"is_uasc{LAST}", f"DUC_given{LAST}")
    return now.join(renamed, on="CHILD", how="left").with_columns(pl.col(flags).fill_null(False))


def _cited(frame: Frame, code: str, message: str, condition: object, *more: str) -> Rule:
    cites = {"UASC": _MODULE_ROW, "Header": HEADER_ROW}
    tables = ("UASC", "Header", *more)
    return on(frame, code, message, tables, ("DUC", "UASC"), condition, cites, needs=("previous_year",))  # type: ignore[arg-type]


def _ended_last_year(data: ReturnData) -> pl.Expr:
    start, end = data.start.replace(data.start.year - 1), data.end.replace(data.end.year - 1)
    return pl.col(f"DUC{LAST}").is_between(start, end).fill_null(False)


def _not_supported(data: ReturnData) -> pl.Expr:
    """The end of the status is neither in the year nor as said before, or was not the 18th birthday before.

    Today's tool takes the birthday from the row of last year's module that stands as high, not from the child's.
    """
    in_year = pl.col("DUC").is_between(data.start, data.end).fill_null(False)
    as_before = (pl.col("DUC") == pl.col(f"DUC{LAST}")).fill_null(False)
    at_18 = (pl.col(f"DUC{LAST}") == birthday(pl.col("DOB"), 18)).fill_null(False)
    return (~in_year & ~as_before) | ~at_18


def _new_this_year(data: ReturnData) -> Found:
    """Rows of rule 205D: of the header, or of the module where there is no header."""
    if "Header" not in data and "UASC" not in data:
        raise MissingInput("table UASC")
    if "Header" not in data.last and "UASC" not in data.last:
        raise MissingInput("table UASC of the year before")
    then = _said(data.last).select("CHILD", pl.col("is_uasc").alias("was_uasc"))
    now = _said(data)
    if "Header" not in data:
        now = now.with_columns(data["UASC"].collect()[ROW].alias(HEADER_ROW))
    rows = now.join(then, on="CHILD").filter(pl.col("is_uasc") & ~pl.col("was_uasc"))
    return {"Header" if "Header" in data else "UASC": rows.select(pl.col(HEADER_ROW).alias(ROW))}


RULES = (
    _cited(
        _across_in_care,
        "205A",
        "An asylum seeker of last year is none this year, and the date on which that ended does not say so.",
        lambda data: ~pl.col("is_uasc") & pl.col(f"is_uasc{LAST}") & (pl.col("DUC_given") | ~_ended_last_year(data)),
        "Episodes",
    ),
    _cited(
        _across,
        "205B",
        "An asylum seeker of last year is one this year too, and the dates on which that ended do not fit.",
        lambda data: pl.col("is_uasc") & pl.col(f"is_uasc{LAST}") & _not_supported(data),
    ),
    _cited(
        _across,
        "205C",
        "The child is an asylum seeker in neither year, but a date on which that ended is given.",
        ~pl.col("is_uasc")
        & ~pl.col(f"is_uasc{LAST}")
        & (pl.col("DUC").is_not_null() | pl.col(f"DUC{LAST}").is_not_null()),
    ),
    Rule(
        "205D",
        "The child is an asylum seeker this year, but was none last year.",
        ("CHILD", "UASC"),
        ("Header", "UASC"),
        _new_this_year,
        needs=("previous_year",),
        since=FIRST_YEAR,
    ),
    on(
        lambda data: given("UASC")(data).join(
            header_with_status(data).select("CHILD", "is_uasc", pl.col(ROW).alias(HEADER_ROW)), on="CHILD"
        ),
        "303",
        "A date on which the child stopped being an asylum seeker is given, but the child is not said to be one.",
        ("UASC", "Header"),
        ("DUC", "UASC"),
        pl.col("DUC_given") & ~pl.col("is_uasc"),
        {"UASC": ROW, "Header": HEADER_ROW},
    ),
    on(
        rows_of("UASC"),
        "304",
        "The child stopped being an asylum seeker after the 18th birthday.",
        ("UASC",),
        ("DUC",),
        pl.col("DUC") > birthday(pl.col("DOB"), 18),
    ),
)
