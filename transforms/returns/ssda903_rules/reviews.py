"""Rules on reviews, and on what the header says of mothers beside other modules."""

from __future__ import annotations

import polars as pl

from transforms.returns.looked_after import SHORT_BREAKS, in_year
from transforms.returns.model import ROW, ReturnData
from transforms.returns.rule import Found, Rule, rule
from transforms.returns.ssda903_rules.module_frames import (
    OC3_ITEMS,
    any_filled,
    blank,
    filled,
    given,
    known,
    not_a_date,
    not_valid,
    of_children,
    of_others,
    one_of,
)

TABLE = "Reviews"
_FROM_4 = tuple(f"PN{number}" for number in range(1, 8))


def _review(code: str, message: str, fields: tuple[str, ...], condition: pl.Expr) -> Rule:
    """A rule on single rows of Reviews."""
    return Rule(code, message, fields, (TABLE,), lambda data: {TABLE: given(data, TABLE).filter(condition)})


_FOURTH_BIRTHDAY = pl.col("DOB").dt.offset_by("4y")

_SINGLE_ROWS = (
    _review("166", "REVIEW is blank or not a valid date", ("REVIEW",), not_a_date("REVIEW")),
    _review(
        "167",
        "REVIEW_CODE is blank or not a valid code",
        ("REVIEW_CODE",),
        ~((filled("REVIEW") & one_of("REVIEW_CODE", ("PN0", *_FROM_4))) | (blank("REVIEW") & blank("REVIEW_CODE"))),
    ),
    # On the 4th birthday the child is 4; the tool of today begins a day later.
    _review(
        "440",
        "The child is reported as under 4 at the review, but was 4 or over",
        ("DOB", "REVIEW", "REVIEW_CODE"),
        (pl.col("REVIEW_CODE") == "PN0") & (pl.col("REVIEW") >= _FOURTH_BIRTHDAY),
    ),
    _review(
        "441",
        "The child is reported as 4 or over at the review, but was under 4",
        ("DOB", "REVIEW", "REVIEW_CODE"),
        one_of("REVIEW_CODE", _FROM_4) & (pl.col("REVIEW") < _FOURTH_BIRTHDAY),
    ),
)


@rule(
    "399",
    "All episodes are short breaks (V3, V4), so neither MOTHER nor a review is due",
    [TABLE, "Episodes", "Header"],
    ["MOTHER", "LS", "REVIEW", "REVIEW_CODE"],
)
def _short_breaks_only(data: ReturnData) -> Found:
    episodes = data["Episodes"].select("CHILD", "LS", ROW)
    short = of_others(episodes, episodes.filter(~one_of("LS", SHORT_BREAKS)))
    header, reviews = of_children(given(data, "Header"), short), of_children(given(data, TABLE), short)
    mothers, reviewed = header.filter(filled("MOTHER")), reviews.filter(any_filled(("REVIEW", "REVIEW_CODE")))
    either = pl.concat([mothers.select("CHILD"), reviewed.select("CHILD")]).unique()
    return {
        "Episodes": of_children(short, either),
        "Header": of_children(header, either),
        TABLE: pl.concat([reviewed.select(ROW), of_children(reviews, mothers).select(ROW)]),
    }


@rule(
    "165",
    "MOTHER is not valid, is missing for a girl in care, or is given for a boy or a care leaver",
    ["Header", "Episodes", "OC3"],
    ["MOTHER", "SEX", *OC3_ITEMS, "DECOM"],
)
def _mother(data: ReturnData) -> Found:
    # Sex is M or F from 2025 and was 1 or 2 before; the tool of today still looks for the numbers.
    header = given(data, "Header")
    leavers = given(data, "OC3")
    longer = data["Episodes"].filter(~one_of("LS", SHORT_BREAKS)).select("CHILD", "DECOM", "DEC")
    present = longer.filter(in_year(data))
    girls, boys = one_of("SEX", ("2", "F")), one_of("SEX", ("1", "M"))
    gone = of_children(of_others(header.filter(girls & filled("MOTHER")), present), longer)
    wrong = pl.concat(
        frame.select("CHILD", ROW)
        for frame in (
            header.filter(not_valid("MOTHER", ("0", "1")) | (boys & filled("MOTHER"))),
            of_children(header.filter(girls & blank("MOTHER")), present),
            of_children(gone, leavers.filter(any_filled(OC3_ITEMS))),
        )
    )
    return {"Header": wrong, "OC3": of_children(leavers, wrong)}


RULES = known((*_SINGLE_ROWS, _short_breaks_only, _mother))
