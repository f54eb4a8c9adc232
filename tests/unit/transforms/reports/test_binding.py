"""Files that hold more than one report: told and refused, but for a board's review behind its inspection."""

from __future__ import annotations

import pytest

from tests.made_up import FIVE_ROWS, PROSE, ilacs, problem_codes, read_grades, sif
from transforms.authorities import load_register
from transforms.errors import UnknownSourceError
from transforms.reading.document import Document, Line
from transforms.reports import parse_document
from transforms.reports.model import Report

REGISTER = load_register()
BOARD = (
    "Norfolk Safeguarding Children Board\nReview of the effectiveness of the Local Safeguarding Children Board\n"
    "Inspection date: 3 February 2016 – 25 February 2016\n"
    "The Local Safeguarding Children Board is good\nExecutive summary\n" + PROSE
)


def report_of(name: str, dates: str = "4 to 15 March 2024", grid: str = FIVE_ROWS) -> list[str]:
    """A made-up report of a real authority, as five pages."""
    text = ilacs(dates, grid).replace("Exampleshire", name)
    behind = f"Children in {name} are helped.\n" + PROSE
    return [text, *[behind] * 4]


def read(*pages: str) -> list[Report]:
    lines = [Line(line, number) for number, page in enumerate(pages, start=1) for line in page.splitlines()]
    return parse_document(Document("0" * 64, "pdf", len(pages), lines), REGISTER)


NORFOLK, DERBY = report_of("Norfolk"), report_of("Derby")
EARLIER = report_of("Norfolk", "6 to 17 March 2023")


@pytest.mark.parametrize(
    "pages",
    [
        [*NORFOLK, *DERBY],
        [*DERBY, *NORFOLK],
        [*NORFOLK, *EARLIER],
        [page for pair in zip(NORFOLK, DERBY, strict=True) for page in pair],
        [*NORFOLK[:3], DERBY[0], *NORFOLK[3:]],
        [*NORFOLK, sif().replace("Exampleshire", "Norfolk"), PROSE],
    ],
)
def test_two_inspections_in_one_file_block_it(pages: list[str]) -> None:
    reports = read(*pages)
    assert "several_reports" in problem_codes(reports[0])
    told = next(p for p in reports[0].problems if p.code == "several_reports")
    assert "expected one report in a file" in told.message
    assert told.page is not None
    assert told.page > 1


@pytest.mark.parametrize("pages", [NORFOLK, [*NORFOLK, *NORFOLK], [NORFOLK[0], *NORFOLK]])
def test_one_report_put_in_twice_is_one(pages: list[str]) -> None:
    (report,) = read(*pages)
    assert not report.is_blocked
    assert read_grades(report)["care_leavers"] == "inadequate"


def test_a_review_of_the_board_may_stand_behind_its_inspection_alone() -> None:
    single = sif(lscb="", title="Norfolk County Council\nInspection of services for children in need of help and\n"
                 "protection, children looked after and care leavers\n").replace("Exampleshire", "Norfolk")  # fmt: skip
    first, second = read(single, PROSE, BOARD, PROSE)
    assert (first.framework_code, second.framework_code) == ("sif", "lscb")
    assert "several_reports" not in problem_codes(first)
    other = read(single, PROSE, BOARD.replace("Norfolk", "Derby"), PROSE)
    assert "several_reports" in problem_codes(other[0])


@pytest.mark.parametrize(
    "cover", ["Appendix 1\n", "Norfolk County Council\nAgenda item\nThe report was noted.\n" + PROSE]
)
@pytest.mark.parametrize("pages", [2, 3])
def test_a_report_behind_other_pages_is_told_with_its_page(cover: str, pages: int) -> None:
    with pytest.raises(UnknownSourceError, match=rf"page {pages + 1} looks like .* \(ilacs\)") as told:
        read(*[cover] * pages, *NORFOLK)
    assert "Norfolk" not in str(told.value)
    with pytest.raises(UnknownSourceError) as told:
        read(*[cover] * pages, *NORFOLK[1:])
    assert "looks like" not in str(told.value)


@pytest.mark.parametrize(("above", "codes"), [("Derby City Council", []), ("Norfolk County Council", ["926"])])
def test_a_paper_of_another_authority_above_the_report_blocks(above: str, codes: list[str]) -> None:
    """It is named once, above the title; the report's own authority a few times on the pages behind."""
    title = "Inspection of Norfolk local authority\nchildren’s services"
    assert title in NORFOLK[0]
    front = NORFOLK[0].replace(title, "Norfolk\nInspection of children’s social care services")
    news = f"Children’s services Ofsted inspection\n{above} has committed itself to mend the failings found.\n"
    news += "What was found was a concern.\n" * 14
    few = [page.replace("Children in Norfolk", "Children there") for page in NORFOLK[3:]]
    for behind in (NORFOLK[3:], few):
        (report,) = read(news + front, *NORFOLK[1:3], *behind)
        assert [authority.la_code for authority in report.authorities] == codes
    assert ("authorities_disagree" in problem_codes(report)) is not bool(codes)


@pytest.mark.parametrize("front", [1, 2])
def test_the_first_pages_of_another_authority_block(front: int) -> None:
    behind = ["Children in Derby are helped. Derby has plans. Derby listens.\n" + PROSE] * 5
    (report,) = read(*NORFOLK[:front], *behind)
    assert report.authorities == []
    assert "authorities_disagree" in problem_codes(report)
    (mixed,) = read(*NORFOLK[:front], *behind, "Norfolk has a plan.\n" + PROSE)
    assert [authority.la_code for authority in mixed.authorities] == ["926"]
