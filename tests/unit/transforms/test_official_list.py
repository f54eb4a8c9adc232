"""Official lists of outcomes: made-up spreadsheets in the layouts they come in, and what is wrong with them."""

from __future__ import annotations

import random
from datetime import date

import pytest

from tests.sheets import Value, ods
from transforms.authorities import Register, load_register
from transforms.errors import UnknownSourceError, UnreadableFileError
from transforms.official_cells import read_day
from transforms.official_list import OfficialList, Statement, read_official_list, recognise
from transforms.reports import frameworks

GOOD, RI, POOR = "Good", "Requires improvement to be good", "Inadequate"
HEAD = [
    "Web link", "Local authority area code", "Local authority name", "Ofsted region", "Inspection date",
    "Publication date", "Inspection type", "Overall effectiveness",
    "The impact of leaders on social work practice with children and families",
    "The experiences and progress of children who need help and protection",
    "The experiences and progress of children in care", "The experiences and progress of care leavers",
]  # fmt: skip
LEEDS = [
    "page", "E08000035", "Leeds", "North", date(2024, 3, 4), date(2024, 5, 1), "ILACS Standard Inspection",
    GOOD, GOOD, RI, GOOD, POOR,
]  # fmt: skip
WIDE = [
    "Web link", "Local authority name", "LA region",
    "Safeguarding & Looked After Children (SLAC) Inspection publication date",
    "SLAC Safeguarding Overall effectiveness (OE)", "SLAC Looked After Children Overall Effectiveness (OE)",
    "SLAC re-inspection of services for Children Looked After publication date",
    "SLAC re-inspection of services Children Looked After OE", "Child Protection Re-Inspection (CPRI) publication date",
    "CPRI Overall Effectiveness (OE)", "Targeted Looked After Children (TLAC) inspection publication date",
    "TLAC Overall Effectiveness (OE)",
    "Single Inspection of LA Children's Services (SIF)  First SIF publication date",
    " First SIF Overall Judgement\n(OE)", " First SIF CLA Sub: Adoption Performance", "LSCB Overall Effectiveness ",
    "Single Inspection of LA Children's Services (SIF) SIF Re-inspection publication date",
    " SIF Re-inspection Overall Judgement\n(OE)", "First ILACS framework inspection type",
    "First ILACS framework publication date", "First ILACS framework overall effectiveness",
    "Second ILACS framework inspection type", "Second ILACS framework publication date",
    "Second ILACS framework overall effectiveness", "Second ILACS framework experiences and progress of care leavers",
]  # fmt: skip
DUDLEY = [
    "page", "Dudley", "West Midlands", date(2011, 3, 4), RI, GOOD, date(2012, 5, 6), RI, date(2013, 7, 8), POOR,
    date(2013, 8, 9), RI, date(2016, 4, 1), POOR, " -", RI, date(2017, 11, 12), RI, "ILACS Standard Inspection",
    date(2019, 2, 3), GOOD, "ILACS Short Inspection", date(2023, 6, 7), GOOD, GOOD,
]  # fmt: skip


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register()


def read(register: Register, *rows: list[Value], name: str = "Some sheet") -> OfficialList:
    return read_official_list(ods({name: list(rows)}), "a" * 64, register)


def graded(found: OfficialList) -> dict[tuple[str, str | None, str | None], str | None]:
    return {(s.framework_code, s.inspection_type, s.area_code): s.grade_code for s in found.statements}


def codes(found: OfficialList) -> list[str]:
    return [problem.code for problem in found.problems]


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


def renamed(old: str, new: str) -> list[str]:
    return [new if heading == old else heading for heading in HEAD]


