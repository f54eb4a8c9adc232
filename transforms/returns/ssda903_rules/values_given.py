"""Rules on single values: codes that are not valid, dates that do not read, children in one module and not in another.

Where the published text of a rule and what today's tool does part, the text is followed; each such
place says so.
"""

from __future__ import annotations

import polars as pl

from transforms.returns.model import ROW, ReturnData
from transforms.returns.rule import Found, Rule
from transforms.returns.ssda903_rules.conditions import (
    ADOPTED,
    FOR_ADOPTION,
    FOSTER,
    OTHER_PLACES,
    TEMPORARY,
    among,
    is_male,
)
from transforms.returns.ssda903_rules.episode_frames import FIRST_YEAR, given, on, rows_of

_EPISODES, _HEADER, _UASC = ("Episodes",), ("Header",), ("UASC",)
_ETHNIC = "WBRI WIRI WOTH WIRT WROM MWBC MWBA MWAS MOTH AIND APKN ABAN AOTH BCRB BAFR BOTH CHNE OOTH REFU NOBT".split()
_REASONS = "CARPL CLOSE ALLEG STAND APPRR CREQB CREQO CHILD LAREQ PLACE CUSTOD OTHER".split()
_LEGAL = "C1 C2 D1 E1 V2 V3 V4 J1 J2 J3 L1 L2 L3".split()
_ENDS = "E2 E3 E4A E4B E13 E41 E45 E46 E47 E48 E5 E6 E7 E8 E9 E14 E15 E16 E17 X1".split()
_ALWAYS = (*FOR_ADOPTION, "K1", "K2", "P1", "P3", "R1", "R2", "R3", "R5", "S1", *TEMPORARY, *FOSTER)
_PROVIDERS = tuple(f"PR{number}" for number in range(6))
_UNKNOWN_UPN = ("UN1", "UN2", "UN3", "UN4", "UN5")
_UPN = r"^(?:[A-HJ-NP-RT-Z](?:\d{12}|\d{11}[A-Z])|UN[1-5])$"


def _invalid(code: str, message: str, column: str, codes: tuple[str, ...], **more: object) -> Rule:
    """Declare that a column of the episodes, where given, holds one of some codes."""
    condition = pl.col(column).is_not_null() & ~among(column, codes)
    return on(rows_of("Episodes"), code, message, _EPISODES, (column,), condition, **more)  # type: ignore[arg-type]


def _unreadable(code: str, message: str, table: str, column: str) -> Rule:
    """Declare that a date, where given, reads."""
    condition = pl.col(f"{column}_given") & pl.col(column).is_null()
    return on(given(table), code, message, (table,), (column,), condition)


def _provider_not_due(places: tuple[str, ...]) -> pl.Expr:
    valid = among("PLACE_PROVIDER", _PROVIDERS) & ~among("PLACE", places)
    return pl.col("PLACE_PROVIDER").is_not_null() & ~valid


def _not_in_header(code: str, message: str, table: str) -> Rule:
    def find(data: ReturnData) -> Found:
        return {table: data[table].join(data["Header"].select("CHILD"), on="CHILD", how="anti")}

    return Rule(code, message, ("CHILD",), (table, "Header"), find, since=FIRST_YEAR)


def _uasc_beside_header(data: ReturnData) -> pl.LazyFrame:
    return data["UASC"].join(data["Header"].drop(ROW), on="CHILD", suffix="_header")


def _repeated(code: str, message: str, table: str) -> Rule:
    condition = pl.col("CHILD").is_duplicated() & pl.col("CHILD").is_not_null()
    return on(rows_of(table), code, message, (table,), ("CHILD",), condition)


_SEX = "The sex of the child is missing or not a valid code."
_PLACE = "The type of placement is not a valid code."
_PROVIDER = "The placement provider is not a valid code, or is given though this placement has none."

