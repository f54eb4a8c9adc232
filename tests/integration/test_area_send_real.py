"""Real area SEND reports: every outcome is read in both places, clean and damaged alike."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import pytest

from tests.damage import as_text, damage, text_document
from transforms.readers import read_document
from transforms.reading.document import Document
from transforms.reports import parse_document


@pytest.fixture(scope="module")
def documents(test_data: Path) -> list[Document]:
    found = []
    for path in sorted((test_data / "reports" / "area_send").rglob("*.pdf")):
        data = path.read_bytes()
        found.append(read_document(data, hashlib.sha256(data).hexdigest()))
    return found


def test_every_outcome_is_stated_and_confirmed(documents: list[Document]) -> None:
    outcomes: Counter[str] = Counter()
    for document in documents:
        (report,) = parse_document(document)
        (judgement,) = report.judgements
        assert report.framework_code == "area_send"
        assert (judgement.area_code, judgement.page) == ("send", 1)
        assert judgement.places == ("outcome", "follow_up")
        outcomes[judgement.grade_code] += 1
    # Counted by hand in the reports at hand.
    assert outcomes == {"typically_positive": 6, "inconsistent": 8, "widespread_systemic_failings": 5}


def test_damage_changes_no_outcome(documents: list[Document]) -> None:
    for document in documents:
        (clean,) = parse_document(document)
        (damaged,) = parse_document(text_document(damage(as_text(document))))
        assert [j.grade_code for j in damaged.judgements] == [j.grade_code for j in clean.judgements]
