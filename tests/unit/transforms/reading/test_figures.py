"""Figures: fixed sentences about the area, comparators in the body, and what is left out."""

import pytest

from tests.body import damaged, printed
from transforms.reading.figures import read_figures
from transforms.reading.tidy import Text

FRONT = "Anyshire County Council\nInspection of services\nLead inspector: Ann Other\n"
AREA = "Information about this local authority area\n\n"


def rows(text: Text):
    return [(f.value, f.unit, f.subject, f.period, f.comparator, f.indicator_code) for f in read_figures(text)]


def in_area(section: str, *items: str) -> Text:
    return printed(
        FRONT,
        AREA
        + section
        + "\n\n"
        + "\n".join(f"\u2022 {item}" for item in items)
        + "\n\nRecommendations\n\n1. Go on.\n\n2. Stop.",
    )


def in_body(sentence: str):
    text = printed(FRONT, f"Inspection findings\n\n1. Help is known. {sentence} It goes on.\n\n2. Visits are made.")
    return [(f.value_as_printed, f.unit, f.subject, f.period, f.comparator) for f in read_figures(text)]


def test_counts_carry_their_rate_their_day_and_the_earlier_figure() -> None:
    read = rows(
        in_area(
            "Child protection in this area",
            "At 31 March 2015, 2,145 children had been identified through assessment as being formally in\nneed of a"
            " specialist children's service. This is a reduction from 2,300 at 31 March 2014.",
            "At 31 October 2015, 268 children and young people were the subject of a child protection plan\n(a rate"
            " of 43 per 10,000 children). This is an increase from 246 (41 per 10,000 children) at 31 March 2015.",
            "At 1 March 2016, nine children lived in a privately arranged fostering placement.",
        )
    )
    plan = "children subject of a child protection plan"
    assert read == [
        (2145, "count", "children in need", "At 31 March 2015", None, None),
        (2300, "count", "children in need", "at 31 March 2014", "previous", None),
        (268, "count", plan, "At 31 October 2015", None, "cpp_num"),
        (43, "rate_per_10k", plan, "At 31 October 2015", None, "cpp_rate"),
        (246, "count", plan, "at 31 March 2015", "previous", "cpp_num"),
        (41, "rate_per_10k", plan, "at 31 March 2015", "previous", "cpp_rate"),
        (9, "count", "children in a privately arranged fostering placement", "At 1 March 2016", None, None),
    ]


def test_parts_of_a_count_take_its_day_and_flows_their_period() -> None:
    read = rows(
        in_area(
            "Children looked after in this area",
            "At 31 October 2015, 471 children are being looked after by the local authority (a rate of 71"
            " per\n10,000 children). This is a reduction from 500 (75 per 10,000 children) at 31 March 2015. Of this"
            " number:",
            "195 (or 41.4%) live outside the local authority area",
            "one child is an unaccompanied asylum-seeking child.",
            "In the last 12 months:",
            "there have been 23 adoptions",
            "175 children ceased to be looked after, of whom 4.2% subsequently returned to be looked after",
            "fewer than five children ceased to be looked after and moved on to independent living",
        )
    )
    assert [(value, unit, period, code) for value, unit, _, period, comparator, code in read if comparator is None] == [
        (471, "count", "At 31 October 2015", "lacnum"),
        (71, "rate_per_10k", "At 31 October 2015", "lac"),
        (195, "count", "At 31 October 2015", None),
        (41.4, "percent", "At 31 October 2015", None),
        (1, "count", "At 31 October 2015", None),
        (23, "count", "In the last 12 months", None),
        (175, "count", "In the last 12 months", None),
        (4.2, "percent", "In the last 12 months", None),
    ]
    assert [(value, code) for value, _, _, _, comparator, code in read if comparator == "previous"] == [
        (500, "lacnum"),
        (75, "lac"),
    ]


def test_schools_take_their_subject_from_the_line_above() -> None:
    read = rows(
        in_area(
            "Children living in this area",
            "Approximately 66,157 children and young people under the age of 18 years live in Anyshire. This"
            " is\n19.9% of the total population in the area.",
            "The proportion of children entitled to free school meals:",
            "in primary schools is 12.3% (the national average is 15.6%)",
            "Children and young people from minority ethnic groups account for 4% of all\nchildren living in the"
            " area, compared with 21.5% in the country as a whole.",
        )
    )
    assert [(value, subject, comparator) for value, _, subject, _, comparator, _ in read] == [
        (66157, "children and young people under 18 living in the area", None),
        (19.9, "share of children under 18 in the population", None),
        (12.3, "children entitled to free school meals in primary schools", None),
        (15.6, "children entitled to free school meals in primary schools", "england"),
        (4, "children and young people from minority ethnic groups", None),
        (21.5, "children and young people from minority ethnic groups", "england"),
    ]


