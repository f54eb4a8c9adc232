"""The place columns of one row to one place: authority, joint return, region or England.

The DfE code decides; the GSS code and the name must not speak for somebody else. The GSS code
alone does not name a series, since releases differ in which one a back series carries; it is
kept as printed. Authorities that did not exist in the period are known places: some files
carry their rows with a symbol.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from transforms.authorities import Authority, Register
from transforms.reading.words import key

LEVELS = {
    "national": "country",
    "country": "country",
    "regional": "region",
    "region": "region",
    "local authority": "authority",
    "la": "authority",
    "local authority (upper tier)": "authority",
    "upper tier local authority": "authority",
}
_GSS = re.compile(r"[A-Z]\d{8}")
_CODE = re.compile(r"\d{3}")
_JOINER = re.compile(r"\s*(?:/|&|\+|;|,|\band\b)\s*")


@dataclass(frozen=True, slots=True)
class PlaceCells:
    """Place columns of a row as printed, each empty where the file has none."""

    level: str
    country_code: str = ""
    country_name: str = ""
    region_code: str = ""
    region_name: str = ""
    la_code: str = ""
    gss_code: str = ""
    la_name: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A place found.

    Attributes:
        geographic_level: `authority`, `region` or `country`.
        la_code: DfE code; both codes for a joint return (`314 / 318`); None above authorities.
        gss_code: as printed, the register's latest where none is.
    """

    geographic_level: str
    la_code: str | None
    gss_code: str | None
    name: str


@dataclass(frozen=True, slots=True)
class Unplaced:
    """Why no place was found: rule, what was printed, what was expected."""

    rule: str
    found: str
    expected: str


def find_place(cells: PlaceCells, register: Register, on: date | None = None) -> Place | Unplaced:
    """Find the one place the columns of a row name.

    Args:
        cells: place columns of the row.
        register: authorities.
        on: last day of the period; tells apart authorities that bore one name, where only that is given.
    """
    level = LEVELS.get(" ".join(cells.level.lower().split()))
    within = _place_within(level, cells, register)
    if within is not None:
        return Unplaced("place_disagrees", f"{level} row of {within.name}", f"a {level} and no place within it")
    if level == "country":
        return _find_area("country", cells.country_code, cells.country_name, register)
    if level == "region":
        return _find_area("region", cells.region_code, cells.region_name, register)
    if level == "authority":
        return _find_authority(cells, register, on)
    return Unplaced("level_not_kept", cells.level or "nothing", "National, Regional or Local authority")


def _place_within(level: str | None, cells: PlaceCells, register: Register) -> Authority | None:
    """The smaller place that a row of a region or country names too; symbols in such columns name none."""
    if level not in ("country", "region"):
        return None
    authority = register.by_la_code(cells.la_code) or register.by_gss(cells.gss_code)
    region = register.by_gss(cells.region_code) if level == "country" else None
    found = (place for place in (authority, region) if place and place.geographic_level not in ("country", level))
    return next(found, None)


def _find_area(level: str, code: str, name: str, register: Register) -> Place | Unplaced:
    code = code.upper()
    by_code = register.by_gss(code) if code else None
    by_name = register.by_name(name) if name else None
    found = by_code or (None if _GSS.fullmatch(code) else by_name)
    printed = f"{level} {name!r} {code}".rstrip()
    if found is None or found.geographic_level != level:
        return Unplaced("unknown_place", printed, "England" if level == "country" else "a region of England")
    if by_name is not None and by_name.gss_code != found.gss_code:
        return Unplaced("place_disagrees", printed, f"the name of {found.gss_code}, {found.name}")
    return Place(level, None, found.gss_code, name or found.name)


def _find_authority(cells: PlaceCells, register: Register, on: date | None) -> Place | Unplaced:
    code, gss = cells.la_code.upper().removesuffix(".0"), cells.gss_code.upper()
    if _GSS.fullmatch(code) and not gss:
        code, gss = "", code
    printed = f"authority {cells.la_name!r} {code} {gss}".rstrip()
    joint = _find_joint(code, gss, cells.la_name, register)
    if joint is not None:
        return joint
    has_code, has_gss = _CODE.fullmatch(code) is not None, _GSS.fullmatch(gss) is not None
    by_gss = register.by_gss(gss) if gss else None
    found = register.by_la_code(code) if has_code else by_gss
    if found is None and not has_code and not has_gss and cells.la_name:
        found = register.by_name(cells.la_name, on) or register.by_name(cells.la_name)
    if found is None or found.la_code is None:
        return Unplaced("unknown_place", printed, "an authority of the register")
    if by_gss is not None and by_gss.la_code != found.la_code:
        return Unplaced("place_disagrees", printed, f"a GSS code of {found.la_code}, {found.name}")
    if not _may_bear(cells.la_name, found, register):
        return Unplaced("place_disagrees", printed, f"a name of {found.la_code}, {found.name}")
    return Place("authority", found.la_code, gss if has_gss else found.gss_code, cells.la_name or found.name)


def _find_joint(code: str, gss: str, name: str, register: Register) -> Place | None:
    """Two codes in one cell: a return for two authorities."""
    codes, gsss = _JOINER.split(code), _JOINER.split(gss.replace("AND", "and"))
    for joint in register.joint_returns:
        is_named = not code and not gss and key(name) == key(joint.name)
        if is_named or tuple(codes) == joint.member_la_codes or (not code and " / ".join(gsss) == joint.joint_gss_code):
            return Place("authority", joint.joint_la_code, joint.joint_gss_code, name or joint.name)
    return None


def _may_bear(name: str, found: Authority, register: Register) -> bool:
    """Whether a name is the authority's, or nobody's that is known."""
    if not name:
        return True
    read = register.read_names(name)
    return read is None or len(read.la_codes) != 1 or found.la_code in read.la_codes[0]
