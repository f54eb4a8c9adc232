"""Made-up reports: the same each time, marked on every page, and true to the registry."""

from __future__ import annotations

import csv
import hashlib
import json
from importlib.resources import files
from pathlib import Path

import pytest

from transforms.errors import InputError, UsageError
from transforms.readers import read_document
from transforms.reports import frameworks
from warehouse import demo, samples
from warehouse.samples import make_landing
from warehouse.samples.content import LAYOUTS, authority_named, draw_truth, sample_authorities
from warehouse.samples.render import draw_style, render_pdf, render_text
from warehouse.samples.truth import MADE_UP, Style
from warehouse.settings import Settings

SEEDS = range(12)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_same_seed_gives_same_bytes(layout: str) -> None:
    truth = draw_truth(layout, 3)
    assert draw_truth(layout, 3) == truth
    assert draw_truth(layout, 4) != truth
    style = draw_style(5)
    assert render_pdf(truth, style) == render_pdf(truth, style)
    assert render_text(truth, style) == render_text(truth, style)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_page_says_that_it_is_made_up(layout: str) -> None:
    data = render_pdf(draw_truth(layout, 1), draw_style(2))
    document = read_document(data, hashlib.sha256(data).hexdigest())
    marked = {line.page for line in document.lines if line.text == MADE_UP}
    assert marked == set(range(1, document.page_count + 1))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_truths_keep_the_rules_of_their_framework(layout: str) -> None:
    registry = {framework.code: framework for framework in frameworks()}
    for seed in SEEDS:
        truth = draw_truth(layout, seed)
        framework = registry[truth.framework_code]
        assert truth.inspection_type in framework.inspection_types
        assert framework.since <= truth.start <= truth.end < truth.published
        assert framework.until is None or truth.start < framework.until
        areas = {area.code: area for area in framework.areas_on(truth.start)}
        grades = {grade.code for grade in framework.grades}
        for judgement in truth.judgements:
            assert judgement.grade_code in grades
            assert areas[judgement.area_code].conformed == judgement.conformed_area_code


def test_a_landing_zone_whose_making_was_stopped_is_made_whole(
    places: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(landing: Path) -> None:
        (landing / "reports").mkdir()
        raise KeyboardInterrupt

    with monkeypatch.context() as stopped:
        stopped.setattr(samples, "make_landing", stop)
        with pytest.raises(KeyboardInterrupt):
            demo._make_landing(places.landing)
    made: list[Path] = []
    monkeypatch.setattr(samples, "make_landing", made.append)
    demo._make_landing(places.landing)
    demo._make_landing(places.landing)
    assert made == [places.landing]
    (places.landing / demo.MARK).unlink()
    with pytest.raises(UsageError, match="expected an empty folder"):
        demo._make_landing(places.landing)


def test_every_framework_of_the_registry_has_a_layout() -> None:
    assert {layout.framework_code for layout in LAYOUTS.values()} == {framework.code for framework in frameworks()}


def test_authorities_are_nobody_real() -> None:
    seeds = files("transforms") / "seeds" / "authority.csv"
    real = list(csv.DictReader(seeds.read_text("utf-8").splitlines()))
    made_up = sample_authorities()
    assert len(made_up) >= 6
    assert not {a.la_code for a in made_up} & {row["la_code"] for row in real}
    assert not {a.gss_code for a in made_up} & {row["gss_code"] for row in real}
    assert not {a.name.lower() for a in made_up} & {row["name"].lower() for row in real}
    with pytest.raises(KeyError):
        authority_named("Atlantis")


def test_grades_can_be_asked_for() -> None:
    truth = draw_truth("ilacs_2023", 0, grades={"overall": "inadequate"})
    assert truth.grade("overall") == "inadequate"
    with pytest.raises(KeyError):
        truth.grade("adoption")


def test_styles_differ_and_facts_do_not() -> None:
    truth = draw_truth("sif_2016", 7)
    plain = render_text(truth, Style())
    columns = render_text(truth, Style(grid_order="columns", cells_apart=True, apostrophe="'", dates="numeric"))
    assert plain != columns
    for text in (plain, columns):
        assert "Adoption performance" in text
        assert str(truth.lead_inspector) in text
        for item in truth.recommendations:
            assert item.text.split()[1] in text


def test_landing_zone_is_the_same_each_time(tmp_path: Path) -> None:
    first = make_landing(tmp_path / "a")
    second = make_landing(tmp_path / "b")
    assert [p.relative_to(tmp_path / "a") for p in first] == [p.relative_to(tmp_path / "b") for p in second]
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]
    assert len(set(first)) == len(first)


def test_landing_zone_shows_what_is_refused(tmp_path: Path) -> None:
    refused, read = [], 0
    for path in make_landing(tmp_path):
        if path.suffix not in (".pdf", ".txt"):
            continue
        data = path.read_bytes()
        try:
            document = read_document(data, hashlib.sha256(data).hexdigest())
        except InputError:
            refused.append(path.name)
            continue
        read += 1
        assert document.lines
        if document.kind == "html":
            assert path.suffix == ".pdf"
            refused.append(path.name)
    assert len(refused) == 2
    assert read >= 14


def test_landing_zone_tells_publication_beside_some_reports(tmp_path: Path) -> None:
    facts = [json.loads(p.read_text("utf-8")) for p in make_landing(tmp_path) if p.suffix == ".json"]
    assert len(facts) >= 4
    assert all({"source_url", "provider_urn", "published_date", "retrieved_at"} == set(fact) for fact in facts)
    assert len({fact["source_url"] for fact in facts}) == len(facts)