def with_column(heading: str, value: Value, at: int) -> list[list[Value]]:
    return [[*HEAD[:at], heading, *HEAD[at:]], [*LEEDS[:at], value, *LEEDS[at:]]]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        *[("Local authority name", name) for name in (
            "Local authority (1)", "Local authority name1", "Local authority (LA)", "Local authority area name",
            "Council", "Local authorities", "Local area",
        )],
        *[("Inspection date", name) for name in (
            "Inspection start date", "First day of inspection", "Inspection started", "Start of inspection",
            "Inspected on",
        )],
        *[("Publication date", name) for name in ("Date published", "Report date", "Published [1]")],
        *[("Overall effectiveness", name) for name in ("OE (1)", "Judgement: overall effectiveness", "Latest OE")],
        *[("Inspection type", name) for name in ("Type", "Event type", "Inspection category")],
    ],
)  # fmt: skip
def test_headings_of_other_years_are_known(old: str, new: str, register: Register) -> None:
    found = read(register, renamed(old, new), LEEDS)
    assert found.statements and found.problems == []
    same = read(register, HEAD, LEEDS)
    assert [(s.inspection_start_date, s.published_date) for s in found.statements[:1]] == [
        (s.inspection_start_date, s.published_date) for s in same.statements[:1]
    ]
    assert graded(found) == graded(same)


@pytest.mark.parametrize("at", [2, 6, 12])
@pytest.mark.parametrize(
    ("heading", "value"),
    [
        ("Inspection end date", date(2024, 3, 15)), ("Date of inspection end", date(2024, 3, 15)),
        ("Last date of inspection", date(2024, 3, 15)), ("Next inspection date", date(2027, 1, 4)),
        ("Inspection due by date", date(2027, 1, 4)), ("Inspection notification date", date(2024, 2, 26)),
        ("Last monitoring visit date", date(2023, 6, 1)), ("Monitoring visit publication date", date(2024, 6, 1)),
        ("Area SEND inspection date", date(2022, 5, 5)), ("DfE intervention start date", date(2020, 1, 6)),
        ("Number of children looked after", 3.0), ("% of children in care", 3.0), ("Overall effectiveness rank", 3.0),
        ("Years since overall effectiveness judgement", 3.0), ("Change in overall effectiveness", "Improved"),
        ("Days since last inspection", 120.0), ("Number of inspections published", 2.0), ("Joint area SEND date", ""),
    ],
)  # fmt: skip
def test_columns_of_other_things_are_no_days_and_no_grades(
    heading: str, value: Value, at: int, register: Register
) -> None:
    found = read(register, *with_column(heading, value, at))
    assert found.statements and found.problems == []
    assert graded(found) == graded(read(register, HEAD, LEEDS))
    for gone in ("Inspection date", "Publication date"):
        head, row = with_column(heading, value, at)
        kept = [n for n, name in enumerate(head) if name != gone]
        days = {(s.inspection_start_date, s.published_date)
                for s in read(register, [head[n] for n in kept], [row[n] for n in kept]).statements}  # fmt: skip
        assert days == {(None, date(2024, 5, 1)) if gone == "Inspection date" else (date(2024, 3, 4), None)}


@pytest.mark.parametrize("word", ["Preceding", "Former", "Penultimate", "Last but one", "Original"])
def test_what_was_before_is_never_what_is(word: str, register: Register) -> None:
    head, row = with_column(f"{word} overall effectiveness", POOR, 8)
    row[7] = ""
    assert "overall" not in {s.area_code for s in read(register, head, row).statements}
    head, row = with_column(f"{word} inspection date", date(2018, 5, 1), 4)
    row[5] = ""
    assert {s.inspection_start_date for s in read(register, head, row).statements} == {None}


@pytest.mark.parametrize("heading", ["Last overall effectiveness", "Overall effectiveness at 31 March 2018"])
def test_a_grade_of_another_time_is_left_and_named(heading: str, register: Register) -> None:
    head, row = with_column(heading, POOR, 8)
    row[7] = ""
    found = read(register, head, row)
    assert "overall" not in {s.area_code for s in found.statements} and codes(found) == ["column_not_read"]


