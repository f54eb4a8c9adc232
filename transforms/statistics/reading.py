"""Published statistics: a table, or an archive of a whole release, to observations in a Parquet file.

One observation is one published value, or the reason why there is none. All work is on columns;
the only loops are over distinct periods, places and combinations of filter items. Observations
are written in slices of rows, so that memory does not grow with their number, and only counts,
what was seen and what had to be left out come back: pipes are no place for millions of rows.

What cannot be placed is left out and named: a row for its period or place, a value for its
text. The rest loads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from transforms.authorities import Register
from transforms.errors import ContractError, InputError, UnknownSourceError
from transforms.reports.model import Problem
from transforms.shapes import OBSERVATION
from transforms.spreadsheets import spreadsheet_kind
from transforms.statistics import fingertips, layout, releases, spending
from transforms.statistics.indicators import Publication, find_publication
from transforms.statistics.keys import Keyed, key_rows
from transforms.statistics.series import Own, combinations_of, find_series
from transforms.statistics.symbols import DOUBTED, REPORTED, STATUS_OF_SYMBOL, STATUSES, number_in, read_words
from transforms.statistics.tables import Table, find_header, read_table, read_text, rows_text, warning

_SLICE = 1_500_000  # observations held at a time
_STATUS = pl.Enum(STATUSES)
# Text that repeats is held as codes while it is laid out; readers of the file see plain text.
_CODED = {n for n, kind in OBSERVATION.columns.items() if kind == pl.String} - {"value_as_printed"}
_WRITTEN: dict[str, Any] = {
    name: pl.Categorical(pl.Categories(name, "observation")) if name in _CODED else kind
    for name, kind in OBSERVATION.columns.items()
}
_MOST_REASONS = 3
_MOST_COLUMNS = 20  # that a problem names
_MOST_FAULTS = 200  # problems of one rule listed singly
_LOOKED_AT = 262_144  # bytes in which a header must stand


@dataclass(slots=True)
class TableRead:
    """What was read from one table.

    Attributes:
        name: of the member in an archive; empty for a file that is itself the table.
        publication: slug, None where no mark tells.
        row_count: rows below the header; `rows_loaded` of them gave observations.
        by_status: observations by `value_status`.
        unmapped: columns, as printed, that no declared indicator claims.
        classified_by: `metadata` or `content`.
        elsewhere: indicators that it prints beside the table they are declared of.
    """

    name: str
    publication: str | None
    row_count: int
    rows_loaded: int
    observations: int
    conformed: int
    by_status: dict[str, int]
    filters: list[str]
    indicators: list[str]
    unmapped: list[str]
    periods: list[str]
    levels: dict[str, int]
    classified_by: str
    elsewhere: list[str]


@dataclass(slots=True)
class StatisticsRead:
    """What was read from one file; its observations lie in the Parquet file.

    Attributes:
        published_date: as the guidance in an archive states.
        problems: what was left out, with place, found and expected.
    """

    sha256: str
    tables: list[TableRead] = field(default_factory=list)
    published_date: date | None = None
    problems: list[Problem] = field(default_factory=list)

    @property
    def observations(self) -> int:
        """Observations written, all tables together."""
        return sum(table.observations for table in self.tables)

    @property
    def publications(self) -> list[str]:
        """Slugs of the publications seen."""
        return sorted({table.publication for table in self.tables if table.publication})

    @property
    def unmapped(self) -> list[str]:
        """Columns that are loaded under their own name."""
        return sorted({name for table in self.tables for name in table.unmapped})


def recognise(data: bytes) -> str | None:
    """Say why bytes are no published statistics, or return None if they are.

    Raises:
        UnreadableFileError: an archive that cannot be opened.
    """
    if (table := releases.unpacked(data, _LOOKED_AT + 1)) is not data:
        if releases.is_archive(table) or releases.unpacked(table, 1) is not table:
            return "it is gzip of an archive, not of a table"
        data = table
    if spreadsheet_kind(data):
        return None if spending.recognise(data) else "it is a spreadsheet, not a table of statistics or spending"
    if releases.is_archive(data):
        return None if releases.names_of(data) else "it is an archive without data files (csv)"
    if data.startswith(b"%PDF-") or b"\x00" in data[4:64] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "it is no text table"
    text = _beginning(data)
    if find_header(text, layout.is_header) or find_header(text, fingertips.is_header):
        return None
    if find_header(text, layout.is_metadata_header):
        return "it is the metadata of a data file"
    return "it is no table of statistics: no header with time_period and a place"


def recognise_tidy(data: bytes) -> str | None:
    """Say why bytes are no tidy table with both time and level, or an archive of such; None if they are.

    Raises:
        UnreadableFileError: an archive that cannot be opened.
    """
    seen = recognise(data)
    data = releases.unpacked(data, _LOOKED_AT + 1)
    if seen is not None or releases.is_archive(data):
        return seen
    return None if find_header(_beginning(data), layout.is_whole_header) else "it is no whole table of statistics"


def _beginning(data: bytes) -> str:
    """Text of the first bytes, whatever the encoding, without a cut line at the end."""
    head = data[:_LOOKED_AT]
    if len(data) > len(head) and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head[: head.rfind(b"\n") + 1] or head
    try:
        return read_text(head)[0]
    except InputError:
        return head.decode("latin-1")


def read_statistics(
    data: bytes,
    out_parquet: Path,
    *,
    sha256: str,
    register: Register,
    name: str,
    metadata: bytes | None = None,
) -> StatisticsRead:
    """Read one file of published statistics.

    Args:
        data: the whole file: a table, alone or as gzip, or an archive of tables.
        out_parquet: where its OBSERVATION rows are written.
        sha256: of `data`.
        register: authorities.
        name: file name; names only what has no conformed name.
        metadata: bytes of the metadata file beside it, where there is one.

    Returns:
        Counts, what was seen, and problems.

    Raises:
        UnreadableFileError: it cannot be opened, or holds more than the limits allow.
        UnknownSourceError: an archive without tables of statistics.
        LayoutError: columns it must have are missing.
        ContractError: not one value of it can be kept.
    """
    data = releases.unpacked(data)
    read = StatisticsRead(sha256)
    archive = releases.Archive()
    is_archive = releases.is_archive(data) and not spreadsheet_kind(data)
    alone = releases.Member(name, data, metadata)
    found = releases.members(data, archive) if is_archive else iter([alone])
    schema = _arrow(pl.DataFrame(schema=_WRITTEN)).schema
    with pq.ParquetWriter(out_parquet, schema, compression="zstd", compression_level=1, store_schema=False) as writer:
        for member in found:
            if is_archive:
                _read_of_archive(member, read, register, writer)
            else:
                _read_member(member, read, register, writer, "")
    if not read.tables:
        raise UnknownSourceError("archive: found no table of statistics, expected at least one")
    if not read.observations:
        raise _nothing_kept(read)
    read.published_date = read.published_date or archive.published_date
    read.problems.extend(archive.problems)
    return read


def _read_of_archive(
    member: releases.Member, read: StatisticsRead, register: Register, writer: pq.ParquetWriter
) -> None:
    """Read one of several tables; what is wrong with it names it, and leaves the others."""
    start = len(read.problems)
    try:
        _read_member(member, read, register, writer, member.name)
    except InputError as error:
        read.problems.append(warning("table_not_read", "table", str(error), "a table of statistics"))
    _place_in(member.name, read.problems[start:])


def _nothing_kept(read: StatisticsRead) -> ContractError:
    """A file of which nothing can be kept is refused: taken for loaded, nobody would look at it again."""
    rows = sum(table.row_count for table in read.tables)
    said = list(dict.fromkeys(problem.message for problem in read.problems if problem.code != "year_assumed"))
    why = f" ({'; '.join(said[:_MOST_REASONS])})" if said else ""
    return ContractError(f"table: found {rows:,} rows and no value that can be kept{why}, expected one at least")


def _place_in(name: str, problems: list[Problem]) -> None:
    for problem in problems:
        problem.place = f"{name}: {problem.place}"
        problem.message = f"{name}: {problem.message}"


def _place_in_sheet(sheet: str, letters: dict[str, str], problems: list[Problem]) -> None:
    """Name the sheet where problems do not, and columns by their letters: their codes stand where nobody looks."""
    for problem in problems:
        place = problem.place or ""
        if place.startswith("sheet ") or place == "workbook":
            continue
        column, _, rest = place.removeprefix("column ").partition(", ")
        shown = f"column {letters[column]} ({column})" if column in letters else place
        problem.place = f"sheet {sheet}, {shown}" + (f", {rest}" if column in letters and rest else "")
        problem.message = problem.message.replace(place, problem.place, 1)


def _read_member(
    member: releases.Member, read: StatisticsRead, register: Register, writer: pq.ParquetWriter, within: str
) -> None:
    slug = releases.stem(member.name)
    if spreadsheet_kind(member.data):
        sheets, read.published_date = spending.read_workbook(member.data)
        for sheet, table, titles, letters in sheets:
            own = Own(releases.stem(sheet), titles, dict.fromkeys(titles, spending.UNIT))
            amounts = {name: layout.Described("indicator", title) for name, title in titles.items()}
            start = len(read.problems)
            _read_one(table, own, amounts, read, register, writer, sheet)
            _place_in_sheet(sheet, letters, read.problems[start:])
        return
    text = _beginning(member.data)
    if find_header(text, fingertips.is_header):
        for one in fingertips.downloads(read_table(member.data, fingertips.is_header)):
            limits = {name: one.unit for name in one.table.header if "_ci_" in name}
            own = Own(
                one.name,
                {"value": one.title, "count": f"{one.title}: count", "denominator": f"{one.title}: denominator"},
                {**limits, "value": one.unit, "count": "count", "denominator": "count"},
                {"value": one.fraction},
            )
            _read_one(one.table, own, None, read, register, writer, within)
        return
    described = None
    if member.metadata:
        described, told = layout.read_metadata(member.metadata)
        read.problems.extend(told)
    _read_one(read_table(member.data, layout.is_header), Own(slug), described, read, register, writer, within)


def _read_one(
    table: Table,
    own: Own,
    described: dict[str, layout.Described] | None,
    read: StatisticsRead,
    register: Register,
    writer: pq.ParquetWriter,
    within: str,
) -> None:
    """Read one table and write its observations."""
    read.problems.extend(table.problems)
    found = layout.find_layout(table, described)
    table.frame = table.frame.clear()
    own = replace(own, name=releases.without_years(own.name, found.frame["time_period"].unique()))
    items = {str(item) for name in found.filters for item in found.frame[name].unique()}
    publication = find_publication([*found.filters, *found.indicators], items, own.name)
    frame, combinations = combinations_of(found)
    columns = pl.Enum(found.indicators)
    series, unmapped, doubts = find_series(found, frame, combinations, publication, own)
    series = _coded(series.with_columns(pl.col("column", "numerator_column", "denominator_column").cast(columns)))
    keyed = key_rows(frame, found, publication, register)
    keyed.periods, keyed.places = _coded(keyed.periods), _coded(keyed.places)
    found.frame = found.frame.clear()
    read.problems.extend([*found.problems, *doubts, *keyed.problems])
    statuses: Counter[str] = Counter()
    faults: list[pl.DataFrame] = []
    conformed = 0
    for values, bad in _slices(keyed.rows, found, series, columns):
        faults.append(bad)
        statuses.update(dict(values.group_by("value_status").len().iter_rows()))
        conformed += int(values["is_conformed"].sum())
        writer.write_table(_arrow(_laid_out(values, keyed, publication, own, read.sha256, within)))
    read.problems.extend([*_fault_problems(faults, found), *_doubted(keyed.rows, found)])
    read.tables.append(
        TableRead(
            within,
            publication.publication if publication else None,
            table.row_count,
            keyed.rows.height,
            statuses.total(),
            conformed,
            dict(statuses),
            found.filters,
            found.indicators,
            [found.printed[name] for name in unmapped],
            keyed.period_codes(),
            keyed.levels(),
            found.classified_by,
            series.filter("is_elsewhere")["indicator_code"].cast(pl.String).unique().sort().to_list(),
        )
    )


def _slices(
    rows: pl.DataFrame, found: layout.Layout, series: pl.DataFrame, columns: pl.Enum
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Yield the observations and the faults of one slice of rows after the other."""
    height = max(1, _SLICE // len(found.indicators))
    for offset in range(0, rows.height, height):
        yield _observations(rows.slice(offset, height), found, series, columns)


def _observations(
    rows: pl.DataFrame, found: layout.Layout, series: pl.DataFrame, columns: pl.Enum
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lay the values of a slice of rows one below the other; faults apart."""
    keys = ["source_row", "period", "place", "combination"]
    long = rows.unpivot(on=found.indicators, index=keys, variable_name="column", value_name="printed")
    long = long.with_columns(pl.col("column").cast(columns), number=number_in(pl.col("printed")))
    told = any(found.seen[name].tells_durations for name in found.indicators)
    words = read_words(long.filter(pl.col("number").is_null())["printed"].unique(), are_told=told)
    percent = pl.when(pl.col("unit") == "percent").then("word_percent")
    is_reported = pl.coalesce("number", "percent").is_not_null()
    status = pl.when(is_reported).then(pl.lit(REPORTED, _STATUS)).otherwise(pl.col("word_status").cast(_STATUS))
    long = (
        long.join(words, on="printed", how="left", maintain_order="left")
        .join(series, on=["combination", "column"], how="left", maintain_order="left")
        .with_columns(percent=percent)
        .with_columns(
            value=pl.coalesce("number", "word_value", "percent"),
            is_years=pl.col("word_value").is_not_null(),
            value_status=status,
        )
    )
    bad = (
        long.filter(pl.col("value_status").is_null())
        .group_by(pl.col("column").cast(pl.String), "rule", "printed")
        .agg(pl.len().alias("cells"), pl.col("source_row").sort().head(21))
    )
    good = long.filter(pl.col("value_status").is_not_null()) if bad.height else long
    for part in ("numerator", "denominator"):
        name = f"{part}_column"
        if good[name].null_count() == good.height:
            good = good.with_columns(pl.lit(None, pl.Float64).alias(part))
            continue
        wanted = good[name].drop_nulls().unique().to_list()
        of = good.filter(pl.col("column").is_in(wanted))
        of = of.select("source_row", pl.col("column").alias(name), pl.col("value").alias(part))
        good = good.join(of, on=["source_row", name], how="left")
    return good, bad


def _laid_out(
    values: pl.DataFrame, keyed: Keyed, publication: Publication | None, own: Own, sha256: str, within: str
) -> pl.DataFrame:
    """Join periods and places and lay the columns out as the shape has them."""
    slug = publication.publication if publication else own.name
    frame = (
        values.join(keyed.periods, on="period", how="left", maintain_order="left")
        .join(keyed.places, on="place", how="left", maintain_order="left")
        .with_columns(
            sha256=pl.lit(sha256),
            data_file=pl.lit(within),
            publication=pl.lit(slug),
            unit=pl.when("is_years").then(pl.lit("years")).otherwise(pl.col("unit").cast(pl.String)),
            value_as_printed=pl.col("printed"),
        )
    )
    return frame.select(pl.col(name).cast(kind) for name, kind in _WRITTEN.items())


def _doubted(rows: pl.DataFrame, found: layout.Layout) -> list[Problem]:
    """Tell of symbols that stand for more than one thing, and as what they were read."""
    counted = rows.select((pl.col(name) == DOUBTED).sum() for name in found.indicators)
    cells = {name: counted[name].item() for name in counted.columns if counted[name].item()}
    if not cells:
        return []
    shown = ", ".join(found.printed[name] for name in list(cells)[:_MOST_COLUMNS])
    shown += f" and {len(cells) - _MOST_COLUMNS} more" if len(cells) > _MOST_COLUMNS else ""
    expected = f"c, low, u, x or z; read as {STATUS_OF_SYMBOL[DOUBTED]}"
    place, text = f"column{'s' * (len(cells) > 1)} {shown}", f"{DOUBTED!r} in {sum(cells.values()):,} cells"
    return [warning("symbol_in_doubt", place, text, expected)]


def _fault_problems(faults: list[pl.DataFrame], found: layout.Layout) -> list[Problem]:
    """Name the cells that are neither number nor symbol, alike ones together."""
    if not sum(frame.height for frame in faults):
        return []
    alike = (
        pl.concat(faults)
        .group_by("column", "rule", "printed")
        .agg(pl.col("cells").sum(), pl.col("source_row").explode().sort().head(21))
        .sort("rule", "column", pl.col("source_row").list.first())
    )
    problems = []
    for rule, group in alike.group_by("rule", maintain_order=True):
        for row in group.head(_MOST_FAULTS).iter_rows(named=True):
            place = f"column {found.printed[row['column']]}, {rows_text(row['source_row'], row['cells'])}"
            shown = row["printed"] if len(row["printed"]) <= 60 else row["printed"][:57] + "..."
            problems.append(warning(str(rule[0]), place, repr(shown), "a plain number or a known symbol"))
        if group.height > _MOST_FAULTS:
            left = group.slice(_MOST_FAULTS)
            found_text = f"{left['cells'].sum()} more cells"
            problems.append(warning(str(rule[0]), "columns of values", found_text, "a plain number or a known symbol"))
    return problems


def _coded(frame: pl.DataFrame) -> pl.DataFrame:
    """Texts that every observation repeats, as codes: each is kept and written once."""
    return frame.with_columns(pl.col(name).cast(_WRITTEN[name]) for name in frame.columns if name in _CODED)


def _arrow(frame: pl.DataFrame) -> pa.Table:
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest()).replace_schema_metadata(None)
