"""Rules on children who were adopted in the year: the module AD1, alone and beside others."""

from __future__ import annotations

import polars as pl

from transforms.returns.model import ROW, ReturnData
from transforms.returns.rule import Found, Rule, rule
from transforms.returns.ssda903_rules.module_frames import (
    AD1_ITEMS,
    ADOPTED,
    OC3_ITEMS,
    PLACED_FOR_ADOPTION,
    any_blank,
    any_filled,
    cited,
    filled,
    given,
    in_order,
    known,
    latest_of_child,
    not_a_date,
    not_valid,
    numbered,
    of_children,
    of_others,
    one_of,
)

COUPLES = ("MM", "FF", "MF")
SAME_SEX = ("MM", "FF")


def _adoption(code: str, message: str, fields: tuple[str, ...], condition: pl.Expr) -> Rule:
    """A rule on single rows of AD1."""
    return Rule(code, message, fields, ("AD1",), lambda data: {"AD1": given(data, "AD1").filter(condition)})


def _adopters(code: str, message: str, legal_status: str, sexes: tuple[str, ...]) -> Rule:
    """A rule that a legal status of adopters goes with some of the codes for their sex only."""
    wrong = (pl.col("LS_ADOPTR") == legal_status) & ~one_of("SEX_ADOPTR", sexes)
    return _adoption(code, message, ("LS_ADOPTR", "SEX_ADOPTR"), wrong)


_COUNT = pl.col("NB_ADOPTR").cast(pl.Float64, strict=False)

_SINGLE_ROWS = (
    _adoption(
        "112",
        "DATE_INT is not a valid date",
        ("DATE_INT",),
        filled("DATE_INT") & not_a_date("DATE_INT"),
    ),
    _adoption(
        "113",
        "DATE_MATCH is not a valid date",
        ("DATE_MATCH",),
        filled("DATE_MATCH") & not_a_date("DATE_MATCH"),
    ),
    _adoption("114", "FOSTER_CARE must be 0 or 1", ("FOSTER_CARE",), not_valid("FOSTER_CARE", ("0", "1"))),
    _adoption(
        "151",
        "Either all items on the adoption are filled in, or none",
        AD1_ITEMS,
        any_filled(AD1_ITEMS) & any_blank(AD1_ITEMS),
    ),
    _adoption(
        "175",
        "NB_ADOPTR must be 1 or 2",
        ("NB_ADOPTR",),
        filled("NB_ADOPTR") & ~_COUNT.is_in([1.0, 2.0]).fill_null(False),
    ),
    _adoption(
        "176", "SEX_ADOPTR is not a valid code", ("SEX_ADOPTR",), not_valid("SEX_ADOPTR", ("M1", "F1", *COUPLES))
    ),
    _adoption(
        "177",
        "LS_ADOPTR is not a valid code",
        ("LS_ADOPTR",),
        not_valid("LS_ADOPTR", ("L0", "L11", "L12", "L2", "L3", "L4")),
    ),
    _adoption(
        "333",
        "There is a date of matching, but no decision date (DATE_INT) on or before it",
        ("DATE_INT", "DATE_MATCH"),
        pl.col("DATE_MATCH").is_not_null()
        & (pl.col("DATE_INT").is_null() | (pl.col("DATE_INT") > pl.col("DATE_MATCH"))),
    ),
    _adoption(
        "511",
        "Two adopters are reported, but the code for their sex is that of one person",
        ("NB_ADOPTR", "SEX_ADOPTR"),
        (_COUNT == 2) & one_of("SEX_ADOPTR", ("M1", "F1")),
    ),
    _adopters("514", "The adopter is single, but the code for sex is not that of one person", "L0", ("M1", "F1")),
    _adopters("517", "An unmarried couple of different sexes (L3) must be coded MF", "L3", ("MF",)),
    _adopters("518", "An unmarried couple of the same sex (L4) must be coded MM or FF", "L4", SAME_SEX),
    _adopters("519", "Civil partners are reported, but the code for their sex is not that of a couple", "L2", COUPLES),
    _adopters("520", "A married couple of different sexes (L11) must be coded MF", "L11", ("MF",)),
    _adopters("524", "A married couple of the same sex (L12) must be coded MM or FF", "L12", SAME_SEX),
)


@rule("134", "A care leaver should have no details of an adoption", ["AD1", "OC3"], (*OC3_ITEMS, *AD1_ITEMS))
def _adopted_care_leaver(data: ReturnData) -> Found:
    leavers = given(data, "OC3").filter(any_filled(OC3_ITEMS))
    return {"AD1": of_children(given(data, "AD1").filter(any_filled(AD1_ITEMS)), leavers)}


def _episodes_with_adoption(data: ReturnData, episodes: pl.LazyFrame) -> pl.LazyFrame:
    adoptions = numbered(given(data, "AD1"), "AD1")
    return numbered(episodes, "Episodes").join(adoptions, on="CHILD", suffix=" of AD1")


@rule(
    "331",
    "The date of matching is after the start of the episode that ended in adoption",
    ["AD1", "Episodes"],
    ["DATE_MATCH", "DECOM", "REC"],
)
def _matched_after_placement(data: ReturnData) -> Found:
    ended = data["Episodes"].select("CHILD", "DECOM", "REC", "row_number").filter(one_of("REC", ADOPTED))
    pairs = _episodes_with_adoption(data, ended)
    return cited(pairs.filter(pl.col("DATE_MATCH") > pl.col("DECOM")), "AD1", "Episodes")


