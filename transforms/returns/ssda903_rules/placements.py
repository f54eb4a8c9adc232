"""Rules on placements: of which type, by which provider, under which legal status, with which Ofsted number.

Where the published text of a rule and what today's tool does part, the text is followed; each such
place says so.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from transforms.returns.model import ROW, ReturnData
from transforms.returns.postcodes import plain
from transforms.returns.rule import Found, Rule
from transforms.returns.ssda903_rules.conditions import (
    ADOPTED,
    FOR_ADOPTION,
    FOSTER,
    NO_URN,
    OTHER_PLACES,
    SHORT_BREAKS,
    TEMPORARY,
    among,
    is_not,
)
from transforms.returns.ssda903_rules.episode_frames import (
    FIRST_YEAR,
    Frame,
    given,
    on,
    outside_england,
    own_areas,
    placed,
    rows_of,
    unmatched,
    with_provider_areas,
    with_providers,
)

_EPISODES = ("Episodes",)
_POSTCODES, _PROVIDERS, _AUTHORITY = ("postcodes",), ("providers",), ("authority",)
_NO_URN_DUE = ("P1", "P3", "R1", "R2", "R5", *TEMPORARY)
_K3_BEGAN = date(2023, 10, 28)


def _row(code: str, message: str, fields: tuple[str, ...], condition: object, **more: object) -> Rule:
    return on(rows_of("Episodes"), code, message, _EPISODES, fields, condition, **more)  # type: ignore[arg-type]


def _of(frame: Frame, code: str, message: str, fields: tuple[str, ...], condition: object, **more: object) -> Rule:
    return on(frame, code, message, _EPISODES, fields, condition, **more)  # type: ignore[arg-type]


def _never_with(code: str, provider: str, places: tuple[str, ...]) -> Rule:
    message = f"The provider {provider} cannot have a placement of this type."
    condition = among("PLACE_PROVIDER", (provider,)) & among("PLACE", places)
    return _row(code, message, ("PLACE", "PLACE_PROVIDER"), condition)


def _urn_missing(exempt: tuple[str, ...], **years: int) -> Rule:
    """Declare rule 218.

    A placement whose postcode is unknown is not known to be outside England: the number is due. Today's
    tool up to 2025 took the missing value, written `nan`, for Northern Ireland.
    """

    def condition(data: ReturnData) -> pl.Expr:
        due = ~among("PLACE", exempt) & ~outside_england()
        in_year = ~pl.col("DEC_given") | (pl.col("DEC") >= data.start)
        return due & in_year & pl.col("URN").is_null()

    message = "The Ofsted number of the placement is missing."
    return _of(_placed_and_given, "218", message, ("URN",), condition, needs=_POSTCODES, **years)


def _placed_and_given(data: ReturnData) -> pl.LazyFrame:
    flags = given("Episodes")(data).select(ROW, "DEC_given")
    return placed(data).join(flags, on=ROW, how="left")


def _urn_not_due(places: tuple[str, ...], **years: int) -> Rule:
    message = "The Ofsted number is given, but placements of this type have none."
    condition = among("PLACE", places) & pl.col("URN").is_not_null() & is_not("URN", NO_URN)
    return _row("222", message, ("URN",), condition, **years)


def _provider_given(places: tuple[str, ...], **years: int) -> Rule:
    message = "The placement provider is given, but placements of this type have none."
    condition = among("PLACE", places) & pl.col("PLACE_PROVIDER").is_not_null()
    return _row("213", message, ("PLACE_PROVIDER",), condition, **years)


def _provider_missing(exempt: tuple[str, ...], **years: int) -> Rule:
    condition = ~among("PLACE", exempt) & pl.col("PLACE_PROVIDER").is_null()
    return _row("526", "The placement provider is missing.", ("PLACE", "PLACE_PROVIDER"), condition, **years)


def _elsewhere(places: tuple[str, ...], **years: int) -> Rule:
    """Declare rule 221: the provider is at another postcode than the placement."""

    def find(data: ReturnData) -> Found:
        rows = with_providers(data).filter(
            among("PLACE", places) & ~among("LS", SHORT_BREAKS) & pl.col("PL_POST").is_not_null()
        )
        here = rows.filter(plain(pl.col("PL_POST")) == plain(pl.col("POSTCODE"))).select(ROW)
        return {"Episodes": rows.join(here, on=ROW, how="anti")}

    message = "The postcode of the placement is not that of the provider with this Ofsted number."
    declared = {"since": FIRST_YEAR, "needs": _PROVIDERS, **years}
    return Rule("221", message, ("PL_POST",), _EPISODES, find, **declared)  # type: ignore[arg-type]


def _other_authority(data: ReturnData) -> pl.Expr:
    is_own = pl.col("LA_CODE_INFERRED").is_in(own_areas(data)).fill_null(False)
    return (among("PLACE_PROVIDER", ("PR1",)) & ~is_own) | (among("PLACE_PROVIDER", ("PR2",)) & is_own)


def _listed(column: str, codes: str) -> pl.Expr:
    """Whether a code is in a list of codes separated by commas."""
    held = pl.col(codes).cast(pl.String).str.replace_all(" ", "").str.split(",")
    return held.list.contains(pl.col(column)).fill_null(False)


RULES = (
    _provider_given(TEMPORARY, until=2025),
    _provider_given((*TEMPORARY, *OTHER_PLACES), since=2026),
    _of(
        given("Episodes"),
        "214",
        "A short break needs neither a postcode of the placement nor an Ofsted number.",
        ("PL_POST", "URN"),
        among("LS", SHORT_BREAKS) & (pl.col("PL_POST_given") | pl.col("URN").is_not_null()),
    ),
    _row(
        "217",
        "A placement for adoption with the foster carers the child is with must be new for reason S, T or U.",
        ("DECOM", "PLACE", "RNE"),
        among("PLACE", ("A3", "A5")) & (pl.col("DECOM") >= date(2015, 4, 1)) & ~among("RNE", ("S", "T", "U")),
    ),
    _of(
        given("Episodes"),
        "217t",
        "Placement type P2 is not valid after 28 October 2023.",
        ("DEC", "PLACE"),
        among("PLACE", ("P2",)) & (~pl.col("DEC_given") | (pl.col("DEC") > _K3_BEGAN)),
        since=2024,
        until=2024,
    ),
    _urn_missing((*_NO_URN_DUE, "H5", "P2", "Z1"), until=2024),
    _urn_missing((*_NO_URN_DUE, "Z1"), since=2025, until=2025),
    _urn_missing((*_NO_URN_DUE, *OTHER_PLACES), since=2026),
    unmatched(
        with_providers,
        "219",
        "The provider with this Ofsted number has no placements of this type.",
        ("PLACE", "URN"),
        _listed("PLACE", "PLACE_CODES"),
    ),
    _elsewhere(("K1", "K2", "R3", "S1"), until=2023),
    _elsewhere(("H5", "K1", "K2", "R3", "S1"), since=2024, until=2024),
    _elsewhere(("K1", "K2", "K3", "R3", "S1"), since=2025),
    _urn_not_due((*_NO_URN_DUE, "H5", "P2", "Z1"), until=2023),
    _urn_not_due((*_NO_URN_DUE, "P2", "Z1"), since=2024, until=2024),
    _urn_not_due((*_NO_URN_DUE, "Z1"), since=2025, until=2025),
    _urn_not_due((*_NO_URN_DUE, *OTHER_PLACES), since=2026),
    unmatched(
        with_providers,
        "224",
        "The provider with this Ofsted number is not of the kind recorded.",
        ("PLACE_PROVIDER", "URN"),
        _listed("PLACE_PROVIDER", "PROVIDER_CODES"),
    ),
    unmatched(
        with_providers,
        "227",
        "The provider's registration had ended when the episode began.",
        ("DECOM", "URN"),
        (pl.col("DECOM") < pl.col("REG_END")).fill_null(True),
    ),
    unmatched(
        with_providers,
        "228",
        "The provider's registration ended before the episode, or before the year where the episode is open.",
        ("DEC", "URN"),
        lambda data: (pl.when(pl.col("DEC_given")).then("DEC").otherwise(data.end) <= pl.col("REG_END")).fill_null(
            True
        ),
    ),
    _of(
        with_provider_areas,
        "229",
        "The provider is the authority's own but elsewhere, or another authority's but here, by its postcode.",
        ("PLACE_PROVIDER", "URN"),
        _other_authority,
        needs=(*_PROVIDERS, *_POSTCODES, *_AUTHORITY),
    ),
    _of(
        _placed_and_given,
        "230",
        "A placement of type H5 in England needs an Ofsted number from 28 October 2023.",
        ("DEC", "PLACE", "URN"),
        among("PLACE", ("H5",))
        & (~pl.col("DEC_given") | (pl.col("DEC") > _K3_BEGAN))
        & (pl.col("URN").is_null() | among("URN", (NO_URN,)))
        & ~outside_england(),
        needs=_POSTCODES,
        since=2024,
        until=2024,
    ),
    _row(
        "378",
        "A child placed with parents cannot be looked after under section 20.",
        ("LS", "PLACE"),
        among("PLACE", ("P1",)) & among("LS", ("V2",)),
    ),
    _row(
        "380",
        "A period of care begins with a temporary placement.",
        ("PLACE", "RNE"),
        among("PLACE", TEMPORARY) & ~among("RNE", ("P", "B")),
    ),
    _row(
        "381",
        "A period of care ends with a temporary placement.",
        ("PLACE", "REC"),
        among("PLACE", TEMPORARY) & (pl.col("REC") != "X1"),
    ),
    _row(
        "382",
        "A child on short breaks is in a temporary placement.",
        ("LS", "PLACE"),
        among("LS", SHORT_BREAKS) & among("PLACE", TEMPORARY),
    ),
    _row(
        "384",
        "A child on short breaks is in a long-term foster placement.",
        ("LS", "PLACE"),
        among("LS", SHORT_BREAKS) & among("PLACE", ("U1", "U4")),
    ),
    _row(
        "390",
        "The episode ended with adoption, but was no placement for adoption.",
        ("PLACE", "REC"),
        among("REC", ADOPTED) & ~among("PLACE", FOR_ADOPTION),
    ),
    _row(
        "408",
        "The placement for adoption is under a placement order, but the legal status is another.",
        ("LS", "PLACE"),
        among("PLACE", ("A5", "A6")) & is_not("LS", "E1"),
    ),
    _row(
        "445",
        "Legal status D1 is not valid for episodes that began after December 2005.",
        ("DECOM", "LS"),
        among("LS", ("D1",)) & (pl.col("DECOM") > date(2005, 12, 31)),
        until=2024,
    ),
    _row(
        "446",
        "Legal status E1 is not valid for episodes that began before December 2005.",
        ("DECOM", "LS"),
        among("LS", ("E1",)) & (pl.col("DECOM") < date(2005, 12, 1)),
    ),
    _of(
        given("Episodes"),
        "451",
        "The child is still freed for adoption, but since 30 December 2005 no child can be.",
        ("DEC", "LS", "REC"),
        among("LS", ("D1",)) & ~pl.col("DEC_given") & pl.col("REC").is_null(),
        until=2024,
    ),
    _row(
        "516",
        "A guardianship order went to former foster carers, but this was no foster placement.",
        ("PLACE", "REC"),
        among("REC", ("E45", "E46")) & ~among("PLACE", FOSTER),
    ),
    _provider_missing((*TEMPORARY, "Z1"), until=2025),
    _provider_missing((*TEMPORARY, *OTHER_PLACES), since=2026),
    _never_with("527", "PR1", ("P1", "R2", "R5")),
    _never_with("528", "PR2", ("P1", "R2", "R5")),
    _never_with("529", "PR3", (*FOR_ADOPTION, "K1", "K2", "P1", *FOSTER)),
    _never_with("530", "PR4", ("P1",)),
    _never_with("531", "PR5", ("P1",)),
    _row(
        "550",
        "The provider PR0 (parents) can only have a placement of type P1.",
        ("PLACE", "PLACE_PROVIDER"),
        among("PLACE_PROVIDER", ("PR0",)) & is_not("PLACE", "P1"),
    ),
    _of(
        with_providers,
        "1008",
        "The Ofsted number is not in Ofsted's lists.",
        ("URN",),
        pl.col("is_listed").is_null(),
        needs=_PROVIDERS,
    ),
)
