"""Rules on care leavers: the module OC3, alone and beside others."""

from __future__ import annotations

import polars as pl

from transforms.returns.looked_after import SHORT_BREAKS, continuously_looked_after, in_year
from transforms.returns.model import ROW, MissingInput, ReturnData
from transforms.returns.rule import Found, Rule, rule
from transforms.returns.ssda903_rules.module_frames import (
    AD1_ITEMS,
    ADOPTED,
    OC3_ITEMS,
    aged,
    any_blank,
    any_filled,
    blank,
    children_with_episodes,
    filled,
    given,
    in_order,
    known,
    last_of_child,
    last_year,
    latest_of_child,
    of_children,
    of_others,
    one_of,
    years_before,
)

_ACTIVITIES = ("F1", "P1", "F2", "P2", "F4", "P4", "F5", "P5", "G4", "G5", "G6", "0")
# Nobody lives suitably without an address or in custody: S and X have no code 1.
_HOMES = (*(f"{letter}{suits}" for letter in "BCDEGHKRTUVWYZ" for suits in "12"), "S2", "X2", "0")
_TWELVE_MONTHS_ITEMS = (
    "CONVICTED",
    "HEALTH_CHECK",
    "IMMUNISATIONS",
    "TEETH_CHECK",
    "HEALTH_ASSESSMENT",
    "SUBSTANCE_MISUSE",
    "INTERVENTION_RECEIVED",
    "INTERVENTION_OFFERED",
)
_LAST_YEAR = ("previous_year",)


def _leaver(code: str, message: str, fields: tuple[str, ...], condition: pl.Expr, since: int | None = None) -> Rule:
    """A rule on single rows of OC3."""
    return Rule(
        code, message, fields, ("OC3",), lambda data: {"OC3": given(data, "OC3").filter(condition)}, since=since
    )


_SINGLE_ROWS = (
    _leaver(
        "131",
        "IN_TOUCH is not a valid code",
        ("IN_TOUCH",),
        ~one_of("IN_TOUCH", ("YES", "NO", "DIED", "REFU", "NREQ", "RHOM")),
    ),
    _leaver("132", "ACTIV is not a valid code", ("ACTIV",), ~one_of("ACTIV", _ACTIVITIES)),
    _leaver("133", "ACCOM is not a valid code", ("ACCOM",), ~one_of("ACCOM", _HOMES)),
    _leaver(
        "153",
        "Either all items on the care leaver are filled in, or none",
        OC3_ITEMS,
        any_filled(OC3_ITEMS) & any_blank(OC3_ITEMS),
    ),
    _leaver(
        "344",
        "The young person died or returned home, so activity and accommodation should be 0",
        OC3_ITEMS,
        one_of("IN_TOUCH", ("DIED", "RHOM")) & (pl.col("ACTIV").ne_missing("0") | pl.col("ACCOM").ne_missing("0")),
    ),
    _leaver(
        "345",
        "The authority is in touch, so activity and accommodation should not be 0",
        OC3_ITEMS,
        (pl.col("IN_TOUCH") == "YES") & (one_of("ACTIV", ("0",)) | one_of("ACCOM", ("0",))),
    ),
)


@rule("347", "A care leaver under 18 cannot live in a foyer", ["OC3"], ["ACCOM", "DOB"], since=2024)
def _foyer_under_18(data: ReturnData) -> Found:
    # The rule's letter T stands for T1 and T2 in the code set, which the tool of today overlooks.
    return {"OC3": given(data, "OC3").filter(one_of("ACCOM", ("T", "T1", "T2")) & ~aged(18, data.start))}


@rule(
    "348", "The young person was reported last year as having died", ["OC3"], ["IN_TOUCH"], since=2026, needs=_LAST_YEAR
)
def _died_before(data: ReturnData) -> Found:
    died = last_year(data, "OC3").filter(pl.col("IN_TOUCH") == "DIED")
    return {"OC3": of_children(given(data, "OC3").filter(pl.col("IN_TOUCH").ne_missing("DIED")), died)}


@rule("391", "The young person was not 17 to 21 on any day of the year", ["OC3"], ["DOB", *OC3_ITEMS])
def _not_17_to_21(data: ReturnData) -> Found:
    # The tool of today asks for those under 17 only.
    other_age = ~aged(17, data.end) | aged(22, data.start)
    return {"OC3": given(data, "OC3").filter(other_age & any_filled(OC3_ITEMS))}


@rule("215", "A care leaver should have no details of children looked after for 12 months", ["OC2", "OC3"], OC3_ITEMS)
def _leaver_in_oc2(data: ReturnData) -> Found:
    leavers = given(data, "OC3").filter(any_filled(OC3_ITEMS))
    others = given(data, "OC2").filter(any_filled(_TWELVE_MONTHS_ITEMS))
    return {"OC3": of_children(leavers, others), "OC2": of_children(others, leavers)}