@rule(
    "334",
    "The decision date (DATE_INT) is before the start of the latest period of care",
    ["AD1", "Episodes"],
    ["DATE_INT", "DECOM", "RNE"],
)
def _decided_before_care(data: ReturnData) -> Found:
    started = latest_of_child(in_order(data, "Episodes", "DECOM").filter(pl.col("RNE") == "S"), "DECOM")
    pairs = _episodes_with_adoption(data, started)
    return cited(pairs.filter(pl.col("DATE_INT") < pl.col("DECOM")), "Episodes", "AD1")


@rule(
    "335",
    "FOSTER_CARE and the last placement disagree on whether the adopter was the foster carer",
    ["AD1", "Episodes"],
    ["PLACE", "FOSTER_CARE"],
)
def _foster_carer_or_not(data: ReturnData) -> Found:
    # E1 is no code of our years, but the rule names it.
    episodes = data["Episodes"].select("CHILD", "PLACE", "REC", "row_number").filter(one_of("REC", ("E1", *ADOPTED)))
    by_carer = one_of("PLACE", ("A2", "A3", "A5")) & (pl.col("FOSTER_CARE") == "0")
    by_others = one_of("PLACE", ("A1", "A4", "A6")) & (pl.col("FOSTER_CARE") == "1")
    return cited(_episodes_with_adoption(data, episodes).filter(by_carer | by_others), "Episodes", "AD1")


@rule(
    "521",
    "The decision date (DATE_INT) is after the day the child was placed for adoption",
    ["AD1", "Episodes"],
    ["PLACE", "DECOM", "DATE_INT"],
)
def _decided_after_placement(data: ReturnData) -> Found:
    placed = data["Episodes"].select("CHILD", "DECOM", "PLACE", "row_number")
    pairs = _episodes_with_adoption(data, placed.filter(one_of("PLACE", PLACED_FOR_ADOPTION)))
    return cited(pairs.filter(pl.col("DATE_INT") > pl.col("DECOM")), "Episodes", "AD1")


@rule(
    "523",
    "The two decision dates, DATE_INT and DATE_PLACED, differ",
    ["AD1", "PlacedAdoption"],
    ["DATE_PLACED", "DATE_INT"],
)
def _two_decisions(data: ReturnData) -> Found:
    placed = numbered(given(data, "PlacedAdoption"), "PlacedAdoption")
    pairs = placed.join(numbered(given(data, "AD1"), "AD1"), on="CHILD", suffix=" of AD1")
    return cited(pairs.filter(pl.col("DATE_INT") != pl.col("DATE_PLACED")), "PlacedAdoption", "AD1")


@rule(
    "525",
    "The decision to place the child for adoption was reversed, but details of an adoption are reported",
    ["AD1", "PlacedAdoption"],
    ["DATE_PLACED_CEASED", *AD1_ITEMS],
)
def _adopted_after_reversal(data: ReturnData) -> Found:
    reversed_ = numbered(given(data, "PlacedAdoption"), "PlacedAdoption").filter(filled("DATE_PLACED_CEASED"))
    adoptions = numbered(given(data, "AD1"), "AD1").filter(any_filled(AD1_ITEMS))
    return cited(reversed_.join(adoptions, on="CHILD", suffix=" of AD1"), "PlacedAdoption", "AD1")


@rule(
    "582",
    "The child was adopted on the very day reported as that of matching; matching is expected to come before",
    ["AD1", "Episodes"],
    ["DEC", "DATE_MATCH"],
)
def _matched_when_adopted(data: ReturnData) -> Found:
    ended = data["Episodes"].select("CHILD", "DEC", "REC", "row_number").filter(one_of("REC", ADOPTED))
    pairs = _episodes_with_adoption(data, ended)
    return cited(pairs.filter(pl.col("DEC") == pl.col("DATE_MATCH")), "Episodes")


def _adopted_in_year(data: ReturnData) -> pl.LazyFrame:
    episodes = data["Episodes"].select("CHILD", "DEC", "REC", "row_number")
    return episodes.filter(pl.col("DEC").is_between(data.start, data.end) & one_of("REC", ADOPTED))


@rule(
    "601",
    "The episodes show an adoption in the year, but not all details of it are filled in",
    ["AD1", "Episodes"],
    ["REC", *AD1_ITEMS],
)
def _adoption_incomplete(data: ReturnData) -> Found:
    # A child who is not in the module has none of them filled in; the tool of today overlooks those.
    adopted = _adopted_in_year(data)
    found = cited(_episodes_with_adoption(data, adopted).filter(any_blank(AD1_ITEMS)), "AD1", "Episodes")
    without = of_others(adopted, data["AD1"])
    return {"AD1": found["AD1"], "Episodes": pl.concat([found["Episodes"], without.select(ROW)])}


@rule(
    "602", "Details of an adoption are reported, but no episode shows one in the year", ["AD1", "Episodes"], ["CHILD"]
)
def _adoption_without_episode(data: ReturnData) -> Found:
    return {"AD1": of_others(given(data, "AD1").filter(any_filled(AD1_ITEMS)), _adopted_in_year(data))}


RULES = known(
    (
        *_SINGLE_ROWS,
        _adopted_care_leaver,
        _matched_after_placement,
        _decided_before_care,
        _foster_carer_or_not,
        _decided_after_placement,
        _two_decisions,
        _adopted_after_reversal,
        _matched_when_adopted,
        _adoption_incomplete,
        _adoption_without_episode,
    )
)
