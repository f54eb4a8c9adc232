"""The register of authorities: which one bore a code or a name on a day, through every reorganisation.

A row is a version: a pair of DfE code and GSS code with the days on which it was in force.
Names are matched exactly after normalising, never by likeness: York is not North Yorkshire and
Hull is not Kingston upon Thames. A name that two authorities bore (Dorset) is told apart by
the day; one that was abolished before that day, or not yet in being, resolves to nothing.

Source: `transforms/seeds/README.md`.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from importlib.resources import files
from pathlib import Path

from transforms.errors import ContractError
from transforms.reading.words import key

JOINT = "joint return"  # type of a unit that reports for two authorities and is none itself
FLOOR = date(2009, 1, 1)  # GSS codes began; stands for "and before"
_KEY_EPOCH = date(1990, 1, 1)
_KEY_STEP = 100_000
_LONGEST_HEADER = 10_000  # characters

_COLUMNS = (
    "la_code,gss_code,name,authority_type,region_code,region_name,subregion_code,subregion_name,ofsted_region,"
    "ofsted_urn,valid_from,valid_to,opening_change,predecessor_la_codes,successor_la_codes"
).split(",")

# Words around the proper name in the full style of an authority, a partnership or a trust.
_STYLE_WORDS = frozenset(
    "the london royal metropolitan borough boroughs city county council councils unitary district authority"
    " authorities local area areas partnership partnerships corporation of ua cc mbc lb council's childrens"
    " children s services service social care trust safeguarding board lscb".split()
)
_DIRECTIONS = frozenset({"north", "south", "east", "west"})
_MOST_SPLIT = 9  # words of a phrase that may be one name in its style with words split
_SQUASHED_STYLE = re.compile(
    r"^(?:the)?(?:(?:london|royal|metropolitan)?borough(?:of)?|cityof|countyof|councilof)?(?:the)?(?P<name>.+?)"
    r"(?:city|county|borough|metropolitan|district|unitary|local|area|council|authority|partnership)*$"
)


@dataclass(frozen=True, slots=True)
class Authority:
    """One version of an authority, of a region, or England.

    Attributes:
        authority_key: stable number of this version.
        la_code: DfE code, three digits as text; None for regions and England.
        gss_code: ONS code.
        valid_from, valid_to: in force from (inclusive) to (exclusive; None while in force).
        predecessors, successors: DfE codes; `(part)` marks a partial transfer.
        geographic_level: `authority`, `region` or `country`.
    """

    authority_key: int
    la_code: str | None
    gss_code: str
    name: str
    valid_from: date
    valid_to: date | None = None
    authority_type: str | None = None
    region_code: str | None = None
    region_name: str | None = None
    subregion_code: str | None = None
    subregion_name: str | None = None
    ofsted_region: str | None = None
    ofsted_urn: str | None = None
    opening_change: str | None = None
    predecessors: tuple[str, ...] = ()
    successors: tuple[str, ...] = ()
    geographic_level: str = "authority"
    is_made_up: bool = False

    def in_force(self, on: date) -> bool:
        """Whether this version was in force on that day."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)

    @property
    def is_current(self) -> bool:
        """Whether this version has no end."""
        return self.valid_to is None


@dataclass(frozen=True, slots=True)
class JointReturn:
    """A reporting unit that stands for more than one authority."""

    joint_la_code: str
    joint_gss_code: str
    name: str
    member_la_codes: tuple[str, ...]
    region_name: str


@dataclass(frozen=True, slots=True)
class _NameUse:
    """Who bore a name, and between which days if it was not theirs for good."""

    la_code: str
    since: date | None = None
    until: date | None = None

    def holds(self, on: date | None) -> bool:
        return on is None or ((self.since is None or on >= self.since) and (self.until is None or on < self.until))