RULES = (
    on(rows_of("Header"), "101", _SEX, _HEADER, ("SEX",), ~among("SEX", ("1", "2")), until=2024),
    on(rows_of("Header"), "101", _SEX, _HEADER, ("SEX",), ~among("SEX", ("M", "F", "U")), since=2025),
    on(
        rows_of("Header"), "102", "The date of birth is missing or no date.", _HEADER, ("DOB",), pl.col("DOB").is_null()
    ),
    on(
        rows_of("Header"),
        "103",
        "The ethnic origin is missing or not a valid code.",
        _HEADER,
        ("ETHNIC",),
        ~among("ETHNIC", _ETHNIC),
    ),
    on(
        given("UASC"),
        "104",
        "The date on which the child stopped being an unaccompanied asylum seeker is no date, or before this year.",
        _UASC,
        ("DUC",),
        lambda data: (pl.col("DUC_given") & pl.col("DUC").is_null()) | (pl.col("DUC") < data.start),
    ),
    # Only the XML form has the flag; for CSV files the rule is not run.
    on(
        rows_of("Header"),
        "105",
        "Whether the child is an unaccompanied asylum seeker is missing or not 0 or 1.",
        _HEADER,
        ("UASC",),
        ~among("UASC", ("0", "1", "0.0", "1.0", "true", "false")),
    ),
    _unreadable("141", "The date on which the episode began is no date.", "Episodes", "DECOM"),
    _invalid("143", "The reason for the new episode is not a valid code.", "RNE", tuple("SPLTUB")),
    _invalid("144", "The legal status is not a valid code.", "LS", tuple(_LEGAL)),
    _invalid("145", "The category of need is not a valid code.", "CIN", tuple(f"N{n}" for n in range(1, 9))),
    _invalid("146", _PLACE, "PLACE", (*_ALWAYS, "H5", "P2", "Z1"), until=2024),
    # Today's tool has K3 of this year in small letters, so that no file can hold it, and goes on taking H5
    # and P2, which the code set of this year no longer has.
    _invalid("146", _PLACE, "PLACE", (*_ALWAYS, "K3", "Z1"), since=2025, until=2025),
    _invalid("146", _PLACE, "PLACE", (*_ALWAYS, "K3", *OTHER_PLACES), since=2026),
    _unreadable("147", "The date on which the episode ceased is no date.", "Episodes", "DEC"),
    on(
        given("Episodes"),
        "148",
        "The date on which the episode ceased and the reason must both be given, or neither.",
        _EPISODES,
        ("DEC", "REC"),
        pl.col("DEC_given") != pl.col("REC").is_not_null(),
    ),
    _invalid("149", "The reason why the episode ceased is not a valid code.", "REC", (*ADOPTED, *_ENDS)),
    on(
        rows_of("Header"),
        "168",
        "The unique pupil number is not valid; one that is not known is UN1 to UN5.",
        _HEADER,
        ("UPN",),
        ~pl.col("UPN").cast(pl.String).str.contains(_UPN),
    ),
    _unreadable("171", "The date of birth of the mother's child is no date.", "Header", "MC_DOB"),
    on(
        given("Header"),
        "174",
        "The date of birth of a mother's child is given for a boy.",
        _HEADER,
        ("MC_DOB", "SEX"),
        lambda data: is_male(data) & pl.col("MC_DOB_given"),
    ),
    on(
        rows_of("Episodes"),
        "178",
        _PROVIDER,
        _EPISODES,
        ("PLACE_PROVIDER",),
        _provider_not_due((*TEMPORARY, "Z1")),
        until=2025,
    ),
    on(
        rows_of("Episodes"),
        "178",
        _PROVIDER,
        _EPISODES,
        ("PLACE_PROVIDER",),
        _provider_not_due(("T0", "T1", "T2", "T3", *OTHER_PLACES)),
        since=2026,
    ),
    on(
        rows_of("Header"),
        "232",
        "The sex of the child is given as unknown.",
        _HEADER,
        ("SEX",),
        pl.col("SEX").cast(pl.String).str.to_uppercase() == "U",
        since=2025,
    ),
    on(
        rows_of("Header"),
        "444",
        "The unique pupil number is that of another child too.",
        _HEADER,
        ("UPN",),
        pl.col("UPN").is_not_null() & ~among("UPN", _UNKNOWN_UPN) & pl.col("UPN").is_duplicated(),
        since=2026,
    ),
    _invalid(
        "1009", "The reason for the change of placement is not a valid code.", "REASON_PLACE_CHANGE", tuple(_REASONS)
    ),
    _not_in_header("INT03", "The child of this episode is not in the header.", "Episodes"),
    _not_in_header("INT09", "The child in the module of asylum seekers is not in the header.", "UASC"),
    on(
        _uasc_beside_header,
        "INT18",
        "The date of birth differs between the module of asylum seekers and the header.",
        ("UASC", "Header"),
        ("DOB",),
        pl.col("DOB") != pl.col("DOB_header"),
    ),
    on(
        _uasc_beside_header,
        "INT21",
        "The sex differs between the module of asylum seekers and the header.",
        ("UASC", "Header"),
        ("SEX",),
        pl.col("SEX") != pl.col("SEX_header"),
    ),
    _repeated("INT32", "The child is in the header more than once.", "Header"),
    _repeated("INT36", "The child is in the module of asylum seekers more than once.", "UASC"),
)
