"""Tidy: running lines go, everything else stays, sentences are whole."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.reading.document import Document, Line
from transforms.reading.tidy import Text, tidy

_NOUNS = ("plans", "visits", "reviews", "carers", "records", "leaders", "panels", "teams", "homes")
_VERBS = ("help", "show", "reach", "support", "follow", "miss", "guide")


def prose(count: int, start: int = 0) -> list[str]:
    """Lines of made-up text, no two alike."""
    words = itertools.product(_NOUNS, _VERBS, _NOUNS, _NOUNS)
    return [
        f"The {a} {b} the {c} and the {d} in most cases" for a, b, c, d in itertools.islice(words, start, start + count)
    ]


def paged(pages: list[list[str]]) -> Text:
    lines = [Line(line, number) for number, page in enumerate(pages, 1) for line in page]
    return tidy(Document("0" * 64, "pdf", len(pages), lines))


def plain(lines: list[str]) -> Text:
    return tidy(Document("0" * 64, "text", 1, [Line(line, 1) for line in lines]))


def words(text: Text) -> list[str]:
    return [line.text for line in text.lines]


HEADER = "Inspection of Ambridge local authority children\u2019s services"
TITLE = [HEADER, "Inspection dates: 7 to 18 November 2022", "Judgement Grade", "Overall effectiveness Good"]


def test_running_header_with_dates_and_page_number_is_taken_out_of_sentences() -> None:
    pages = [TITLE + prose(20)]
    for n in range(2, 7):
        body = prose(30, 30 * n)
        body[-1] = f"Case {'abcdefgh'[n]} waits too long for"
        pages.append([HEADER, f"7 to 18 November 2022 {n}", f"visit {'abcdefgh'[n - 1]} of a social worker.", *body])
    text = paged(pages)
    assert "Case c waits too long for visit c of a social worker." in text.flow
    assert sum(line.text.startswith("Inspection of Ambridge") for line in text.lines) == 1
    assert text.front[0].text == "Inspection of Ambridge local authority children's services"
    assert {line.text for line in text.removed} >= {"7 to 18 November 2022 2", "7 to 18 November 2022 6"}


def test_bare_page_numbers_go_and_other_numbers_stay() -> None:
    pages = [[str(n), *prose(30, 30 * n), "42"] for n in range(1, 7)]
    text = paged(pages)
    assert [line.text for line in text.removed] == ["1", "2", "3", "4", "5", "6"]
    assert words(text).count("42") == 6


@pytest.mark.parametrize("footer", ["Page {0} of 7", "{0} | Ambridge", "\u2013 {0} \u2013", "[{0}]"])
def test_page_numbers_in_other_dress_go(footer: str) -> None:
    text = paged([[*prose(30, 30 * n), footer.format(n)] for n in range(1, 8)])
    assert [line.page for line in text.removed] in ([1, 2, 3, 4, 5, 6, 7], [2, 3, 4, 5, 6, 7])


def test_page_numbers_may_run_behind_the_pages() -> None:
    text = paged([prose(20), *[[*prose(20, 20 * n), str(n)] for n in range(1, 6)]])
    assert [line.text for line in text.removed] == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize(
    "repeated", ["Good", "Requires improvement to be good", "Grade 2 (good)", "Overall effectiveness Good"]
)
def test_a_grade_is_never_a_running_line(repeated: str) -> None:
    pages = [[repeated, *prose(20, 20 * n), repeated] for n in range(8)]
    assert words(paged(pages)).count(repeated) == 16
    lines = [line for n in range(8) for line in (repeated, *prose(35, 35 * n))]
    assert words(plain(lines)).count(repeated) == 8


def test_a_heading_at_the_top_of_some_pages_stays() -> None:
    pages = [["Inspection findings" if n in (7, 15, 28) else f"{n}", *prose(20, 20 * n)] for n in range(1, 33)]
    assert words(paged(pages)).count("Inspection findings") == 3


def test_running_lines_of_a_second_part_with_its_own_page_numbers_go() -> None:
    pages = [prose(20, 20 * n) for n in range(30)]
    for n in range(20, 30):
        pages[n].insert(0, f"Review of the board of Ambridge {n - 19}")
    text = paged(pages)
    assert len(text.removed) == 10


def test_the_foot_of_the_first_page_goes_and_its_title_stays() -> None:
    title, foot = "Review of the northern harbours", "Printed by the harbour office"
    pages = [[title, *prose(20, 40 * page), foot] for page in range(4)]
    text = paged(pages)
    assert foot not in words(text)
    assert words(text).count(title) == 1


def test_plain_text_loses_running_lines_that_come_with_pages() -> None:
    lines = [*TITLE, *prose(25)]
    for n in range(2, 10):
        lines += ["", HEADER, f"7 to 18 November 2022 {n}", "", *prose(36, 40 * n)]
    text = plain(lines)
    assert [line.text for line in text.lines].count("Inspection of Ambridge local authority children's services") == 1
    assert not [line for line in text.lines if line.text.startswith("7 to 18")]
    assert len(text.removed) == 16


def test_plain_text_keeps_names_and_headings_that_repeat() -> None:
    lines = prose(300)
    for at in (20, 37, 49, 61, 200):
        lines.insert(at, "Integrated Care Board and")
    for at in (30, 33, 36):
        lines.insert(at, "The experiences and progress of")
    text = plain(lines)
    assert not text.removed


def test_plain_text_keeps_a_figure_alone_on_its_line() -> None:
    lines = prose(60)
    lines[10:10] = ["246"]
    lines[30:30] = ["3"]
    assert {"246", "3"} <= set(words(plain(lines)))


def test_bullets_are_taken_off_and_noted() -> None:
    text = plain(["Of these:", "\uf06e one thing", "- another", "\u2013 a third", "o a fourth", "and more", "* fifth."])
    assert [(line.text, line.bullet) for line in text.lines] == [
        ("Of these:", False),
        ("one thing", True),
        ("another", True),
        ("a third", True),
        ("a fourth", True),
        ("and more", False),
        ("fifth.", True),
    ]


def test_a_dash_inside_a_sentence_is_no_bullet() -> None:
    text = plain(["The service is good in most places", "\u2013 though not in all \u2013 and improving."])
    assert not text.lines[1].bullet
    assert text.flow == "The service is good in most places \u2013 though not in all \u2013 and improving."


def test_a_hyphen_before_a_capital_is_a_bullet_even_under_a_heading() -> None:
    text = plain(["What needs to improve", "- The quality of plans", "- How soon visits are made"])
    assert [line.bullet for line in text.lines] == [False, True, True]
    assert text.lines[1].text == "The quality of plans"


def test_a_deleted_bullet_leaves_its_space_behind() -> None:
    text = plain([*prose(10), " The local authority has two homes", "in all.", *prose(5, 50)])
    assert [line.text for line in text.lines if line.bullet] == ["The local authority has two homes"]


@pytest.mark.parametrize(
    ("lines", "flow"),
    [
        (["a multi-", "agency plan"], "a multi-agency plan"),
        (["the chil-", "dren and other children"], "the children and other children"),
        (["well-", "being and well-being, wellbeing"], "well-being and well-being, wellbeing"),
        (["from 12-", "18 years"], "from 12-18 years"),
        (["good -", "though late"], "good - though late"),
        (["pre\ufffeproceedings are late"], "pre-proceedings are late"),
        (["the chil\ufffedren and other children"], "the children and other children"),
        (["the infor\u00ad", "mation, information"], "the information, information"),
    ],
)
def test_words_split_at_line_ends_are_whole_in_the_flow(lines: list[str], flow: str) -> None:
    assert plain(lines).flow == flow


def test_offsets_of_the_flow_lead_back_to_line_and_page() -> None:
    text = paged([prose(12), ["A second page says multi-", "agency work is sound.", *prose(5, 99)]])
    offset = text.flow.index("agency work")
    assert text.page_at(offset) == 2
    assert text.line_at(offset).text == "agency work is sound."
    offset = text.flow_key.index("multi agency work")
    assert text.key_line_at(offset).text == "A second page says multi-"
    assert text.key_line_at(text.flow_key.index("agency work is")).page == 2


def test_front_of_a_text_without_pages_ends_at_the_first_section() -> None:
    text = plain(["Ambridge", "Inspection of services", "Good", "", "Executive summary", *prose(10)])
    assert [line.text for line in text.front] == ["Ambridge", "Inspection of services", "Good"]


def test_white_space_above_a_line_is_noted() -> None:
    text = plain(["one", "two", "", "three"])
    assert [line.gap_before for line in text.lines] == [True, False, True]
    box = {"x0": 50.0, "x1": 400.0}
    lines = [Line(f"line {n}", 1, y0=y, y1=y + 12, **box) for n, y in enumerate((10.0, 24.0, 50.0))]
    text = tidy(Document("0" * 64, "pdf", 1, lines))
    assert [line.gap_before for line in text.lines] == [True, False, True]


def test_an_empty_document_gives_an_empty_text() -> None:
    text = plain(["", "  "])
    assert (text.lines, text.front, text.flow, text.flow_key) == ([], [], "", "")


@given(st.lists(st.lists(st.text(max_size=20), max_size=12), max_size=6), st.booleans())
def test_lines_are_numbered_bare_and_reached_from_the_flow(pages: list[list[str]], with_pages: bool) -> None:
    text = paged(pages) if with_pages else plain([line for page in pages for line in page])
    for i, line in enumerate(text.lines):
        assert line.index == i
        assert line.text == line.text.strip()
        assert line.text
    assert isinstance(text.flow, str)
    assert isinstance(text.flow_key, str)
    if text.lines:
        assert text.line_at(0).index == 0
        assert text.line_at(len(text.flow) - 1) is text.lines[-1]


def test_a_short_mark_on_every_page_is_a_running_line() -> None:
    text = paged([TITLE, *(["OFFICIAL", *prose(30, 30 * n)] for n in range(7))])
    assert "OFFICIAL" not in words(text)
    assert len(text.removed) == 7


def test_a_cover_sheet_is_no_front() -> None:
    text = paged([["Appendix A", "Papers for the committee"], [*TITLE, *prose(20)], prose(30, 40)])
    assert [line.text for line in text.front[3:6]] == TITLE[1:]
    assert {line.page for line in text.front} == {1, 2}
    bare = paged([[*TITLE, *prose(20)], prose(30, 40)])
    assert {line.page for line in bare.front} == {1}
