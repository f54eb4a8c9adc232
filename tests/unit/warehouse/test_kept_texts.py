"""Staging: kept texts are what was kept and read once; a folder is called what its owner likes."""

from pathlib import Path

import polars as pl
import pytest

from transforms.reading.document import Document, Line, TextColumns
from warehouse.settings import Settings
from warehouse.staging import (
    KeptTexts,
    drop_documents,
    load_folder,
    staged_contents,
    staged_rows,
    write_batch,
    write_texts,
)

MADE_UP = [
    Document(f"sha {n}", "pdf", 2, [Line(f"line {n}", 1, 1.5, 2.0, 3.0, 4.25), Line("", 2)], f"Title {n}")
    for n in range(6)
]


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    paths = [tmp_path / "text" / f"{name}.parquet" for name in "ab"]
    for path, documents in zip(paths, (MADE_UP[:3], MADE_UP[3:]), strict=True):
        write_texts(path, map(TextColumns.of, documents))
    return {document.sha256: paths[number // 3] for number, document in enumerate(MADE_UP)}


def test_texts_come_back_as_they_were_kept(files: dict[str, Path]) -> None:
    held = KeptTexts(files)
    assert [held.text(sha256).document() for sha256 in held.shas] == MADE_UP


def test_a_document_missing_from_its_file_is_not_held(files: dict[str, Path]) -> None:
    held = KeptTexts({**files, "sha 9": files["sha 0"]})
    assert held.shas == [document.sha256 for document in MADE_UP]


def test_each_file_is_read_once(files: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []
    real = pl.read_parquet
    monkeypatch.setattr(pl, "read_parquet", lambda path, **more: (read.append(path), real(path, **more))[1])
    shuffled = dict(sorted(files.items(), key=lambda item: item[0][::-1]))
    held = KeptTexts({sha256: shuffled[sha256] for sha256 in ("sha 3", "sha 0", "sha 4", "sha 1")})
    assert {held.text(sha256).title for sha256 in held.shas} == {"Title 0", "Title 1", "Title 3", "Title 4"}
    assert sorted(read) == sorted(set(files.values()))


@pytest.mark.parametrize("name", ["data [live]", "what? all*", "d{a,b}"])
def test_a_folder_with_signs_of_a_pattern_in_its_name_is_a_folder(tmp_path: Path, name: str) -> None:
    settings = Settings.load({"SAFEGUARDING_WAREHOUSE": str(tmp_path / name)})
    folder = load_folder(settings, "load 1")
    row = {"sha256": "a", "landing_path": "x.pdf", "table_name": "report", "rule": "r", "severity": "warning"}
    write_batch(folder / "batch_000", {"reject": [{**row, "message": "m"}]})
    assert staged_rows(settings, "load 1") == (0, 1)
    assert staged_contents(settings, "load 1") == {}
    drop_documents(folder, ["a"])
    assert staged_rows(settings, "load 1") == (0, 0)
    texts = tmp_path / name / "text.parquet"
    write_texts(texts, [TextColumns.of(MADE_UP[0])])
    held = KeptTexts({MADE_UP[0].sha256: texts})
    assert [held.text(sha256).document() for sha256 in held.shas] == MADE_UP[:1]