@dataclass(frozen=True, slots=True)
class NamesRead:
    """Authorities a phrase names, and nothing else but their style: codes in printed order.

    Attributes:
        la_codes: for each name, the codes that bear it (more than one: told apart by the day).
    """

    la_codes: tuple[tuple[str, ...], ...]


@dataclass(slots=True)
class Register:
    """All versions of all authorities, regions and England.

    Attributes:
        authorities: every version, sorted by code and date, then regions and England.
        joint_returns: units that report for two authorities.
        version: hash of the content it was made from.
    """

    authorities: tuple[Authority, ...]
    joint_returns: tuple[JointReturn, ...]
    version: str
    _by_code: dict[str, list[Authority]] = field(default_factory=dict)
    _by_gss: dict[str, list[Authority]] = field(default_factory=dict)
    _by_urn: dict[str, list[Authority]] = field(default_factory=dict)
    _names: dict[str, list[_NameUse]] = field(default_factory=dict)
    _spellings: dict[str, list[str]] = field(default_factory=dict)
    _lengths: dict[str, int] = field(default_factory=dict)  # first word: words of the longest name it begins

    def joint_units(self) -> list[Authority]:
        """Joint returns as places of their own: both codes, the first member's region, since both exist."""
        units = []
        for joint in self.joint_returns:
            members = [versions for code in joint.member_la_codes if (versions := self.versions(code))]
            if len(members) != len(joint.member_la_codes):
                continue  # of a register that does not know a member
            first = members[0][-1]
            units.append(
                replace(
                    first,
                    authority_key=int("".join(joint.member_la_codes)) * _KEY_STEP,
                    la_code=joint.joint_la_code,
                    gss_code=joint.joint_gss_code,
                    name=joint.name,
                    valid_from=max(versions[0].valid_from for versions in members),
                    valid_to=None,
                    authority_type=JOINT,
                    ofsted_urn=None,
                    opening_change=None,
                    predecessors=(),
                    successors=(),
                )
            )
        return units

    def spellings(self, la_code: str) -> list[str]:
        """Every known way to write the name of a DfE code."""
        return list(self._spellings.get(la_code, ()))

    def versions(self, la_code: str) -> list[Authority]:
        """All versions of one DfE code, oldest first; empty when unknown."""
        return list(self._by_code.get(la_code, ()))

    def by_la_code(self, code: str, on: date | None = None) -> Authority | None:
        """Version of a DfE code in force on a day (without a day: the latest)."""
        return _pick(self._by_code.get(code.strip(), ()), on)

    def by_gss(self, code: str, on: date | None = None) -> Authority | None:
        """Authority, region or country with a GSS code; with a day, only if in force on it."""
        return _pick(self._by_gss.get(code.strip().upper(), ()), on)

    def by_urn(self, urn: str, on: date | None = None) -> Authority | None:
        """Authority with an Ofsted number, in the version in force on a day (without: the latest)."""
        return _pick(self._by_urn.get(urn.strip(), ()), on)

    def by_name(self, name: str, on: date | None = None) -> Authority | None:
        """Authority, region or England with exactly this name or one of its known spellings.

        None when unknown, when two authorities bore it and the day does not decide, and when
        its bearer was not in force on the day.
        """
        read = self.read_names(name, on)
        if read is not None:
            if len(read.la_codes) != 1:
                return None
            found = [a for code in read.la_codes[0] if (a := self.by_la_code(code, on))]
            return found[0] if len(found) == 1 else None
        wanted = _normal(name)
        places = [a for a in self.authorities if a.la_code is None and _normal(a.name) == wanted]
        return places[0] if len(places) == 1 else None

    def codes_of_name(self, normal: str, on: date | None = None) -> tuple[str, ...]:
        """DfE codes that bear a normalised name (on the day, where the name was theirs for a time)."""
        uses = self._names.get(normal)
        return tuple([use.la_code for use in uses if use.holds(on)]) if uses else ()

    def read_names(self, phrase: str, on: date | None = None) -> NamesRead | None:
        """Read a phrase that names one or more authorities in any usual style.

        `London Borough of Barking and Dagenham`, `Birmingham City Council`, `Kingston upon
        Thames and Richmond upon Thames`. The whole phrase must be used up by known names and
        words of style: anything else in it means that it names something else.

        Returns:
            None when it does not.
        """
        tokens = _normal(phrase).split()
        if not tokens or len(tokens) > 30:
            return None
        names: list[tuple[str, ...]] = []
        at = 0
        while at < len(tokens):
            length, codes = self._longest_name(tokens, at, on)
            shared = () if length else self._shared_name(tokens, at, on)
            if length:
                names.append(codes)
                at += length
            elif shared:
                names.append(shared)
                at += 2
            elif tokens[at] in _STYLE_WORDS or (tokens[at] == "and" and 0 < at < len(tokens) - 1):
                at += 1
            else:
                return self._read_squashed(tokens, on) if len(tokens) <= _MOST_SPLIT else None
        return NamesRead(tuple(dict.fromkeys(names))) if names else None

    def _shared_name(self, tokens: list[str], at: int, on: date | None) -> tuple[str, ...]:
        """First of two authorities that share the end of their name: `North and West Northamptonshire`."""
        if tokens[at] not in _DIRECTIONS or tokens[at + 1 : at + 2] != ["and"] or len(tokens) < at + 4:
            return ()
        length, _ = self._longest_name(tokens, at + 2, on)
        if length < 2 or tokens[at + 2] not in _DIRECTIONS:
            return ()
        return self.codes_of_name(" ".join([tokens[at], *tokens[at + 3 : at + 2 + length]]), on)

    def _longest_name(self, tokens: list[str], at: int, on: date | None) -> tuple[int, tuple[str, ...]]:
        for length in range(min(self._lengths.get(tokens[at], 0), len(tokens) - at), 0, -1):
            codes = self.codes_of_name(" ".join(tokens[at : at + length]), on)
            if codes:
                return length, codes
        return 0, ()

    def _read_squashed(self, tokens: list[str], on: date | None) -> NamesRead | None:
        """One name whose words a reader split or joined."""
        match = _SQUASHED_STYLE.match("".join(tokens))
        codes = self.codes_of_name(match["name"], on) if match else ()
        return NamesRead((codes,)) if codes else None


