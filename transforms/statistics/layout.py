"""Which column of a tidy table is time, place, filter or indicator, told from the table itself.

Time and place columns are known by name. Of the others, a column in which under 1% of the cells
are text other than a symbol is an indicator, any other a filter. Where the publisher's metadata
lies beside the table, that decides instead; a column it does not describe, or in two ways, is a filter
of one item or is told like any other. Two repairs: a column of numbers right of an indicator, or one
without which no row would repeat, stays one although some cells are text (those are faults), and a column
of whole numbers without which rows would repeat (ages, years of birth) is a filter. Rows without a year
(notes below the table, the header once more) and of places that are not kept tell nothing of a column.

Source: reference, section "Layout and grain"; EES metadata file layout.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from transforms.errors import LayoutError
from transforms.reports.model import Problem
from transforms.statistics.indicators import META_UNITS, YEARS_AND_MONTHS, named_unit, totals_among
from transforms.statistics.places import LEVELS
from transforms.statistics.symbols import (
    is_duration,
    is_meant_as_number,
    is_symbol,
    number_in,
    stripped,
    tells_durations,
)
from transforms.statistics.tables import Table, find_header, read_text, warning

# Roles by column name, and the further spellings under which they occur.
_ROLES = {
    "time_period": ("time_period", "timeperiod", "time period"),
    "time_identifier": ("time_identifier", "timeidentifier"),
    "geographic_level": ("geographic_level", "geographiclevel", "geography_level"),
    "country_code": ("country_code",),
    "country_name": ("country_name",),
    "region_code": ("region_code", "gor_code", "new_region_code"),
    "region_name": ("region_name", "gor_name"),
    "la_code": ("old_la_code", "la_code", "dfe_code", "la_number"),
    "gss_code": ("new_la_code", "gss_code", "la_gss_code", "ons_code"),
    "la_name": ("la_name", "local_authority_name", "local_authority"),
}
_ROLE_OF = {re.sub(r"[^a-z0-9]+", "_", name): role for role, names in _ROLES.items() for name in names}
TIME_AND_PLACE_NAMES = frozenset(_ROLE_OF)
REQUIRED = ("time_period", "geographic_level")
PLACE_ROLES = ("country_code", "country_name", "region_code", "region_name", "la_code", "gss_code", "la_name")
# Places below or beside authorities, which only rows of other levels fill.
_OTHER_PLACE = re.compile(
    r"(?:lad|local_authority_district|pcon|parliamentary_constituency|ward|school|mat|trust|sponsor|opportunity_area|"
    r"english_devolved_area|devolved_area|local_enterprise_partnership|local_enterprise_partnerships|rsc_region|"
    r"mayoral_combined_authority|rsc_region_lead|planning_area|provider|institution|local_skills_improvement_plan_area|lsip|police_force_area|"
    r"new_la|old_la|pfa)_(?:code|name|urn|ukprn|id|laestab|lead_name)|school_(?:urn|laestab)|rsc_region_lead_name"
)
# The state of an estimate, not a part of what it is about.
_STATE_COLUMNS = frozenset({"version", "release_status", "publication_status", "data_status"})
# Names that rows bear beside their columns.
_KEYS = frozenset(("source_row", "period", "place", "place_key", "combination", "named_in", "column"))
_META_COLUMNS = {"col_name", "col_type", "label"}
_NOTHING = frozenset({"na", "n/a", "null"})  # empty cells, as statistical software writes them
_KINDS = frozenset({"filter", "indicator"})
_TIMED = r"^\d{4}"
_FEW_TEXT = 0.01
_MOST_AGES = 120
_LOOKED_AT = 50_000  # numbers of which the distinct ones are counted
_MOSTLY_FILLED = 0.4  # share of the items of a filter that each place and period has
_MANY_REPEATED = 0.67  # share of rows whose keys differ, above which repeated rows are faults of the file


@dataclass(frozen=True, slots=True)
class Described:
    """What metadata say of one column.

    Attributes:
        kind: `filter` or `indicator`.
        label, unit: as printed.
        group_column: of a filter, normalised.
        default: item of a filter that is shown first: the one for all of it, where there is one.
    """

    kind: str
    label: str = ""
    unit: str = ""
    group_column: str = ""
    default: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What stands in one column: shares of text and of numbers, distinct numbers, any fraction, a word for all.

    Of durations: whether there are any, and whether months in one digit are told to be some or left open.
    """

    text: float
    numbers: float
    distinct: int
    has_fractions: bool
    has_total: bool = False
    has_durations: bool = False
    tells_durations: bool = False
    has_open_durations: bool = False