@rule(
    "187",
    "The child was looked after for the whole year, but is reported as adopted or as a care leaver",
    ["AD1", "OC3", "Episodes"],
    [*AD1_ITEMS, *OC3_ITEMS],
)
def _looked_after_and_left(data: ReturnData) -> Found:
    stayed = continuously_looked_after(data)
    return {
        "AD1": of_children(given(data, "AD1").filter(any_filled(AD1_ITEMS)), stayed),
        "OC3": of_children(given(data, "OC3").filter(any_filled(OC3_ITEMS)), stayed),
    }


@rule(
    "628",
    "A care leaver not looked after in the year needs no entry in MOTHER",
    ["Header", "Episodes", "OC3"],
    ["MOTHER"],
)
def _mother_who_left(data: ReturnData) -> Found:
    leavers = of_others(given(data, "OC3").filter(any_filled(OC3_ITEMS)), children_with_episodes(data))
    return {"Header": of_children(given(data, "Header").filter(filled("MOTHER")), leavers)}


@rule("1000", "The young person died in care, so no care leaver details are due", ["OC3", "Episodes"], OC3_ITEMS)
def _died_in_care(data: ReturnData) -> Found:
    # Last year's episodes are read where they are at hand; without them the rule still says what this year shows.
    died = [data["Episodes"].filter(pl.col("REC") == "E2").select("CHILD")]
    if data.previous is not None and "Episodes" in data.previous:
        died.append(data.previous["Episodes"].filter(pl.col("REC") == "E2").select("CHILD"))
    return {"OC3": of_children(data["OC3"], pl.concat(died))}


def _entitled(data: ReturnData) -> pl.LazyFrame:
    """CHILD of all who, by the episodes of two years, were in care for 91 days from 14 on and a day from 16 on."""
    header = data["Header"].select("CHILD", "DOB").unique("CHILD", keep="first", maintain_order=True)
    return (
        _two_years_of_episodes(data)
        .filter(~one_of("LS", SHORT_BREAKS))
        .join(header, on="CHILD")
        .with_columns(
            [
                (pl.col("DEC") - pl.max_horizontal("DECOM", pl.col("DOB").dt.offset_by(f"{age}y")))
                .dt.total_days()
                .clip(lower_bound=0)
                .alias(f"from {age}")
                for age in (14, 16)
            ]
        )
        .group_by("CHILD")
        .agg(pl.col("from 14").sum(), pl.col("from 16").sum())
        .filter((pl.col("from 14") >= 91) & (pl.col("from 16") >= 1))
        .select("CHILD")
    )


def _two_years_of_episodes(data: ReturnData) -> pl.LazyFrame:
    """Episodes of care leavers, this year's and last year's, each once; the last one of a child ends with the year."""
    columns = ("CHILD", "DECOM", "DEC", "LS", "REC")
    years = [held["Episodes"].select(*columns, ROW) for held in (data, data.last)]
    leavers = data["OC3"].select("CHILD")
    order = [pl.col("CHILD").to_physical(), pl.col("DECOM"), pl.col("DEC")]
    latest = pl.col("DECOM") == pl.col("DECOM").max().over("CHILD")
    return (
        of_children(pl.concat(years), leavers)
        .sort(order, nulls_last=True, maintain_order=True)
        .unique(["CHILD", "DECOM"], keep="first", maintain_order=True)
        .with_columns(latest.fill_null(False).alias("is latest"))
        .with_columns(pl.when("is latest").then(pl.col("DEC").fill_null(data.end)).otherwise(pl.col("DEC")))
    )


@rule(
    "1001",
    "The episodes of two years do not show a young person entitled to leaving care services",
    ["OC3", "Episodes", "Header"],
    OC3_ITEMS,
    needs=_LAST_YEAR,
)
def _not_entitled(data: ReturnData) -> Found:
    for held, table, year in (
        (data, "Episodes", ""),
        (data, "Header", ""),
        (data.last, "Episodes", " of the year before"),
    ):
        if table in held and held.typed[table].is_empty():
            raise MissingInput(f"rows in table {table}{year}")
    adopted = _two_years_of_episodes(data).filter("is latest").filter(one_of("REC", ADOPTED))
    leavers = data["OC3"]
    # Of those already 20, two years of episodes cannot show enough; the tool of today cites all of them.
    told = of_others(leavers, data["Header"].filter(aged(20, data.end)))
    return {"OC3": pl.concat([of_children(leavers, adopted), of_others(told, _entitled(data))])}


@rule(
    "1002",
    "The young person has no episode this year or last, so no care leaver details are due",
    ["OC3", "Episodes"],
    OC3_ITEMS,
    needs=_LAST_YEAR,
)
def _never_in_care(data: ReturnData) -> Found:
    before = last_year(data, "Episodes")
    return {"OC3": of_others(of_others(data["OC3"], children_with_episodes(data)), before)}


def _last_of_17_and_18(data: ReturnData) -> pl.Expr:
    """The 18th birthday where it is past by the end of the year, else the 17th."""
    turned_17, turned_18 = (pl.col("DOB").dt.offset_by(f"{years}y") for years in (17, 18))
    return pl.when(turned_18 <= data.end).then(turned_18).otherwise(turned_17)


