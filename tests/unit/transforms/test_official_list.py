"""Official lists of outcomes: made-up spreadsheets in the layouts they come in, and what is wrong with them."""

from __future__ import annotations

import random
from datetime import date

import pytest

from tests.outcome_lists import DUDLEY, GOOD, HEAD, LEEDS, POOR, RI, WIDE, codes, graded, read
from tests.sheets import Value, ods
from transforms.authorities import Register, load_register
from transforms.errors import UnknownSourceError, UnreadableFileError
from transforms.official_cells import read_day
from transforms.official_list import Statement, read_official_list, recognise
from transforms.reports import frameworks


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register()


def test_a_row_gives_a_statement_for_each_grade_with_its_cell(register: Register) -> None:
    found = read(register, ["Outcomes as at 31 March 2024"], [], HEAD, LEEDS)
    assert found.statements[0] == Statement(
        "Some sheet", 4, "H", "ilacs", "standard", "383", "Leeds", "E08000035", date(2024, 3, 4), date(2024, 5, 1),
        "overall", "overall", "Overall effectiveness", "good", "Good",
    )  # fmt: skip
    assert [(s.column, s.area_code, s.grade_code) for s in found.statements[1:]] == [
        ("I", "leadership", "good"),
        ("J", "help_and_protection", "requires_improvement"),
        ("K", "children_in_care", "good"),
        ("L", "care_leavers", "inadequate"),
    ]
    assert found.as_at_date == date(2024, 3, 31)
    assert found.problems == []


@pytest.mark.parametrize("seed", range(8))
def test_order_of_columns_height_of_heading_and_line_ends_do_not_matter(register: Register, seed: int) -> None:
    draw = random.Random(seed)
    order = list(range(len(HEAD)))
    draw.shuffle(order)
    variants = {"Local authority name": ["LA name", "Local  authority", "Name of local authority"]}
    head = [
        draw.choice([HEAD[n], HEAD[n].upper(), HEAD[n].replace(" ", "\n", 2), *variants.get(HEAD[n], [])])
        for n in order
    ]
    rows = [["A title", "", ""]] * draw.randrange(5) + [[*head, "Notes"], [*(LEEDS[n] for n in order), "a remark"]]
    found = read(register, *rows)
    assert len(found.statements) == 5
    assert graded(found) == graded(read(register, HEAD, LEEDS))


def test_a_wide_row_holds_an_inspection_for_each_block(register: Register) -> None:
    found = read(register, ["title"], WIDE, DUDLEY)
    assert graded(found) == {
        ("slac", "inspection", "safeguarding_overall_effectiveness"): "adequate",
        ("slac", "inspection", "looked_after_overall_effectiveness"): "good",
        ("slac", "re_inspection", "looked_after_overall_effectiveness"): "adequate",
        ("child_protection", "re_inspection", "overall_effectiveness"): "inadequate",
        ("looked_after_2013", "targeted", "overall"): "adequate",
        ("sif", "single_inspection", "overall"): "inadequate",
        ("sif", "single_inspection", "lscb"): "requires_improvement",
        ("sif", "re_inspection", "overall"): "requires_improvement",
        ("ilacs", "standard", "overall"): "good",
        ("ilacs", "short", "overall"): "good",
        ("ilacs", "short", "care_leavers"): "good",
    }
    days = {(s.framework_code, s.inspection_type): s.published_date for s in found.statements}
    assert days["child_protection", "re_inspection"] == date(2013, 7, 8)
    assert days["sif", "re_inspection"] == date(2017, 11, 12)
    assert {s.grade_name for s in found.statements if s.framework_code == "slac"} == {RI, GOOD}


def test_every_middle_grade_has_its_rank(register: Register) -> None:
    by_code = {f.code: {g.code: g.rank for g in f.grades} for f in frameworks()}
    for statement in read(register, WIDE, DUDLEY).statements:
        rank = by_code[statement.framework_code][statement.grade_code or ""]
        assert rank == {GOOD: 2, RI: 3, POOR: 4}[statement.grade_name or ""]


def test_two_tables_on_a_sheet_are_read_each_under_its_heading(register: Register) -> None:
    short = [
        "Web link",
        "Local authority name",
        "ILACS framework publication date",
        "ILACS framework overall effectiveness",
    ]
    found = read(register, WIDE, DUDLEY, [], ["Table 2: authorities that no longer exist"], short,
                 ["page", "Poole", date(2018, 6, 1), RI])  # fmt: skip
    assert [s.la_code for s in found.statements if s.published_date == date(2018, 6, 1)] == ["836"]


