"""Single inspections: every place a grade stands, and every place that must not be read."""

from __future__ import annotations

import pytest

from tests.damage import damage, text_document
from tests.made_up import (
    ADOPTION,
    CARE,
    GRID,
    HELP,
    LEADERS,
    LEAVERS,
    LSCB,
    NUMBERED,
    OVERALL,
    PREVIOUS,
    PROSE,
    RE_TITLE,
    SIF_GRADES,
    SIF_TITLE,
    parse,
    problem_codes,
    read_grades,
    sif,
)
from transforms.reports import parse_document

WITHOUT_BOARD = {area: grade for area, grade in SIF_GRADES.items() if area != "lscb"}


def test_every_area_is_read_from_its_places() -> None:
    report = parse(sif())
    assert report.framework_code == "sif"
    assert read_grades(report) == SIF_GRADES
    assert problem_codes(report) == []
    places = {j.area_code: set(j.places) for j in report.judgements}
    assert places["help_and_protection"] == {"grid", "heading"}
    assert places["adoption"] == {"grid", "sentence"}


def test_names_are_kept_as_printed_and_evidence_quotes_the_report() -> None:
    text = sif()
    by_area = {j.area_code: j for j in parse(text).judgements}
    assert by_area["leadership"].area_name == "Leadership, management and governance"
    assert by_area["children_in_care"].grade_name == "Requires improvement"
    assert by_area["overall"].grade_name == "require improvement to be good"
    flat = " ".join(text.replace("’", "'").split())
    assert all(j.evidence in flat for j in by_area.values())


def test_damaged_text_gives_the_same_grades() -> None:
    report = parse(damage(sif()))
    assert read_grades(report) == SIF_GRADES
    assert problem_codes(report) == []


@pytest.mark.parametrize(
    ("overall", "expected"),
    [
        ("The overall judgement is Inadequate\n", "inadequate"),
        ("The overall judgment is good.\n", "good"),
        ("The overall judgement is requires improvement\n", "requires_improvement"),
        ("The overall judgement is that children’s services require\nimprovement\n", "requires_improvement"),
        ("The overall judgement is that children’s services are\ninadequate.\n", "inadequate"),
        ("The overall judgement is that children’s services are good\n", "good"),
        ("Children’s services in Exampleshire are outstanding\n", "outstanding"),
        ("Children’s services in the Royal Borough of Exampleton and\nUpper Sampling are good.\n", "good"),
        ("Children’s services in St. Example are inadequate\n", "inadequate"),
        ("Children’s services in Exampleshire requires improvement to be\nGood\n", "requires_improvement"),
        ("Children’s services are good\n", "good"),
        ("Children’s services in Exampleshire require improvement\n", "requires_improvement"),
    ],
)
@pytest.mark.parametrize("change", [lambda text: text, damage], ids=["sound", "damaged"])
def test_forms_of_the_overall_sentence(overall: str, expected: str, change) -> None:
    report = parse(change(sif(overall=overall)))
    assert read_grades(report)["overall"] == expected
    assert problem_codes(report) == []