def _pick(versions: Sequence[Authority], on: date | None) -> Authority | None:
    if on is None:
        return versions[-1] if versions else None
    return next((v for v in versions if v.in_force(on)), None)


def _normal(name: str) -> str:
    return key(name.replace("&", " and "))


def _codes(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(";") if part.strip())


def authority_key(la_code: str, valid_from: date) -> int:
    """Number of one version of an authority: its code, and the days from 1990 to its first day."""
    return int(la_code) * _KEY_STEP + (valid_from - _KEY_EPOCH).days


def place_key(gss_code: str) -> int:
    """Number of a region or country: the digits of its GSS code. Below that of any authority, or above all."""
    return int(gss_code[1:])


def _read_rows(content: str, name: str, required: Iterable[str]) -> Iterator[dict[str, str]]:
    reader = csv.DictReader(io.StringIO(content.lstrip("\ufeff")))
    missing = set(required) - set(reader.fieldnames or ())
    if missing:
        raise ContractError(f"{name}: line 1: columns missing: {', '.join(sorted(missing))}")
    try:
        for row in reader:
            yield {column: (value or "").strip() for column, value in row.items() if column and isinstance(value, str)}
    except csv.Error as error:
        raise ContractError(f"{name}: line {reader.line_num}: found {error}, expected lines of CSV") from error


def _date(cell: str, where: str) -> date:
    try:
        return date.fromisoformat(cell)
    except ValueError:
        raise ContractError(f"{where}: found {cell!r}, expected a date as YYYY-MM-DD") from None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ContractError(f"{path.name}: found bytes that are no UTF-8, expected a CSV file in UTF-8") from error