TWO = ["Local authority", "Inspection date", "Publication date", "Overall effectiveness", "Impact of leaders"]
TWICE = [*TWO, *TWO[1:]]
BOTH: list[Value] = [
    "Leeds", date(2024, 3, 4), date(2024, 5, 1), POOR, RI, date(2018, 10, 22), date(2018, 12, 18), GOOD, GOOD,
]  # fmt: skip
STATED = {
    (date(2024, 3, 4), date(2024, 5, 1), "overall"): POOR, (date(2024, 3, 4), date(2024, 5, 1), "leadership"): RI,
    (date(2018, 10, 22), date(2018, 12, 18), "overall"): GOOD,
    (date(2018, 10, 22), date(2018, 12, 18), "leadership"): GOOD,
}  # fmt: skip


def stated(found: OfficialList) -> dict[tuple[date | None, date | None, str | None], str | None]:
    return {(s.inspection_start_date, s.published_date, s.area_code): s.grade_name for s in found.statements}


@pytest.mark.parametrize(
    "heading",
    [
        [TWICE],
        [["", "Latest inspection", "", "", "", "Previous inspection"], TWICE],
        [["", "Inspection 1", "", "", "", "Inspection 2"], TWICE],
        [["", "2023-24", "", "", "", "2018-19"], TWICE],
        [["Local authority", "Second ILACS", "", "", "", "First ILACS"], ["", *TWICE[1:]]],
        [["", "ILACS"], ["", "Current", "", "", "", "Previous"], TWICE],
        [["Local authority", *[f"{which} {name}" for which in ("Inspection 1", "Inspection 2") for name in TWO[1:]]]],
        [["Local authority", *[f"{which} {name}" for which in ("2023-24", "2018-19") for name in TWO[1:]]]],
    ],
)
def test_inspections_beside_each_other_are_told_apart(heading: list[list[str]], register: Register) -> None:
    assert stated(read(register, ["title"], *heading, BOTH)) == STATED
    for blank in ((3, 4, 5, 6), (1, 2, 7, 8)):  # the grades of one, the days of the other
        row = ["" if n in blank else cell for n, cell in enumerate(BOTH)]
        found = read(register, ["title"], *heading, row)
        assert stated(found) == {} and "no_date" in codes(found)


def test_repeated_headings_in_no_order_are_not_read(register: Register) -> None:
    head = ["Local authority", "Inspection date", "Inspection date", "Overall effectiveness", "Overall effectiveness"]
    with pytest.raises(UnknownSourceError):
        read(register, head, ["Leeds", date(2024, 3, 4), "", "", GOOD])


def test_headings_in_three_rows_are_one(register: Register) -> None:
    above = [["", "", "", "", "Inspection of local authority children's services (ILACS)"],
             ["Web link", "Local authority area code", "Local authority name", "Ofsted region", "Inspection", "", "",
              "Judgement"],
             ["", "", "", "", "Start date", "Publication date", "Type", "Overall effectiveness", "Impact of leaders",
              "Help and protection", "Children in care", "Care leavers"]]  # fmt: skip
    found = read(register, ["A title"], [], *above, ["", "[note 1]"], LEEDS)
    assert graded(found) == graded(read(register, HEAD, LEEDS)) and found.problems == []


@pytest.mark.parametrize("gap", [0, 1])
def test_tables_side_by_side_are_read_each_for_itself(gap: int, register: Register) -> None:
    left, right = TWO, ["Local authority", "Publication date", "Overall effectiveness", "Impact of leaders"]
    rows = [
        ["Leeds", date(2024, 3, 4), date(2024, 5, 1), "", "", *[""] * gap, "York", date(2022, 5, 4), GOOD, RI],
        ["York", date(2022, 3, 7), "", GOOD, GOOD, *[""] * gap, "Leeds", date(2018, 12, 18), GOOD, GOOD],
    ]
    found = read(register, [*left, *[""] * gap, *right], *rows)
    told = {(s.la_code, s.inspection_start_date, s.published_date) for s in found.statements if s.area_code}
    assert told == {
        ("816", date(2022, 3, 7), None), ("816", None, date(2022, 5, 4)), ("383", None, date(2018, 12, 18)),
    }  # fmt: skip