@pytest.mark.parametrize(
    ("board", "expected"),
    [
        ("The Local Safeguarding Children Board is good\n", "good"),
        ("The Local Safeguarding Children Board requires improvement.\n", "requires_improvement"),
        ("The Local Safeguarding Children Board requires improvement\nto be good\n", "requires_improvement"),
        ("The Local Safeguarding Children Board is judged to be outstanding\n", "outstanding"),
        ("The Local Safeguarding Children is inadequate\n", "inadequate"),
        ("The Local Safeguarding Board is good\n", "good"),
        ("The Safeguarding Children Board is good\n", "good"),
        ("The Local Children’s Safeguarding Board is good\n", "good"),
        ("The Local Safeguarding Children Board1 good\n", "good"),
        ("The LSCB is inadequate\n", "inadequate"),
        ("The effectiveness of the LSCB requires improvement\n", "requires_improvement"),
        ("The Exampleshire Safeguarding Children Board is good\n", "good"),
        (
            "The arrangements in place to evaluate the effectiveness of what is done by the\nauthority and board "
            "partners to safeguard and promote the welfare of children\nrequire improvement.\n",
            "requires_improvement",
        ),
        (
            "The arrangements in place to evaluate the effectiveness of what is done by the\nauthority and board "
            "partners to safeguard and promote the welfare of children are\ninadequate.\n",
            "inadequate",
        ),
    ],
)
def test_forms_of_the_board_heading(board: str, expected: str) -> None:
    section = "The Local Safeguarding Children Board (LSCB)\n" + board + "Executive summary\n" + PROSE
    report = parse(sif(lscb=section))
    assert read_grades(report)["lscb"] == expected
    assert problem_codes(report) == []


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        ("The effectiveness of the Local Safeguarding Children Board (LSCB) is\ngood.\n", "good"),
        ("The effectiveness of the Local Safeguarding Children Board (LSCB) requires\nimprovement\n", None),
        ("The effectiveness of the Local Safeguarding Children Board (LSCB)\nRequires improvement.\n", None),
        ("The effectiveness of the Local Safeguarding Children Board (LSCB) is\nrequires improvement\n", None),
    ],
)
def test_board_on_the_front_until_august_2014(front: str, expected: str | None) -> None:
    scale = (
        "What the inspection judgments mean: the LSCB\n"
        "An outstanding LSCB is highly influential in improving the care of children.\n"
        "An LSCB that is good\ncoordinates the activity of statutory partners.\n"
        "An LSCB requires improvement\nif it does not yet demonstrate the characteristics of good.\n"
        "An LSCB that is inadequate\ndoes not demonstrate that it has effective arrangements.\n"
    )
    text = sif(grid=GRID + front, lscb="", end=scale)
    for version in (text, damage(text)):
        report = parse(version)
        assert read_grades(report)["lscb"] == (expected or "requires_improvement")
        assert problem_codes(report) == []


@pytest.mark.parametrize(
    ("adoption", "expected"),
    [
        ("The graded judgment for adoption performance is that it is good\n", "good"),
        ("The graded judgement for adoption performance is good.\n", "good"),
        ("The graded judgement for adoption performance is that it requires\nimprovement\n", "requires_improvement"),
        ("The graded judgement for adoption performance is that is inadequate\n", "inadequate"),
        ("The graded judgment for adoption performance requires improvement\n", "requires_improvement"),
        ("The graded judgement of adoption performance is that it is requires improvement to be good\n", None),
        (
            "The graded judgement for adoption performance\nNo child was placed for adoption here. Adoption "
            "performance was not judged.\n",
            "not_judged",
        ),
    ],
)
def test_forms_of_the_adoption_sentence_without_the_grid(adoption: str, expected: str | None) -> None:
    report = parse(damage(sif(adoption=adoption + PROSE)))
    assert read_grades(report)["adoption"] == (expected or "requires_improvement")


def test_not_judged_is_a_grade_of_its_own() -> None:
    grid = GRID.replace("Adoption performance Outstanding", "Adoption performance Not judged")
    report = parse(sif(grid=grid, adoption="The graded judgement for adoption performance\n" + PROSE))
    assert read_grades(report)["adoption"] == "not_judged"


@pytest.mark.parametrize(
    "previous",
    [
        "- overall effectiveness: good\n- children who need help and protection: outstanding\n"
        "- children looked after and achieving permanence: good\n- adoption performance: good\n"
        "- the experiences and progress of care leavers: good\n- leadership, management and governance: good.\n",
        "Overall effectiveness: Good\nChildren who need help and protection: Outstanding\n"
        "Children looked after and achieving permanence: Good\nAdoption performance: Good\n"
        "Experiences and progress of care leavers: Good\nLeadership, management and governance: Good\n",
        "The experiences and progress of children who need help and protection were judged\nto be outstanding. "
        "The graded judgement for adoption performance was that it was\ngood. Leadership, management and "
        "governance were judged to be\ngood.\n",
    ],
)
def test_grades_of_the_inspection_before_are_never_read(previous: str) -> None:
    text = sif(
        title=RE_TITLE,
        lscb="",
        previous="Information about this local authority area\nPrevious Ofsted inspections\n"
        "The local authority operates one children’s home, judged to be good.\n"
        "The last inspection report for the local authority’s children’s services was\npublished in May 2014. "
        "The judgements for the local authority were:\n" + previous + "Local leadership\n" + PROSE,
    )
    for version in (text, damage(text)):
        report = parse(version)
        assert report.inspection_type == "re_inspection"
        assert read_grades(report) == WITHOUT_BOARD
        assert problem_codes(report) == []


