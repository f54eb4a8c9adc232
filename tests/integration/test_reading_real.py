"""Real reports through readers, tidying and child processes: nothing lost, nothing left over."""

import re
from collections import Counter
from pathlib import Path

import pytest

from transforms.readers import read_document
from transforms.reading.document import Document
from transforms.reading.tidy import tidy
from transforms.reading.words import key
from warehouse.extract import Job, read_many

_GRADE = re.compile(r"(?:.* )?(?:outstanding|good|inadequate|adequate|requires improvement|not judged)")


@pytest.fixture(scope="module")
def reports(test_data: Path) -> list[Path]:
    found = sorted((test_data / "reports").rglob("*.pdf"))
    if not found:
        pytest.skip(f"no reports under {test_data}")
    return found


@pytest.fixture(scope="module")
def documents(reports: list[Path]) -> list[Document]:
    return [read_document(path.read_bytes(), path.name) for path in reports[::4]]


def test_every_printed_line_has_a_box_on_its_page(documents: list[Document]) -> None:
    for document in documents:
        for line in document.lines if document.kind == "pdf" else ():
            if line.text.strip():
                assert line.x0 is not None, (document.sha256, line)
                assert -5 <= line.x0 <= line.x1 + 1 <= 860, (document.sha256, line)
                assert -5 <= line.y0 < line.y1 <= 860, (document.sha256, line)


def test_tidying_keeps_every_grade_line_and_loses_no_line(documents: list[Document]) -> None:
    for document in documents:
        text = tidy(document)
        printed = [line for line in document.lines if line.text.strip()]
        bare_marks = sum(1 for line in printed if not key(line.text)) or 0
        assert len(printed) - bare_marks <= len(text.lines) + len(text.removed)
        before = Counter(k for line in printed if _GRADE.fullmatch(k := key(line.text)))
        assert before == Counter(line.key for line in text.lines if _GRADE.fullmatch(line.key))


def test_running_lines_of_reports_are_gone(documents: list[Document]) -> None:
    for document in documents:
        text = tidy(document)
        shapes = Counter(re.sub(r"\d+", "#", line.key) for line in text.lines if line.page > 1)
        titles = {shape: n for shape, n in shapes.items() if n > 3 and re.match("(?:area send )?inspection ", shape)}
        assert not {s for s in titles if "findings" not in s}, document.sha256
        assert not [line for line in text.lines if line.text == str(line.page) and line.gap_before and line.x0 is None]


def test_children_read_what_this_process_reads(reports: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    some = reports[::25]
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "unit" / "warehouse"))
    jobs = [Job(str(path), str(path)) for path in some]
    there = {o.id: o.value for o in read_many(jobs, "failing_work:read_pdf")}
    assert there == {str(path): len(read_document(path.read_bytes(), "").lines) for path in some}
