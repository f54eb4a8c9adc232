"""Rules on the episodes of a child: how long each lasts, how one follows the other, and what changed between them.

Where the published text of a rule and what today's tool does part, the text is followed; each such
place says so. Neighbours are those of the same child by start.
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from transforms.returns.model import ROW, ReturnData
from transforms.returns.rule import Found, Rule
from transforms.returns.ssda903_rules.conditions import (
    FOR_ADOPTION,
    FOSTER,
    SHORT_BREAKS,
    TEMPORARY,
    among,
    apart,
    is_not,
)
from transforms.returns.ssda903_rules.episode_frames import (
    FIRST_YEAR,
    Frame,
    after,
    before,
    first_episodes,
    given,
    in_order,
    in_order_by_end,
    in_order_undated_first,
    on,
    rows_of,
)

_EPISODES = ("Episodes",)
_FIRST_POSSIBLE = date(1991, 10, 14)
_PLACEMENT = ("PLACE", "PL_POST", "URN", "PLACE_PROVIDER")
_CHANGED_PLACE = ("P", "B", "T", "U")
_LEFT_CARE = "E2 E3 E4A E4B E5 E6 E7 E8 E9 E11 E12 E13 E14 E15 E16 E17 E41 E45 E46 E47 E48".split()
_MOST_SHORT_BREAK, _MOST_SHORT_BREAKS = 17, 75  # days


def _row(code: str, message: str, fields: tuple[str, ...], condition: object, **more: object) -> Rule:
    return on(rows_of("Episodes"), code, message, _EPISODES, fields, condition, **more)  # type: ignore[arg-type]


def _of(frame: Frame, code: str, message: str, fields: tuple[str, ...], condition: object, **more: object) -> Rule:
    return on(frame, code, message, _EPISODES, fields, condition, **more)  # type: ignore[arg-type]


def _follows(condition: pl.Expr) -> pl.Expr:
    """Restrict a condition on an episode and the one before to those with one before."""
    return pl.col("has_previous") & condition


def _leads(condition: pl.Expr) -> pl.Expr:
    """Restrict a condition on an episode and the one after to those with one after."""
    return pl.col("has_next") & condition


def _end(data: ReturnData) -> pl.Expr:
    """Return when an episode ended: an open one with the year, one whose end does not read no known day."""
    return pl.when(pl.col("DEC_given")).then("DEC").otherwise(data.end)


def _chain_too_long(code: str, message: str, status: str, days: int) -> Rule:
    """Declare how long a legal status may last without a break, over episodes that follow day on day.

    An episode under another status in between breaks the chain; today's tool joins its two ends. It
    also takes an end that does not read for the end of the year; what is not known breaks no rule.
    """

    def find(data: ReturnData) -> Found:
        ended = in_order(data).with_columns(_end(data).alias("end"))
        goes_on = _follows((before("LS") == status) & (before("end") == pl.col("DECOM")))
        chained = ended.with_columns(goes_on.fill_null(False).alias("goes_on"))
        under = chained.filter(among("LS", (status,))).with_columns((~pl.col("goes_on")).cum_sum().alias("chain"))
        span = pl.col("end").max().over("chain") - pl.col("DECOM").min().over("chain")
        return {"Episodes": under.filter(span > timedelta(days))}

    return Rule(code, message, ("DEC", "DECOM", "LS"), _EPISODES, find, since=FIRST_YEAR)


def _period_too_long(code: str, message: str, status: str, days: int) -> Rule:
    """Declare how many days episodes of a legal status that touch or overlap may last together.

    Today's tool takes them in the order of the file, so that a later one in front hides the rest, and
    counts days on which two of them overlap twice.
    """

    def find(data: ReturnData) -> Found:
        under = in_order(data).filter(among("LS", (status,)) & pl.col("DECOM").is_not_null())
        latest = pl.col("end").cum_max().forward_fill().over("CHILD")
        ended = under.with_columns(_end(data).alias("end")).with_columns(latest.alias("latest"))
        is_same = (before("CHILD") == pl.col("CHILD")).fill_null(False)
        is_new = ~is_same | (pl.col("DECOM") > before("latest")).fill_null(True)
        periods = ended.with_columns(is_new.cum_sum().alias("period"))
        lasted = pl.col("end").max().over("period") - pl.col("DECOM").min().over("period")
        return {"Episodes": periods.filter(lasted > timedelta(days))}

    return Rule(code, message, ("DEC", "DECOM", "LS"), _EPISODES, find, since=FIRST_YEAR)


def _too_many_short_breaks(data: ReturnData) -> Found:
    breaks = given("Episodes")(data).filter(among("LS", ("V3",)))
    end = pl.when(pl.col("DEC_given")).then(pl.min_horizontal("DEC", pl.lit(data.end))).otherwise(data.end)
    read = ~pl.col("DEC_given") | pl.col("DEC").is_not_null()
    start = pl.max_horizontal("DECOM", pl.lit(data.start))
    days = pl.when(read & pl.col("DECOM").is_not_null()).then((end - start).dt.total_days())
    counted = breaks.select(ROW, "CHILD", days.alias("days")).filter(pl.col("days") > 0)
    return {"Episodes": counted.filter(pl.col("days").sum().over("CHILD") > _MOST_SHORT_BREAKS)}


def _placement_too_long(code: str, message: str, place: str, days: int) -> Rule:
    """Declare how long an ended placement of a type may last.

    Today's tool passes over children without a date of birth, which the text does not ask for.
    """
    condition = among("PLACE", (place,)) & ((pl.col("DEC") - pl.col("DECOM")) > timedelta(days))
    return _row(code, message, ("DECOM", "PLACE"), condition)


def _many(places: pl.LazyFrame, most: int) -> pl.LazyFrame:
    return places.filter((pl.len().over("CHILD") > most) & pl.col("CHILD").is_not_null())


def _both_short_breaks(data: ReturnData) -> Found:
    breaks = data["Episodes"].filter(among("LS", SHORT_BREAKS) & pl.col("CHILD").is_not_null())
    return {"Episodes": breaks.filter(pl.col("LS").n_unique().over("CHILD") > 1)}


def _not_back(columns: tuple[str, ...], **years: int) -> Rule:
    """Declare rule 383: the episode after a temporary one is not in all columns as the one before it.

    Blank is as blank; today's tool takes two blanks for two places.
    """
    is_third = (pl.col("has_previous") & before("has_previous")).fill_null(False)
    elsewhere = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift(2)) for name in columns)
    condition = is_third & before("PLACE").is_in(TEMPORARY) & (is_not("RNE", "P") | elsewhere)
    message = "After a temporary placement the child did not go back to the one before."
    return _of(in_order, "383", message, ("PLACE", "PL_POST", "RNE"), condition, **years)


def _other_need(data: ReturnData) -> Found:
    """Rows of rule 504. Today's tool compares each episode with the one before, not with the start of the period."""
    goes_on = _follows((before("REC") == "X1") & (before("DEC") == pl.col("DECOM"))).fill_null(False)
    periods = in_order(data).with_columns((~goes_on).cum_sum().alias("period"))
    return {"Episodes": periods.filter(pl.col("CIN").ne_missing(pl.col("CIN").first().over("period")))}