def test_a_missing_board_blocks_only_where_one_was_reviewed() -> None:
    assert problem_codes(parse(sif(lscb=""))) == ["missing_area"]
    report = parse(sif(title=RE_TITLE, lscb=""))
    assert problem_codes(report) == []
    assert "area_waived" in problem_codes(report, "warning")


POWER = (
    "1 Ofsted produces this report under its power to combine reports in accordance with section 152 of\n"
    "the Education and Inspections Act 2006. This report includes the report of the review of the Local\n"
    "Safeguarding Children Board carried out under the Local Safeguarding Children Boards (Review)\n"
    "Regulations 2013.\n"
)
NO_BOARD_TITLE = RE_TITLE.replace("Re-inspection", "Inspection")
CLOSE = "Information about this inspection\nInspectors looked closely at the experiences of children.\n"


def test_the_standing_footnote_alone_announces_no_review_of_a_board() -> None:
    """It is on reports too whose title announces none and that hold none; half a report does not show that."""
    whole = parse(sif(title=NO_BOARD_TITLE, grid=GRID + POWER, lscb="", end=CLOSE))
    assert problem_codes(whole) == []
    assert "area_waived" in problem_codes(whole, "warning")
    assert read_grades(whole) == WITHOUT_BOARD
    assert problem_codes(parse(sif(title=NO_BOARD_TITLE, grid=GRID + POWER, lscb=""))) == ["missing_area"]
    assert problem_codes(parse(sif(grid=GRID + POWER, lscb="", end=CLOSE))) == ["missing_area"]


@pytest.mark.parametrize(
    "board", ["The Local Safeguarding Children Board (LSCB) 41\n", "What does the LSCB need to improve?\n"]
)
def test_the_footnote_counts_where_any_line_shows_a_section_on_the_board(board: str) -> None:
    report = parse(sif(title=NO_BOARD_TITLE, grid=GRID + POWER, lscb=board + PROSE, end=CLOSE))
    assert problem_codes(report) == ["missing_area"]


def test_a_heading_over_two_lines_shows_that_a_board_was_reviewed() -> None:
    """Its title and the first line of its grade are lost: that is no report without a board."""
    lost = "The Local Safeguarding Children\nBoard (LSCB)\nBoard requires improvement to be\ngood\n" + PROSE
    assert problem_codes(parse(sif(title=RE_TITLE, lscb=lost))) == ["missing_area"]


def test_a_small_good_alone_on_its_line_counts_only_where_no_line_is_known_to_be_lost() -> None:
    """The line before it may have been "requires improvement to be"."""
    board = "The Local Safeguarding Children Board (LSCB)\ngood\n"
    numbers = {part: PROSE for part in ("help", "care", "adoption", "leavers", "leaders")}
    numbered = "".join(f"{number}. Families told inspectors that help came in time.\n" for number in range(1, 9))
    grid = GRID.replace("Good", "good").replace("Outstanding", "outstanding").replace("Inadequate", "inadequate")
    grid = grid.replace("Requires", "requires")
    whole = sif(grid=grid, lscb=board + numbered, **numbers)
    assert read_grades(parse(whole))["lscb"] == "good"
    cut = whole.replace("\n4. Families told inspectors that help came in time.", "")
    assert cut != whole
    assert "lscb" not in read_grades(parse(cut))
    assert problem_codes(parse(cut)) == ["missing_area"]


