"""Rules on how old a child was when an episode began or ceased.

An age that cannot be told, for want of a date, breaks no rule. Where the published text of a rule and
what today's tool does part, the text is followed; each such place says so.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from transforms.returns.calendar import years_between
from transforms.returns.model import ROW, ReturnData
from transforms.returns.rule import Found, Rule
from transforms.returns.ssda903_rules.conditions import ADOPTED, among
from transforms.returns.ssda903_rules.episode_frames import FIRST_YEAR, HEADER_ROW, on, with_header

_TABLES = ("Episodes", "Header")
_BOTH = {"Episodes": ROW, "Header": HEADER_ROW}


def _of(code: str, message: str, fields: tuple[str, ...], condition: object, **more: object) -> Rule:
    return on(with_header, code, message, _TABLES, fields, condition, **more)  # type: ignore[arg-type]


def _was_18_before(data: ReturnData) -> pl.Expr:
    """Whether the 18th birthday was before the last day of the year."""
    return years_between(pl.col("DOB"), pl.lit(data.end - timedelta(1))) >= 18


def _age_at_change(data: ReturnData) -> pl.Expr:
    """Return the age when the placement changed.

    The reason stands in the episode that the change ended, so that is the age at its end. Where no end is
    given, it is the age at its start, as today's tool has it of all, though that may be years before.
    """
    if "DEC" not in data["Episodes"].collect_schema():
        return pl.col("age_at_start")
    return pl.when("DEC_given").then("age_at_end").otherwise("age_at_start")


def _too_young_for(code: str, message: str, place: str, years: int, **more: int) -> Rule:
    """Declare how old a child has to be when a placement of a type begins.

    Today's tool passes over placements that go on, of which the text says nothing else.
    """
    condition = among("PLACE", (place,)) & (pl.col("age_at_start") < years)
    return _of(code, message, ("DECOM", "PLACE"), condition, **more)


def _before_birth(data: ReturnData) -> Found:
    first = with_header(data).filter(pl.col("DECOM").is_not_null() & pl.col("CHILD").is_not_null())
    wrong = first.filter(pl.col("DOB") > pl.col("DECOM"))
    earliest = wrong.sort("DECOM", ROW).unique("CHILD", keep="first", maintain_order=True)
    rows = wrong.join(earliest.select(ROW), on=ROW, how="semi")
    return {"Episodes": rows.select(ROW), "Header": rows.select(pl.col(HEADER_ROW).alias(ROW)).drop_nulls()}


_INDEPENDENT = "A child in independent living was too young for it."
_SUPPORTED = "A child in semi-independent living or supported accommodation was too young for it."

RULES = (
    _of(
        "234",
        "A child under 10 cannot change placement because of custody.",
        ("DOB", "REASON_PLACE_CHANGE"),
        lambda data: among("REASON_PLACE_CHANGE", ("CUSTOD",)) & (_age_at_change(data) < 10),
        cites=_BOTH,
        since=2026,
    ),
    Rule(
        "302",
        "The first episode began before the child was born.",
        ("DECOM", "DOB"),
        _TABLES,
        _before_birth,
        since=FIRST_YEAR,
    ),
    _of(
        "352",
        "The child was 18 or over when care started.",
        ("DECOM", "RNE"),
        among("RNE", ("S",)) & (pl.col("age_at_start") >= 18),
    ),
    # Under 10 is before the tenth birthday; today's tool also cites the birthday itself.
    _of(
        "358",
        "A child under 10 cannot have this legal status.",
        ("DECOM", "DOB", "LS"),
        among("LS", ("J1", "J2", "J3")) & (pl.col("age_at_start") < 10),
        cites=_BOTH,
    ),
    _of(
        "359",
        "A young person still looked after at 18 must be under section 20 in a children's home.",
        ("DEC", "LS", "PLACE"),
        lambda data: _was_18_before(data) & ~pl.col("DEC_given") & ~(among("LS", ("V2",)) & among("PLACE", ("K2",))),
    ),
    _too_young_for("370", _INDEPENDENT, "P2", 15, until=2023),
    _too_young_for("370", _INDEPENDENT, "P2", 16, since=2024, until=2024),
    _too_young_for("371", _SUPPORTED, "H5", 14, until=2023),
    _too_young_for("371", _SUPPORTED, "H5", 16, since=2024, until=2024),
    _too_young_for("371", _SUPPORTED, "K3", 16, since=2025),
    _too_young_for("372", "A child in custody was under 10.", "R5", 10),
    _too_young_for("373", "A child placed in a school was under 4.", "S1", 4),
    _too_young_for("374", "A child in residential employment was under 14.", "P3", 14),
    _of(
        "386",
        "The episode ended with adoption, but the young person was 18.",
        ("REC",),
        among("REC", ADOPTED) & (pl.col("age_at_end") >= 18),
    ),
    # Today's tool also cites children whose date of birth is missing.
    _of(
        "387",
        "The child moved into independent living, but was under 14.",
        ("REC",),
        among("REC", ("E5", "E6")) & (pl.col("age_at_end") < 14),
    ),
    # Today's tool also cites children for whom either date is missing.
    _of(
        "389",
        "The child went over to adult social care, but was under 16.",
        ("REC",),
        among("REC", ("E7",)) & (pl.col("age_at_end") < 16),
    ),
    # On the 18th birthday the age is reached; today's tool cites the days after it only.
    _of(
        "407",
        "The episode ended with a special guardianship order, but the young person was 18.",
        ("DEC", "DOB", "REC"),
        among("REC", ("E45", "E46", "E47", "E48")) & (pl.col("age_at_end") >= 18),
        cites=_BOTH,
    ),
    _of(
        "460",
        "The young person stayed with the carers at 18, but was under 18.",
        ("DEC", "REC"),
        among("REC", ("E17",)) & (pl.col("age_at_end") < 18),
    ),
)
