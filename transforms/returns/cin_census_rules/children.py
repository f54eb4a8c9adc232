"""Rules on the header, on who a child is and on disabilities.

Source: DfE, children in need census, validation rules 2022/23 to 2025/26.
"""

from __future__ import annotations

import polars as pl

from transforms.returns.cin_census_rules import codes
from transforms.returns.cin_census_rules.linked import (
    CHILD,
    among,
    beside,
    cited,
    named,
    not_a_code,
    of,
    of_codes,
    outside,
    pair,
    return_level,
)
from transforms.returns.model import ROW, ReturnData
from transforms.returns.rule import QUERY, Found, Rule, rule, where

BORN, EXPECTED, DIED = pl.col("PersonBirthDate"), pl.col("ExpectedPersonBirthDate"), pl.col("PersonDeathDate")
IS_UNBORN = BORN.is_null() & EXPECTED.is_not_null()
UPN_LENGTH = 13
LONGEST_ID = 20
FEW_DISABILITIES = 7
MOST_WITHOUT_SEX = 0.02
AGE_LIMIT = 25


def of_upn(code: str, message: str, broken: pl.Expr, column: str = "UPN", severity: str = "error") -> Rule:
    """Declare a rule on a pupil number as it came; a missing one does not break it."""

    def find(data: ReturnData) -> Found:
        return {"ChildIdentifiers": data.text("ChildIdentifiers").filter(broken)}

    return Rule(code, message, (column,), ("ChildIdentifiers",), find, severity)


