"""Published values as a Parquet file of the OBSERVATION shape, sorted as the warehouse stores them.

The rows of a release are far too many to pass between processes: whoever reads a file of
statistics writes them, and only says how many there are. A file that is already of this shape
(prepared by another tool) is a source like any other.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from transforms.errors import ContractError, UnreadableFileError
from transforms.reports.model import Problem
from transforms.shapes import OBSERVATION
from transforms.spreadsheets import spreadsheet_kind
from transforms.statistics.indicators import publications

if TYPE_CHECKING:
    from transforms.statistics.reading import StatisticsRead

_MAGIC = b"PAR1"
_ORDER = ("indicator_code", "breakdown", "period_end", "period_code", "geographic_level", "la_code", "gss_code")
# Keys of the star: prefix and columns of the natural key. `place_key` leads to a version of an authority.
_KEYS = {
    "source_key": ("source", ("sha256",)),
    "indicator_key": ("indicator", ("indicator_code",)),
    "breakdown_key": ("breakdown", ("breakdown",)),
    "period_key": ("period", ("period_kind", "period_code", "period_start", "period_end")),
    "place_key": ("place", ("geographic_level", "la_code", "gss_code", "period_end")),
}
# What one value of a release is about, whichever GSS code a table gives its place; and the cells that only say
# that a table has no value there, which contradict none that another has.
_ABOUT = ("source_key", "indicator_key", "breakdown_key", "period_key", "of_level", "place")
_EMPTY = ("not_applicable", "not_available")
_SAID = ("value", "value_status")
_MOST_NAMED = 10  # indicators a problem names
# A trend reads the rows of one indicator only: groups of the size DuckDB stores are cheap to skip.
_GROUP_ROWS = 122_880


@dataclass(slots=True)
class Observations:
    """What one file of statistics gave; its rows are in the Parquet file that was asked for.

    Attributes:
        sha256: of its bytes.
        kind: of file: csv, zip, parquet and others (`warehouse.documents.MEDIA_TYPES`).
        row_count: observations written.
        publication: slug of the publication, the source collection of its values.
        published_date: release date by the file itself, as YYYY-MM-DD.
        problems: rows and columns left out, with their places.
    """

    sha256: str
    kind: str
    row_count: int
    publication: str | None = None
    title: str | None = None
    publisher: str | None = None
    published_date: str | None = None
    problems: list[Problem] = field(default_factory=list)


def recognise(data: bytes) -> str | None:
    """Return None for a Parquet file of the shape, else what was seen."""
    if not (data.startswith(_MAGIC) and data.endswith(_MAGIC)):
        return "it is no Parquet file"
    try:
        columns = pl.read_parquet_schema(io.BytesIO(data))
    except pl.exceptions.PolarsError:
        return "found a damaged Parquet file"
    missing = sorted(set(OBSERVATION.columns) - {"sha256"} - set(columns))
    return f"found Parquet without columns {', '.join(missing)}" if missing else None


def read_prepared(data: bytes, sha256: str) -> tuple[Observations, pl.DataFrame]:
    """Read a Parquet file of the shape; its metadata may give title, publisher and published_date.

    Raises:
        UnreadableFileError: it is damaged.
        ContractError: a column has another type, or lacks values it must have.
    """
    try:
        frame = pl.read_parquet(io.BytesIO(data))
        noted = pl.read_parquet_metadata(io.BytesIO(data))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UnreadableFileError(f"file: found {error}, expected a Parquet file that can be read") from error
    frame = conform(frame.with_columns(pl.lit(sha256).alias("sha256")))
    publications = frame["publication"].unique()
    if len(publications) != 1:
        raise ContractError(f"observation: found {len(publications)} publications, expected one in a file")
    return (
        Observations(
            sha256,
            "parquet",
            frame.height,
            publications[0],
            noted.get("title"),
            noted.get("publisher"),
            noted.get("published_date"),
        ),
        frame,
    )


def conform(frame: pl.DataFrame) -> pl.DataFrame:
    """Bring a frame into the OBSERVATION shape.

    Raises:
        ContractError: a value of another type, or a null where none may be.
    """
    try:
        frame = frame.select(pl.col(name).cast(dtype) for name, dtype in OBSERVATION.columns.items())
    except pl.exceptions.PolarsError as error:
        raise ContractError(f"observation: found {error}, expected the columns and types of its shape") from error
    empty = [name for name in OBSERVATION.required if frame[name].null_count()]
    if empty:
        raise ContractError(f"observation: found empty cells in {', '.join(empty)}, expected none")
    return frame


def of_statistics(read: StatisticsRead, data: bytes, name: str, unsorted: Path, path: Path) -> Observations:
    """Sort what was read from a file of statistics into `path`, and say what it is.

    Values that tables of one archive give twice are kept once, and not at all where they contradict
    each other: nothing says which of them stands. Either is a problem of it. Of an indicator that
    further tables print too, the table it is declared of stands; only where they differ is a problem.
    """
    frame = pl.read_parquet(unsorted, glob=False).with_columns(
        pl.col("publication").fill_null("unknown"),
        pl.col("indicator_name").fill_null(pl.col("indicator_code")),
        pl.col("is_conformed").fill_null(False),
    )
    ordered = _in_order(conform(frame))
    del frame
    problems = list(read.problems)
    ordered = _as_declared(ordered, read, problems)
    height = ordered.height
    once, contradicting = _each_once(ordered)
    _write(once, path)
    if again := height - once.height - contradicting.height:
        problems.append(_given_again("repeated_value", f"{again} values given again"))
    if contradicting.height:
        codes = ", ".join(contradicting["indicator_code"].unique().sort().head(_MOST_NAMED))
        found = f"{contradicting.height} values that contradict each other ({codes}), of which none is kept"
        problems.append(_given_again("contradicting_values", found))
    publishers = dict.fromkeys(one.publisher for one in publications() if one.publication in read.publications)
    return Observations(
        read.sha256,
        spreadsheet_kind(data) or ("zip" if data.startswith(b"PK") else "csv"),
        once.height,
        "; ".join(read.publications) or None,
        name.rpartition(".")[0] or name,
        "; ".join(publishers) or None,
        read.published_date.isoformat() if read.published_date else None,
        problems,
    )


def write_sorted(frame: pl.DataFrame, path: Path) -> int:
    """Write observations in stored order with the keys of the star, whole or not at all.

    Keys are hashes of natural keys, the same as the merge makes: there are few of them, and a
    merge that finds them ready compares numbers instead of words, ten million times.

    Args:
        frame: of the OBSERVATION shape.
        path: of the Parquet file.

    Returns:
        Rows written: a value given twice is written once, the first time it is given.
    """
    ordered = _in_order(frame).unique(subset=list(_KEYS), keep="first", maintain_order=True)
    _write(ordered, path)
    return ordered.height


def _in_order(frame: pl.DataFrame) -> pl.DataFrame:
    """Observations in stored order with the keys of the star; the total first, which most questions are about."""
    ordered = frame.sort(
        _ORDER[0], pl.col("breakdown") != "Total", *_ORDER[1:], "source_row", "source_column", nulls_last=True
    )
    for key, (prefix, columns) in _KEYS.items():
        ordered = _with_key(ordered, key, prefix, columns)
    return ordered


def _as_declared(ordered: pl.DataFrame, read: StatisticsRead, problems: list[Problem]) -> pl.DataFrame:
    """Leave out what further tables of an archive print of an indicator whose own table is there too."""
    named = [(table.name, code) for table in read.tables for code in table.elsewhere]
    if len(read.tables) == 1 or not named:
        return ordered
    further = pl.DataFrame(named, schema=["data_file", "indicator_code"], orient="row")
    about = ["indicator_key", "breakdown_key", "period_key", "geographic_level", "at"]
    rows = ordered.lazy().with_row_index("row").with_columns(at=pl.coalesce("la_code", "gss_code"))
    rows = rows.join(further.lazy().select("indicator_code").unique(), on="indicator_code", how="semi")
    declared = rows.join(further.lazy(), on=["data_file", "indicator_code"], how="anti")
    declared = declared.select(*about, "value", "value_status").unique(about, keep="first")
    again = rows.join(further.lazy(), on=["data_file", "indicator_code"], how="semi")
    again = again.join(declared, on=about, how="inner", nulls_equal=True, suffix="_declared")
    both = again.select("row", "indicator_code", *(f"{n}{s}" for s in ("", "_declared") for n in _SAID)).collect()
    differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_declared")) for name in _SAID)
    if (differing := both.filter(differs)).height:
        codes = ", ".join(differing["indicator_code"].unique().sort().head(_MOST_NAMED))
        found = f"{differing.height} values that another table gives otherwise ({codes}), of which those stand"
        problems.append(_given_again("contradicting_values", found))
    return ordered.with_row_index("row").join(both.select("row"), on="row", how="anti").drop("row")


def _each_once(ordered: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part the values that stand, each once, from those that contradict each other.

    A value that is another one rounded contradicts it not: the more exact stands.
    """
    of_level = pl.col("geographic_level").cast(pl.Categorical).to_physical()
    place = pl.coalesce("la_code", "gss_code").cast(pl.Categorical).to_physical()
    placed = ordered.with_columns(of_level=of_level, place=place)
    if placed.select(_ABOUT).n_unique() == placed.height:
        return ordered, ordered.clear()
    placed = placed.with_row_index("at").with_columns(is_empty=pl.col("value_status").is_in(_EMPTY))
    again = placed.filter(pl.struct(_ABOUT).is_duplicated()).with_columns(_decimals(pl.col("value")).alias("decimals"))
    again = again.sort("is_empty", -pl.col("decimals"), pl.col("value_status") == "reported", "at", nulls_last=True)
    exact = pl.col("value").first().over(_ABOUT)
    agrees = (pl.col("value") - exact).abs() <= 0.5 * 10.0 ** -pl.col("decimals") + 1e-9
    said = again.filter(~pl.col("is_empty")).with_columns(agrees.fill_null(False).alias("agrees"))
    ways = said.group_by(_ABOUT).agg(
        pl.struct("value", "value_status").n_unique().alias("ways"), pl.col("agrees").all()
    )
    differing = ways.filter((pl.col("ways") > 1) & ~pl.col("agrees"))
    stands = again.unique(_ABOUT, keep="first", maintain_order=True)
    stands = stands.join(differing, on=_ABOUT, how="anti", nulls_equal=True)
    once = placed.join(again, on="at", how="anti")
    kept = pl.concat([once, stands.select(once.columns)]).sort("at").select(ordered.columns)
    return kept, said.join(differing, on=_ABOUT, how="semi", nulls_equal=True)


