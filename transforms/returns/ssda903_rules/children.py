"""Rules on what the header says of a child: born when, of which sex, mother or not, with which pupil number.

Where the published text of a rule and what today's tool does part, the text is followed; each such
place says so.
"""

from __future__ import annotations

import polars as pl

from transforms.returns.model import ROW, ReturnData
from transforms.returns.rule import QUERY, Found, Rule
from transforms.returns.ssda903_rules.asylum_seekers import header_with_status
from transforms.returns.ssda903_rules.conditions import (
    SHORT_BREAKS,
    among,
    birthday,
    is_female,
    is_no,
    is_yes,
    sex_of,
)
from transforms.returns.ssda903_rules.episode_frames import (
    FIRST_YEAR,
    HEADER_ROW,
    LAST,
    given,
    header_across_years,
    on,
    rows_of,
    with_header,
)

_HEADER = ("Header",)
_BOTH = {"Episodes": ROW, "Header": HEADER_ROW}
_LAST_YEAR = ("previous_year",)
_UNKNOWN_UPN = ("UN1", "UN2", "UN3", "UN4", "UN5")


def _header(code: str, message: str, fields: tuple[str, ...], condition: object, **more: object) -> Rule:
    return on(rows_of("Header"), code, message, _HEADER, fields, condition, **more)  # type: ignore[arg-type]


def _across(code: str, message: str, fields: tuple[str, ...], condition: object, **more: object) -> Rule:
    declared = {"needs": _LAST_YEAR, **more}
    return on(header_across_years, code, message, _HEADER, fields, condition, **declared)  # type: ignore[arg-type]


def _upn_changed() -> pl.Expr:
    """A pupil number that became another, or was lost.

    From an unknown one (or none) to a known one is right, and so is from UN1 (or none) to another
    unknown one. From none to UN1 is not: the number was not asked for, and now it is not due.
    """
    now, then = pl.col("UPN").str.to_uppercase(), pl.col(f"UPN{LAST}").str.to_uppercase()
    unknown_now, unknown_then = now.is_in(_UNKNOWN_UPN).fill_null(False), then.is_in(_UNKNOWN_UPN).fill_null(False)
    learnt = (unknown_then | then.is_null()) & now.is_not_null() & ~unknown_now
    reason_learnt = (then.eq_missing("UN1") | then.is_null()) & unknown_now & (now != "UN1")
    return now.ne_missing(then) & ~learnt & ~reason_learnt.fill_null(False)


def _first_child_after_care(data: ReturnData) -> Found:
    """Rows of rule 625: the header, and the child's episode that ended last.

    Today's tool looks at ended episodes only. It misses a birth after the year where no episode has
    ended, and takes an earlier end of care for the last where the child is looked after again, or may
    be: where an end does not read, it is not known which was the last.
    """
    header = data["Header"].select("CHILD", "MC_DOB", pl.col(ROW).alias(HEADER_ROW)).drop_nulls("MC_DOB")
    episodes = data["Episodes"].select("CHILD", "DEC", ROW)
    told = episodes.join(header.select("CHILD"), on="CHILD", how="semi")
    latest_first = told.drop_nulls("DEC").sort("DEC", ROW, descending=[True, False])
    ended = latest_first.unique("CHILD", keep="first", maintain_order=True)
    still = told.filter(pl.col("DEC").is_null()).select("CHILD", pl.lit(True).alias("is_open")).unique("CHILD")
    rows = header.join(ended, on="CHILD", how="left").join(still, on="CHILD", how="left")
    left = pl.col("is_open").is_null() & (pl.col("MC_DOB") > pl.col("DEC"))
    wrong = rows.filter((pl.col("MC_DOB") > data.end) | left)
    return {
        "Header": wrong.select(pl.col(HEADER_ROW).alias(ROW)),
        "Episodes": wrong.select(ROW).drop_nulls(),
    }


def _has_long_episode(data: ReturnData) -> pl.LazyFrame:
    """Rows of the header of children with an episode that is no short break."""
    is_break = pl.col("LS").str.to_uppercase().is_in(SHORT_BREAKS).fill_null(False)
    return given("Header")(data).join(data["Episodes"].filter(~is_break).select("CHILD"), on="CHILD", how="semi")