@pytest.mark.parametrize(
    "item",
    [
        "Approximately 65,0002 children and young people under the age of 18 years live in Anyshire.",
        "Approximately 65002 children and young people under the age of 18 years live in Anyshire.",
        "In 201314, fewer than five children were the subject of a child protection plan.",
    ],
)
def test_a_number_that_a_mark_may_have_run_into_is_left_out(item: str) -> None:
    assert rows(in_area("Children living in this area", item)) == []


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "In 2014\u201315, 67% of care leavers were in work, compared with the England average of 70%.",
            [("67%", "percent", "care leavers", "In 2014\u201315", None), ("70%", "percent", None, None, "england")],
        ),
        (
            "This is higher than statistical neighbours (40%) and the national average of 45%.",
            [("40%", "percent", None, None, "statistical_neighbours"), ("45%", "percent", None, None, "england")],
        ),
        ("The rate of referrals is 54 per 10,000.", [("54", "rate_per_10k", "The rate of referrals", None, None)]),
        (
            "Take-up has risen from 44% to 57%.",
            [("44%", "percent", None, None, "previous"), ("57%", "percent", None, None, None)],
        ),
        (
            "The team worked with 339 children on the edge of care.",
            [("339", "count", "children on the edge of care", None, None)],
        ),
        ("It compares well with others at 70%.", []),
        ("Turnover fell by 12%.", []),
        ("Children aged 16 and 17 are seen within 15 days by two workers in 12 teams.", []),
        ("More than 40 children were seen.", []),
        (
            "Visits are better than in England, with only 8% of children waiting.",
            [("8%", "percent", "children", None, None)],
        ),
    ],
)
def test_body_figures_name_whose_they_are(sentence: str, expected: list) -> None:
    assert in_body(sentence) == expected


def test_damaged_texts_give_only_fixed_sentences_and_borrow_nothing() -> None:
    whole = (
        FRONT
        + "Executive summary\n"
        + "Leaders have worked hard on this and they know what is left to do for children.\n" * 60
        + "Child protection in this area\n"
        "\u2022 At 31 October 2015, 2,088 children had been identified through assessment as\nbeing formally in need"
        " of a specialist service. This is a reduction from\n2,147 at 31 March 2015.\n"
        "\u2022 At 31 October 2015, a number of\n268 children and young people were the subject of a child"
        " protection plan. This\nis an increase from 246 at 31 March 2015.\n"
        "Children looked after in this area\n\u2022 195 live outside the local authority area, of whom some live as"
        " far away as\nthe coast.\n"
        "Recommendations\n\u2022 Ensure that plans are kept.\nInspection findings\nIn 2013\u201314, 40\u201345% of"
        " children moved, compared with the average of\n20% of children in England.\n"
    )
    assert rows(damaged(whole)) == [(2088, "count", "children in need", "At 31 October 2015", None, None)]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Its target to support 10% of care leavers is far off.", []),
        (
            "This is an improvement from the figure of 53% for the year before.",
            [("53%", "percent", None, None, "previous")],
        ),
        ("The rate is 15.3% for all looked after children in England.", [("15.3%", "percent", None, None, "england")]),
        ("This is 4% better than the national average.", []),
        ("It is in line with the national figure at 35.5%.", []),
    ],
)
def test_targets_and_differences_are_no_figures_of_the_area(sentence: str, expected: list) -> None:
    assert in_body(sentence) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "There is too little for2 children who wait.",
        "Care is good (see the annex)3 children know it.",
        "The area4 young people trust them.",
        "Between 20 \u2013 25% of decisions are late.",
        "Between 20 - 25% of decisions are late.",
    ],
)
def test_footnote_marks_and_ends_of_ranges_are_no_figures(sentence: str) -> None:
    assert in_body(sentence) == []


def test_a_lost_space_before_a_percentage_or_a_long_number_costs_nothing() -> None:
    assert [row[0] for row in in_body("Visits rose to85% of cases.")] == ["85%"]
    assert [row[0] for row in in_body("They know of1,265 children who wait.")] == ["1,265"]


def test_footnote_mark_is_no_count_of_the_facts_of_an_area() -> None:
    assert (
        rows(in_area("Children looked after in this area", "In the area2 children are looked after by the authority"))
        == []
    )


def test_a_rate_of_england_is_told_by_its_years_however_spaced() -> None:
    read = in_body("The use of agency staff was 7.4%, while the England rate for 2012 \u2013 2013 was 12%.")
    assert [(row[0], row[4]) for row in read] == [("7.4%", None), ("12%", "england")]