def _decimals(value: pl.Expr) -> pl.Expr:
    """Decimal places of numbers as printed, six at most."""
    shown = [pl.when(value.round(places) == value).then(places) for places in range(6)]
    return pl.when(value.is_not_null()).then(pl.coalesce(*shown, 6)).cast(pl.Int32)


def _given_again(code: str, found: str) -> Problem:
    expected = "each value of a release once"
    message = f"file: found {found}, expected {expected}"
    return Problem(code, "warning", message, found=found, expected=expected, place="file")


def _write(ordered: pl.DataFrame, path: Path) -> None:
    beside = path.with_name(f".{path.name}.next")
    ordered.write_parquet(beside, compression="zstd", compression_level=1, row_group_size=_GROUP_ROWS)
    beside.replace(path)


def _with_key(frame: pl.DataFrame, key: str, prefix: str, columns: Sequence[str]) -> pl.DataFrame:
    distinct = frame.select(columns).unique()
    natural = ("|".join([prefix, *(str(value) for value in row if value is not None)]) for row in distinct.iter_rows())
    keys = [star_key(text) for text in natural]
    return frame.join(
        distinct.with_columns(pl.Series(key, keys, dtype=pl.Int64)), on=list(columns), how="left", nulls_equal=True,
        maintain_order="left",
    )  # fmt: skip


def star_key(natural_key: str) -> int:
    """Return the surrogate key of a natural key, as `star_key()` in the merge makes it."""
    digest = hashlib.md5(natural_key.encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest, "little") % (2**63 - 1)
