"""Earlier inspections as reports state them: the list, the front line, the body."""

from datetime import date

import pytest

from tests.body import damaged, printed
from transforms.reading.history import conformed_area, read_previous_inspections
from transforms.reading.tidy import Text

FRONT = "Anyshire County Council\nInspection of services\nLead inspector: Ann Other\n"
AREA = "Information about this local authority area\n\nPrevious Ofsted inspections\n\n"


def rows(text: Text):
    read = read_previous_inspections(text)
    return [(p.conformed_area_code, p.date, p.date_precision, p.grade_code) for p in read]


def test_the_list_gives_date_and_grade_of_each() -> None:
    text = printed(
        FRONT,
        AREA + "\u2022 The local authority operates two children's homes. One was judged to be good in its "
        "most recent\nOfsted inspection in May 2014.\n"
        "\u2022 The previous inspection of the local authority's safeguarding\narrangements/arrangements for the"
        " protection of children was in October 2012.\n"
        "The local authority was judged to be adequate.\n"
        "\u2022 The last inspection of Anyshire's services for looked after children took place in May 2010. The"
        " local\nauthority was judged to be Grade 2 (Good).\n"
        "\u2022 The previous inspection of Anyshire's fostering service took place in May 2013 and judged it to be"
        " good.\n\nLocal leadership\n\n\u2022 None.",
    )
    read = read_previous_inspections(text)
    assert [(p.conformed_area_code, p.date, p.date_precision, p.grade_code) for p in read] == [
        ("help_and_protection", date(2012, 10, 1), "month", "adequate"),
        ("children_in_care", date(2010, 5, 1), "month", "good"),
    ]
    assert read[0].what == "the local authority's safeguarding arrangements/arrangements for the protection of children"
    assert read[0].statement.endswith("was in October 2012. The local authority was judged to be adequate.")
    assert read[0].page == 2


def test_previous_grades_area_by_area_are_rows_of_one_inspection() -> None:
    text = printed(
        FRONT,
        AREA + "\u2022 The last inspection report for the local authority's children's services was\n"
        "published in May 2015. The judgements for the local authority were:\n"
        "\u2022 Overall effectiveness: inadequate\n\u2022 Children who need help and protection: requires"
        " improvement to be good\n"
        "\u2022 Leadership, management and governance: inadequate.\n\nLocal leadership\n\n\u2022 None.",
    )
    assert rows(text) == [
        ("overall", date(2015, 5, 1), "month", "inadequate"),
        ("help_and_protection", date(2015, 5, 1), "month", "requires_improvement"),
        ("leadership", date(2015, 5, 1), "month", "inadequate"),
    ]


def test_grades_by_area_in_one_sentence_and_two_dates_in_another() -> None:
    text = printed(
        FRONT,
        AREA + "\u2022 The previous inspection of Anyshire's safeguarding arrangements and services for "
        "looked after children was in\nJuly 2012. "
        "The local authority was judged to be Good for safeguarding and Adequate for\nservices for looked after"
        " children.\n"
        "\u2022 At the time of the two previous safeguarding inspections in 2010 and 2011, the local authority was"
        " judged\nto be inadequate.\n\nLocal leadership\n\n\u2022 None.",
    )
    assert rows(text) == [
        ("safeguarding", date(2012, 7, 1), "month", "good"),
        ("children_in_care", date(2012, 7, 1), "month", "adequate"),
        (None, date(2010, 1, 1), "year", "inadequate"),
        (None, date(2011, 1, 1), "year", "inadequate"),
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Date of previous inspection: 3 June 2019", [("send", date(2019, 6, 3), "day", None)]),
        (
            "Dates of previous inspection: 29 January 2018 to 2 February 2018",
            [("send", date(2018, 1, 29), "day", None)],
        ),
        ("Date of previous inspection: Not previously inspected", []),
    ],
)
def test_send_reports_date_the_inspection_before_on_the_front(line: str, expected: list) -> None:
    text = printed(
        f"Area SEND inspection of Anyshire\n\nInspection dates: 3 to 7 June 2024\n\n{line}\n\n"
        f"Inspection outcome\n\nAll is well.",
        "More.",
    )
    assert rows(text) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "Since the last inspection in 2017, when services were judged inadequate, much has improved.",
            [("overall", date(2017, 1, 1), "year", "inadequate")],
        ),
        (
            "At the last inspection of Anyshire children's services in May 2018, which judged services to be good,"
            " plans were clear.",
            [("overall", date(2018, 5, 1), "month", "good")],
        ),
        ("Since the 2019 inspection, leaders have left.", [(None, date(2019, 1, 1), "year", None)]),
        (
            "Progress made since the last inspection, when the overall effectiveness was judged to be inadequate, is"
            " slow.",
            [("overall", None, None, "inadequate")],
        ),
        (
            "Since the focused visits in March 2019 and October 2019, visits are more regular.",
            [(None, date(2019, 3, 1), "month", None), (None, date(2019, 10, 1), "month", None)],
        ),
        ("Since the last inspection, when it was good, the share rose from 40% to 57% in April 2018.", []),
        ("Since the last inspection, much has improved.", []),
        ("The last inspection of the children's home in May 2018 judged it to be good.", []),
        ("Following a recent inspection of policing by the constabulary in 2018, practice changed.", []),
        (
            "At the previous inspection in 2016, services were good or better and some were judged to be inadequate.",
            [(None, date(2016, 1, 1), "year", None)],
        ),
    ],
)
def test_the_body_dates_and_grades_earlier_inspections(sentence: str, expected: list) -> None:
    assert rows(printed(FRONT, f"Inspection findings\n\n1. Help is known. {sentence} It goes on.")) == expected