def test_a_board_that_is_graded_although_nothing_announces_it_blocks() -> None:
    """The title's line and the section's heading are lost; its sentence is not."""
    report = parse(sif(title=RE_TITLE, lscb="The Local Safeguarding Children Board is outstanding\n" + PROSE))
    assert "lscb" not in read_grades(report)
    assert problem_codes(report) == ["waived_area_graded"]


@pytest.mark.parametrize(
    ("previous", "expected"),
    [
        (PREVIOUS, "single_inspection"),
        (PREVIOUS.replace("March 2011", "November 2013"), "re_inspection"),
        (
            PREVIOUS.replace("safeguarding arrangements", "adoption service").replace("2011", "2014"),
            "single_inspection",
        ),
    ],
)
def test_re_inspections_that_do_not_say_so(previous: str, expected: str) -> None:
    report = parse(sif(previous=previous + "Local leadership\n" + PROSE))
    assert report.inspection_type == expected


def test_a_summary_may_say_that_it_is_a_re_inspection() -> None:
    text = sif().replace("Summary\n", "Summary\nThis is a re-inspection of children’s services in Exampleshire.\n", 1)
    assert parse(sif()).inspection_type == "single_inspection"
    assert parse(text).inspection_type == "re_inspection"


@pytest.mark.parametrize("name", ["Lancashire\n", "North Lincolnshire\n"])
def test_a_name_that_ends_in_re_makes_no_re_inspection(name: str) -> None:
    title = SIF_TITLE.replace("Exampleshire County Council\n", name)
    assert parse(sif(title=title)).inspection_type == "single_inspection"


def test_bare_grades_on_a_damaged_front_count_only_with_the_body() -> None:
    """As PDF readers give cells: label and grade on lines of their own, then numbered lines lost."""
    cells = (
        GRID.replace(" Good", "\nGood").replace(" Outstanding", "\nOutstanding").replace(" Inadequate", "\nInadequate")
    )
    cells = cells.replace("leavers Requires", "leavers\nRequires")
    report = parse(damage(sif(grid=cells)))
    assert read_grades(report) == SIF_GRADES
    assert "grid_order" in {p for j in report.judgements for p in j.places}
    lonely = parse(damage(sif(grid=cells, help="", care="", leaders="", adoption="", leavers="")))
    assert read_grades(lonely) == {"overall": "requires_improvement", "lscb": "good"}
    assert problem_codes(lonely) == ["missing_area"] * 5


def test_one_area_unstated_in_the_body_comes_from_the_order_of_the_rest() -> None:
    cells = (
        GRID.replace(" Good", "\nGood").replace(" Outstanding", "\nOutstanding").replace(" Inadequate", "\nInadequate")
    )
    cells = cells.replace("leavers Requires", "leavers\nRequires")
    report = parse(damage(sif(grid=cells, adoption=PROSE)))
    assert read_grades(report) == SIF_GRADES
    assert problem_codes(report) == []


def test_two_columns_of_which_two_cells_are_borne_out_nowhere_may_have_traded_them() -> None:
    labels = (
        "1. Children who need help and protection\n2. Children looked after and achieving permanence\n"
        "2.1 Adoption performance\n2.2 Experiences and progress of care leavers\n"
        "3. Leadership, management and governance\n"
    )
    cells = ["Good", "Requires improvement", "Outstanding", "Requires improvement", "Inadequate"]
    whole = parse(sif(grid=labels + "\n".join(cells) + "\n"))
    assert read_grades(whole) == SIF_GRADES
    alike = parse(sif(grid=labels + "\n".join(cells) + "\n", care=PROSE, leavers=PROSE))
    assert read_grades(alike) == SIF_GRADES  # both require improvement: nothing to trade
    traded = parse(sif(grid=labels + "\n".join([*cells[:3], cells[4], cells[3]]) + "\n", leaders=PROSE, leavers=PROSE))
    assert not {"leadership", "care_leavers"} & read_grades(traded).keys()
    assert problem_codes(traded) == ["missing_area"] * 2


def test_a_stray_grade_word_spoils_the_order_and_is_reported() -> None:
    bare = "Inadequate\nGood\nRequires improvement\nOutstanding\nRequires improvement\nInadequate\n"
    report = parse(sif(grid=bare, adoption=PROSE))
    assert "adoption" not in read_grades(report)
    assert problem_codes(report) == ["missing_area"]


