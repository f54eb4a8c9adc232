"""The body of real reports: nothing invented, nothing glued, and damaged texts agree with sound ones."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from tests.body import AUTHORITY, PARTNERSHIP
from tests.damage import damage
from transforms.readers import read_document
from transforms.reading.actions import read_recommendations
from transforms.reading.document import Document, Line
from transforms.reading.figures import read_figures
from transforms.reading.history import read_previous_inspections
from transforms.reading.sections import Outline, read_outline, read_paragraphs
from transforms.reading.tidy import Text, tidy
from transforms.reports.framework import Framework
from transforms.reports.model import Figure, Paragraph, PreviousInspection, Recommendation

_LETTERS = re.compile(r"[^a-z0-9]")
_LIST_HEADING = re.compile(r"(?:recommendations|what needs to improve|areas for (?:improvement|priority action))\d?")


@dataclass
class Body:
    """What was read from one text."""

    name: str
    text: Text
    outline: Outline
    paragraphs: list[Paragraph]
    recommendations: list[Recommendation]
    history: list[PreviousInspection]
    figures: list[Figure]


def body_of(name: str, document: Document) -> Body:
    text = tidy(document)
    framework: Framework = PARTNERSHIP if "area_send" in name else AUTHORITY
    outline = read_outline(text)
    return Body(
        name,
        text,
        outline,
        read_paragraphs(text, outline),
        read_recommendations(text, framework, outline),
        read_previous_inspections(text, outline),
        read_figures(text, outline),
    )


def damaged_body(whole: Body) -> Body:
    rows: list[str] = []
    page = 1
    for line in whole.text.document.lines:
        if line.page != page:
            rows, page = [*rows, "", ""], line.page
        rows.append(line.text)
    kept = damage("\n".join(rows)).split("\n")
    return body_of(whole.name, Document("damaged", "text", 1, [Line(row, 1) for row in kept]))


def letters(words: str) -> str:
    return _LETTERS.sub("", words.encode("ascii", "ignore").decode().lower())


def _bodies(test_data: Path, step: int) -> list[Body]:
    found = []
    for path in sorted((test_data / "reports").rglob("*.pdf"))[::step]:
        data = path.read_bytes()
        if data.startswith(b"%PDF"):
            found.append(body_of(str(path.relative_to(test_data)), read_document(data, path.name)))
    if not found:
        pytest.skip(f"no reports under {test_data}")
    return found


@pytest.fixture(scope="module", params=[pytest.param(4), pytest.param(1, marks=pytest.mark.thorough)])
def bodies(test_data: Path, request: pytest.FixtureRequest) -> Iterator[list[Body]]:
    yield _bodies(test_data, request.param)


def test_paragraph_numbers_follow_each_other_or_the_break_is_known(bodies: list[Body]) -> None:
    for body in bodies:
        numbers = [int(p.number) for p in body.paragraphs if p.number]
        known = {(before, after) for before, after, _ in body.outline.breaks}
        steps = set(zip(numbers, numbers[1:], strict=False))
        assert not {s for s in steps if s[1] not in (s[0] + 1, 1)} - known, body.name
    whole = sum(1 for body in bodies if not body.outline.breaks)
    assert whole >= 0.98 * len(bodies)


def test_most_reports_have_numbered_paragraphs_as_many_as_their_kind_has(bodies: list[Body]) -> None:
    few = [b.name for b in bodies if "local_authority" in b.name and sum(1 for p in b.paragraphs if p.number) < 30]
    assert len(few) <= 0.02 * len(bodies) + 1, few


def test_every_text_stands_in_its_document(bodies: list[Body]) -> None:
    missing = total = 0
    for body in bodies:
        whole = letters(body.text.flow)
        texts = [*body.paragraphs, *body.recommendations]
        for item in texts:
            for part in re.split(r"\n\u2022 ", item.text):
                total += 1
                missing += letters(part) not in whole
    # Footnotes and rows of tables that run over a page turn interrupt a few.
    assert missing <= 0.01 * total


def test_no_text_holds_a_heading_that_follows_it(bodies: list[Body]) -> None:
    for body in bodies:
        headings = {b.text for b in body.outline.blocks if b.kind == "heading" and b.heading and len(b.text) > 15}
        for item in (*body.paragraphs, *body.recommendations):
            held = [h for h in headings if re.search(rf"[.?!)] {re.escape(h)}$", item.text)]
            assert not held, (body.name, item.text[-140:])


def test_a_printed_list_of_recommendations_is_never_empty(bodies: list[Body]) -> None:
    for body in bodies:
        if any(_LIST_HEADING.fullmatch(line.key) for line in body.text.lines):
            assert body.recommendations, body.name
            assert all(len(r.text) < 1500 for r in body.recommendations), body.name
            assert not any(r.is_incomplete for r in body.recommendations), body.name
        if "area_send" in body.name:
            assert all(r.addressed_to != "local_authority" for r in body.recommendations), body.name


def test_earlier_inspections_and_figures_are_plausible(bodies: list[Body]) -> None:
    for body in bodies:
        for earlier in body.history:
            assert earlier.date is None or 2005 <= earlier.date.year <= 2025, (body.name, earlier)
            assert earlier.date or earlier.grade_code, (body.name, earlier)
        for figure in body.figures:
            assert figure.value_as_printed.rstrip("%") in figure.sentence, (body.name, figure)
            assert figure.unit != "percent" or figure.value <= 100, (body.name, figure)
            assert figure.subject is not None or figure.unit != "count", (body.name, figure)


def test_damaged_texts_give_nothing_that_the_sound_ones_do_not(bodies: list[Body]) -> None:
    strays = total = 0
    for whole in bodies:
        cut = damaged_body(whole)
        sound = [letters(r.text) for r in whole.recommendations]
        place = 0
        for item in cut.recommendations:
            total += 1
            words = letters(item.text)
            hit = next((i for i in range(place, len(sound)) if words in sound[i]), None)
            if hit is None:
                strays += 1
            else:
                place = hit
                # What passes for whole must be whole, unless a line in its middle is gone.
                assert item.is_incomplete or len(words) > 0.2 * len(sound[hit]), (whole.name, item.text)
        past = {(p.conformed_area_code, p.date, p.grade_code) for p in whole.history}
        # A bare year that the sound text tells more of is a repetition there.
        years = {(None, date(p.date.year, 1, 1), None) for p in whole.history if p.date}
        assert {(p.conformed_area_code, p.date, p.grade_code) for p in cut.history} <= past | years, whole.name
        stated = {(f.value, f.unit, f.subject, f.comparator) for f in whole.figures}
        assert {(f.value, f.unit, f.subject, f.comparator) for f in cut.figures} <= stated, whole.name
    assert strays <= 0.05 * total


def test_the_degraded_export_agrees_with_the_clean_report(test_data: Path) -> None:
    exports = list((test_data / "reports" / "text").glob("*.txt"))
    clean = list((test_data / "reports").rglob("80448_*/*19 february 2016.pdf"))
    if not exports or not clean:
        pytest.skip("the degraded export or its clean report is missing")
    cut = body_of("text", read_document(exports[0].read_bytes(), "text"))
    whole = body_of("pdf", read_document(clean[0].read_bytes(), "pdf"))
    assert [(r.kind, r.addressed_to, r.section) for r in cut.recommendations] == [
        (r.kind, r.addressed_to, r.section) for r in whole.recommendations
    ]
    assert [letters(r.text) in letters(w.text) for r, w in zip(cut.recommendations, whole.recommendations, strict=True)]
    same = [letters(r.text) == letters(w.text) for r, w in zip(cut.recommendations, whole.recommendations, strict=True)]
    assert same == [not r.is_incomplete for r in cut.recommendations]
    assert [(p.conformed_area_code, p.date, p.grade_code) for p in cut.history] == [
        (p.conformed_area_code, p.date, p.grade_code) for p in whole.history
    ]
    assert {(f.value, f.unit, f.subject, f.comparator, f.period) for f in cut.figures} <= {
        (f.value, f.unit, f.subject, f.comparator, f.period) for f in whole.figures
    }
    flow = letters(whole.text.flow)
    claimed = [letters(p.text) for p in cut.paragraphs if not p.is_incomplete]
    assert sum(1 for words in claimed if words in flow) >= 0.95 * len(claimed)
