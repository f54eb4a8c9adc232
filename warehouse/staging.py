"""Staging: parsed documents as Parquet, one folder a batch, and the private file checks run on.

Parquet is the cheapest and smallest hand-over between Polars and DuckDB, and outlives a killed load.
Paths are names, never patterns: a folder may be called `data [live]`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import date
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from transforms.authorities import JOINT, Register
from transforms.observations import write_sorted
from transforms.reading.document import TextColumns
from transforms.reports import frameworks
from transforms.shapes import OBSERVATION, REJECT, STAGED, TEXT_LINE
from warehouse.settings import Settings
from warehouse.store import connect, discard, literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

    from transforms.reports.framework import Framework

OPEN_END = date(9999, 12, 31)
_DECLARED = (
    "authority", "framework", "judgement_area", "grade", "indicator", "statistical_neighbour", "local_indicator",
)  # fmt: skip


def load_folder(settings: Settings, load_id: str) -> Path:
    """Return the private folder of one load."""
    return settings.warehouse / "staging" / load_id


def written_folder(settings: Settings, load_id: str, table: str) -> Path:
    """Return where children write the rows of a staged table themselves, a Parquet file a document."""
    return load_folder(settings, load_id) / table


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


def write_texts(path: Path, texts: Iterable[TextColumns]) -> int:
    """Keep the text of documents, so that a changed parser need not open them again.

    Returns:
        Lines written.
    """
    columns: dict[str, list[Any]] = {name: [] for name in TEXT_LINE.columns}
    for text in texts:
        count = len(text.columns[0])
        for name in ("sha256", "kind", "page_count", "title"):
            columns[name].extend([getattr(text, name)] * count)
        for name, values in zip(_LINE_COLUMNS, text.columns, strict=True):
            columns[name].extend(values)
    frame = pl.DataFrame(columns, schema=dict(TEXT_LINE.columns))
    path.parent.mkdir(parents=True, exist_ok=True)
    _write_parquet(frame, path)
    return frame.height


_LINE_COLUMNS = ("text", "page", "x0", "y0", "x1", "y1")


class KeptTexts:
    """The kept texts of many documents, of which one file at a time is in memory.

    Asked for in the order of `shas`, each file is read once.
    """

    def __init__(self, files: Mapping[str, Path]) -> None:
        """Take up which file holds which document's text, by sha256."""
        self._files = files
        self._path: Path | None = None
        self._texts: dict[str, pl.DataFrame] = {}

    @property
    def shas(self) -> list[str]:
        """Documents whose text is in its file indeed, file by file."""
        by_file: dict[Path, list[str]] = {}
        for sha256, path in self._files.items():
            by_file.setdefault(path, []).append(sha256)
        held = []
        for path, shas in sorted(by_file.items()):
            there = set(pl.scan_parquet(path, glob=False).select(pl.col("sha256").unique()).collect()["sha256"])
            held += [sha256 for sha256 in shas if sha256 in there]
        return held

    def text(self, sha256: str) -> TextColumns:
        """Return the text of one of the documents."""
        path = self._files[sha256]
        if path != self._path:
            frame = pl.read_parquet(path, glob=False)
            parts = frame.partition_by("sha256", maintain_order=True, include_key=True, as_dict=True)
            self._path, self._texts = path, {str(key): part for (key,), part in parts.items()}
        lines = self._texts[sha256]
        first = lines.row(0, named=True)
        columns = [lines[name].to_list() for name in _LINE_COLUMNS]
        return TextColumns(sha256, first["kind"], first["page_count"], first["title"], columns)


def staged_contents(settings: Settings, load_id: str) -> dict[str, tuple[str, bool, str | None]]:
    """Return of each staged document the hash of what it gave, whether it was refused, and why."""
    files = sorted(load_folder(settings, load_id).glob("batch_*/source_file.parquet"))
    if not files:
        return {}
    columns = ["sha256", "state", "content_sha256", "reason"]
    read = pl.read_parquet(files, columns=columns, glob=False).filter(pl.col("state") != "unchanged")
    return {sha: (content, state == "quarantined", reason) for sha, state, content, reason in read.iter_rows()}


def staged_rows(settings: Settings, load_id: str) -> tuple[int, int]:
    """Return how many rows a load has staged, and how many rejects, by the footers of its files."""
    rows = rejects = 0
    for path in load_folder(settings, load_id).glob("*/*.parquet"):
        count = int(pl.scan_parquet(path, glob=False).select(pl.len()).collect().item())
        if path.stem == REJECT.name:
            rejects += count
        elif path.parent.name != "declared":
            rows += count
    return rows, rejects


def drop_documents(folder: Path, shas: Collection[str]) -> None:
    """Take documents out of what a load has staged: nothing of them is merged.

    Args:
        folder: of the load.
        shas: the documents.
    """
    if not shas:
        return
    for path in sorted(folder.glob("batch_*/*.parquet")):
        frame = pl.read_parquet(path, glob=False)
        _write_parquet(frame.filter(~pl.col("sha256").is_in(list(shas))), path)
    for sha256 in shas:
        for written in folder.glob(f"*/{sha256}.parquet"):
            written.unlink()


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
        for name in _DECLARED:
            connection.execute(
                f"CREATE TABLE staged.{name} AS FROM read_parquet({literal(declared / f'{name}.parquet')})"
            )
        _view_observations(connection, written_folder(settings, load_id, OBSERVATION.name), declared)
        connection.execute("CHECKPOINT")
    finally:
        connection.close()
    return path