def _authorities(content: str, name: str) -> Iterator[tuple[Authority, tuple[str, ...]]]:
    """Versions of one CSV, each with the further spellings it states."""
    for number, row in enumerate(_read_rows(content, name, _COLUMNS), start=2):
        where = f"{name}: line {number}"
        if not re.fullmatch(r"\d{3}", row["la_code"]):
            raise ContractError(f"{where}: la_code: found {row['la_code']!r}, expected three digits")
        if not row["name"]:
            raise ContractError(f"{where}: name: found nothing, expected the authority's name")
        valid_from = _date(row["valid_from"], f"{where}: valid_from")
        valid_to = _date(row["valid_to"], f"{where}: valid_to") if row["valid_to"] else None
        if valid_to is not None and valid_to <= valid_from:
            raise ContractError(f"{where}: valid_to: found {valid_to}, expected a day after {valid_from}")
        yield (
            Authority(
                authority_key=authority_key(row["la_code"], valid_from),
                la_code=row["la_code"],
                gss_code=row["gss_code"],
                name=row["name"],
                valid_from=valid_from,
                valid_to=valid_to,
                authority_type=row["authority_type"] or None,
                region_code=row["region_code"] or None,
                region_name=row["region_name"] or None,
                subregion_code=row["subregion_code"] or None,
                subregion_name=row["subregion_name"] or None,
                ofsted_region=row["ofsted_region"] or None,
                ofsted_urn=row["ofsted_urn"] or None,
                opening_change=row["opening_change"] or None,
                predecessors=_codes(row["predecessor_la_codes"]),
                successors=_codes(row["successor_la_codes"]),
                is_made_up=row.get("is_made_up", "").lower() == "true",
            ),
            _codes(row.get("name_variants", "")),
        )


def _regions(versions: Iterable[Authority]) -> list[Authority]:
    """Regions, Inner and Outer London, and England."""
    names: dict[str, str] = {}
    for version in versions:
        for code, name in (
            (version.region_code, version.region_name),
            (version.subregion_code, version.subregion_name),
        ):
            if code and name:
                names.setdefault(code, name)
    places = [
        Authority(place_key(code), None, code, name, FLOOR, geographic_level="region")
        for code, name in sorted(names.items())
    ]
    england = Authority(place_key("E92000001"), None, "E92000001", "England", FLOOR, geographic_level="country")
    return [*places, england]


def _check_versions(versions: list[Authority]) -> None:
    """Versions of one code must follow each other without overlap."""
    for earlier, later in zip(versions, versions[1:], strict=False):
        if earlier.la_code == later.la_code and (earlier.valid_to is None or later.valid_from < earlier.valid_to):
            raise ContractError(
                f"register of authorities: {later.la_code}: two versions in force on {later.valid_from.isoformat()}"
            )


def _index_names(register: Register, spellings: Iterable[tuple[str, str]]) -> None:
    def add(name: str, use: _NameUse) -> None:
        normal = _normal(name)
        register._spellings.setdefault(use.la_code, []).append(name)
        for form in {normal, normal.replace(" ", "")}:
            uses = [known for known in register._names.get(form, ()) if known.la_code != use.la_code]
            register._names[form] = [*uses, use]
            words = form.split()
            register._lengths[words[0]] = max(register._lengths.get(words[0], 0), len(words))

    for versions in register._by_code.values():
        latest = _normal(versions[-1].name)
        code = versions[-1].la_code or ""
        for version in versions[:-1]:
            if _normal(version.name) != latest:
                # The county that took in the Isles of Scilly is not the Cornwall of today.
                add(version.name, _NameUse(code, version.valid_from, version.valid_to))
        add(versions[-1].name, _NameUse(code))
    for code, name in spellings:
        if code in register._by_code:
            add(name, _NameUse(code))