def test_a_summary_beside_the_table_gives_no_grades(register: Register) -> None:
    own = [*LEEDS[:7], "", *LEEDS[8:]]
    found = read(register, [*HEAD, "", "Overall effectiveness", "Number"], [*own, "", "Outstanding", 20.0])
    assert "overall" not in {s.area_code for s in found.statements} and codes(found) == ["column_not_read"]


@pytest.mark.parametrize(
    "head",
    [
        ["Local authority", "Inspection date", "Number of homes judged good overall"],
        ["Local authority", "Inspection date", "Overall effectiveness: Outstanding", "Overall effectiveness: Good"],
        ["Local authority", "Publication date", "% good or outstanding overall effectiveness"],
        ["Local authority", "Next inspection date", "Overall effectiveness"],
    ],
)
def test_counts_and_shares_are_no_grades(head: list[str], register: Register) -> None:
    with pytest.raises(UnknownSourceError):
        read(register, head, ["Leeds", date(2024, 3, 4), 2.0, 1.0][: len(head)])


def test_numbers_are_grades_only_in_a_column_of_them(register: Register) -> None:
    head = ["Local authority", "Inspection date", "Overall effectiveness", "Impact of leaders"]
    rows = [["Leeds", date(2024, 3, 4), 2.0, 3.0], ["York", date(2022, 3, 7), 1.0, 17.0]]
    found = read(register, head, *rows)
    assert {(s.la_code, s.area_code): s.grade_code for s in found.statements} == {
        ("383", "overall"): "good", ("816", "overall"): "outstanding",
    }  # fmt: skip
    assert codes(found) == ["unknown_grade"] * 2


@pytest.mark.parametrize(
    ("printed", "grade"),
    [
        ("RI", "requires_improvement"), ("Good (1)", "good"), ("Good\u00b9", "good"), ("2 - Good", "good"),
        ("Grade 3", "requires_improvement"), ("GOOD\u00a0 ", "good"), ("3 - Good", None), ("Gd", None),
    ],
)  # fmt: skip
def test_grades_in_other_writings(printed: str, grade: str | None, register: Register) -> None:
    found = read(register, HEAD, [*LEEDS[:7], printed, *LEEDS[8:]])
    assert {s.area_code: s.grade_code for s in found.statements}.get("overall") == grade
    assert codes(found) == ([] if grade else ["unknown_grade"])


@pytest.mark.parametrize(
    ("started", "published", "code"),
    [
        (date(2014, 3, 4), date(2024, 5, 1), "dates_far_apart"),
        (date(2042, 3, 4), date(2042, 5, 1), "date_after_list"),
    ],
)
def test_days_that_cannot_be_are_named(started: date, published: date, code: str, register: Register) -> None:
    cover = [["Outcomes as at 31 March 2025"], ["Published on:", date(2025, 9, 25)]]
    found = read(register, *cover, HEAD, [*LEEDS[:4], started, published, *LEEDS[6:]])
    assert found.statements == [] and codes(found) == [code]


@pytest.mark.parametrize("said", ["SIF", "Single inspection framework"])
def test_a_framework_not_in_force_on_the_day_is_named(said: str, register: Register) -> None:
    found = read(register, HEAD, [*LEEDS[:6], said, *LEEDS[7:]])
    assert found.statements == [] and codes(found) == ["unknown_framework"]


def test_an_overall_grade_when_there_is_none_is_named(register: Register) -> None:
    row = [*LEEDS[:4], date(2026, 5, 11), date(2026, 7, 1), *LEEDS[6:]]
    assert codes(read(register, HEAD, row)) == ["unknown_area"]
    head, later = [[c for n, c in enumerate(cells) if n != 4] for cells in (HEAD, row)]
    later[4] = date(2028, 5, 1)
    assert codes(read(register, head, later)) == ["unknown_area"]


def test_a_list_of_visits_is_read(register: Register) -> None:
    head = ["Local authority", "Visit date", "Publication date", "Visit type", "Visit theme"]
    (statement,) = read(register, head, ["Leeds", date(2024, 1, 9), date(2024, 2, 9), "Focused visit", "x"]).statements
    assert (statement.inspection_type, statement.inspection_start_date) == ("focused_visit", date(2024, 1, 9))