def show_observations(settings: Settings, load_id: str, staged: Path) -> None:
    """Show the observations of the documents that are still loaded, once others were put aside."""
    folder = load_folder(settings, load_id)
    connection = connect(staged, settings)
    try:
        _view_observations(connection, written_folder(settings, load_id, OBSERVATION.name), folder / "declared")
        connection.execute("CHECKPOINT")
    finally:
        connection.close()


def _view_observations(connection: duckdb.DuckDBPyConnection, folder: Path, declared: Path) -> None:
    """Show the observations children wrote as one staged view, in the order of their first indicator.

    Rows of a document that was refused stay in its file; only those loaded are shown.
    """
    empty = declared / "observation.parquet"
    write_sorted(OBSERVATION.empty(), empty)
    loaded = connection.execute("SELECT sha256 FROM staged.source_file WHERE state = 'loaded'").fetchall()
    kept = {sha256 for (sha256,) in loaded}
    found = [path for path in sorted(folder.glob("*.parquet")) if path.stem in kept]
    if found:
        listed = ", ".join(literal(path) for path in found)
        first = connection.execute(
            f"SELECT file_name FROM parquet_metadata([{listed}]) WHERE path_in_schema = 'indicator_code' "
            "GROUP BY file_name ORDER BY min(stats_min_value), file_name"
        ).fetchall()
        found = [Path(name) for (name,) in first]
    listed = ", ".join(literal(path) for path in (empty, *found))
    connection.execute(f"CREATE OR REPLACE VIEW staged.observation AS FROM read_parquet([{listed}])")


def _declared(register: Register) -> dict[str, pl.DataFrame]:
    """Return the dimension rows that registries declare."""
    return {
        "authority": _authorities(register),
        "indicator": _indicators(),
        "local_indicator": _local_indicators(),
        "statistical_neighbour": _seed("statistical_neighbour").select(
            pl.col("model_year", "neighbour_rank").cast(pl.Int32), "la_code", "neighbour_la_code", "closeness"
        ),
        **_frameworks(),
    }


def _frameworks() -> dict[str, pl.DataFrame]:
    """Return frameworks of inspection with their areas and grades."""
    entries = frameworks()
    return {
        "framework": _table(
            (
                (f.code, f.name, f.inspectorate, f.since, f.until or OPEN_END, f.family, _judged(f), f.source or None)
                for f in entries
            ),
            framework_code=pl.String,
            framework_name=pl.String,
            inspectorate=pl.String,
            valid_from=pl.Date,
            valid_to=pl.Date,
            family=pl.String,
            judges=pl.String,
            source=pl.String,
        ),
        "judgement_area": _table(
            (
                (f.code, a.code, a.name, a.conformed, a.required, a.since, a.until or OPEN_END)
                for f in entries
                for a in f.areas
            ),
            framework_code=pl.String,
            area_code=pl.String,
            area_name=pl.String,
            conformed_area_code=pl.String,
            is_required=pl.Boolean,
            valid_from=pl.Date,
            valid_to=pl.Date,
        ),
        "grade": _table(
            ((f.code, g.code, g.name, g.rank) for f in entries for g in f.grades),
            framework_code=pl.String,
            grade_code=pl.String,
            grade_name=pl.String,
            grade_rank=pl.Int32,
        ),
    }


def _judged(framework: Framework) -> str | None:
    return "; ".join(area.name for area in framework.areas) or None


def _table(rows: Iterable[tuple[Any, ...]], **columns: type[pl.DataType]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=columns, orient="row")


def _seed(name: str) -> pl.DataFrame:
    """Read one seed, all of it as text; an empty cell is null."""
    return pl.read_csv((resources.files("transforms") / "seeds" / f"{name}.csv").read_bytes(), infer_schema=False)


def _indicators() -> pl.DataFrame:
    """Return one row a conformed indicator, with how it is shown."""
    shown = _seed("indicator_display").select("indicator_code", pl.col("has_quartiles", "is_headline") == "true")
    return (
        _seed("indicator")
        .join(shown, on="indicator_code", how="left")
        .join(_seed("indicator_definition"), on="indicator_code", how="left")
        .select(
            "indicator_code",
            pl.col("name").alias("indicator_name"),
            "definition",
            "unit",
            "polarity",
            pl.col("decimal_places").cast(pl.Int32),
            pl.col("has_quartiles").fill_null(True),
            pl.col("is_headline").fill_null(False),
            "numerator_code",
            "denominator_code",
            pl.col("scale").cast(pl.Float64),
            "numerator",
            "denominator",
            pl.col("publication").alias("source_collection"),
        )
        .pipe(_with_local)
    )


def _with_local(declared: pl.DataFrame) -> pl.DataFrame:
    """Add the indicators that are worked out from returns."""
    from transforms.indicators import indicators

    rows = [
        {
            "indicator_code": entry.code,
            "indicator_name": entry.title,
            "definition": entry.definition,
            "source_collection": entry.return_code,
            "unit": entry.unit,
            "polarity": entry.polarity,
            "decimal_places": entry.decimals,
            "has_quartiles": False,
            "is_headline": False,
            "numerator": entry.numerator,
            "denominator": entry.denominator or None,
        }
        for entry in indicators()
    ]
    return pl.concat([declared, pl.DataFrame(rows, schema=declared.schema)])


def _local_indicators() -> pl.DataFrame:
    """Return which published indicator each one worked out from returns stands beside."""
    from transforms.indicators import indicators

    pairs = [(entry.code, entry.published_code) for entry in indicators() if entry.published_code]
    schema = {"indicator_code": pl.String, "published_indicator_code": pl.String}
    return pl.DataFrame(pairs, schema=schema, orient="row")


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
                a.valid_to is None and a.authority_type != JOINT,
            )
            for a in (*register.authorities, *register.joint_units())
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