@dataclass(slots=True)
class Layout:
    """Columns by role; the frame's columns bear these names.

    Attributes:
        frame: `source_row`, the roles the table has, filters and indicators, as stripped text.
        roles: roles of time and place that the table has.
        filters, indicators: normalised names, in order.
        printed: normalised name to name as printed.
        described: normalised name to what metadata say.
        seen: normalised name to what stands in the column.
        classified_by: `metadata` or `content`.
    """

    frame: pl.DataFrame
    roles: list[str]
    filters: list[str]
    indicators: list[str]
    printed: dict[str, str]
    described: dict[str, Described]
    seen: dict[str, Seen]
    classified_by: str
    problems: list[Problem] = field(default_factory=list)


def normal(name: str) -> str:
    """Column name in lower case with underscores only."""
    return re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_")


def is_header(cells: Sequence[str]) -> bool:
    """Whether cells are the header of a tidy table: time and place columns among them."""
    roles = {_ROLE_OF.get(normal(cell)) for cell in cells} - {None}
    return "time_period" in roles and len(roles) >= 2 or len(roles) >= 4


def is_whole_header(cells: Sequence[str]) -> bool:
    """Whether cells are the header of a tidy table and lack none of the columns it must have."""
    return set(REQUIRED) <= {_ROLE_OF.get(normal(cell)) for cell in cells}


def is_metadata_header(cells: Sequence[str]) -> bool:
    """Whether cells are the header of a metadata file."""
    return {normal(cell) for cell in cells} >= _META_COLUMNS


def _apart(name: str) -> str:
    """Return the name of a column, told apart from the keys that rows are given beside their columns."""
    return f"{name}_column" if name in _KEYS else name


def read_metadata(data: bytes) -> tuple[dict[str, Described], list[Problem]]:
    """Read a metadata file.

    Returns:
        What it says of each column, by normalised name, and what it leaves open: a column of no kind or of two
        descriptions, a unit that nobody knows, a line of more cells than the header.

    Raises:
        UnreadableFileError: no text.
        LayoutError: no header of metadata, or a line that cannot be read.
    """
    text, _ = read_text(data)
    found = find_header(text, is_metadata_header)
    if found is None:
        # No line is shown: of a file that is no metadata it may be about a child.
        words = {
            normal(word) for word in re.split(r"[,;\t|]", next(filter(None, map(str.strip, text.splitlines())), ""))
        }
        known = ", ".join(sorted(words & _META_COLUMNS)) or "none of them"
        raise LayoutError(f"metadata: found {known}, expected a header with col_name, col_type and label")
    above, separator, header = found
    rows = csv.reader(io.StringIO(text.split("\n", above + 1)[-1]), delimiter=separator)
    names = [normal(name) for name in header]
    told: dict[str, list[Described]] = {}
    problems: list[Problem] = []
    try:
        for row in rows:
            cells = ["" if cell.strip().lower() in _NOTHING else cell.strip() for cell in row]
            surplus = any(cells[len(names) :])
            line = f"metadata, line {above + 1 + rows.line_num}"
            if surplus:
                expected = f"{len(names)} as in the header"
                problems.append(warning("ragged_row", line, f"{len(cells)} cells", expected))
            _describe(dict(zip(names, cells, strict=False)), surplus, line, told, problems)
    except csv.Error as error:
        raise LayoutError(f"metadata: found {error}, expected lines of CSV") from None
    return _agreed(told, problems), problems