@rule(
    "1007",
    "The young person was looked after on the birthday in the year, so no details are due",
    ["OC3", "Episodes"],
    OC3_ITEMS,
)
def _in_care_on_birthday(data: ReturnData) -> Found:
    # An episode that is still open counts: the rule is about those still looked after. The tool of today
    # compares its blank end with the birthday and passes it.
    due = given(data, "OC3").filter(aged(17, data.end) & ~aged(19, data.end) & any_filled(OC3_ITEMS))
    episodes = given(data, "Episodes").select("CHILD", "DECOM", "DEC", blank("DEC").alias("is open"))
    pairs = due.with_columns(_last_of_17_and_18(data).alias("birthday")).join(episodes, on="CHILD")
    held = (pl.col("DECOM") <= pl.col("birthday")) & (pl.col("is open") | (pl.col("DEC") > pl.col("birthday")))
    return {"OC3": pairs.filter(held)}


@rule(
    "1010",
    "The young person had an open episode at the end of last year, but has none this year",
    ["OC3", "Episodes"],
    OC3_ITEMS,
    needs=_LAST_YEAR,
)
def _open_episode_lost(data: ReturnData) -> Found:
    leavers = of_others(data["OC3"], children_with_episodes(data))
    before = of_children(last_year(data, "Episodes"), leavers).filter(pl.col("DECOM").is_not_null())
    ordered = before.sort([pl.col("CHILD").to_physical(), "DECOM", ROW])
    return {"OC3": of_children(leavers, last_of_child(ordered).filter(blank("DEC")))}


@rule(
    "1011",
    "Care passed to another authority in the end, so no care leaver details are due",
    ["OC3", "Episodes"],
    OC3_ITEMS,
)
def _care_passed_on(data: ReturnData) -> Found:
    latest = latest_of_child(in_order(data, "Episodes", "DECOM"), "DECOM")
    return {"OC3": of_children(given(data, "OC3").filter(any_filled(OC3_ITEMS)), latest.filter(pl.col("REC") == "E3"))}


_MODULES = ("PlacedAdoption", "Missing", "Reviews", "AD1", "PrevPerm", "OC2")


@rule(
    "1012",
    "A child without an episode this year should have care leaver details only",
    [*_MODULES, "Episodes"],
    ["CHILD"],
)
def _other_modules(data: ReturnData) -> Found:
    # Whether the child is in OC3 makes no difference: without episodes nothing else is due of anybody.
    with_episodes = children_with_episodes(data)
    present = [table for table in _MODULES if table in data]
    if not present:
        raise MissingInput(f"one of the tables {', '.join(_MODULES)}")
    return {table: of_others(data[table], with_episodes) for table in present}


@rule("1014", "A care leaver needs no entry in UASC", ["UASC", "OC3", "Episodes"], [*OC3_ITEMS, "DUC"])
def _asylum_seeker_who_left(data: ReturnData) -> Found:
    # A child without any episode has none in the year either, which the tool of today overlooks.
    in_care = data["Episodes"].select("CHILD", "DECOM", "DEC").filter(in_year(data))
    leavers = of_others(given(data, "OC3").filter(any_filled(OC3_ITEMS)), in_care)
    seekers = data["UASC"]
    return {"UASC": of_children(seekers, leavers), "OC3": of_children(leavers, seekers)}


@rule(
    "1016",
    "The young person left care on or after the last birthday, the 17th or 18th, so no details are due",
    ["OC3", "Episodes"],
    OC3_ITEMS,
    since=2024,
)
def _left_after_birthday(data: ReturnData) -> Found:
    due = given(data, "OC3").filter(aged(17, data.end) & ~aged(19, data.end) & any_filled(OC3_ITEMS))
    pairs = due.join(data["Episodes"].select("CHILD", "DEC"), on="CHILD")
    return {"OC3": pairs.filter(pl.col("DEC") >= _last_of_17_and_18(data))}


@rule("3001", "At 17 a care leaver cannot be living with former foster carers", ["OC3", "Header"], ["ACCOM", "DOB"])
def _with_foster_carers(data: ReturnData) -> Found:
    turned_17 = aged(17, data.end) & (pl.col("DOB") >= years_before(data.start, 17))
    return {"OC3": of_children(data["OC3"].filter(one_of("ACCOM", ("Z1", "Z2"))), data["Header"].filter(turned_17))}


RULES = known(
    (
        *_SINGLE_ROWS,
        _foyer_under_18,
        _died_before,
        _not_17_to_21,
        _leaver_in_oc2,
        _looked_after_and_left,
        _mother_who_left,
        _died_in_care,
        _not_entitled,
        _never_in_care,
        _in_care_on_birthday,
        _open_episode_lost,
        _care_passed_on,
        _other_modules,
        _asylum_seeker_who_left,
        _left_after_birthday,
        _with_foster_carers,
    )
)
