"""Who was looked after for the whole collection year: asked for by rules and by indicators alike.

The department counts some things only for children looked after continuously for twelve months at
31 March. What an episode file can show is who was not: a child whose care began after the first
day of the year, ended before its last, or took place under a series of short breaks.
"""

from __future__ import annotations

import polars as pl

from transforms.returns.model import ReturnData

SHORT_BREAKS = ("V3", "V4")
CONTINUES = "X1"  # reason of an end that is followed at once by the next episode


def in_year(data: ReturnData) -> pl.Expr:
    """Whether an episode (DECOM, DEC) touches the collection year; without an end that can be read it is open."""
    return (pl.col("DECOM") <= data.end) & (pl.col("DEC").is_null() | (pl.col("DEC") >= data.start))


def continuously_looked_after(data: ReturnData) -> pl.LazyFrame:
    """Return the children looked after continuously for the twelve months of the collection year.

    Args:
        data: a submission with the table Episodes (CHILD, DECOM, DEC, RNE, REC, LS).

    Returns:
        One column, CHILD, each once: children with an episode in the year of whom no episode begins a
        period of care after its first day, ends one (any reason but X1, or none) before its last, or
        is a short break (V3, V4) in it. Dates that are blank or could not be read say nothing.

    Raises:
        MissingInput: the submission has no episodes.

    Source: DfE, children looked after return, guide to the validation rules, "continuously looked after".
    """
    return data.derived("continuously looked after", _find)


def _find(data: ReturnData) -> pl.LazyFrame:
    begins = (pl.col("RNE") == "S") & (pl.col("DECOM") > data.start) & (pl.col("DECOM") <= data.end)
    ends = pl.col("REC").ne_missing(CONTINUES) & (pl.col("DEC") >= data.start) & (pl.col("DEC") < data.end)
    short = pl.col("LS").is_in(SHORT_BREAKS) & in_year(data)
    episodes = data["Episodes"].select(
        "CHILD",
        in_year(data).fill_null(False).alias("in_year"),
        (begins | ends | short).fill_null(False).alias("not_all"),
    )
    return (
        episodes.filter(pl.col("CHILD").is_not_null())
        .group_by("CHILD")
        .agg(pl.col("in_year").any(), pl.col("not_all").any())
        .filter("in_year", ~pl.col("not_all"))
        .select("CHILD")
    )