def _describe(
    cells: dict[str, str], surplus: bool, line: str, told: dict[str, list[Described]], problems: list[Problem]
) -> None:
    """Add what one line says; of one of too many cells no more than the kind, since a comma may have shifted them."""
    name, kind, unit = cells.get("col_name", ""), cells.get("col_type", ""), cells.get("indicator_unit", "")
    if not any(cells.values()):
        return
    if not normal(name):
        problems.append(warning("column_undecided", line, "no col_name", "one"))
        return
    place = f"metadata, column {name}"
    if kind.lower() not in _KINDS:
        problems.append(warning("column_undecided", place, f"col_type {kind!r}", "Filter or Indicator"))
        return
    if unit and unit.lower() not in META_UNITS and not surplus:
        problems.append(warning("unknown_unit", place, repr(unit), f"one of {', '.join(META_UNITS)}, or nothing"))
    group, default = cells.get("filter_grouping_column", ""), cells.get("filter_default", "")
    said = Described(kind.lower(), cells.get("label", ""), unit, _apart(normal(group)), default)
    told.setdefault(_apart(normal(name)), []).append(Described(said.kind) if surplus else said)


def _agreed(told: dict[str, list[Described]], problems: list[Problem]) -> dict[str, Described]:
    """What is said of each column without contradiction: of two descriptions the kind, if that is one."""
    described = {}
    for name, said in told.items():
        if len(set(said)) > 1:
            expected = "one; none is taken but what they agree on"
            problems.append(warning("described_twice", f"metadata, column {name}", "two descriptions", expected))
            if len({one.kind for one in said}) == 1:
                described[name] = Described(said[0].kind)
        else:
            described[name] = said[0]
    return described


def find_layout(table: Table, metadata: dict[str, Described] | None = None) -> Layout:
    """Tell the columns of a table apart.

    Raises:
        LayoutError: no column tells the period, the level or the place, or none holds values.
    """
    problems: list[Problem] = []
    names = _named_columns(table.header, problems)
    roles = {role: column for name, column in names.items() if (role := _ROLE_OF.get(name)) is not None}
    missing = [role for role in REQUIRED if role not in roles]
    if missing or not set(PLACE_ROLES) & set(roles):
        missing += [] if set(PLACE_ROLES) & set(roles) else ["a place column"]
        raise LayoutError(f"header: found {', '.join(table.header[:12])}, expected also {', '.join(missing)}")
    others = {n: c for n, c in names.items() if n not in _ROLE_OF and not _OTHER_PLACE.fullmatch(n)}
    frame = table.frame.select(
        "source_row",
        *(stripped(column).alias(role) for role, column in roles.items()),
        *(stripped(column).alias(name) for name, column in others.items()),
    )
    described = _described(metadata or {}, names, others, problems)
    telling = _telling(frame)
    seen = _look_at(telling, list(others), [*table.header, *(said.label for said in described.values())])
    filters, indicators = _classify(telling, list(others), described, seen)
    if not indicators:
        raise LayoutError(f"header: found no column of values among {', '.join(others) or 'none'}, expected one")
    states = [name for name in filters if name in _STATE_COLUMNS]
    filters = [name for name in filters if name not in states]
    keys = [*roles, *filters]
    if states and _distinct(telling, keys) < _distinct(telling, [*keys, *states]):
        filters = [*filters, *states]
    printed = {name: table.header[int(column[1:])] for name, column in names.items()}
    by = "metadata" if described else "content"
    return Layout(frame, list(roles), filters, indicators, printed, described, seen, by, problems)