def test_a_row_without_grade_and_kind_tells_of_nothing(register: Register) -> None:
    head, row = [[c for n, c in enumerate(cells) if n != 6] for cells in (HEAD, [*LEEDS[:7], *[""] * 5])]
    assert codes(read(register, head, row)) == ["no_grade"]


PLAIN = ["Local authority", "Inspection date", "Overall effectiveness"]


@pytest.mark.parametrize("extra", ["Name", "Setting", "Social care provider", "Home address", "Agency name", "Owner"])
def test_columns_of_providers_tell_their_tables(extra: str, register: Register) -> None:
    with pytest.raises(UnknownSourceError):
        read(register, [extra, *HEAD[1:]], LEEDS)


@pytest.mark.parametrize(
    "title", ["Secure children's homes", "Local authority fostering agencies", "Children's centres", "Boarding schools"]
)
def test_titles_of_providers_tell_their_tables(title: str, register: Register) -> None:
    for name, rows in (("List", [[f"{title} inspected in 2015"], [], PLAIN]), (title, [PLAIN])):
        with pytest.raises(UnknownSourceError):
            read(register, *rows, ["Leeds", date(2015, 3, 4), GOOD], name=name)


def test_codes_of_providers_tell_their_tables(register: Register) -> None:
    rows = [[f"SC40000{n}", "Leeds", date(2024, 3, 4 + n), GOOD] for n in range(3)]
    found = read(register, ["URN", *PLAIN], *rows)
    assert found.statements == [] and codes(found) == ["table_not_read"]
    (one,) = read(register, ["URN", *PLAIN, "Inspection type"],
                  [80481.0, "Leeds", date(2024, 3, 4), GOOD, "ILACS"]).statements  # fmt: skip
    assert one.la_code == "383"


def test_inspections_within_weeks_of_each_other_are_of_something_else(register: Register) -> None:
    rows = [
        ["Leeds", date(2024, 3, 4 + 20 * n) if n == 0 else date(2024, 3 + n, 4), GOOD, RI, GOOD, GOOD]
        for n in (0, 1, 2)
    ]
    head = [*PLAIN, "Impact of leaders", "Help and protection", "Children in care"]
    found = read(register, head, *rows)
    assert found.statements == [] and codes(found) == ["inspections_too_near"]


def test_only_whole_inspections_are_read_of_older_sub_judgements(register: Register) -> None:
    head = ["Local authority", "Inspection date", "Inspection type", "Looked after children: capacity for improvement",
            "Looked after children: quality of provision", "Safeguarding: overall effectiveness"]  # fmt: skip
    found = read(register, head, ["Leeds", date(2011, 3, 1), "SLAC", POOR, POOR, GOOD])
    assert [(s.area_code, s.grade_code) for s in found.statements] == [("safeguarding_overall_effectiveness", "good")]
    assert codes(found) == ["column_not_read"] * 2


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Short Inspection of LA children's services", ("ilacs", "short")),
        ("Standard inspection (ILACS)", ("ilacs", "standard")),
        ("Inspecting local authority children\u2019s services", ("ilacs", None)),
    ],
)
def test_kinds_in_other_wordings(said: str, kind: tuple[str, str | None], register: Register) -> None:
    found = read(register, HEAD, [*LEEDS[:6], said, *LEEDS[7:]])
    assert {(s.framework_code, s.inspection_type) for s in found.statements} == {kind}


@pytest.mark.parametrize("gone", [(), ("Inspection date",), ("Publication date",)])
def test_a_list_that_contradicts_itself_gives_neither_grade(gone: tuple[str, ...], register: Register) -> None:
    """One of the two once stood, without a word."""
    kept = [n for n, name in enumerate(HEAD) if name not in gone]
    other = [*LEEDS[:7], POOR, *LEEDS[8:]]
    sheets = {"One": [HEAD, LEEDS], "Other": [[row[n] for n in kept] for row in (HEAD, other)]}
    found = read_official_list(ods(sheets), "a" * 64, register)
    assert {s.area_code for s in found.statements} == {s.area_code for s in read(register, HEAD, LEEDS).statements} - {
        "overall"
    }
    assert codes(found) == ["list_contradicts_itself"]
    assert "sheet One, row 2" in found.problems[0].message


