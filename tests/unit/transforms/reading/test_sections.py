"""Headings, numbered paragraphs and what is left of them in damaged texts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.body import damaged, plain, printed
from transforms.reading.headings import FIRST_WORDS, HEADINGS, known_heading
from transforms.reading.sections import numbering_problems, read_outline, read_paragraphs
from transforms.reading.sentences import ends_sentence, split_sentences
from transforms.reading.words import key

FRONT = """
Anyshire County Council
Inspection of children's social care services
Lead inspector: Ann Other
"""
BODY = """
The experiences and progress of children who need help and
protection: good

1. Children are seen soon after a referral. Workers ask the right questions and
write down what they are told.

2. Plans are short and clear. They say who will do what, and by when, so that fam-
ilies know what is expected of them. Reviews look at:

\u2022 what has changed for the child
\u2022 what has not, and why, over a
longer time.

The impact of leaders on social work practice with children and families: good

3. Leaders know their services.
"""


def numbered(text):
    return [(p.number, p.section, p.text) for p in read_paragraphs(text) if p.number]


def test_paragraphs_are_whole_under_their_headings() -> None:
    read = numbered(printed(FRONT, BODY))
    assert [number for number, _, _ in read] == ["1", "2", "3"]
    assert read[0][1] == "The experiences and progress of children who need help and protection: good"
    assert read[0][2].endswith("write down what they are told.")
    assert read[2][1:] == (
        "The impact of leaders on social work practice with children and families: good",
        "Leaders know their services.",
    )


def test_items_within_a_paragraph_stay_with_it_on_lines_of_their_own() -> None:
    text = numbered(printed(FRONT, BODY))[1][2]
    assert "families know what is expected" in text
    assert text.endswith(
        "Reviews look at:\n\u2022 what has changed for the child\n\u2022 what has not, and why, over a longer time."
    )


def test_a_paragraph_goes_on_over_a_page_turn_and_around_a_footnote() -> None:
    first = (
        BODY.split("3. Leaders")[0]
        + "3. Leaders know their services well and have acted upon what the board2 had\nasked\n\n2 The board met"
    )
    second = "of them in the spring.\n\n4. They listen.\n\n5. They learn from what they hear."
    read = numbered(printed(FRONT, first + " every month until the summer of that year.", second))
    assert (
        read[2][2]
        == "Leaders know their services well and have acted upon what the board2 had asked of them in the spring."
    )
    assert [number for number, _, _ in read] == ["1", "2", "3", "4", "5"]


def test_numbers_of_a_grid_and_of_wrapped_lines_begin_no_paragraph() -> None:
    front = FRONT + "\n1. Children who need help Good\n2. Children looked after Good\n3. Leadership Good\n"
    body = (
        "Executive summary\n\nInspectors read the files of\n"
        "12. Anyshire also showed them others in January of the year before.\n"
    )
    read = numbered(printed(front, body + BODY.replace("3. Leaders know", "3. Since\n2019 leaders know")))
    assert [number for number, _, _ in read] == ["1", "2", "3"]
    assert read[2][2] == "Since 2019 leaders know their services."


@pytest.mark.parametrize("style", ["{}. ", "{}.", "{}.\n"])
def test_numbers_are_read_however_they_are_set(style: str) -> None:
    rows = "\n".join(style.format(n) + f"Sentence {n} ends here." for n in range(1, 8))
    assert [number for number, _, _ in numbered(printed(FRONT, "Inspection findings\n\n" + rows))] == list("1234567")


def test_a_break_in_the_sequence_is_a_problem() -> None:
    rows = "\n\n".join(f"{n}. Sentence {n} ends here." for n in (1, 2, 3, 5, 6, 7))
    outline = read_outline(printed(FRONT, "Inspection findings\n\n" + rows))
    assert [(p.code, p.found, p.expected) for p in numbering_problems(outline)] == [
        ("paragraph_numbers_break", "5", "4")
    ]
    whole = read_outline(printed(FRONT, BODY))
    assert numbering_problems(whole) == []


def test_a_second_list_may_start_again() -> None:
    rows = "\n\n".join(f"{n}. Sentence {n} ends here." for n in (1, 2, 3, 4, 5, 1, 2, 3))
    outline = read_outline(printed(FRONT, "Inspection findings\n\n" + rows))
    assert [b.number for b in outline.blocks if b.number] == list("12345123")
    assert outline.breaks == []


def test_an_unknown_heading_before_a_number_is_no_part_of_the_paragraph_above() -> None:
    text = printed(
        FRONT,
        "Inspection findings\n\n1. One ends here.\n2. Two ends here.\nWork with young carers\n3. Three ends here.",
    )
    assert [(s, t) for _, s, t in numbered(text)] == [
        ("Inspection findings", "One ends here."),
        ("Inspection findings", "Two ends here."),
        ("Work with young carers", "Three ends here."),
    ]


def test_the_list_of_contents_opens_no_section() -> None:
    contents = (
        "Contents\nExecutive summary 2\nRecommendations 3\nInspection findings 4\nInformation about this inspection 9"
    )
    outline = read_outline(
        printed(FRONT, contents, "Recommendations\n\n1. Do it.\n\n2. Do that.\n\nInspection findings\n\n3. It is done.")
    )
    assert [b.text for b in outline.blocks if b.kind == "heading" and b.page > 1] == [
        "Recommendations",
        "Inspection findings",
    ]


def test_a_list_of_contents_without_pages_ends_where_the_body_repeats_it() -> None:
    text = plain(
        FRONT + "Contents\nExecutive summary\nThe local authority\n"
        "Information about this local authority area\nRecommendations\n"
        "Executive summary\nRecommendations\nInformation about this inspection\nThe local authority\n"
        "Information about this local authority area2\nLocal leadership\n The director has been in post"
        " since 2015.\n"
    )
    outline = read_outline(text)
    assert [b.text for b in outline.blocks if b.heading and b.first > 5] == [
        "The local authority",
        "Information about this local authority area2",
        "Local leadership",
    ]


def test_reports_without_numbers_give_their_paragraphs_in_order() -> None:
    text = printed(
        "Dear Director\n\nThis letter sets out the findings of the visit to Anyshire.\n",
        "Headline findings\n\nChildren are safe. Leaders know it.\n\nPartners work well together, though not"
        " always\nquickly.\n\n"
        "Information about this inspection\n\nThe team was led by an inspector.",
    )
    read = read_paragraphs(text)
    assert [(p.number, p.section, p.text) for p in read] == [
        (None, "Headline findings", "Children are safe. Leaders know it."),
        (None, "Headline findings", "Partners work well together, though not always quickly."),
    ]


LONG = (
    FRONT
    + "Executive summary\n"
    + "Leaders have worked hard on this and they know what is left to do for children.\n" * 60
)
CUT = (
    LONG
    + """
