"""Staging: parsed documents as Parquet, one folder a batch, and the private file checks run on.

Parquet is the cheapest and smallest hand-over between Polars and DuckDB, and outlives a killed load.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from transforms.authorities import Register
from transforms.reading.document import Document, Line
from transforms.reports import frameworks
from transforms.shapes import STAGED, TEXT_LINE
from warehouse.settings import Settings
from warehouse.store import connect, discard, literal

if TYPE_CHECKING:
    from collections.abc import Mapping

OPEN_END = date(9999, 12, 31)


def load_folder(settings: Settings, load_id: str) -> Path:
    """Return the private folder of one load."""
    return settings.warehouse / "staging" / load_id


def write_json(path: Path, values: Any) -> None:
    """Write a small file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.next")
    beside.write_text(json.dumps(values, ensure_ascii=False, default=str), "utf-8")
    beside.replace(path)


def read_json(path: Path) -> Any:
    """Read what `write_json` wrote."""
    return json.loads(path.read_text("utf-8"))


def write_batch(folder: Path, rows: Mapping[str, list[dict[str, Any]]]) -> dict[str, int]:
    """Write one batch of staged rows, a Parquet file a shape.

    Args:
        folder: of the batch; made if absent.
        rows: by shape name.

    Returns:
        Rows by shape name.

    Raises:
        ContractError: rows that do not keep their shape.
    """
    folder.mkdir(parents=True, exist_ok=True)
    counts = {}
    for shape in STAGED:
        frame = shape.conform(rows.get(shape.name, ()))
        _write_parquet(frame, folder / f"{shape.name}.parquet")
        counts[shape.name] = frame.height
    return counts


def _write_parquet(frame: pl.DataFrame, path: Path) -> None:
    beside = path.with_name(f".{path.name}.next")
    frame.write_parquet(beside, compression="zstd", compression_level=1)
    beside.replace(path)


def write_texts(path: Path, documents: Iterable[Document]) -> int:
    """Keep the text of documents, so that a changed parser need not open them again.

    Returns:
        Lines written.
    """
    columns: dict[str, list[Any]] = {name: [] for name in TEXT_LINE.columns}
    for document in documents:
        count = len(document.lines)
        for name in ("sha256", "kind", "page_count", "title"):
            columns[name].extend([getattr(document, name)] * count)
        for name in ("text", "page", "x0", "y0", "x1", "y1"):
            columns[name].extend([getattr(line, name) for line in document.lines])
    frame = pl.DataFrame(columns, schema=dict(TEXT_LINE.columns))
    path.parent.mkdir(parents=True, exist_ok=True)
    _write_parquet(frame, path)
    return frame.height


def read_texts(path: Path, shas: Sequence[str]) -> Iterator[Document]:
    """Read kept texts again, one document at a time.

    Args:
        path: file that `write_texts` wrote.
        shas: documents wanted; those not in the file are passed over.
    """
    frame = pl.scan_parquet(path).filter(pl.col("sha256").is_in(list(shas))).collect()
    for (sha256,), lines in frame.group_by("sha256", maintain_order=True):
        first = lines.row(0, named=True)
        rows = lines.select("text", "page", "x0", "y0", "x1", "y1").iter_rows()
        yield Document(str(sha256), first["kind"], first["page_count"], [Line(*row) for row in rows], first["title"])


def open_staged(settings: Settings, load_id: str, register: Register) -> Path:
    """Lay all batches of a load, with what registries declare, into one private file to be checked.

    Args:
        settings: places.
        load_id: of the load.
        register: authorities in use.

    Returns:
        The file; its tables are in schema `staged`.
    """
    folder = load_folder(settings, load_id)
    path = folder / "parsed.duckdb"  # not "staged": DuckDB confuses a file with a schema of its name
    discard(path)
    declared = folder / "declared"
    declared.mkdir(parents=True, exist_ok=True)
    for name, frame in _declared(register).items():
        _write_parquet(frame, declared / f"{name}.parquet")
    batches = sorted(p for p in folder.glob("batch_*") if p.is_dir())
    connection = connect(path, settings)
    try:
        connection.execute("CREATE SCHEMA staged")
        for shape in STAGED:
            files = ", ".join(literal(batch / f"{shape.name}.parquet") for batch in batches)
            connection.execute(f"CREATE TABLE staged.{shape.name} AS FROM read_parquet([{files}])")
        for name in ("authority", "framework", "judgement_area", "grade"):
            connection.execute(
                f"CREATE TABLE staged.{name} AS FROM read_parquet({literal(declared / f'{name}.parquet')})"
            )
        connection.execute("CHECKPOINT")
    finally:
        connection.close()
    return path


def _declared(register: Register) -> dict[str, pl.DataFrame]:
    """Return the dimension rows that registries declare."""
    entries = frameworks()
    return {
        "authority": _authorities(register),
        "framework": pl.DataFrame(
            [
                (
                    f.code,
                    f.name,
                    f.inspectorate,
                    f.since,
                    f.until,
                    f.family,
                    "; ".join(a.name for a in f.areas) or None,
                    f.source or None,
                )
                for f in entries
            ],
            schema={
                "framework_code": pl.String,
                "framework_name": pl.String,
                "inspectorate": pl.String,
                "valid_from": pl.Date,
                "valid_to": pl.Date,
                "family": pl.String,
                "judges": pl.String,
                "source": pl.String,
            },
            orient="row",
        ),
        "judgement_area": pl.DataFrame(
            [(f.code, a.code, a.name, a.conformed, a.required, a.since, a.until) for f in entries for a in f.areas],
            schema={
                "framework_code": pl.String,
                "area_code": pl.String,
                "area_name": pl.String,
                "conformed_area_code": pl.String,
                "is_required": pl.Boolean,
                "valid_from": pl.Date,
                "valid_to": pl.Date,
            },
            orient="row",
        ),
        "grade": pl.DataFrame(
            [(f.code, g.code, g.name, g.rank) for f in entries for g in f.grades],
            schema={
                "framework_code": pl.String,
                "grade_code": pl.String,
                "grade_name": pl.String,
                "grade_rank": pl.Int32,
            },
            orient="row",
        ),
    }


def _authorities(register: Register) -> pl.DataFrame:
    """Return one row a version, in the columns of `star.dim_authority`."""
    return pl.DataFrame(
        [
            (
                a.authority_key,
                a.la_code,
                a.gss_code,
                a.ofsted_urn,
                a.name,
                a.authority_type,
                a.region_code,
                a.region_name,
                a.subregion_code,
                a.subregion_name,
                a.geographic_level,
                a.opening_change,
                "; ".join(a.predecessors) or None,
                "; ".join(a.successors) or None,
                a.is_made_up,
                a.valid_from,
                a.valid_to or OPEN_END,
                a.valid_to is None,
            )
            for a in register.authorities
        ],
        schema={
            "authority_key": pl.Int64,
            "la_code": pl.String,
            "gss_code": pl.String,
            "ofsted_urn": pl.String,
            "authority_name": pl.String,
            "authority_type": pl.String,
            "region_code": pl.String,
            "region_name": pl.String,
            "subregion_code": pl.String,
            "subregion_name": pl.String,
            "geographic_level": pl.String,
            "opening_change": pl.String,
            "predecessor_la_codes": pl.String,
            "successor_la_codes": pl.String,
            "is_made_up": pl.Boolean,
            "valid_from": pl.Date,
            "valid_to": pl.Date,
            "is_current": pl.Boolean,
        },
        orient="row",
    )