RULES = (
    # Until the collection of 2024 the sex was a number: the two ways of writing are one value.
    _across(
        "202",
        "The sex differs from that of last year.",
        ("SEX",),
        sex_of("SEX").ne_missing(sex_of(f"SEX{LAST}")),
    ),
    _across(
        "203",
        "The date of birth differs from that of last year.",
        ("DOB",),
        pl.col("DOB").ne_missing(pl.col(f"DOB{LAST}")),
    ),
    _across(
        "204",
        "The ethnic origin differs from that of last year.",
        ("ETHNIC",),
        pl.col("ETHNIC").str.to_uppercase().ne_missing(pl.col(f"ETHNIC{LAST}").str.to_uppercase()),
    ),
    on(
        lambda data: header_across_years(data).join(data["Episodes"].select("CHILD"), on="CHILD", how="semi"),
        "207",
        "The child was a mother last year, and this year is not said to be one.",
        ("Header", "Episodes"),
        ("MOTHER",),
        is_yes(f"MOTHER{LAST}") & ~is_yes("MOTHER"),
        needs=_LAST_YEAR,
    ),
    _across("208", "The unique pupil number differs from that of last year.", ("UPN",), _upn_changed()),
    _header(
        "209",
        "A child of school age has the unique pupil number UN1, of a child too young for one.",
        ("DOB", "UPN"),
        lambda data: (
            among("UPN", ("UN1",)) & (birthday(pl.col("DOB"), 4) <= data.start.replace(data.start.year - 1, 8, 31))
        ),
    ),
    # The message of the rule is on children in care for longer than a week, its formal wording on episodes that
    # began in the last week. They do not say the same; the formal wording is followed, as by today's tool.
    on(
        with_header,
        "210",
        "A child with the unique pupil number UN4 has an episode that began in the last week of the year.",
        ("Episodes", "Header"),
        ("DECOM", "UPN"),
        lambda data: among("UPN", ("UN4",)) & (pl.col("DECOM") >= data.end.replace(day=24)),
        _BOTH,
    ),
    # Today's tool asks a column that no module has. The header, or the module of asylum seekers, says it.
    on(
        header_with_status,
        "231",
        "An unaccompanied asylum seeker is under 11; check the date of birth, or explain.",
        ("Header", "UASC"),
        ("DOB", "UASC"),
        lambda data: pl.col("is_uasc") & (birthday(pl.col("DOB"), 11) > data.end),
        severity=QUERY,
        since=2025,
    ),
    _header("301", "The date of birth is after the year.", ("DOB",), lambda data: pl.col("DOB") > data.end),
    _header(
        "351",
        "The child was over 25 when the year began.",
        ("DOB",),
        lambda data: birthday(pl.col("DOB"), 25) < data.start,
    ),
    on(
        _has_long_episode,
        "393",
        "A girl is looked after, and it is not said whether she is a mother.",
        ("Header", "Episodes"),
        ("MOTHER",),
        lambda data: is_female(data) & ~pl.col("MOTHER_given"),
    ),
    on(
        _has_long_episode,
        "442",
        "The unique pupil number is missing.",
        ("Header", "Episodes"),
        ("UPN",),
        pl.col("UPN").is_null(),
    ),
    on(
        with_header,
        "607",
        "A girl left care in the year, and it is not said whether she is a mother.",
        ("Episodes", "Header"),
        ("DEC", "LS", "MOTHER", "REC", "SEX"),
        lambda data: (
            pl.col("DEC").is_between(data.start, data.end)
            & (pl.col("REC") != "X1")
            & ~among("LS", SHORT_BREAKS)
            & is_female(data)
            & ~pl.col("MOTHER_given")
        ),
        _BOTH,
    ),
    on(
        given("Header"),
        "611",
        "A mother's child has no date of birth.",
        _HEADER,
        ("MC_DOB", "MOTHER"),
        is_yes("MOTHER") & ~pl.col("MC_DOB_given"),
    ),
    on(
        given("Header"),
        "612",
        "The date of birth of a mother's child is given, but the girl is not said to be a mother.",
        _HEADER,
        ("MC_DOB", "MOTHER", "SEX"),
        lambda data: (is_no("MOTHER") | ~pl.col("MOTHER_given")) & is_female(data) & pl.col("MC_DOB_given"),
    ),
    _header(
        "620",
        "A mother was under 11 when the year began.",
        ("DOB", "MOTHER"),
        lambda data: is_yes("MOTHER") & (birthday(pl.col("DOB"), 11) > data.start),
    ),
    # Today's tool also cites mothers whose own date of birth is missing.
    _header(
        "621",
        "A mother is no older than her child.",
        ("DOB", "MC_DOB"),
        pl.col("MC_DOB") <= pl.col("DOB"),
    ),
    _across(
        "624",
        "The date of birth of a mother's child differs from that of last year.",
        ("MC_DOB",),
        pl.col(f"MC_DOB{LAST}").is_not_null() & pl.col("MC_DOB").ne_missing(pl.col(f"MC_DOB{LAST}")),
    ),
    Rule(
        "625",
        "A mother's child was born after the year, or after she left care.",
        ("DEC", "MC_DOB"),
        ("Header", "Episodes"),
        _first_child_after_care,
        since=FIRST_YEAR,
    ),
    _across(
        "626",
        "A mother's child was born before this year, but last year she was said not to be a mother.",
        ("MC_DOB", "MOTHER"),
        lambda data: is_yes("MOTHER") & is_no(f"MOTHER{LAST}") & (pl.col("MC_DOB") < data.start),
    ),
)
