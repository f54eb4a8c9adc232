"""Rules on where a child is placed: postcodes, the authority there, and how far it is from home.

Authority, location and distance are not in the files: they follow from the postcodes.
"""

from __future__ import annotations

import polars as pl

from transforms.returns.model import MissingInput, ReturnData
from transforms.returns.rule import Rule
from transforms.returns.ssda903_rules.conditions import FOR_ADOPTION, FOSTER, SHORT_BREAKS, among, is_not
from transforms.returns.ssda903_rules.episode_frames import (
    Frame,
    asylum_seekers,
    found_postcodes,
    given,
    on,
    once_asylum_seekers,
    own_areas,
    placed,
    written_postcodes,
)

_EPISODES = ("Episodes",)
_POSTCODES = ("postcodes",)
_FURTHEST, _UNKNOWN_DISTANCE, _FAR = 999.9, 999.9, 350


def _of(frame: Frame, code: str, message: str, fields: tuple[str, ...], condition: object, **more: object) -> Rule:
    return on(frame, code, message, _EPISODES, fields, condition, **more)  # type: ignore[arg-type]


def _of_others(frame: Frame) -> Frame:
    """Return the episodes of children who never were asylum seekers, as far as this year and the last tell."""
    return lambda data: frame(data).join(once_asylum_seekers(data), on="CHILD", how="anti")


def _given_of_others(data: ReturnData) -> pl.LazyFrame:
    """Return the episodes of those children; of all where neither year tells who was one."""
    if all(asylum_seekers(year) is None for year in (data, data.previous) if year is not None):
        return given("Episodes")(data)
    return _of_others(given("Episodes"))(data)


def _located(data: ReturnData) -> pl.LazyFrame:
    """Return `placed` where it has the location, which the authority's code decides."""
    frame = placed(data)
    if data.la_code is None and "PL_LOCATION" not in frame.collect_schema():
        raise MissingInput("the code of the authority")
    return frame


def _distance() -> pl.Expr:
    return pl.col("PL_DISTANCE").cast(pl.Float64, strict=False)


def _not_own(data: ReturnData) -> pl.Expr:
    return ~pl.col("PL_LA").cast(pl.String).is_in(own_areas(data)).fill_null(False)


RULES = (
    _of(
        _of_others(placed),
        "164",
        "The distance between home and placement is out of range; check the postcodes.",
        ("PL_DISTANCE",),
        ~among("LS", SHORT_BREAKS) & ~_distance().is_between(0, _FURTHEST),
        needs=_POSTCODES,
    ),
    _of(
        placed,
        "169",
        "The authority of the placement is not known; check the postcode.",
        ("PL_LA",),
        ~among("LS", SHORT_BREAKS) & pl.col("PL_LA").is_null(),
        needs=_POSTCODES,
    ),
    _of(
        _located,
        "179",
        "Whether the placement is in the authority is not known; check the postcode.",
        ("PL_LOCATION",),
        ~among("LS", SHORT_BREAKS) & pl.col("PL_LOCATION").is_null(),
        needs=(*_POSTCODES, "authority"),
    ),
    _of(
        _of_others(placed),
        "392a",
        "The distance between home and placement is missing.",
        ("PL_DISTANCE",),
        ~among("LS", SHORT_BREAKS) & pl.col("PL_DISTANCE").is_null(),
        needs=_POSTCODES,
    ),
    _of(
        _given_of_others,
        "392b",
        "The postcode of the home or of the placement is missing.",
        ("HOME_POST", "PL_POST"),
        ~among("LS", SHORT_BREAKS) & ~(pl.col("HOME_POST_given") & pl.col("PL_POST_given")),
    ),
    _of(
        found_postcodes,
        "392c",
        "A postcode does not exist.",
        ("HOME_POST", "PL_POST"),
        (pl.col("home").is_not_null() & pl.col("home_exists").is_null())
        | (pl.col("place").is_not_null() & pl.col("place_exists").is_null()),
        needs=_POSTCODES,
    ),
    _of(
        written_postcodes,
        "392d",
        "Home and placement have one postcode, but the child is not placed with parents.",
        ("HOME_POST", "PLACE", "PL_POST"),
        (pl.col("home") == pl.col("place")) & is_not("PLACE", "P1"),
    ),
    _of(
        given("Episodes"),
        "398",
        "A short break needs no postcodes.",
        ("HOME_POST", "LS", "PL_POST"),
        among("LS", SHORT_BREAKS) & (pl.col("HOME_POST_given") | pl.col("PL_POST_given")),
    ),
    _of(
        lambda data: placed(data).join(once_asylum_seekers(data), on="CHILD", how="semi"),
        "406",
        "The child is or was an unaccompanied asylum seeker: no distance is due, so give no home postcode.",
        ("PL_DISTANCE",),
        pl.col("PL_DISTANCE").is_not_null(),
        needs=_POSTCODES,
    ),
    _of(
        _located,
        "411",
        "The placement is said to be in the authority, but is in another.",
        ("PL_LOCATION",),
        lambda data: among("PL_LOCATION", ("IN",)) & _not_own(data),
        needs=(*_POSTCODES, "authority"),
    ),
    _of(
        placed,
        "420",
        "A short break needs no authority of the placement, so give no postcode.",
        ("PL_LA",),
        among("LS", SHORT_BREAKS) & pl.col("PL_LA").is_not_null(),
        needs=_POSTCODES,
    ),
    _of(
        placed,
        "454",
        "The placement is more than 350 miles from home.",
        ("PL_DISTANCE",),
        (_distance() > _FAR) & (_distance() != _UNKNOWN_DISTANCE),
        needs=_POSTCODES,
        since=2026,
    ),
    _of(
        placed,
        "1015",
        "The placement is the authority's own provision, but in another authority.",
        ("PL_LA",),
        lambda data: (
            among("PLACE_PROVIDER", ("PR1",))
            & ~among("PLACE", (*FOR_ADOPTION, *FOSTER))
            & ~among("LS", SHORT_BREAKS)
            & pl.col("LS").is_not_null()
            & pl.col("PLACE").is_not_null()
            & _not_own(data)
        ),
        needs=(*_POSTCODES, "authority"),
    ),
)