def recognise(data: bytes) -> str | None:
    """Return None for a CSV file with the columns of the register, else what was seen."""
    try:
        content = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "found no text in UTF-8"
    missing = sorted(set(_COLUMNS) - set(next(csv.reader(io.StringIO(content[:_LONGEST_HEADER])), [])))
    if not missing:
        return None
    lacking = f": columns missing: {', '.join(missing)}" if len(missing) < len(_COLUMNS) // 2 else ""
    return f"found no register of authorities{lacking}"


def load_register(extra: Iterable[Path] = ()) -> Register:
    """Load the register from the package's seeds and any further CSV files.

    Args:
        extra: CSV files in the layout of `seeds/authority.csv`: authorities beside those of the seeds, and rows
            that stand in place of the seed's row of the same codes and first day.

    Returns:
        The register; its `version` changes with any byte of what it was made from.

    Raises:
        ContractError: a file lacks columns, has a malformed code or date, or two versions overlap.
    """
    seeds = files("transforms") / "seeds"
    contents = {
        name: (seeds / f"{name}.csv").read_text("utf-8") for name in ("authority", "authority_name", "authority_joint")
    }
    more = sorted((_text(path), path.name) for path in extra)
    digest = hashlib.sha256()
    for content in [*contents.values(), *(content for content, _ in more)]:
        digest.update(content.encode() + b"\0")

    spellings = [
        (row["la_code"], row["name"])
        for row in _read_rows(contents["authority_name"], "authority_name.csv", ("la_code", "name"))
    ]
    versions, variants = _versions(contents["authority"], more)
    spellings += variants

    joint = tuple(
        JointReturn(r["joint_la_code"], r["joint_gss_code"], r["name"], _codes(r["member_la_codes"]), r["region_name"])
        for r in _read_rows(contents["authority_joint"], "authority_joint.csv", ("joint_la_code", "member_la_codes"))
    )
    register = Register((*versions, *_regions(versions)), joint, digest.hexdigest())
    for authority in register.authorities:
        if authority.la_code:
            register._by_code.setdefault(authority.la_code, []).append(authority)
        register._by_gss.setdefault(authority.gss_code, []).append(authority)
        if authority.ofsted_urn:
            register._by_urn.setdefault(authority.ofsted_urn, []).append(authority)
    _index_names(register, spellings)
    return register


def _versions(seed: str, more: Iterable[tuple[str, str]]) -> tuple[list[Authority], list[tuple[str, str]]]:
    """Read every version of every authority, those of further files in place of the seed's.

    Args:
        seed: content of `authority.csv`.
        more: content and name of each further file.

    Returns:
        Versions by code and first day; and further spellings of names, by code.
    """
    known: dict[tuple[str | None, date], Authority] = {}
    given: dict[tuple[str | None, date], str] = {}
    spellings: list[tuple[str, str]] = []
    for content, name in [(seed, ""), *more]:
        for authority, variants in _authorities(content, name or "authority.csv"):
            key = authority.la_code, authority.valid_from
            if given.get(key) and known[key] != authority:
                raise ContractError(
                    f"{name}: {key[0]} from {key[1].isoformat()}: found otherwise than in {given[key]}, expected once"
                )
            if key in known and known[key].gss_code != authority.gss_code:
                raise ContractError(
                    f"{name}: {key[0]} from {key[1].isoformat()}: found {authority.gss_code} {authority.name}, "
                    f"expected {known[key].gss_code} as the register has it ({known[key].name})"
                )
            known[key], given[key] = authority, name
            spellings += [(authority.la_code or "", variant) for variant in variants]
    versions = sorted(known.values(), key=lambda a: (a.la_code or "", a.valid_from))
    _check_versions(versions)
    return versions, spellings


from transforms.reading.authority import resolve_authorities  # noqa: E402  (re-exported; needs nothing from here at run time)

__all__ = [
    "Authority",
    "JointReturn",
    "NamesRead",
    "Register",
    "authority_key",
    "load_register",
    "place_key",
    "recognise",
    "resolve_authorities",
]