def _named_columns(header: Sequence[str], problems: list[Problem]) -> dict[str, str]:
    """Column of the frame by normalised name; unnamed and repeated ones are left out and named."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for number, printed in enumerate(header):
        name = _apart(normal(printed))
        role = _ROLE_OF.get(name, name)
        if not name or role in taken:
            found = f"{printed!r} once more" if name else "no name"
            problems.append(warning("unnamed_column", f"column {number + 1}", found, "one name for each column"))
            continue
        taken.add(role)
        names[name] = f"c{number}"
    return names


def _telling(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows that tell what a column is: of a year, and of places that are kept (schools repeat the keys of theirs)."""
    level = pl.col("geographic_level").str.to_lowercase().str.replace_all(r"\s+", " ")
    is_kept = level.is_in(list(LEVELS))
    tells = frame.select(pl.col("time_period").str.contains(_TIMED) & is_kept).to_series()
    return frame.filter(tells) if tells.any() and not tells.all() else frame


def _described(
    metadata: dict[str, Described], names: dict[str, str], others: dict[str, str], problems: list[Problem]
) -> dict[str, Described]:
    """What metadata say of columns that the table has; what they promise and it lacks is told."""
    described = {name: said for name, said in metadata.items() if name in others}
    if metadata and not described:
        problems.append(warning("other_metadata", "metadata", "none of the columns of the table", "its columns"))
        return {}
    promised = {*metadata, *(said.group_column for said in metadata.values() if said.group_column)}
    if missing := sorted(promised - names.keys()):
        problems.append(warning("column_missing", "header", f"no {', '.join(missing)}", "the columns of the metadata"))
    return described


def _classify(
    frame: pl.DataFrame, names: list[str], described: dict[str, Described], seen: dict[str, Seen]
) -> tuple[list[str], list[str]]:
    """Part the columns into filters and indicators.

    What metadata leave open is decided by what stands in a column: first by its text alone, then, for more
    numbers than text and for nothing but symbols, by the columns beside it.
    """
    groups = {d.group_column for d in described.values() if d.group_column}
    kinds = {name: described[name].kind for name in names if name in described}
    kinds |= dict.fromkeys(groups & set(names), "filter")
    open_names = [name for name in names if name not in kinds]
    for name in open_names:
        is_text = seen[name].text >= _FEW_TEXT or bool(described) and frame[name].n_unique() == 1
        kinds[name] = "filter" if is_text else "indicator" if seen[name].numbers else "symbols"
    first = min((n for n, name in enumerate(names) if kinds[name] == "indicator"), default=len(names))
    for name in open_names:
        is_behind = names.index(name) > first
        if kinds[name] == "filter" and seen[name].numbers > seen[name].text > 0:
            left = names[: names.index(name)]
            sure = {n for n in names if n in described or n in left or seen[n].numbers <= seen[n].text} - {name}
            keys = [n for n in frame.columns if n in _ROLES or (kinds.get(n) == "filter" and n in sure)]
            if _are_values(frame, name, seen[name], keys, is_behind):
                kinds[name] = "indicator"
        elif kinds[name] == "symbols":  # nothing but symbols or blanks: values, unless blank and left of them
            is_blank = frame[name].str.len_chars().max() in (0, None) and named_unit(name) is None
            kinds[name] = "filter" if is_blank and not is_behind else "indicator"
    filters = [name for name in names if kinds[name] == "filter"]
    indicators = [name for name in names if kinds[name] == "indicator"]
    return _number_filters(frame, filters, indicators, seen, open_names)


def _are_values(frame: pl.DataFrame, name: str, seen: Seen, keys: list[str], is_behind: bool) -> bool:
    """Whether numbers with some text among them are values: no items of a filter are like them, or rows tell.

    `keys` tell rows apart without the column; `is_behind` is it of the first column of values.
    """
    if seen.has_fractions or seen.distinct > _MOST_AGES or (is_behind and not seen.has_total):
        return True
    return _is_varied(frame, name, seen) and _distinct(frame, keys) > _MANY_REPEATED * frame.height