def test_headings_over_several_columns_part_the_blocks(register: Register) -> None:
    above = ["", "First SIF", "", "SIF re-inspection", ""]
    head = ["Local authority", "Publication date", "Overall effectiveness", "Publication date", "Overall effectiveness"]
    found = read(register, above, head, ["Slough", date(2014, 2, 11), POOR, date(2016, 2, 17), POOR])
    assert {(s.inspection_type, s.published_date) for s in found.statements} == {
        ("single_inspection", date(2014, 2, 11)),
        ("re_inspection", date(2016, 2, 17)),
    }


def shuffled(rows: list[list[Value]], seed: int) -> list[list[Value]]:
    order = list(range(max(len(row) for row in rows)))
    random.Random(seed).shuffle(order)
    return [[row[n] if n < len(row) else None for n in order] for row in rows]


ILACS_AREAS = (
    "overall effectiveness", "impact of leaders", "experiences and progress of children who need help and protection",
    "experiences and progress of children in care", "experiences and progress of care leavers",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_blocks_are_told_by_their_headings_wherever_columns_stand(register: Register, seed: int) -> None:
    """Grades of the second inspection once went to the first, where its day stood further left."""
    head: list[Value] = ["Local authority name"]
    row: list[Value] = ["Leeds"]
    given = (("First", 2018, [GOOD, GOOD, RI, GOOD, ""]), ("Second", 2024, [POOR, RI, GOOD, RI, POOR]))
    for which, year, grades in given:
        head += [f"{which} ILACS {what}" for what in ("publication date", "inspection type", *ILACS_AREAS)]
        row += [date(year, 5, 1), "ILACS Standard Inspection", *grades]
    found = read(register, *shuffled([head, row], seed))
    assert {(s.published_date, s.conformed_area_code): s.grade_name for s in found.statements} == {
        (date(2018, 5, 1), "overall"): GOOD, (date(2018, 5, 1), "leadership"): GOOD,
        (date(2018, 5, 1), "help_and_protection"): RI, (date(2018, 5, 1), "children_in_care"): GOOD,
        (date(2024, 5, 1), "overall"): POOR, (date(2024, 5, 1), "leadership"): RI,
        (date(2024, 5, 1), "help_and_protection"): GOOD, (date(2024, 5, 1), "children_in_care"): RI,
        (date(2024, 5, 1), "care_leavers"): POOR,
    }  # fmt: skip
    assert found.problems == []


@pytest.mark.parametrize("seed", range(12))
def test_a_shuffled_wide_row_gives_the_same_or_names_the_column(register: Register, seed: int) -> None:
    whole = graded(read(register, WIDE, DUDLEY))
    found = read(register, *shuffled([WIDE, DUDLEY], seed))
    # Whose board was reviewed is told by where the column stands alone.
    assert graded(found) == {of: grade for of, grade in whole.items() if of[2] != "lscb"}
    assert [(p.code, p.found) for p in found.problems] == [
        ("column_not_read", "1 grades under 'LSCB Overall Effectiveness'")
    ]


def test_a_grade_that_says_less_than_its_day_stands_behind_it(register: Register) -> None:
    head = ["Local authority", "First ILACS publication date", "Overall effectiveness", "Impact of leaders",
            "Second ILACS publication date", "Overall effectiveness", "Impact of leaders"]  # fmt: skip
    row: list[Value] = ["Leeds", date(2018, 5, 1), GOOD, RI, date(2024, 5, 1), POOR, GOOD]
    found = {(s.published_date, s.area_code): s.grade_name for s in read(register, head, row).statements}
    assert found == {
        (date(2018, 5, 1), "overall"): GOOD, (date(2018, 5, 1), "leadership"): RI,
        (date(2024, 5, 1), "overall"): POOR, (date(2024, 5, 1), "leadership"): GOOD,
    }  # fmt: skip


def test_the_day_of_an_inspection_is_never_that_of_another(register: Register) -> None:
    head = ["Local authority", "Publication date", "First SIF overall judgement", "Publication date",
            "SIF re-inspection overall judgement"]  # fmt: skip
    found = read(register, head, ["Leeds", date(2014, 5, 1), POOR, date(2016, 5, 1), GOOD])
    assert found.statements == [] and "days_disagree" in codes(found)


@pytest.mark.parametrize(
    ("head", "code"),
    [
        ([*HEAD, "Overall effectiveness"], "grades_disagree"),
        ([*HEAD, "Publication date"], "days_disagree"),
        ([*HEAD, "Local authority name"], "place_disagrees"),
    ],
)
def test_two_columns_that_say_the_same_count_where_they_agree(head: list[Value], code: str, register: Register) -> None:
    same, other = LEEDS[HEAD.index(str(head[-1]))], {"grades": POOR, "days": date(2024, 6, 1), "place": "York"}
    assert graded(read(register, head, [*LEEDS, same])) == graded(read(register, HEAD, LEEDS))
    differing = read(register, head, [*LEEDS, other[code.split("_")[0]]])
    assert codes(differing) == [code]
    assert graded(differing) == {
        of: grade for of, grade in graded(read(register, HEAD, LEEDS)).items()
        if code == "grades_disagree" and of[2] != "overall"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("published", "care_leavers", "area"),
    [
        (date(2022, 12, 20), "[x]", "children_in_care_and_care_leavers"),
        (date(2023, 5, 2), "", "children_in_care_and_care_leavers"),
        (date(2023, 5, 2), GOOD, "children_in_care"),
        (date(2023, 5, 2), "[x]", None),
        (date(2023, 5, 2), "c", None),
        (date(2023, 12, 4), "", None),
        (date(2024, 2, 1), "[x]", "children_in_care"),
    ],
)
def test_without_a_first_day_care_leavers_tell_what_was_judged_only_where_they_can(
    published: date, care_leavers: str, area: str | None, register: Register
) -> None:
    head = [cell for cell in HEAD if cell != "Inspection date"]
    found = read(register, head, [*LEEDS[:4], published, *LEEDS[6:11], care_leavers])
    told = {s.area_code for s in found.statements if s.conformed_area_code == "children_in_care"}
    assert told == ({area} if area else set())
    named = ["unknown_grade"] if care_leavers == "c" else []
    assert codes(found) == ([] if area else ["unknown_area"]) + named


def test_visits_give_their_dates_without_a_grade(register: Register) -> None:
    row = [*LEEDS[:6], "ILACS Focused Visit", "", "", "-", "", ""]
    (statement,) = read(register, HEAD, row).statements
    assert (statement.framework_code, statement.inspection_type) == ("ilacs_visit", "focused_visit")
    assert (statement.area_code, statement.grade_code, statement.column) == (None, None, "E")
    assert statement.published_date == date(2024, 5, 1)


@pytest.mark.parametrize("nothing", ["", "-", " - ", "–", "Not judged", "N/A", "[x]", None])
def test_a_dash_or_blank_is_no_judgement(register: Register, nothing: str | None) -> None:
    found = read(register, HEAD, [*LEEDS[:11], nothing])
    assert "care_leavers" not in {s.area_code for s in found.statements}
    assert len(found.statements) == 4
    assert found.problems == []


def test_care_leavers_are_judged_together_with_children_in_care_before_2023(register: Register) -> None:
    row = [*LEEDS[:4], date(2022, 12, 5), date(2023, 2, 1), *LEEDS[6:11], ""]
    areas = {s.area_code: s.conformed_area_code for s in read(register, HEAD, row).statements}
    assert areas["children_in_care_and_care_leavers"] == "children_in_care"
    assert "children_in_care" not in areas


def test_without_types_the_wording_and_the_day_tell_the_framework(register: Register) -> None:
    head = [cell for cell in HEAD if cell != "Inspection type"]
    row = [cell for cell in LEEDS if cell != "ILACS Standard Inspection"]
    new = read(register, head, row).statements
    old = read(register, head, [*row[:4], date(2016, 3, 7), date(2016, 5, 1), *row[6:10], ""]).statements
    assert {(s.framework_code, s.inspection_type) for s in new} == {("ilacs", None)}
    assert {s.framework_code for s in old} == {"sif"}


def test_columns_of_the_inspection_before_are_another_inspection(register: Register) -> None:
    older = ["Previous inspection date", "Previous overall effectiveness", "Previous inspection type"]
    for head, values in (
        ([*HEAD, *older], [*LEEDS, date(2018, 10, 8), POOR, "ILACS Standard Inspection"]),
        ([*older, *HEAD], [date(2018, 10, 8), POOR, "ILACS Standard Inspection", *LEEDS]),
    ):
        found = {(s.inspection_start_date, s.area_code): s.grade_code for s in read(register, head, values).statements}
        assert found[date(2018, 10, 8), "overall"] == "inadequate"
        assert found[date(2024, 3, 4), "overall"] == "good"
        assert len(found) == 6


@pytest.mark.parametrize("said", ["Inspection", "Full inspection"])
def test_a_plain_kind_leaves_the_kind_open(register: Register, said: str) -> None:
    found = read(register, HEAD, [*LEEDS[:6], said, *LEEDS[7:]])
    assert {(s.framework_code, s.inspection_type) for s in found.statements} == {("ilacs", None)}


def test_an_authority_not_yet_inspected_is_no_fault(register: Register) -> None:
    found = read(register, HEAD, ["page", "E06000063", "Cumberland", "North", "Not yet inspected"], LEEDS)
    assert (len(found.statements), found.problems) == (5, [])


BAD = {
    "unknown_place": (2, "Atlantis"),
    "place_disagrees": (2, "York"),
    "unreadable_date": (4, "soon"),
    "dates_reversed": (5, date(2024, 3, 1)),
    "unknown_grade": (7, "Splendid"),
    "unknown_type": (6, "Garden party"),
}


@pytest.mark.parametrize("code", BAD)
def test_what_is_wrong_is_named_with_its_place_and_the_rest_is_read(register: Register, code: str) -> None:
    column, value = BAD[code]
    row = list(LEEDS)
    row[column] = value
    if code == "unknown_place":
        row[1] = ""
    found = read(register, HEAD, row, [*LEEDS[:4], date(2019, 3, 4), date(2019, 5, 1), *LEEDS[6:11], ""])
    assert codes(found) == [code]
    (problem,) = found.problems
    assert problem.severity == "warning" and "row 2" in (problem.place or "")
    assert str(value)[:7] in problem.message
    kept = {"unknown_grade": 4, "unreadable_date": 5}.get(code, 0)
    assert len(found.statements) == 4 + kept


def test_grades_without_a_day_are_rejected_and_authorities_without_any_are_not(register: Register) -> None:
    found = read(register, HEAD, [*LEEDS[:4], "", "", "", GOOD], ["page", "E06000063", "Cumberland", "North"], LEEDS)
    assert codes(found) == ["no_date"]
    assert len(found.statements) == 5


def test_a_row_without_an_authority_is_named(register: Register) -> None:
    nameless = ["", "", "", *LEEDS[3:]]
    found = read(register, HEAD, LEEDS, nameless)
    assert {s.row for s in found.statements} == {2} and codes(found) == ["unknown_place"]
    assert found.problems[0].place == "sheet Some sheet, row 3, column E"


@pytest.mark.parametrize("heading", ["Previous overall effectiveness", "Partnership working", "Third ILACS overall"])
def test_grades_under_headings_that_tell_no_area_are_named(heading: str, register: Register) -> None:
    found = read(register, [*HEAD, heading, "Visit theme"], [*LEEDS, POOR, "Front door"])
    assert len(found.statements) == 5 and codes(found) == ["column_not_read"]
    assert found.problems[0].place == "sheet Some sheet, column M" and heading in found.problems[0].message


def test_the_authority_is_the_one_in_force_on_the_day(register: Register) -> None:
    old, new = date(2016, 5, 23), date(2021, 11, 24)
    head = ["Local authority name", "Publication date", "Inspection type", "Overall effectiveness"]
    found = read(register, head, ["Dorset", old, "SIF", GOOD], ["Dorset", new, "ILACS Standard", GOOD],
                 ["Bournemouth, Christchurch & Poole", new, "ILACS Standard", GOOD],
                 ["Kingston Upon Hull [note 4]", new, "ILACS Standard", GOOD])  # fmt: skip
    assert [s.la_code for s in found.statements] == ["835", "838", "839", "810"]


def test_a_later_code_of_an_authority_still_names_it(register: Register) -> None:
    row = [*LEEDS[:1], "E10000023", "North Yorkshire", *LEEDS[3:]]
    found = read(register, HEAD, row)
    assert {s.la_code for s in found.statements} == {"815"}


def test_tables_of_providers_are_not_read_and_named(register: Register) -> None:
    provider = [
        "URN",
        "Provision type",
        "Local authority",
        "Latest full inspection date",
        "Overall experiences and progress",
    ]
    homes = [provider, ["SC1", "Children's home", "Leeds", date(2024, 1, 2), GOOD]]
    sheets = {"Cover": [["Published on:", date(2024, 9, 25)]], "Homes": homes, "LA": [HEAD, LEEDS]}
    found = read_official_list(ods(sheets),
                               "a" * 64, register)  # fmt: skip
    assert {s.sheet for s in found.statements} == {"LA"}
    assert codes(found) == ["sheets_not_read"]
    assert found.problems[0].found == "Cover, Homes"
    assert found.published_date == date(2024, 9, 25)
    assert recognise(ods({"Homes": homes})) is not None
    with pytest.raises(UnknownSourceError):
        read_official_list(ods({"Homes": homes}), "a" * 64, register)


def test_recognised_by_content_alone() -> None:
    assert recognise(ods({"x": [HEAD, LEEDS]})) is None
    assert recognise(b"time_period,geographic_level\n") is not None


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        (date(2024, 3, 4), date(2024, 3, 4)),
        (45355.0, date(2024, 3, 4)),
        ("04/03/2024", date(2024, 3, 4)),
        ("4 March 2024", date(2024, 3, 4)),
        ("4th March 2024", date(2024, 3, 4)),
        ("2024-03-04T00:00:00", date(2024, 3, 4)),
        ("04-Mar-24", date(2024, 3, 4)),
        ("Monday 4 March 2024", date(2024, 3, 4)),
        ("04/03/2024 00:00:00", date(2024, 3, 4)),
        ("11 Sept 2023", date(2023, 9, 11)),
        ("March 4, 2024", date(2024, 3, 4)),
        ("2024/03/04", date(2024, 3, 4)),
        ("4 Mar 24", date(2024, 3, 4)),
        ("24-03-14", None),
        ("March 2024", None),
        ("4 to 15 March 2024", None),
        ("31/02/2024", None),
        ("2024", None),
        (7.0, None),
        ("", None),
    ],
)
def test_days_are_read_in_every_usual_form(cell: str | float | date, day: date | None) -> None:
    assert read_day(cell) == day