def check_letter(upn: pl.Expr) -> pl.Expr:
    """Return the letter that the twelve digits of a pupil number call for; null without twelve digits."""
    number = upn.str.extract(r"^.([0-9]{12})$").cast(pl.Int64)
    weighted = [(number // 10 ** (UPN_LENGTH - place) % 10) * place for place in range(2, UPN_LENGTH + 1)]
    remainder = pl.sum_horizontal(weighted, ignore_nulls=False) % len(codes.CHECK_LETTERS)
    return remainder.replace_strict(list(range(len(codes.CHECK_LETTERS))), list(codes.CHECK_LETTERS), default=None)


UPN = pl.col("UPN")
UPN_RULES = (
    of_upn(
        "1510",
        "UPN: the first letter is not the one that the digits call for",
        UPN.str.slice(0, 1) != check_letter(UPN),
    ),
    of_upn(
        "1540",
        "UPN: characters 5 to 12 are not all digits",
        ~UPN.str.slice(4, 8).str.contains(r"^[0-9]+$"),
    ),
    of_upn(
        "1550",
        "UPN: character 13 is neither a digit nor a letter other than I, O and S",
        (UPN.str.len_chars() == UPN_LENGTH) & ~UPN.str.contains(r"[0-9A-HJ-NP-RT-Z]$"),
    ),
    # Temporary numbers end in a letter, as the schema allows; today's validator cites them.
    of_upn(
        "1560Q",
        "Former UPN does not have the form of a pupil number",
        ~pl.col("FormerUPN").str.contains(r"^[A-Za-z][0-9]{11}[0-9A-Za-z]$"),
        "FormerUPN",
        QUERY,
    ),
)


@rule("1520", "Two children have the same UPN", ["ChildIdentifiers"], ["UPN"])
def same_upn(data: ReturnData) -> Found:
    """Two children with one pupil number."""
    return {"ChildIdentifiers": data["ChildIdentifiers"].filter(UPN.is_not_null() & UPN.is_duplicated())}


@rule("1530", "UPN: characters 2 to 4 are not the code of an authority", ["ChildIdentifiers"], ["UPN"])
def upn_authority(data: ReturnData) -> Found:
    """The authority in a pupil number; only whole numbers are asked."""
    unknown = ~UPN.str.slice(1, 3).is_in(list(codes.upn_authorities(data.end)))
    sent = data.text("ChildIdentifiers")
    return {"ChildIdentifiers": sent.filter((UPN.str.len_chars() == UPN_LENGTH) & unknown)}


@rule("1570", "LA child ID is longer than 20 characters", ["ChildIdentifiers"], ["LAchildID"], since=2025)
def long_id(data: ReturnData) -> Found:
    """An identifier that is too long."""
    length = pl.col("LAchildID").cast(pl.String).str.len_chars()
    return {"ChildIdentifiers": data.text("ChildIdentifiers").filter(length > LONGEST_ID)}


@rule(
    "1580",
    "LA child ID has characters other than letters and digits",
    ["ChildIdentifiers"],
    ["LAchildID"],
    since=2025,
)
def odd_id(data: ReturnData) -> Found:
    """An identifier with punctuation or blanks."""
    odd = pl.col("LAchildID").cast(pl.String).str.contains(r"[^\p{L}\p{N}]")
    return {"ChildIdentifiers": data.text("ChildIdentifiers").filter(odd)}


@rule("100", "Reference date is not 31 March of the collection year", ["Header"], ["ReferenceDate"])
def reference_date(data: ReturnData) -> Found:
    """The reference date, held against the year the header itself gives; without a year nothing is right."""
    year = pl.col("Year").cast(pl.String).str.extract(r"^\s*([0-9]{4})\s*$").cast(pl.Int32)
    expected = pl.date(year, 3, 31)
    return {"Header": data["Header"].filter(pl.col("ReferenceDate").eq(expected).fill_null(False).not_())}


@rule("8510", "Two children have the same LA child ID", ["ChildIdentifiers"], ["LAchildID"])
def same_id(data: ReturnData) -> Found:
    """Two children with one identifier. Those without any are rule 8500's; today's validator cites them here too."""
    repeated = pl.col("LAchildID").is_not_null() & pl.col("LAchildID").is_duplicated()
    return {"ChildIdentifiers": data["ChildIdentifiers"].filter(repeated)}


@rule(
    "8540",
    "Disability is missing or not a code, for a child with a referral that went on to further action",
    ["ChildIdentifiers", "CINdetails", "Disabilities"],
    ["Disability", "PersonBirthDate", "ReferralNFA"],
)
def disability(data: ReturnData) -> Found:
    """A child that is born and was referred must have a disability code, if only that for none."""
    sent = data.text("Disabilities").select(ROW, pl.col("Disability"))
    wrong = data["Disabilities"].select(ROW, *CHILD).join(sent, on=ROW)
    wrong = wrong.filter(not_a_code("Disability", codes.DISABILITIES).fill_null(True))
    born = data["ChildIdentifiers"].filter(BORN.is_not_null())
    referred = data["CINdetails"].filter(pl.col("ReferralNFA").not_())
    without = outside(born, data["Disabilities"], CHILD)
    children = among(pl.concat([among(born, wrong, CHILD).select(CHILD), without.select(CHILD)]), referred, CHILD)
    children = children.unique().collect().lazy()
    return {
        "ChildIdentifiers": among(born, children, CHILD),
        "CINdetails": among(referred, children, CHILD),
        "Disabilities": among(wrong, children, CHILD),
    }


@rule("8590", "Child has no episode of need", ["ChildIdentifiers", "CINdetails"], ["LAchildID"])
def without_episode(data: ReturnData) -> Found:
    """A child without any episode."""
    return {"ChildIdentifiers": outside(data["ChildIdentifiers"], data["CINdetails"], CHILD)}


def _upn_missing(data: ReturnData, is_old_enough: pl.Expr) -> Found:
    reason = pl.col("UPNunknown").cast(pl.String).str.to_uppercase()
    explained = reason.is_in(list(codes.UPN_REASONS_AT_SCHOOL_AGE)).fill_null(False)
    children = data["ChildIdentifiers"].filter(is_old_enough & UPN.is_null() & explained.not_())
    return {"ChildIdentifiers": among(children, data["CINdetails"].filter(pl.col("ReferralNFA").not_()), CHILD)}


@rule(
    "8770Q",
    "A child over five has neither a UPN nor a reason for having none",
    ["ChildIdentifiers", "CINdetails"],
    ["UPN", "UPNunknown"],
    severity=QUERY,
    until=2024,
)
def upn_missing_over_five(data: ReturnData) -> Found:
    """Born earlier than six years before the reference date; today's validator takes that very day in too."""
    return _upn_missing(data, pl.lit(data.end).dt.offset_by("-6y") > BORN)


@rule(
    "8770Q",
    "A child of school age has neither a UPN nor a reason for having none",
    ["ChildIdentifiers", "CINdetails"],
    ["UPN", "UPNunknown"],
    severity=QUERY,
    since=2025,
)
def upn_missing_at_school(data: ReturnData) -> Found:
    """Born by 31 August six years before the one after the reference date."""
    return _upn_missing(data, pl.lit(data.end.replace(year=data.end.year - 6, month=8, day=31)) >= BORN)


@rule(
    "8772",
    "UPN is said to be missing because of no further action, but a referral went on to further action",
    ["ChildIdentifiers", "CINdetails"],
    ["UPNunknown", "ReferralNFA"],
)
def upn_missing_for_referral(data: ReturnData) -> Found:
    """UN7 beside a referral that is not one without further action.

    A child without episodes has no such referral (rule 8590 cites it); today's validator cites it here too.
    """
    without_action = of("CINdetails", "ReferralNFA").fill_null(False)
    pairs = beside(data, "ChildIdentifiers", "CINdetails", CHILD)
    return cited(
        pairs.filter((pl.col("UPNunknown").cast(pl.String) == "UN7") & without_action.not_()),
        "ChildIdentifiers",
        "CINdetails",
    )


@rule("8790", "Disability is none, and yet there are others", ["Disabilities"], ["Disability"])
def none_and_others(data: ReturnData) -> Found:
    """Codes beside that for no disability; an empty entry is no code."""
    rows = data["Disabilities"]
    value = pl.col("Disability").cast(pl.String).str.to_uppercase()
    return {"Disabilities": among(rows.filter(value != "NONE"), rows.filter(value == "NONE"), CHILD)}


@rule("8794", "A disability code is given twice for a child", ["Disabilities"], ["Disability"])
def repeated_disability(data: ReturnData) -> Found:
    """One code twice."""
    keys = (*CHILD, "Disability")
    return {"Disabilities": data["Disabilities"].filter(named(keys)).filter(pl.len().over(keys) > 1)}


def _without_sex(data: ReturnData, column: str, unknown: str) -> bool:
    value = pl.col(column).cast(pl.String)
    without = (value.is_null() | (value == unknown)) & EXPECTED.is_null()
    share = data["ChildIdentifiers"].select(without.mean()).collect().item()
    return share is not None and share > MOST_WITHOUT_SEX


def _few_disabilities(data: ReturnData) -> bool:
    used = data["Disabilities"].filter(pl.col("Disability") != "NONE")
    return int(used.select(pl.col("Disability").n_unique()).collect().item()) <= FEW_DISABILITIES


def _one_disability_each(data: ReturnData) -> bool:
    disabled = data["Disabilities"].filter(pl.col("Disability") != "NONE")
    most = disabled.group_by(CHILD).agg(pl.len()).select(pl.col("len").max()).collect().item()
    return most is not None and most <= 1


def _over_25(data: ReturnData) -> pl.Expr:
    too_old = pl.lit(data.end).dt.offset_by(f"-{AGE_LIMIT}y") > BORN
    closed = of("CINdetails", "CINclosureDate")
    return too_old & (closed.is_null() | (closed > BORN.dt.offset_by(f"{AGE_LIMIT}y")))


def _expected_out_of_range(data: ReturnData) -> pl.Expr:
    end = pl.lit(data.end)
    # March to December: 1 March and 31 December belong to it. Today's validator cites both days.
    return ~EXPECTED.is_between(end.dt.offset_by("-30d"), end.dt.offset_by("9mo"))


RULES: tuple[Rule, ...] = (
    *UPN_RULES,
    same_upn,
    upn_authority,
    long_id,
    odd_id,
    reference_date,
    same_id,
    disability,
    without_episode,
    upn_missing_over_five,
    upn_missing_at_school,
    upn_missing_for_referral,
    none_and_others,
    repeated_disability,
    return_level(
        "2886Q",
        "More than 2% of born children have no gender",
        ("ChildIdentifiers",),
        ("GenderCurrent", "ExpectedPersonBirthDate"),
        lambda data: _without_sex(data, "GenderCurrent", "0"),
        severity=QUERY,
        until=2024,
    ),
    return_level(
        "2886Q",
        "More than 2% of born children have no sex",
        ("ChildIdentifiers",),
        ("Sex", "ExpectedPersonBirthDate"),
        lambda data: _without_sex(data, "Sex", "U"),
        severity=QUERY,
        since=2025,
    ),
    return_level(
        "2887Q",
        "The return uses seven disability codes or fewer",
        ("Disabilities",),
        ("Disability",),
        _few_disabilities,
        severity=QUERY,
    ),
    return_level(
        "2888Q",
        "No child has more than one disability code",
        ("Disabilities",),
        ("Disability",),
        _one_disability_each,
        severity=QUERY,
    ),
    of_codes(
        "4180",
        "Gender is missing or not a code",
        "ChildIdentifiers",
        "GenderCurrent",
        codes.GENDERS,
        is_required=True,
        until=2024,
    ),
    of_codes(
        "4180", "Sex is missing or not M, F or U", "ChildIdentifiers", "Sex", codes.SEXES, is_required=True, since=2025
    ),
    of_codes(
        "4220",
        "Ethnicity is missing or not a code",
        "ChildCharacteristics",
        "Ethnicity",
        codes.ETHNICITIES,
        is_required=True,
    ),
    where("8500", "LA child ID is missing", "ChildIdentifiers", ["LAchildID"], pl.col("LAchildID").is_null()),
    where(
        "8520",
        "Date of birth is after the end of the census year",
        "ChildIdentifiers",
        ["PersonBirthDate"],
        lambda data: BORN > data.end,
    ),
    where(
        "8525Q",
        "There must be a date of birth or an expected one, and not both",
        "ChildIdentifiers",
        ["PersonBirthDate", "ExpectedPersonBirthDate"],
        BORN.is_null() == EXPECTED.is_null(),
        severity=QUERY,
    ),
    where(
        "8530Q",
        "Expected date of birth is not between 30 days before and nine months after the end of the census year",
        "ChildIdentifiers",
        ["ExpectedPersonBirthDate"],
        _expected_out_of_range,
        severity=QUERY,
    ),
    where(
        "8535Q",
        "Date of death is before the date of birth, or there is no date of birth",
        "ChildIdentifiers",
        ["PersonDeathDate", "PersonBirthDate"],
        DIED.is_not_null() & (BORN.is_null() | (BORN > DIED)),
        severity=QUERY,
    ),
    where(
        "8545Q",
        "Date of death is outside the census year",
        "ChildIdentifiers",
        ["PersonDeathDate"],
        lambda data: ~DIED.is_between(data.start, data.end),
        severity=QUERY,
    ),
    where(
        "8750",
        "Gender of an unborn child is not 0",
        "ChildIdentifiers",
        ["GenderCurrent", "PersonBirthDate", "ExpectedPersonBirthDate"],
        IS_UNBORN & pl.col("GenderCurrent").cast(pl.String).ne_missing("0"),
        until=2024,
    ),
    where(
        "8750",
        "Sex of an unborn child is not U",
        "ChildIdentifiers",
        ["Sex", "PersonBirthDate", "ExpectedPersonBirthDate"],
        IS_UNBORN & pl.col("Sex").cast(pl.String).ne_missing("U"),
        since=2025,
    ),
    pair(
        "8775Q",
        "Child in need is over 25",
        ("ChildIdentifiers", "CINdetails"),
        ["PersonBirthDate", "CINclosureDate"],
        _over_25,
        CHILD,
        severity=QUERY,
    ),
)
