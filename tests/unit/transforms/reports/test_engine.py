"""The registry and the engine: nothing known by name, nothing guessed."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

import transforms.reports as engine
from tests.damage import text_document
from tests.made_up import ilacs, sif
from transforms.errors import UnknownSourceError
from transforms.reading.tidy import Text, tidy
from transforms.reports.framework import FOUR_POINT, Area, Framework, Statement


def _fake(code: str, score: float) -> Framework:
    def recognise(text: Text) -> float:
        return score if any("made up visit" in line.key for line in text.lines) else 0.0

    return Framework(
        code,
        "Made up",
        "Nobody",
        date(2020, 1, 1),
        None,
        ("visit",),
        recognise,
        areas=(Area("welcome", "The welcome", None, ("The welcome",)),),
        grades=FOUR_POINT,
        statements=(Statement("welcome", "thewelcome(?:is|was)"),),
    )


@pytest.fixture
def with_fakes(monkeypatch: pytest.MonkeyPatch):
    def install(*fakes: Framework) -> None:
        real = engine.frameworks()
        monkeypatch.setattr(engine, "frameworks", lambda: (*real, *fakes))

    return install


def test_codes_and_areas_are_unique_and_grades_are_told_apart() -> None:
    known = engine.frameworks()
    assert len({f.code for f in known}) == len(known)
    for framework in known:
        codes = [a.code for a in framework.areas]
        assert len(set(codes)) == len(codes), framework.code
        wordings = [w for g in framework.grades for w in g.wordings]
        assert len(set(wordings)) == len(wordings), framework.code
        assert {s.area for s in framework.statements} <= set(codes), framework.code


def test_the_engine_names_no_framework() -> None:
    source = Path(engine.__file__).read_text(encoding="utf-8")
    for framework in engine.frameworks():
        assert not re.search(rf"['\"]{framework.code}['\"]", source)


def test_a_new_framework_needs_only_its_entry(with_fakes) -> None:
    with_fakes(_fake("fake", 1.0))
    (report,) = engine.parse_document(text_document("A made up visit\nThe welcome is good\n"))
    assert (report.framework_code, report.inspection_type) == ("fake", "visit")
    assert [(j.area_code, j.grade_code) for j in report.judgements] == [("welcome", "good")]


def test_two_frameworks_equally_certain_block_the_file(with_fakes) -> None:
    with_fakes(_fake("one", 0.9), _fake("two", 0.9))
    (report,) = engine.parse_document(text_document("A made up visit\nThe welcome is good\n"))
    assert "framework_uncertain" in [p.code for p in report.problems if p.severity == "blocking"]


def test_a_doubtful_framework_is_not_forced(with_fakes) -> None:
    with_fakes(_fake("doubtful", 0.5))
    with pytest.raises(UnknownSourceError, match=r"words: inspection; nearest.*doubtful 0\.50") as refused:
        engine.parse_document(text_document("A made up visit\nInspection of Kit Amberley\nThe welcome is good\n"))
    assert "Amberley" not in str(refused.value)


@pytest.mark.parametrize("text", [sif(), ilacs()], ids=["sif", "ilacs"])
def test_each_text_is_of_one_framework_only(text: str) -> None:
    scores = sorted(f.recognise(tidy(text_document(text))) for f in engine.frameworks())
    assert scores[-1] >= engine.CERTAIN
    assert scores[-2] < engine.CERTAIN


def test_an_area_out_of_its_years_is_left_out_and_told() -> None:
    five_rows_in_2018 = ilacs("5 to 16 November 2018")
    (report,) = engine.parse_document(text_document(five_rows_in_2018))
    assert "care_leavers" not in {j.area_code for j in report.judgements}
    assert "unexpected_area" in [p.code for p in report.problems]
    assert report.is_blocked
