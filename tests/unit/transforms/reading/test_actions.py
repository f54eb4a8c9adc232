"""Recommendations: every list layout, where it ends and whom it addresses."""

import pytest

from tests.body import AUTHORITY, PARTNERSHIP, damaged, plain, printed
from transforms.reading.actions import cited_paragraphs, read_recommendations, recommendation_problems
from transforms.reading.document import Document, Line
from transforms.reading.sections import read_outline
from transforms.reading.tidy import Text, tidy

FRONT = "Anyshire County Council\nInspection of services\nLead inspector: Ann Other\n"
FILLER = "Leaders have worked hard on this and they know what is left to do for children.\n"


def rows(text: Text, framework=AUTHORITY):
    return [(r.kind, r.number, r.addressed_to, r.text) for r in read_recommendations(text, framework)]


def test_sif_recommendations_are_numbered_and_cite_paragraphs() -> None:
    text = printed(
        FRONT,
        "Recommendations\n\n1. Ensure that plans are short and say who does what\n(paragraph 15).\n\n2. Improve"
        " visits (paragraphs 15, 16 and 20).",
        "Summary for children and young people\n\n\u2022 Workers listen.\n\nThe Local Safeguarding Children Board"
        " (LSCB)\n\n"
        "Recommendations\n\n3. Ensure that the board meets, including:\n\n\u2022 in spring\n\u2022 in autumn.\n\n"
        "Inspection findings \u2013 the Local Safeguarding Children Board\n\n4. It has met.",
    )
    read = read_recommendations(text, AUTHORITY)
    assert [(r.kind, r.number, r.addressed_to, r.paragraphs, r.page) for r in read] == [
        ("recommendation", "1", "local_authority", ("15",), 2),
        ("recommendation", "2", "local_authority", ("15", "16", "20"), 2),
        ("recommendation", "3", "lscb", (), 3),
    ]
    assert read[0].text == "Ensure that plans are short and say who does what (paragraph 15)."
    assert read[2].text == "Ensure that the board meets, including:\n\u2022 in spring\n\u2022 in autumn."
    assert {r.section for r in read} == {"Recommendations"}


def test_sif_2014_parts_priority_from_improvement_and_divides_by_topic() -> None:
    text = printed(
        FRONT,
        "What does the local authority need to improve?\nPriority and immediate action\n\nWorkforce\n\n1. Review the"
        " number of cases.\n\n"
        "Quality of practice\n\n2. Ensure robust oversight.\n\nAreas for improvement\n\n3. Fully embed the new"
        " framework.\n\n"
        "The local authority's strengths\n\n4. The authority has a strategy.\n\n"
        "What does the LSCB need to improve?\nAreas for improvement\n\n5. The board should meet.\n\nKey strengths"
        " and weaknesses of the LSCB\n\n6. It met.",
    )
    assert rows(text) == [
        ("priority_action", "1", "local_authority", "Review the number of cases."),
        ("priority_action", "2", "local_authority", "Ensure robust oversight."),
        ("area_for_improvement", "3", "local_authority", "Fully embed the new framework."),
        ("area_for_improvement", "5", "lscb", "The board should meet."),
    ]


def test_what_was_not_found_is_no_action() -> None:
    text = printed(
        FRONT,
        "Priority and immediate action\n\n1. The inspection did not find any areas for priority and immediate"
        " action.\n\n"
        "Areas for improvement\n\n2. Ensure that visits are made.\n\n3. Ensure that plans are kept.",
    )
    assert rows(text) == [
        ("area_for_improvement", "2", "local_authority", "Ensure that visits are made."),
        ("area_for_improvement", "3", "local_authority", "Ensure that plans are kept."),
    ]


@pytest.mark.parametrize(
    "heading", ["What needs to improve", "What needs to improve?", "What needs to improve:", "What needs to improve?1"]
)
def test_ilacs_bullets_end_at_the_next_heading(heading: str) -> None:
    text = printed(
        FRONT,
        f"{heading}\n\n\u2022 The quality of assessments, and how soon they are\nwritten.\n\u2022 Oversight by"
        f" managers (Enabler 1)\n\n"
        "The experiences and progress of children who need help and\nprotection: good\n\n1. Children are seen.",
    )
    assert rows(text) == [
        ("area_for_improvement", None, "local_authority", "The quality of assessments, and how soon they are written."),
        ("area_for_improvement", None, "local_authority", "Oversight by managers (Enabler 1)"),
    ]