Inspection findings

Early help is well known and used by families who need it across the whole of the
county, and it comes soon.
10. Children are seen soon after a referral to the service by those who know them and
who write down what they are told. Workers ask the right questions in good time.
11. Plans are short.
12. Visits are regular and children are seen alone, which helps workers to understand
what matters to them.
"""
)


def test_what_lost_its_first_line_is_marked_and_not_glued_to_its_neighbour() -> None:
    read = read_paragraphs(damaged(CUT))
    found = [(p.text, p.is_incomplete) for p in read if p.section == "Inspection findings"]
    assert found == [
        (
            "Early help is well known and used by families who need it across the whole of the county, "
            "and it comes soon.",
            False,
        ),
        ("who write down what they are told. Workers ask the right questions in good time.", True),
        ("what matters to them.", True),
    ]
    assert [p.code for p in numbering_problems(read_outline(damaged(CUT)))] == ["text_incomplete"]


def test_sections_that_lost_nothing_stay_whole_in_a_damaged_text() -> None:
    outline = read_outline(damaged(CUT))
    assert outline.digits_lost
    assert not any(b.is_incomplete for b in outline.blocks if b.section == "Executive summary")
    assert not any(p.number for p in read_paragraphs(damaged(CUT)))


@pytest.mark.parametrize(
    ("wording", "role", "scope"),
    [
        ("Recommendations", "actions", None),
        ("What needs to improve?1", "actions", None),
        ("What does the LSCB need to improve?", "actions", "lscb"),
        ("Priority and immediate action", "priority", None),
        ("Areas for improvement:", "improvement", None),
        ("The Local Safeguarding Children Board (LSCB)", "part", "lscb"),
        ("Section 2: The effectiveness of the Local Safeguarding Children Board", "part", "lscb"),
        ("The experiences and progress of care leavers: requires improvement to be good", "findings", None),
        ("The graded judgement for adoption performance is that it is outstanding", "findings", None),
        ("Within three months:", "timed", None),
        ("Information about this inspection", "end", None),
    ],
)
def test_headings_are_known_by_their_wording(wording: str, role: str, scope: str | None) -> None:
    heading = known_heading(key(wording))
    assert heading is not None and (heading.role, heading.scope) == (role, scope)


@pytest.mark.parametrize(
    "words",
    [
        "The experiences and progress of care leavers outstanding overall effectiveness good Services for children",
        "Recommendations from reviews are carried out",
        "Outcomes for children who have returned home are tracked by the service",
        "The Local Safeguarding Children Board met",
    ],
)
def test_sentences_are_no_headings(words: str) -> None:
    assert known_heading(key(words)) is None


ASCII = st.characters(codec="ascii")


@given(st.sampled_from(HEADINGS).flatmap(lambda h: st.from_regex(h.pattern, fullmatch=True, alphabet=ASCII)))
@settings(max_examples=1500)
def test_no_known_heading_begins_with_a_word_that_is_passed_over(heading: str) -> None:
    assert heading.split(" ")[0].rstrip("0123456789") in FIRST_WORDS


def test_sentences_end_before_closing_marks() -> None:
    assert ends_sentence("They said, 'we listen.'") and ends_sentence("It was good.2")
    assert not ends_sentence("of 12") and not ends_sentence("the board")
    assert split_sentences('It is good. "Yes," he said. 5 were not.') == [
        "It is good.",
        '"Yes," he said.',
        "5 were not.",
    ]


def test_a_list_of_contents_ends_where_an_entry_is_printed_without_its_page() -> None:
    text = plain(
        FRONT + "Contents\nExecutive summary 2\nInformation about this local authority area 5\nRecommendations 8\n"
        "Information about this local authority area1\nPrevious Ofsted inspections\n"
        "\u2022 The authority does not operate any homes.\n"
    )
    roles = [block.role for block in read_outline(text).blocks if block.kind == "bullet"]
    assert roles == ["history"]
