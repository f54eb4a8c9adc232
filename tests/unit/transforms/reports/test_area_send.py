"""Area SEND inspections: three outcomes by their sentences, confirmed by what follows them."""

from __future__ import annotations

import pytest

from .made_texts import blocking, grades, parse

FRONT = (
    "Local area partnership report",
    "Area SEND inspection of Dunmarsh Local Area Partnership",
    "Inspection dates: 11 to 15 March 2024",
    "Inspection outcome",
)
POSITIVE = (
    "The local area partnership’s special educational needs and/or disabilities (SEND)",
    "arrangements typically lead to positive experiences and outcomes for children and young people.",
)
INCONSISTENT = (
    "The local area partnership’s arrangements lead to inconsistent experiences and outcomes",
    "for children and young people with special educational needs and/or disabilities (SEND).",
)
FAILINGS = (
    "There are widespread and/or systemic failings leading to significant concerns about the",
    "experiences and outcomes of children and young people with SEND.",
)
FIVE = ("The next full area SEND inspection will be within approximately five years.",)
THREE = ("The next full area SEND inspection will be within approximately three years.",)
PLAN = (
    "A monitoring inspection will be carried out within approximately 18 months. The next full",
    "reinspection will be within approximately three years. HMCI requires the partnership to",
    "prepare and submit a priority action plan (area SEND).",
)
REST = ("Information about the local area partnership", "Dunmarsh Council plans services for children with SEND.")


@pytest.mark.parametrize(
    ("outcome", "follow_up", "code"),
    [
        (POSITIVE, FIVE, "typically_positive"),
        (INCONSISTENT, THREE, "inconsistent"),
        (FAILINGS, PLAN, "widespread_systemic_failings"),
    ],
)
def test_outcome_is_read_and_confirmed(outcome: tuple[str, ...], follow_up: tuple[str, ...], code: str) -> None:
    report = parse(*FRONT, *outcome, *follow_up, *REST)
    assert report.framework_code == "area_send"
    assert report.inspection_type == "full_inspection"
    assert grades(report) == {"send": code}
    assert report.judgements[0].places == ("outcome", "follow_up")
    assert report.judgements[0].conformed_area_code == "send"
    assert not blocking(report)


@pytest.mark.parametrize("number", ["five", "5"])
def test_years_are_read_as_words_and_figures(number: str) -> None:
    report = parse(*FRONT, *POSITIVE, FIVE[0].replace("five", number), *REST)
    assert report.judgements[0].places == ("outcome", "follow_up")


def test_what_follows_never_stands_for_the_outcome() -> None:
    report = parse(*FRONT, *FIVE, *REST)
    assert grades(report) == {}
    assert blocking(report) == {"missing_area"}


def test_contradiction_by_what_follows_is_recorded() -> None:
    report = parse(*FRONT, *POSITIVE, *PLAN, *REST)
    assert grades(report) == {"send": "typically_positive"}
    assert "places_disagree" in {problem.code for problem in report.problems}


def test_two_outcomes_are_none() -> None:
    report = parse(*FRONT, *POSITIVE, *FAILINGS, *REST)
    assert grades(report) == {}
    assert "places_disagree" in blocking(report)


def test_sentence_survives_damage() -> None:
    broken = " ".join(INCONSISTENT).replace("’", "").replace("lead to", "leadto").replace("experiences", "experi ences")
    report = parse(*FRONT, *broken.split(" for "), *THREE, *REST)
    assert grades(report) == {"send": "inconsistent"}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("The local area partnership has taken effective action to address all areas.", "effective_action"),
        ("The local area partnership has not taken effective action.", "effective_action_not_taken"),
        ("The local area partnership has not yet taken effective action.", "effective_action_not_taken"),
    ],
)
def test_monitoring_inspection_is_an_area_of_its_own(words: str, code: str) -> None:
    report = parse(
        "Area SEND monitoring inspection of Dunmarsh Local Area Partnership",
        "Inspection dates: 3 to 4 June 2025",
        "Inspection outcome",
        words,
        *REST,
    )
    assert report.inspection_type == "monitoring_inspection"
    assert grades(report) == {"send_monitoring": code}
    assert report.judgements[0].conformed_area_code is None
    assert not blocking(report)


@pytest.mark.parametrize(
    "words",
    [
        "The local area partnership has taken effective action to address two of the three areas for priority action.",
        "The local area partnership has taken effective action in one area, and has not taken effective action in two.",
        "The local area partnership has taken effective action to address some areas for priority action.",
        "Inspectors do not agree that the partnership has taken effective action to address the areas.",
    ],
)
def test_effective_action_in_part_is_no_effective_action(words: str) -> None:
    report = parse(
        "Area SEND monitoring inspection of Dunmarsh Local Area Partnership",
        "Inspection dates: 3 to 4 June 2025",
        "Inspection outcome",
        words,
        *REST,
    )
    assert grades(report) == {}
    assert blocking(report)