def test_a_list_may_run_over_a_page_turn_or_be_prose() -> None:
    first = (
        "What needs to improve?\n\n\u2022 The quality of assessments and of the plans that are "
        "written for\nchildren who need"
    )
    second = (
        "help.\n\u2022 Oversight.\n\nThe impact of leaders on social work practice with children "
        "and families: good\n\n1. Leaders know."
    )
    assert [text for _, _, _, text in rows(printed(FRONT, first, second))] == [
        "The quality of assessments and of the plans that are written for children who need help.",
        "Oversight.",
    ]
    prose = "What needs to improve?\n\nThe quality of plans needs to improve so that\nfamilies understand them.\n\n"
    assert [
        text
        for _, _, _, text in rows(
            printed(FRONT, prose + "The experiences and progress of care leavers: good\n\n1. They do well.")
        )
    ] == ["The quality of plans needs to improve so that families understand them."]


def test_time_limits_divide_a_list_whose_lead_in_is_no_item() -> None:
    text = printed(
        FRONT,
        "Areas for improvement\n\n20. In order to improve services in Anyshire, the local authority should take"
        " the\nfollowing action.\n\n"
        "Immediately:\n\n\u2022 ensure there is a plan\n\u2022 ensure it is read\n\nWithin three months:\n\n\u2022"
        " review the plan\n\n"
        "Outcomes for looked after children and young people\n\n21. Outcomes are adequate.",
    )
    read = read_recommendations(text, AUTHORITY)
    assert [(r.kind, r.section, r.text) for r in read] == [
        ("area_for_improvement", "Immediately:", "ensure there is a plan"),
        ("area_for_improvement", "Immediately:", "ensure it is read"),
        ("area_for_improvement", "Within three months:", "review the plan"),
    ]


def test_numbered_topics_give_each_of_their_items_its_own_row() -> None:
    text = printed(
        FRONT,
        "Recommendations\n\n1. Quality and effectiveness of practice\n\u2022 Embed the new model.\n\u2022 Ensure"
        " that plans are kept.\n"
        "2. Oversight by leaders\n\u2022 Revise the strategy.\n3. Missing children\n\u2022 Take action.",
    )
    read = read_recommendations(text, AUTHORITY)
    assert [(r.number, r.section, r.text) for r in read] == [
        ("1", "Quality and effectiveness of practice", "Embed the new model."),
        ("1", "Quality and effectiveness of practice", "Ensure that plans are kept."),
        ("2", "Oversight by leaders", "Revise the strategy."),
        ("3", "Missing children", "Take action."),
    ]


SEND = (
    "Areas for priority action\n\nResponsible body|Areas for priority action\n\nAnyshire County"
    "|Leaders should act urgently to cut\nCouncil and NHS|waiting times for\n"
)


def test_send_tables_tie_bodies_to_actions_over_a_page_turn() -> None:
    first = (
        "Areas for priority action\n\nResponsible body|Areas for priority action\nAnyshire County\n"
        "|Leaders should act urgently to cut\n|waiting times for"
    )
    second = (
        "Council\n|speech therapy.\nNHS Anyshire Board\n|Leaders should write plans in time.\n\n"
        "Areas for improvement\n\n"
        "Areas for improvement\nLeaders across the partnership should plan transitions.\n\nLeaders should listen."
    )
    read = read_recommendations(
        printed(FRONT, first, second + "\n\nLocal area partnership details\n\nAnyshire"), PARTNERSHIP
    )
    assert [(r.kind, r.addressed_to, r.text) for r in read] == [
        (
            "priority_action",
            "Anyshire County Council",
            "Leaders should act urgently to cut waiting times for speech therapy.",
        ),
        ("priority_action", "NHS Anyshire Board", "Leaders should write plans in time."),
        ("area_for_improvement", "partnership", "Leaders across the partnership should plan transitions."),
        ("area_for_improvement", "partnership", "Leaders should listen."),
    ]


