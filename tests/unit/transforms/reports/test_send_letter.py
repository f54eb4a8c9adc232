"""SEND letters of 2016 to 2022: a statement required, certainly not required, or unknown."""

from __future__ import annotations

from datetime import date

import pytest

from .made_texts import blocking, grades, parse

OPENING = (
    "19 April 2018",
    "Dear Morgan Thistlewood",
    "Joint local area SEND inspection in Dunmarsh",
    "Between 5 March 2018 and 9 March 2018, Ofsted and the Care Quality Commission (CQC)",
    "conducted a joint inspection of the local area of Dunmarsh.",
)
DETERMINATION = (
    "Her Majesty’s Chief Inspector (HMCI) has determined that a Written Statement of",
    "Action is required because of significant areas of weakness in the local area’s practice.",
)
OUTLINES = ("This letter outlines our findings from the inspection.", "Main findings", "Parents were heard.")
WEAKNESSES = (
    "The local area is required to produce and submit a Written Statement of Action to Ofsted that",
    "explains how it will tackle the following areas of significant weakness:",
)
CLOSE = ("Yours sincerely", "Robin Underwick")


def test_required_is_read_in_two_places() -> None:
    report = parse(*OPENING, *DETERMINATION, *OUTLINES, *WEAKNESSES, *CLOSE)
    assert report.framework_code == "send_letter"
    assert grades(report) == {"send": "written_statement_of_action_required"}
    assert report.judgements[0].places == ("determination", "weaknesses")


def test_not_required_is_read_from_a_whole_letter_only() -> None:
    report = parse(*OPENING, *OUTLINES, *CLOSE)
    assert grades(report) == {"send": "written_statement_of_action_not_required"}
    assert not blocking(report)
    cut = parse(*OPENING, *OUTLINES)
    assert grades(cut) == {}
    assert blocking(cut) == {"missing_area"}


def test_a_trace_of_a_statement_leaves_the_outcome_open() -> None:
    report = parse(*OPENING, *OUTLINES, "The following areas of significant weakness remain.", *CLOSE)
    assert grades(report) == {}
    assert blocking(report) == {"missing_area"}


@pytest.mark.parametrize(
    ("findings", "code"),
    [
        (("The area has made sufficient progress in addressing both weaknesses.",), "sufficient_progress"),
        (("The area has not made sufficient progress in addressing either weakness.",), "insufficient_progress"),
        (
            (
                "The area has made sufficient progress in addressing one significant weakness.",
                "The area has not made sufficient progress in addressing the other.",
            ),
            "sufficient_progress_in_part",
        ),
        (
            ("The area has made sufficient progress in addressing three of the five significant weaknesses.",),
            "sufficient_progress_in_part",
        ),
        (("It has made sufficient progress in addressing some of the weaknesses.",), "sufficient_progress_in_part"),
        (("It has made sufficient progress in addressing all of the weaknesses.",), "sufficient_progress"),
        (("It has made sufficient progress in addressing four of the four weaknesses.",), "sufficient_progress"),
        (("It has made sufficient progress in addressing partnership working.",), "sufficient_progress"),
    ],
)
def test_revisit_says_whether_progress_was_sufficient(findings: tuple[str, ...], code: str) -> None:
    report = parse(
        "Dear Morgan Thistlewood",
        "Joint area SEND revisit in Dunmarsh",
        "Between 7 and 9 June 2021, Ofsted and the Care Quality Commission (CQC) revisited the area of Dunmarsh to",
        "decide whether the area has made sufficient progress in addressing the weaknesses in its statement of action.",
        *findings,
        *CLOSE,
    )
    assert report.inspection_type == "revisit"
    assert grades(report) == {"send_progress": code}
    assert report.inspection_start_date == date(2021, 6, 7)
    assert not blocking(report)


def test_revisit_that_counts_its_weaknesses_in_digits_is_told_to_be_unsure() -> None:
    report = parse(
        "Dear Morgan Thistlewood",
        "Joint area SEND revisit in Dunmarsh",
        "Between 7 and 9 June 2021, Ofsted and the Care Quality Commission (CQC) revisited the area of Dunmarsh.",
        "The area has made sufficient progress in addressing 3 of the 5 significant weaknesses.",
        *CLOSE,
    )
    assert grades(report) == {}
    assert blocking(report) == {"missing_area"}