def test_the_grid_decides_a_single_disagreement_and_says_so() -> None:
    report = parse(sif(help=HELP.replace("Good", "Outstanding") + "Summary\n" + PROSE))
    assert read_grades(report)["help_and_protection"] == "good"
    assert problem_codes(report, "warning").count("places_disagree") == 1


def test_nothing_decides_a_disagreement_where_a_line_is_known_to_be_lost() -> None:
    """The label of another grade may have stood there."""
    numbered = "".join(f"{number}. Families told inspectors that help came in time.\n" for number in range(1, 9))
    other = HELP.replace("Good", "Outstanding") + "Summary\n" + PROSE + numbered
    parts = {"care": CARE + PROSE, "adoption": ADOPTION, "leavers": LEAVERS, "leaders": LEADERS + PROSE}
    whole = sif(help=other, **parts)
    assert read_grades(parse(whole))["help_and_protection"] == "good"
    cut = whole.replace("\n4. Families told inspectors that help came in time.", "")
    assert "help_and_protection" not in read_grades(parse(cut))
    assert problem_codes(parse(cut)) == ["places_disagree", "missing_area"]


def test_a_small_good_alone_in_the_grid_decides_nothing() -> None:
    small = GRID.replace("protection Good", "protection\ngood")
    for printed in ("Outstanding", "Requires improvement", "Inadequate", "Good"):
        small = small.replace(printed, printed.lower())
    text = sif(grid=small, help=HELP.replace("Good", "Requires improvement to be good") + "Summary\n" + PROSE)
    for printed in ("Outstanding", "Requires improvement", "Inadequate", "Good"):
        text = text.replace(printed, printed.lower())
    report = parse(text)
    assert "help_and_protection" not in read_grades(report)
    assert problem_codes(report) == ["places_disagree", "missing_area"]


@pytest.mark.parametrize("first", [True, False])
def test_two_lists_of_grades_on_the_front_decide_nothing(first: bool) -> None:
    """One is of another inspection, as where a paper with its grades stands above the report."""
    other = GRID.replace("Good", "Inadequate", 1)
    assert other != GRID
    report = parse(sif(title=other + SIF_TITLE if first else SIF_TITLE, grid=GRID if first else GRID + other))
    assert read_grades(report).get("help_and_protection", "good") == "good"
    alone = parse(sif(title=other + SIF_TITLE if first else SIF_TITLE, grid=GRID if first else GRID + other, help=""))
    assert "help_and_protection" not in read_grades(alone)
    assert "missing_area" in problem_codes(alone)


def test_a_grid_that_contradicts_two_areas_decides_nothing() -> None:
    swapped = GRID.replace("protection Good", "protection Inadequate").replace(
        "governance Inadequate", "governance Good"
    )
    report = parse(sif(grid=swapped))
    assert not {"help_and_protection", "leadership"} & read_grades(report).keys()
    assert read_grades(report)["adoption"] == "outstanding"
    assert problem_codes(report).count("places_disagree") == 2


@pytest.mark.parametrize(
    ("part", "slip"),
    [
        ("help", HELP.replace("who need", "need")),
        ("leaders", LEADERS.replace("Leadership, management", "Leadership, managment")),
        ("leavers", LEAVERS.replace("The graded judgement about", "The graded judgement for")),
        ("adoption", ADOPTION.replace("performance is that it is", "perfomance is that it is")),
    ],
)
def test_a_slip_in_a_heading_loses_no_grade(part: str, slip: str) -> None:
    report = parse(damage(sif(**{part: slip + PROSE + NUMBERED})))
    assert read_grades(report) == SIF_GRADES


def test_labels_with_a_cell_between_their_lines() -> None:
    split = "The experiences and progress of\nRequires\nchildren looked after and achieving permanence improvement\n"
    report = parse(damage(sif(care=split + "Inspection findings\n" + PROSE)))
    assert read_grades(report) == SIF_GRADES