def test_send_letters_name_weaknesses_for_the_written_statement_of_action() -> None:
    text = printed(
        "Dear Colleague\n\nThe local area is required to produce and submit a Written Statement of Action to Ofsted"
        " that explains\n"
        "how it will tackle the following areas of significant weakness:\n\n\u2022 plans are late\n\u2022 families"
        " are not heard.\n\n"
        "Yours sincerely\n\nAnn Other",
    )
    assert rows(text, PARTNERSHIP) == [
        ("priority_action", None, "partnership", "plans are late"),
        ("priority_action", None, "partnership", "families are not heard."),
    ]


def test_letters_after_visits_have_lists_of_their_own_headings() -> None:
    text = printed(
        "Dear Director\n\nThis letter sets out what was found.\n\nAreas for priority action\n\nThe authority should"
        " act at once so that children\nare seen.\n\n"
        "What needs to improve in this area of social work practice?\n\n\u2022 The timeliness of"
        " visits\n\nFindings\n\n\u2022 Visits are late.",
    )
    assert rows(text) == [
        ("priority_action", None, "local_authority", "The authority should act at once so that children are seen."),
        ("area_for_improvement", None, "local_authority", "The timeliness of visits"),
    ]


CUT = (
    FRONT
    + "Executive summary\n"
    + FILLER * 60
    + """
Recommendations
1. Ensure that assessments are written in good time and that all of them fully consider
the history of the child (paragraph 15).
2. Review visits.
3. Improve the plans for children who are looked after, so that everyone who reads them
knows who will do what and by when and how it will be known that it has been done (paragraph
16).
4. The board should make sure that those who work with children are trained in this and
that it knows whether training helps.
Inspection findings
5. Help is well known.
"""
)


def test_a_damaged_list_keeps_its_items_apart_and_says_they_are_cut() -> None:
    outline = read_outline(damaged(CUT))
    read = read_recommendations(damaged(CUT), AUTHORITY, outline)
    assert [(r.text, r.number, r.is_incomplete) for r in read] == [
        ("the history of the child (paragraph 15).", None, True),
        ("knows who will do what and by when and how it will be known that it has been done (paragraph", None, True),
        ("that it knows whether training helps.", None, True),
    ]
    assert [p.code for p in recommendation_problems(outline, read)] == ["recommendations_incomplete"]
    whole = plain(CUT)
    assert len(read_recommendations(whole, AUTHORITY)) == 4
    assert recommendation_problems(read_outline(whole), []) == []


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("(paragraph 15)", ("15",)),
        ("(Paragraphs 101 - 103)", ("101", "102", "103")),
        ("(paragraphs 15, 16 and 20\u201322).", ("15", "16", "20", "21", "22")),
        ("(paras 4 & 5)", ("4", "5")),
        ("this paragraph is short", ()),
    ],
)
def test_cited_paragraphs_are_listed(text: str, numbers: tuple[str, ...]) -> None:
    assert cited_paragraphs(text) == numbers


@pytest.mark.parametrize(("pitch", "count"), [(15.0, 2), (14.5, 1)])
def test_rows_of_a_table_stand_a_little_further_apart_than_its_lines(pitch: float, count: int) -> None:
    rows_printed = [
        ("Leaders across the partnership should improve how they listen to children and their", 14.5),
        ("families when they plan what is done for them in every setting of the whole local area.", 14.5),
        ("Leaders across the partnership should use what they know about the children of the area", pitch),
        ("to plan services with schools, colleges and all who work with children in the local area.", 14.5),
    ]
    front = [Line("Areas for improvement", 1, 62.0, 60.0, 200.0, 72.0)]
    y = 90.0
    for words, step in rows_printed:
        y += step
        front.append(Line(words, 1, 62.0, y, 500.0, y + 11.5))
    text = tidy(
        Document("made up", "pdf", 2, [*front, Line("Local area partnership details", 2, 62.0, 60.0, 250.0, 72.0)])
    )
    assert len(read_recommendations(text, PARTNERSHIP)) == count