def test_visits_are_named_and_repetitions_are_not() -> None:
    text = printed(
        FRONT,
        "Inspection findings\n\n1. Since the focused visit in 2018, visits are regular. It was at the focused visit"
        " in 2018 that this was asked.\n\n"
        "2. Work has moved on since the joint targeted area inspection (JTAI) in December 2017.\n\n3. This"
        " inspection in 2020 was the first of its kind.",
    )
    assert [(p.what, p.date) for p in read_previous_inspections(text)] == [
        ("focused visit", date(2018, 1, 1)),
        ("joint targeted area inspection", date(2017, 12, 1)),
    ]


def test_a_damaged_list_reads_the_same() -> None:
    whole = (
        FRONT
        + "Executive summary\n"
        + "Leaders have worked hard on this and they know what is left to do for children.\n" * 60
        + "Previous Ofsted inspections\n\u2022 The previous inspection of the local authority\u2019s "
        "services for looked after children was in\nNovember 2010."
        " The local authority was judged to be inadequate.\nLocal leadership\n\u2022 The director came in May.\n"
    )
    assert rows(damaged(whole)) == [("children_in_care", date(2010, 11, 1), "month", "inadequate")]


def test_a_grade_that_was_parted_from_its_inspection_is_put_back() -> None:
    text = printed(
        FRONT,
        AREA + "\u2022 The last inspection of Anyshire's services for looked after children was in May 2010.\n\n"
        "The local authority was judged to be good.\n\nLocal leadership\n\n\u2022 None.",
    )
    assert rows(text) == [("children_in_care", date(2010, 5, 1), "month", "good")]


def test_an_area_is_named_only_when_the_words_name_one() -> None:
    assert conformed_area("arrangements for the protection of children") == "help_and_protection"
    assert conformed_area("safeguarding and looked after children") is None
    assert conformed_area("private fostering arrangements") is None


@pytest.mark.parametrize(
    ("words", "grade"),
    [
        ("was judged not yet good", None),
        ("was judged to be no longer inadequate", None),
        ("was judged requires-improvement to be good", "requires_improvement"),
        ("was judged to be in need of improvement to be good", "requires_improvement"),
        ("was judged to require improvment to be good", "requires_improvement"),
        ("was judged to require improvement and is not yet good", "requires_improvement"),
        ("was judged to be good", "good"),
        ("was judged inadequate", "inadequate"),
    ],
)
def test_what_is_denied_is_no_earlier_grade(words: str, grade: str | None) -> None:
    sentence = f"At the last inspection in May 2018, the local authority {words}."
    text = printed(FRONT, f"Inspection findings\n\n1. Help is known. {sentence}\n\n2. Visits are made.")
    assert [row[3] for row in rows(text)] == [grade]


def test_good_practice_found_is_no_grade() -> None:
    sentence = "The last inspection in May 2018, when inspectors found good practice, led to a plan."
    text = printed(FRONT, f"Inspection findings\n\n1. Help is known. {sentence}\n\n2. Visits are made.")
    assert [row[3] for row in rows(text)] == [None]