def _unchanged(columns: tuple[str, ...]) -> pl.Expr:
    """Whether all columns are as in the episode before; blank is as blank."""
    return pl.all_horizontal(pl.col(name).eq_missing(before(name)) for name in columns)


RULES = (
    # Of two that start on one day the one that ended first came first, wherever they stand in the file;
    # an episode without a readable start is not known to be the later one, and an end that does not read
    # is an end (rule 147 cites it).
    _of(
        in_order_by_end,
        "142",
        "A later episode of the child has begun, but this one has no end or no reason for it.",
        ("DEC", "REC"),
        _leads((~pl.col("DEC_given") | pl.col("REC").is_null()) & after("DECOM").is_not_null()),
    ),
    _of(
        in_order,
        "225",
        "The placement changed, but no reason for that is given.",
        ("REASON_PLACE_CHANGE",),
        _leads(
            (pl.col("REC") == "X1")
            & pl.col("REASON_PLACE_CHANGE").is_null()
            & ~among("PLACE", TEMPORARY)
            & after("RNE").is_in(_CHANGED_PLACE)
            & ~after("PLACE").is_in(TEMPORARY).fill_null(False)
        ),
    ),
    _of(
        in_order,
        "226",
        "A reason for a change of placement is given into or out of a temporary placement, where none is due.",
        ("PLACE", "REASON_PLACE_CHANGE"),
        among("PLACE", TEMPORARY)
        & (pl.col("REASON_PLACE_CHANGE").is_not_null() | _follows(before("REASON_PLACE_CHANGE").is_not_null())),
    ),
    # Today's tool asks a column that no module has: DEC is the date on which an episode ceased.
    _of(
        given("Episodes"),
        "233",
        "A reason for a change of placement is given, but the episode has not ceased.",
        ("DEC", "REASON_PLACE_CHANGE"),
        ~pl.col("DEC_given") & pl.col("REASON_PLACE_CHANGE").is_not_null(),
        since=2026,
    ),
    # The department names A3 and A5, the placements with the foster carers of before; today's tool asks of
    # A3 and A4. The text is on all who are placed for adoption.
    _of(
        in_order,
        "336",
        "The child was placed for adoption, but not with foster carers or for adoption before.",
        ("PLACE",),
        _follows(
            among("PLACE", ("A3", "A4", "A5")) & ~before("PLACE").is_in((*FOR_ADOPTION, *FOSTER)).fill_null(False)
        ),
    ),
    _row("353", "The episode began before 14 October 1991.", ("DECOM",), pl.col("DECOM") < _FIRST_POSSIBLE),
    _row("354", "The episode began after the year.", ("DECOM",), lambda data: pl.col("DECOM") > data.end),
    # Today's tool also cites episodes with neither date.
    _row("355", "The episode ceased on the day it began.", ("DEC", "DECOM"), pl.col("DEC") == pl.col("DECOM")),
    _row("356", "The episode ceased before it began.", ("DEC", "DECOM"), pl.col("DEC") < pl.col("DECOM")),
    _of(
        first_episodes,
        "357",
        "The child's first episode began this year, but not with reason S; is an episode before it left out?",
        ("RNE",),
        lambda data: (pl.col("DECOM") >= data.start) & is_not("RNE", "S"),
    ),
    _chain_too_long("361", "Police protection lasted more than 72 hours.", "L1", 3),
    _chain_too_long("362", "An emergency protection order lasted more than 21 days.", "L2", 21),
    _period_too_long("363", "A child assessment order lasted more than 7 days.", "L3", 7),
    _period_too_long("364", "Detention under the Police and Criminal Evidence Act lasted more than 21 days.", "J2", 21),
    _of(
        given("Episodes"),
        "365",
        "A short break lasted more than 17 days.",
        ("DEC", "DECOM", "LS"),
        lambda data: among("LS", ("V3",)) & ((_end(data) - pl.col("DECOM")) > timedelta(_MOST_SHORT_BREAK)),
    ),
    _row(
        "366",
        "The placement changed during a short break.",
        ("RNE",),
        among("LS", ("V3",)) & is_not("RNE", "S"),
    ),
    Rule(
        "367",
        "Short breaks add up to more than 75 days in the year.",
        ("DEC", "DECOM", "LS"),
        _EPISODES,
        _too_many_short_breaks,
        since=FIRST_YEAR,
    ),
    _placement_too_long("375", "A temporary placement in hospital lasted more than six weeks.", "T1", 42),
    _placement_too_long("376", "A temporary placement for foster carers' holiday lasted over three weeks.", "T3", 21),
    Rule(
        "377",
        "There are more than two temporary placements during foster carers' holidays in the year.",
        ("PLACE",),
        _EPISODES,
        lambda data: {"Episodes": _many(data["Episodes"].filter(among("PLACE", ("T3",))), 2)},
        since=FIRST_YEAR,
    ),
    _placement_too_long("379", "A temporary placement for no stated reason lasted more than seven days.", "T4", 7),
    _not_back(("PLACE",), until=2025),
    _not_back(("PLACE", "PL_POST"), since=2026),
    _row("385", "The episode ceased after the year.", ("DEC",), lambda data: pl.col("DEC") > data.end),
    _of(
        in_order_undated_first,
        "388",
        "The reason why the episode ceased does not fit: with X1, and only then, a new one begins that day.",
        ("REC",),
        pl.col("DEC").is_not_null()
        & pl.when(_leads(after("DECOM").is_not_null()))
        .then((pl.col("REC") == "X1") != (pl.col("DEC") == after("DECOM")))
        .otherwise((pl.col("REC") == "X1") & pl.col("CHILD").is_not_null()),
    ),
    Rule(
        "426",
        "A child is on short breaks under both V3 and V4 in one year.",
        ("LS",),
        _EPISODES,
        _both_short_breaks,
        since=FIRST_YEAR,
    ),
    _of(
        in_order,
        "431",
        "The child started to be looked after, but the episode before had not ended by the day before.",
        ("DECOM", "RNE"),
        _follows(among("RNE", ("S",)) & (pl.col("DECOM") <= before("DEC"))),
    ),
    _of(
        in_order,
        "432",
        "The child had left care at the end of the episode before, but the reason for this one is not S.",
        ("RNE",),
        _follows(before("REC").is_in(_LEFT_CARE) & is_not("RNE", "S")),
    ),
    _of(
        in_order_by_end,
        "433",
        "The reason for the episode says that it goes on from the one before, but it began on another day.",
        ("DECOM", "RNE"),
        _follows(among("RNE", tuple("PLTUB")) & apart(before("DEC"), pl.col("DECOM"))),
    ),
    _of(
        in_order,
        "434",
        "The reason for the episode says that only the legal status changed, but the episodes do not.",
        ("LS", "PLACE", "PLACE_PROVIDER", "PL_POST", "RNE", "URN"),
        _follows(among("RNE", ("L",)) & ((pl.col("LS") == before("LS")).fill_null(False) | ~_unchanged(_PLACEMENT))),
    ),
    # Today's tool takes a blank for other than a blank here, unlike in 434 and 436.
    _of(
        in_order,
        "435",
        "The reason for the episode says that only the placement changed, but the episodes do not.",
        ("LS", "PLACE", "PLACE_PROVIDER", "PL_POST", "URN"),
        _follows(among("RNE", ("P", "T")) & (~_unchanged(("LS",)) | _unchanged(_PLACEMENT))),
    ),
    _of(
        in_order,
        "436",
        "The reason for the episode says that legal status and placement changed, but the episodes do not.",
        ("LS", "PLACE", "PLACE_PROVIDER", "PL_POST", "RNE", "URN"),
        _follows(among("RNE", ("U", "B")) & (_unchanged(("LS",)) | _unchanged(_PLACEMENT))),
    ),
    _of(
        in_order,
        "437",
        "The child died or was found to be 18 or over, but has a later episode.",
        ("REC",),
        _leads(among("REC", ("E2", "E15")) & pl.col("DECOM").is_not_null()),
    ),
    _of(
        in_order,
        "501",
        "The episode began before the one before it ceased.",
        ("DEC", "DECOM"),
        _follows(pl.col("DECOM") < before("DEC")),
    ),
    Rule(
        "504",
        "The category of need differs from that at the start of the period of care.",
        ("CIN",),
        _EPISODES,
        _other_need,
        since=FIRST_YEAR,
    ),
)
