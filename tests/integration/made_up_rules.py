"""Children with made-up work: the department's rules replaced, or a return read otherwise."""

from __future__ import annotations

from typing import Any

from transforms.returns.reading import packed, unpacked
from warehouse import check_worker, returns_worker  # isort: split

import polars as pl

from transforms.errors import LayoutError
from transforms.returns.model import ROW, MissingInput
from transforms.returns.rule import QUERY, Rule, where


def _needs_postcodes(data: Any) -> Any:
    raise MissingInput("reference data: postcodes")


RULES = (
    where("901", "=made up: no sex", "Header", ["SEX"], pl.col("SEX").is_null()),
    where("902Q", "Made up: every episode", "Episodes", ["DECOM", "DEC"], pl.col(ROW) >= 0, severity=QUERY),
    where("903", "Made up: never", "Header", ["SEX"], pl.lit(False)),
    Rule("904", "Made up: places", ("PL_POST",), ("Episodes",), _needs_postcodes, needs=("postcodes",)),
    Rule("905", "Made up: last year", ("CHILD",), ("Header",), lambda data: {"Header": data.last["Header"].head(0)}),
)


def check_submission(*payload: Any) -> dict[str, Any]:
    """Check one submission by them."""
    check_worker.rules_of = lambda code: RULES if code == "ssda903" else ()
    return check_worker.check_submission(*payload)


def panic(*payload: Any) -> dict[str, Any]:
    """Give up as Polars does."""
    raise pl.exceptions.PanicException("MADE1")


def read_otherwise(task: returns_worker.Task) -> returns_worker.Returned:
    """Read a submission as later code might: one year is refused, and an indicator is gone."""
    if task.year == 2025:
        raise LayoutError("made up: found 2025, expected another year")
    found = returns_worker.read_submission(task)
    results = unpacked(found.results)
    found.results = packed(results.filter(pl.col("indicator_code") != "CLA8"))
    return found


def refuse_june(task: returns_worker.Task) -> returns_worker.Returned:
    """Read a submission as later code might: that of one day is refused."""
    if task.when == "2026-06-01":
        raise LayoutError("made up: found June, expected another month")
    return returns_worker.read_submission(task)