def _is_varied(frame: pl.DataFrame, name: str, seen: Seen) -> bool:
    """Whether a column is named by a unit, or holds more numbers than go with the periods, and no total."""
    if named_unit(name) is not None or seen.distinct > seen.numbers * frame.height / 2:
        return True
    return not seen.has_total and seen.distinct > frame["time_period"].n_unique()


def _look_at(frame: pl.DataFrame, names: list[str], titles: list[str]) -> dict[str, Seen]:
    """What stands in each column; titles and items may say that what looks like ratios are years and months."""
    seen = {name: _look(frame, name) for name in names}
    left_open = [name for name in names if seen[name].has_open_durations]
    if left_open:
        worded = [name for name in names if seen[name].text]
        items = (item for name in worded for item in frame[name].unique().head(_LOOKED_AT))
        if any(map(YEARS_AND_MONTHS.search, (*titles, *items))):
            seen |= {name: _look(frame, name, says_durations=True) for name in left_open}
    return seen


def _look(frame: pl.DataFrame, name: str, *, says_durations: bool = False) -> Seen:
    """What stands in one column: words are looked at once each, however often they stand there."""
    if frame.is_empty():
        return Seen(0.0, 1.0, 0, False)
    cells = frame.select(pl.col(name).alias("cell"), number_in(pl.col(name)).alias("number"))
    words = cells.filter(pl.col("number").is_null())["cell"].value_counts(name="cells")
    cell = pl.col("cell")
    tells = says_durations or bool(words.select(tells_durations(cell).any()).item())
    told = words.with_columns(
        meant=is_meant_as_number(cell, tells), symbol=is_symbol(cell), duration=is_duration(cell, tells)
    )
    numbers = cells["number"].drop_nulls()
    meant = told.filter("meant")
    others = told.filter(~pl.col("meant") & ~pl.col("symbol"))
    has_durations = bool(told["duration"].any())
    return Seen(
        int(others["cells"].sum()) / frame.height,
        (numbers.len() + int(meant["cells"].sum())) / frame.height,
        numbers.head(_LOOKED_AT).n_unique() + meant.height,
        has_durations or bool((numbers % 1 != 0).any()),
        bool(totals_among(others["cell"].head(_LOOKED_AT))),
        has_durations,
        tells and has_durations,
        not tells and bool(others.select(is_duration(cell, are_told=True).any()).item()),
    )


def _number_filters(
    frame: pl.DataFrame, filters: list[str], indicators: list[str], seen: dict[str, Seen], open_names: list[str]
) -> tuple[list[str], list[str]]:
    """Move columns of few whole numbers, of which no metadata tell, to the filters while rows repeat without them.

    A filter has most of its items for most places and periods; values do not, and rows that repeat with
    other values (two releases in one table) are contradictions.
    """
    keys = [name for name in frame.columns if name in _ROLES] + filters
    base, reached = list(keys), _distinct(frame, keys)
    if (without := reached) > _MANY_REPEATED * frame.height:
        return filters, indicators
    rows = frame.drop("source_row").unique().height
    for name in [n for n in indicators if n in open_names and _is_like_items(n, seen[n])]:
        if reached > _MANY_REPEATED * rows or len(indicators) == 1:
            break
        with_it = _distinct(frame, [*keys, name])
        is_needed = with_it == rows or with_it >= 2 * reached
        if is_needed and _distinct(frame, [*base, name]) >= _MOSTLY_FILLED * without * frame[name].n_unique():
            keys.append(name)
            filters, indicators = [*filters, name], [i for i in indicators if i != name]
            reached = with_it
    return filters, indicators


def _is_like_items(name: str, seen: Seen) -> bool:
    """Whether a column could be a filter of ages, years or grades: few whole numbers, not named by a unit."""
    is_whole = seen.numbers > 0 and not seen.has_fractions
    return is_whole and seen.distinct <= _MOST_AGES and named_unit(name) is None


def _distinct(frame: pl.DataFrame, columns: list[str]) -> int:
    """Rows that differ in these columns."""
    return int(frame.select(pl.struct(columns).n_unique()).item()) if frame.height else 0
