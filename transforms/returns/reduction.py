"""What may be kept of a row about one child: the reduced form that the restricted store holds.

Whatever is not known to be harmless is left out. By the kind of a column: identifiers become keyed
hashes; dates of birth and death the first of their month; postcodes their sector; codes stay if the
specification knows them, numbers if they lie within its bounds; dates, flags and times of day stay
as they are; free text goes, and so does every column the specification does not name.

Rules and indicators never read this form. They are computed while a return is loaded, from the
files themselves, which are kept encrypted: ages and durations are therefore exact. Ages on the last
day of a collection year are exact from the month too, for that day is the last of a month.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import polars as pl

from transforms.returns.entry import Column, Table, is_identifier, is_personal_day
from transforms.returns.model import ROW

Digest = Callable[[str], str]

# Where a file holds a row: given by the reader, and about files, not about children.
PLACES = {"file_name": pl.String, "line_number": pl.Int64}

_POSTCODE = r"^([A-Z]{1,2}[0-9][A-Z0-9]?) *([0-9])[A-Z]{2}$"


def kept_type(column: Column) -> pl.DataType | None:
    """Return the type in which a column is kept, or None for one that is not."""
    if is_identifier(column):
        return pl.String()
    kinds: dict[str, pl.DataType] = {
        "date": pl.Date(),
        "integer": pl.Int64(),
        "age": pl.Int64(),
        "decimal": pl.Float64(),
        "flag": pl.Boolean(),
        "postcode": pl.String(),
        "timestamp": pl.Datetime("us"),
    }
    return pl.String() if column.kind == "code" and column.codes else kinds.get(column.kind)


def reduce_table(frame: pl.DataFrame, table: Table, digest: Digest) -> pl.DataFrame:
    """Reduce a typed frame to what may be kept.

    Args:
        frame: of one table of a submission, as `ReturnData.typed` holds it.
        table: its entry.
        digest: text of an identifier to its keyed hash.

    Returns:
        `row_number`, `file_name`, `line_number`, then the columns kept that the frame has.
    """
    places = [
        pl.col(name).cast(dtype) if name in frame.columns else pl.lit(None, dtype).alias(name)
        for name, dtype in PLACES.items()
    ]
    kept = [
        _reduced(frame, column, digest)
        for column in {column.name: column for column in table.columns}.values()
        if column.name in frame.columns and kept_type(column) is not None
    ]
    return frame.select(pl.col(ROW).cast(pl.UInt32), *places, *kept)


def _reduced(frame: pl.DataFrame, column: Column, digest: Digest) -> pl.Expr | pl.Series:
    cell = pl.col(column.name)
    if is_identifier(column):
        return hashed(frame[column.name], digest)
    match column.kind:
        case "code":
            codes = pl.Series([code.code for code in column.codes], dtype=pl.String)
            text = cell.cast(pl.String)
            return pl.when(text.is_in(codes.implode())).then(text).alias(column.name)
        case "postcode":
            return cell.cast(pl.String).str.to_uppercase().str.replace(_POSTCODE, "$1 $2").pipe(_sector)
        case "integer" | "decimal" | "age":
            inside = pl.lit(True)
            if column.low is not None:
                inside &= cell >= column.low
            if column.high is not None:
                inside &= cell <= column.high
            return pl.when(inside).then(cell).cast(kept_type(column)).alias(column.name)  # type: ignore[arg-type]
        case "date" | "timestamp" if is_personal_day(column):
            return cell.dt.truncate("1mo").cast(kept_type(column))  # type: ignore[arg-type]
    return cell.cast(kept_type(column))  # type: ignore[arg-type]


def _sector(cell: pl.Expr) -> pl.Expr:
    """Keep what has the form of a sector, e.g. `AB1 2`."""
    return pl.when(cell.str.contains(r"^[A-Z]{1,2}[0-9][A-Z0-9]? [0-9]$")).then(cell)


def hashed(cells: pl.Series, digest: Digest) -> pl.Series:
    """Replace identifiers by keyed hashes, each different one computed once."""
    text = cells.cast(pl.String)
    different = text.drop_nulls().unique()
    made = pl.Series([digest(normal(value)) for value in different], dtype=pl.String)
    return text.replace_strict(different, made, default=None, return_dtype=pl.String).alias(cells.name)


def normal(identifier: str) -> str:
    """Return an identifier as it is hashed: without blanks around it, in upper case."""
    return identifier.strip().upper()


def identifier_columns(table: Table, frame: pl.DataFrame) -> list[str]:
    """Return the columns of a reduced frame that hold hashes."""
    return [column.name for column in table.columns if column.name in frame.columns and is_identifier(column)]


def hashes_of(reduced: Iterable[tuple[Table, pl.DataFrame]]) -> pl.Series:
    """Return every different hash in reduced frames."""
    found = [
        frame[name].drop_nulls() for table, frame in reduced for name in dict.fromkeys(identifier_columns(table, frame))
    ]
    return pl.concat(found).unique().sort() if found else pl.Series(dtype=pl.String)