def test_a_spreadsheet_that_unpacks_to_too_much_is_refused(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    from transforms import spreadsheets

    monkeypatch.setattr(spreadsheets, "MOST_UNPACKED", 1 << 20)
    bomb = ods({"x": [HEAD, LEEDS]}, {"Pictures/zeros": b"\0" * (2 << 20)})
    assert len(bomb) < 1 << 16
    with pytest.raises(UnreadableFileError, match="unpacks to 2 MB"):
        recognise(bomb)


@pytest.mark.parametrize("cut", [300, 900])
def test_a_truncated_spreadsheet_is_unreadable(cut: int) -> None:
    with pytest.raises(UnreadableFileError, match="damaged"):
        recognise(ods({"x": [HEAD, LEEDS]})[:cut])


def test_a_hidden_sheet_is_not_read_and_named(register: Register) -> None:
    draft = [*LEEDS[:7], POOR, *LEEDS[8:]]
    data = ods({"Published": [HEAD, LEEDS], "Draft": [HEAD, draft]}, hidden=["Draft"])
    found = read_official_list(data, "a" * 64, register)
    assert graded(found) == graded(read(register, HEAD, LEEDS))
    assert [(p.code, p.found) for p in found.problems] == [("sheet_hidden", "Draft")]
    assert recognise(ods({"Draft": [HEAD, draft]}, hidden=["Draft"])) is not None


def test_days_of_a_column_that_has_the_month_first_are_not_guessed(register: Register) -> None:
    """4 May, or 5 April? In this column another day is 30 May with the month first."""
    rows: list[list[Value]] = [[*LEEDS[:4], "03/04/2024", day, *LEEDS[6:]] for day in ("05/04/2024", "05/30/2024")]
    found = read(register, HEAD, *rows)
    timed = read(register, HEAD, *([*row[:5], f"{row[5]} 00:00", *row[6:]] for row in rows))
    assert {s.published_date for s in timed.statements} == {None}
    assert codes(found) == ["unreadable_date"] * 2
    assert {(s.inspection_start_date, s.published_date) for s in found.statements} == {(date(2024, 4, 3), None)}
    alone = read(register, HEAD, rows[0])
    assert {s.published_date for s in alone.statements} == {date(2024, 4, 5)} and alone.problems == []
