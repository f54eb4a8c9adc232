"""Reports nobody has seen: drawn truths in drawn styles, read back and compared with the truth.

A PDF must give every grade. A text may lose one, and then says so and blocks the file; no
rendering and no damage may ever give a wrong grade in a file that loads. By default a few examples of each layout
are drawn; `-m thorough` draws many, with harsher damage.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from importlib.resources import as_file, files

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests import damage as damages
from transforms.authorities import Register, load_register
from transforms.errors import UnknownSourceError
from transforms.readers import read_document
from transforms.reports import parse_document
from transforms.reports.model import Report
from warehouse.samples.content import LAYOUTS, draw_truth
from warehouse.samples.render import draw_style, render_pdf, render_text
from warehouse.samples.truth import Style, Truth

# Seeds have no order in which a smaller one is simpler: nothing is gained by shrinking them.
_DRAWN = settings(
    deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate], database=None
)
FEW = settings(_DRAWN, max_examples=4)
MANY = settings(_DRAWN, max_examples=40)
SEEDS = st.integers(min_value=0, max_value=100_000)
# Letters of these name inspectors of several inspectorates, none of them first.
NO_LEAD = ("jtai", "send_letter")

Damage = Callable[[str, int], str]


def misread(text: str, seed: int) -> str:
    """Apostrophes and dashes as the wrong encoding shows them."""
    return text.encode("utf-8").decode("cp1252", "replace")


def export(text: str, seed: int) -> str:
    """What the known damaged exports lose: non-ASCII characters, lines that begin with a digit."""
    return damages.damage(text)


@lru_cache(maxsize=1)
def register() -> Register:
    """Real and made-up authorities."""
    with as_file(files("warehouse.samples").joinpath("authorities.csv")) as path:
        return load_register([path])


def read(content: bytes) -> Report:
    """The one report that a rendering holds."""
    (report,) = parse_document(read_document(content, hashlib.sha256(content).hexdigest()), register())
    return report


def graded(report: Report) -> dict[str, str]:
    """Grade codes by area code."""
    return {judgement.area_code: judgement.grade_code for judgement in report.judgements}


def wanted(truth: Truth) -> dict[str, str]:
    """Grade codes by area code, as drawn."""
    return {judgement.area_code: judgement.grade_code for judgement in truth.judgements}


def assert_same(report: Report, truth: Truth) -> None:
    """Framework, authority, dates and grades are those of the truth."""
    assert report.framework_code == truth.framework_code
    assert report.inspection_type == truth.inspection_type
    assert [a.la_code for a in report.authorities] == [truth.authority.la_code]
    assert (report.inspection_start_date, report.inspection_end_date) == (truth.start, truth.end)
    if truth.prints_published:
        assert report.published_date == truth.published
    assert graded(report) == wanted(truth)
    assert not report.is_blocked


def assert_never_wrong(report: Report, truth: Truth) -> None:
    """What a file that loads gives is right; what a framework requires and is missing blocks the file."""
    assert report.framework_code == truth.framework_code
    want = wanted(truth)
    found = graded(report)
    # A blocked file goes to quarantine whole: none of its grades reaches anybody.
    if not report.is_blocked:
        assert {area: grade for area, grade in found.items() if want.get(area) != grade} == {}
    conformed = {j.area_code for j in truth.judgements if j.conformed_area_code}
    if conformed - set(found):
        assert report.is_blocked
    assert report.published_date in (None, truth.published)
    assert {a.la_code for a in report.authorities} <= {truth.authority.la_code}


def assert_read(report: Report, truth: Truth, style: Style) -> None:
    """Everything is read, unless the style sets grades between the words of their labels."""
    if style.grid_order == "lines":
        assert_never_wrong(report, truth)
    else:
        assert_same(report, truth)


def plain_body(style: Style) -> Style:
    """The style with a body as reports have it: one column, tables by rows, a mark that is surely a bullet."""
    mark = "\u2022" if style.bullet == "-" else style.bullet
    return replace(style, columns=1, grid_order="rows", bullet=mark)


def bare(text: str) -> str:
    """A text as letters only: hyphens at line ends and marks do not count."""
    return re.sub("[^a-z]", "", text.lower())


def text_of(layout: str, seed: int, style_seed: int) -> tuple[Truth, Style, str]:
    """A truth, a style and its text rendering."""
    truth, style = draw_truth(layout, seed), draw_style(style_seed)
    return truth, style, render_text(truth, style)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_pdf_gives_back_the_truth(layout: str) -> None:
    @FEW
    @given(SEEDS, SEEDS)
    def check(seed: int, style_seed: int) -> None:
        truth, style = draw_truth(layout, seed), draw_style(style_seed)
        assert_read(read(render_pdf(truth, style)), truth, style)

    check()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_text_gives_back_the_truth_where_rows_are_whole(layout: str) -> None:
    @FEW
    @given(SEEDS, SEEDS)
    def check(seed: int, style_seed: int) -> None:
        truth, style, text = text_of(layout, seed, style_seed)
        report = read(text.encode())
        if style.grid_order == "rows":
            assert_same(report, truth)
        else:
            assert_never_wrong(report, truth)

    check()


@pytest.mark.parametrize("layout", [name for name in LAYOUTS if name not in NO_LEAD])
def test_lead_inspector_is_the_one_who_led(layout: str) -> None:
    @FEW
    @given(SEEDS, SEEDS)
    def check(seed: int, style_seed: int) -> None:
        truth = draw_truth(layout, seed)
        assert read(render_pdf(truth, draw_style(style_seed))).lead_inspector == truth.lead_inspector

    check()


@pytest.mark.parametrize("layout", [name for name in LAYOUTS if name != "send_letter"])
def test_lists_history_and_figures_are_read(layout: str) -> None:
    @FEW
    @given(SEEDS, SEEDS)
    def check(seed: int, style_seed: int) -> None:
        truth, style = draw_truth(layout, seed), plain_body(draw_style(style_seed))
        report = read(render_pdf(truth, style))
        kinds = [(item.kind, bare(item.text.split(" (para")[0])) for item in report.recommendations]
        assert kinds == [(item.kind, bare(item.text)) for item in truth.recommendations]
        cited = [item.paragraphs for item in report.recommendations]
        assert cited == [item.paragraphs for item in truth.recommendations]
        if truth.previous:
            earlier = [(p.conformed_area_code, p.date, p.grade_code) for p in report.previous_inspections]
            assert earlier == [(p.conformed_area_code, p.month, p.grade_code) for p in truth.previous]
        stated = [(figure.value, figure.unit) for figure in report.figures]
        assert set(stated) >= {(figure.value, figure.unit) for figure in truth.figures}
        texts = " ".join(bare(paragraph.text) for paragraph in report.paragraphs)
        for _, paragraphs in truth.sections:
            assert all(bare(text) in texts for text in paragraphs)

    check()


@pytest.mark.parametrize("harm", [export, misread])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_known_damage_gives_no_wrong_grade(layout: str, harm: Damage) -> None:
    @FEW
    @given(SEEDS, SEEDS)
    def check(seed: int, style_seed: int) -> None:
        truth, _, text = text_of(layout, seed, style_seed)
        assert_never_wrong(read(harm(text, seed).encode()), truth)

    check()


@pytest.mark.thorough
@pytest.mark.parametrize("layout", LAYOUTS)
def test_many_pdfs_give_back_the_truth(layout: str) -> None:
    @MANY
    @given(SEEDS, SEEDS)
    def check(seed: int, style_seed: int) -> None:
        truth, style = draw_truth(layout, seed), draw_style(style_seed)
        assert_read(read(render_pdf(truth, style)), truth, style)

    check()


@pytest.mark.thorough
@pytest.mark.parametrize("harm", [export, misread, *damages.HARSH])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_much_damage_gives_no_wrong_grade(layout: str, harm: Damage) -> None:
    @MANY
    @given(SEEDS, SEEDS, st.booleans())
    def check(seed: int, style_seed: int, exported: bool) -> None:
        truth, _, text = text_of(layout, seed, style_seed)
        try:
            report = read(harm(damages.damage(text) if exported else text, seed).encode())
        except UnknownSourceError:
            return  # too little is left to know it by: quarantined, not guessed
        assert_never_wrong(report, truth)

    check()