HOMES = ["Local authority", "Inspection date", "Overall effectiveness"]


@pytest.mark.parametrize("above", [["Table 2: children's homes inspected"], []])
def test_a_table_of_others_below_ends_that_of_authorities(above: list[str], register: Register) -> None:
    """Its rows were once read under the heading above them."""
    head = HOMES if above else [*HOMES, "Provider name"]
    rows = [["Leeds", date(2019, 12, 2), POOR, "A home"]]
    columns = [2, 4, 7, 6]
    top = [[row[n] for n in columns] for row in (HEAD, LEEDS)]
    found = read(register, *top, [], above, head, *rows)
    assert {(s.inspection_start_date, s.grade_name) for s in found.statements} == {(date(2024, 3, 4), GOOD)}
    assert [(p.code, p.place) for p in found.problems] == [("table_not_read", "sheet Some sheet, row 5")]


def test_a_list_of_providers_beside_takes_nothing_from_the_table(register: Register) -> None:
    head = [*HEAD, "", "URN", "Provision type", "Inspection date", "Overall effectiveness"]
    found = read(register, head, [*LEEDS, "", "SC1", "Home", date(2019, 12, 2), POOR])
    assert graded(found) == graded(read(register, HEAD, LEEDS))


def test_columns_of_two_frameworks_leave_the_months_of_both_open(register: Register) -> None:
    head = ["Local authority", "Inspection date", "Overall effectiveness", "Impact of leaders",
            "Leadership, management and governance", "Help and protection", "Children in care"]  # fmt: skip
    found = read(register, head, ["Leeds", date(2018, 10, 22), GOOD, RI, "", GOOD, GOOD],
                 ["York", date(2016, 11, 7), GOOD, "", POOR, GOOD, GOOD],
                 ["Barnet", date(2018, 5, 14), GOOD, "", GOOD, GOOD, GOOD])  # fmt: skip
    assert {(s.framework_code, s.grade_code) for s in found.statements if s.area_code == "leadership"} == {
        ("ilacs", "requires_improvement"), ("sif", "inadequate"),
    }  # fmt: skip
    assert codes(found) == ["unknown_framework"]


def test_a_title_of_everything_hides_no_table_of_authorities(register: Register) -> None:
    titles = [["Children's social care: children's homes, fostering and other providers"], ["See sheet 4 for homes"]]
    assert graded(read(register, *titles, HEAD, LEEDS)) == graded(read(register, HEAD, LEEDS))


@pytest.mark.parametrize("head", [["Place", "When", "Result"], ["Local authority", "Inspection date", "Grade"]])
def test_grades_of_authorities_under_unknown_headings_are_named(head: list[str], register: Register) -> None:
    rows = [[name, date(2024, 3, 4), GOOD] for name in ("Leeds", "York", "Barnet")]
    found = read_official_list(ods({"LA": [HEAD, LEEDS], "Other": [head, *rows]}), "a" * 64, register)
    assert codes(found) == ["table_not_read", "sheets_not_read"]
    homes = [[*head, "Provision type"], *([*row, "Children's home"] for row in rows)]
    assert codes(read_official_list(ods({"LA": [HEAD, LEEDS], "Homes": homes}), "a" * 64, register)) == [
        "sheets_not_read"
    ]


@pytest.mark.parametrize("said", ["As at 31 March 2024", "Inspections at 31 March 2024"])
def test_the_day_of_a_list_is_read_in_other_words(said: str, register: Register) -> None:
    found = read(register, [said], ["Date of publication:", date(2024, 8, 30)], HEAD, LEEDS)
    assert (found.as_at_date, found.published_date) == (date(2024, 3, 31), date(2024, 8, 30))
