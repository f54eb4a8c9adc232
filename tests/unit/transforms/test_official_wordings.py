"""Official lists of other years: headings in other wordings and orders, and what only looks like one of them."""

from __future__ import annotations

import io
from datetime import date

import pytest
import xlsxwriter

from tests.outcome_lists import GOOD, HEAD, LEEDS, POOR, RI, codes, graded, read
from tests.sheets import Value, ods
from transforms.authorities import Register, load_register
from transforms.errors import UnknownSourceError
from transforms.official_list import OfficialList, read_official_list


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register()


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
    assert found.statements == [] and codes(found) == ["overall_missing", "column_not_read"]


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
    assert found.statements == [] and codes(found) == ["overall_missing", "column_not_read"]


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
        ("3.5", None), ("2 Splendid", None), ("#N/A", None), ("#REF!", None), ("[Good]", None),
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


@pytest.mark.parametrize(
    "heading",
    [
        "Self-assessed overall effectiveness", "Regional average overall effectiveness", "Fostering overall",
        "Predicted overall effectiveness", "Adult social care overall", "Statistical neighbours: overall effectiveness",
    ],
)  # fmt: skip
def test_grades_of_others_beside_take_nothing_from_those_of_an_inspection(heading: str, register: Register) -> None:
    """One of them once made the grade of the inspection disagree with itself, or stood for one that was blank."""
    head, row = with_column(heading, POOR, 8)
    found = read(register, head, row)
    assert graded(found) == graded(read(register, HEAD, LEEDS)) and codes(found) == ["column_not_read"]
    row[7] = "-"
    assert "overall" not in {s.area_code for s in read(register, head, row).statements}


@pytest.mark.parametrize(
    "heading", ["Inspection announced date", "Off-site inspection start", "Monitoring letter published"]
)
def test_days_of_other_events_take_nothing_from_an_inspection(heading: str, register: Register) -> None:
    found = read(register, *with_column(heading, date(2024, 2, 27), 4))
    assert graded(found) == graded(read(register, HEAD, LEEDS)) and found.problems == []


def test_grades_that_slipped_by_a_column_are_refused_and_named(register: Register) -> None:
    found = read(register, HEAD, [*LEEDS[:7], "", *LEEDS[7:11]])
    assert found.statements == []
    assert [(p.code, p.place) for p in found.problems] == [("overall_missing", "sheet Some sheet, row 2, column I")]
    for nothing in ("-", "[x]", "Not judged"):  # said, not forgotten
        assert len(read(register, HEAD, [*LEEDS[:7], nothing, *LEEDS[8:]]).statements) == 4


def test_an_inspection_of_2026_has_no_overall_grade_to_miss(register: Register) -> None:
    row = [*LEEDS[:4], date(2026, 5, 11), date(2026, 7, 1), LEEDS[6], "", *LEEDS[8:]]
    assert codes(read(register, HEAD, row)) == []


@pytest.mark.parametrize("since_1904", [False, True])
def test_days_of_a_workbook_that_counts_from_1904(since_1904: bool, register: Register) -> None:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, "date_1904": since_1904}) as book:
        page, form = book.add_worksheet("LA"), book.add_format({"num_format": "dd/mm/yyyy"})
        page.write_row(0, 0, HEAD)
        for n, cell in enumerate(LEEDS):
            page.write(1, n, cell, form) if isinstance(cell, date) else page.write(1, n, cell)
    found = read_official_list(stream.getvalue(), "a" * 64, register)
    assert {(s.inspection_start_date, s.published_date) for s in found.statements} == {(LEEDS[4], LEEDS[5])}