def test_the_tail_of_a_lost_line_is_no_grade() -> None:
    cut = "The experiences and progress of children looked after and achieving permanence\nto be good\n"
    report = parse(damage(sif(grid="", care=cut + PROSE)))
    assert "children_in_care" not in read_grades(report)
    assert "missing_area" in problem_codes(report)


@pytest.mark.parametrize(
    ("board", "expected"),
    [
        ("requires improvement to be\ngood\n", "requires_improvement"),
        ("requires improvement to be\nThe Local Safeguarding Children Board (LSCB)\ngood\n", None),
        ("(LSCB)\ngood\nThe Local Safeguarding Children Board requires improvement to be\n", None),
        ("requires improvement to be\nThe Local Safeguarding Children Board is\ngood\n", "good"),
    ],
    ids=["whole", "behind a heading", "before its head", "led by a verb"],
)
def test_a_good_beside_a_line_that_lost_its_own_is_no_grade(board: str, expected: str | None) -> None:
    small = {"Good", "Outstanding", "Requires improvement", "Inadequate"}
    text = sif(lscb="The Local Safeguarding Children Board " + board)
    for printed in small:  # where grades have capitals, a small one is doubted anyhow
        text = text.replace(printed, printed.lower())
    report = parse(text)
    assert read_grades(report).get("lscb") == expected
    assert ("missing_area" in problem_codes(report)) == (expected is None)


@pytest.mark.parametrize("label", ["Inspection date", "Inspection Date", "Inspection\u00a0date", "Date of inspection"])
def test_review_of_the_board_bound_behind_the_inspection_is_a_report_of_its_own(label: str) -> None:
    board = (
        "Exampleshire Safeguarding\nChildren Board\nInspection of the effectiveness of the local safeguarding\n"
        "children board\nInspection date: 3 February 2016 – 25 February 2016\nReport published: 12 April 2016\n"
        "The Local Safeguarding Children Board requires improvement\n" + PROSE * 5
    )
    title = SIF_TITLE.split("and\nReview")[0]
    text = sif(title=title, lscb="", end=PROSE * 60 + "W: www.example.gov.uk\n" + board)
    text = text.replace("Inspection date", label)
    first, second = parse_document(text_document(text))
    assert (first.framework_code, second.framework_code) == ("sif", "lscb")
    assert read_grades(first) == WITHOUT_BOARD
    assert read_grades(second) == {"lscb": "requires_improvement"}
    assert not first.is_blocked


def test_two_grades_for_one_board_block_the_file() -> None:
    report = parse(sif(lscb=LSCB + PROSE + "The effectiveness of the LSCB is inadequate\n" + PROSE))
    assert "lscb" not in read_grades(report)
    assert "places_disagree" in problem_codes(report)


def test_be_good_alone_is_the_tail_of_another_grade() -> None:
    text = sif(grid="", care=CARE.replace("Requires improvement\n", "be good\n") + "Summary\n" + PROSE)
    report = parse(text)
    assert "children_in_care" not in read_grades(report)
    assert "missing_area" in problem_codes(report)


def test_half_a_title_still_announces_the_review_of_a_board() -> None:
    title = RE_TITLE.replace("Re-inspection", "Inspection") + "and\nChildren Board\n"
    assert problem_codes(parse(sif(title=title, lscb=""))) == ["missing_area"]


def test_what_a_previous_inspection_was_is_not_what_this_one_is() -> None:
    earlier = "At the previous inspection: children’s services in Exampleshire are inadequate\n"
    assert read_grades(parse(sif(overall=earlier + OVERALL)))["overall"] == "requires_improvement"
    assert "overall" not in read_grades(parse(sif(overall=earlier)))


def test_no_sentence_decides_against_a_grid_that_is_doubted() -> None:
    other = GRID.replace("protection Good", "protection Inadequate").replace(
        "Adoption performance Outstanding", "Adoption performance Good"
    )
    report = parse(sif(grid=other))
    assert not {"help_and_protection", "adoption"} & read_grades(report).keys()
    assert problem_codes(report).count("places_disagree") == 2
