"""Inspection teams: labels and traps, two columns, signatures, broken names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.damage import damage, text_document
from transforms.reading.document import Document, Line
from transforms.reading.names import parse_names
from transforms.reading.people import read_people
from transforms.reading.tidy import Text, tidy
from transforms.reports.model import Person

BODY = [f"Leaders know their services and the help that children get, part {n} of it." for n in range(30)]
HMI = "Her Majesty's Inspector"


def text(*lines: str) -> Text:
    return tidy(text_document("\n".join(lines)))


def team(*lines: str) -> list[tuple[str, str, str | None]]:
    return [(p.role, p.name, p.title) for p in read_people(text(*lines))]


@pytest.mark.parametrize(
    ("front", "leads"),
    [
        (["Lead inspector: Ada Quill, Her Majesty\u2019s Inspector"], [("Ada Quill", HMI)]),
        (["Lead inspector: Ada Quill", "Her Majesty\u2019s Inspector"], [("Ada Quill", HMI)]),
        (["Lead inspector: Ada", "Quill, HMI"], [("Ada Quill", "HMI")]),
        (["Lead inspector:", "Ada Quill", "Her Majesty's Inspector"], [("Ada Quill", HMI)]),
        (["Lead inspector:", "10 to 14 June 2024", "Ada Quill, HMI"], [("Ada Quill", "HMI")]),
        (["Le ad insp ector: Ada Quill HMI"], [("Ada Quill", "HMI")]),
        (["Lead inspector: Ada QuillHMI"], [("Ada Quill", "HMI")]),
        (["LEAD INSPECTOR: Ada Quill HMI"], [("Ada Quill", "HMI")]),
        (["Reporting inspector Ada Quill HMI"], [("Ada Quill", "HMI")]),
        (["Lead inspector: Ada Quill-  Finch HMI"], [("Ada Quill-Finch", "HMI")]),
        (["Lead inspector: Ada  Quill \u2013Finch (HMI)"], [("Ada Quill-Finch", "HMI")]),
        (["Lead inspector: Bo O\u2019Hare, Senior HMI"], [("Bo O'Hare", "Senior HMI")]),
        (["Lead inspectors: Ada Quill and Bo Finch, HMI"], [("Ada Quill", None), ("Bo Finch", "HMI")]),
        (["Lead inspector: Ada Quill, HMI", "Bo Finch, HMI"], [("Ada Quill", "HMI"), ("Bo Finch", "HMI")]),
        (["Lead inspector: Ada Quill", "Good"], [("Ada Quill", None)]),
        (["Lead inspector: Ada Quill HMI", "Brackenshire"], [("Ada Quill", "HMI")]),
        (["Lead inspector: Ada Quill HMI", "Bo Finch, Cy Marsh"], [("Ada Quill", "HMI")]),
        (["Lead inspectors were praised by staff."], []),
    ],
)
def test_lead_inspector_on_the_front(front: list[str], leads: list[tuple[str, str | None]]) -> None:
    lines = ["Inspection of Brackenshire", *front, "Judgement Grade", "Overall effectiveness Good", *BODY]
    assert team(*lines) == [("lead_inspector", *lead) for lead in leads]


BLOCK = [
    "The inspection team consisted of eight of Her Majesty's Inspectors (HMI) from Ofsted.",
    "The inspection team",
    "Lead inspector: Ada Quill HMI",
    "Deputy lead inspector Bo Finch",
    "Team inspectors: Cy Marsh, HMI, Di Vale HMI, Ed Hill SHMI, Flo",
    "Gale-Wood, Gus Heath (OI), Hal Ivy",
    "Ida Jay (additional inspector), Kit Lowe (HMI) and",
    "Lou Moss designate.",
    "Shadow inspectors: Max Nye HMI designate",
    "Lead inspector on site: Nan Orr",
    "Senior data analyst: Dr Oz Pike",
    "Report author: Pam Rook",
    "Quality assurance manager: Quin Rose, Senior Her Majesty\u2019s Inspector",
]


def test_a_whole_team_in_printed_order() -> None:
    block = BLOCK
    found = team(*BODY, *block, "Any complaints about the inspection should be made to Ofsted.")
    assert found == [
        ("lead_inspector", "Ada Quill", "HMI"),
        ("deputy_lead_inspector", "Bo Finch", None),
        ("inspector", "Cy Marsh", "HMI"),
        ("inspector", "Di Vale", "HMI"),
        ("inspector", "Ed Hill", "SHMI"),
        ("inspector", "Flo Gale-Wood", None),
        ("inspector", "Gus Heath", "OI"),
        ("inspector", "Hal Ivy", None),
        ("inspector", "Ida Jay", "additional inspector"),
        ("inspector", "Kit Lowe", "HMI"),
        ("inspector", "Lou Moss", None),
        ("shadow_inspector", "Max Nye", "HMI designate"),
        ("lead_inspector_on_site", "Nan Orr", None),
        ("data_analyst", "Oz Pike", "Dr"),
        ("report_author", "Pam Rook", None),
        ("quality_assurance", "Quin Rose", "Senior Her Majesty's Inspector"),
    ]
    damaged = team(*damage("\n".join([*BODY, *block])).split("\n"))
    assert damaged == found


def test_names_whose_label_is_gone_are_nobodys_leads() -> None:
    found = team(
        *BODY, "Lead inspector: Ada Quill HMI", "Bo Finch, Cy Marsh, Di Vale", "Quality assurance manager: Ed Hill"
    )
    assert found == [("lead_inspector", "Ada Quill", "HMI"), ("quality_assurance", "Ed Hill", None)]


@pytest.mark.parametrize("mark", ["", "\u2022 "])
def test_one_name_to_a_line(mark: str) -> None:
    lines = ["Team inspectors:", f"{mark}Ada Quill", f"{mark}Bo Finch", f"{mark}Cy Marsh", "", "Ofsted", "Store Street"]
    assert [name for _, name, _ in team(*BODY, *lines)] == ["Ada Quill", "Bo Finch", "Cy Marsh"]


ROWS = [
    "Inspection team",
    "Ofsted Care Quality Commission",
    "Ada Quill, Ofsted HMI Lead inspector Di Vale, CQC lead inspector",
    "Bo Finch, Ofsted HMI Ed Hill-Wood, CQC inspector",
    "Cy Marsh, Ofsted Inspector",
    "If you are not happy with the inspection or the report, you can complain to Ofsted.",
]
JOINT = [
    ("lead_inspector", "Ada Quill", "Ofsted"),
    ("inspector", "Bo Finch", "Ofsted"),
    ("inspector", "Cy Marsh", "Ofsted"),
    ("cqc_lead_inspector", "Di Vale", "Care Quality Commission"),
    ("cqc_inspector", "Ed Hill-Wood", "Care Quality Commission"),
]


def joint(people: list[Person]) -> list[tuple[str, str, str | None]]:
    return [(p.role, p.name, p.organisation) for p in people]


@pytest.mark.parametrize(
    "rows",
    [
        ROWS[2:5],
        ["Ada Quill HMI, Ofsted lead inspector Di Vale, CQC Lead Inspector", *ROWS[3:5]],
        ["Dr Ada Quill Ofsted HMI Lead Inspector Di Vale CQC Lead Inspector", *ROWS[3:5]],
        # cell by cell, row by row
        ["Ada Quill, Ofsted HMI Lead inspector", "Di Vale, CQC lead inspector", "Bo Finch, Ofsted HMI",
         "Ed Hill-Wood, CQC inspector", "Cy Marsh, Ofsted Inspector"],
        # cells that run over two lines
        ["Ada Quill, Ofsted HMI Di Vale, CQC", "Lead inspector lead inspector", *ROWS[3:5]],
        # column by column
        ["Ada Quill, Ofsted HMI", "Lead inspector", "Bo Finch, Ofsted HMI", "Cy Marsh, Ofsted Inspector",
         "Di Vale, CQC lead inspector", "Ed Hill -Wood, CQC inspector"],
        # names side by side, what they are below
        ["Ada Quill Di Vale", "Ofsted HMI Lead inspector CQC Lead inspector", *ROWS[3:5]],
    ],
)  # fmt: skip
def test_joint_teams_however_the_reader_orders_them(rows: list[str]) -> None:
    assert joint(read_people(text(*BODY, *ROWS[:2], *rows, ROWS[5]))) == JOINT


def test_positions_tell_the_columns_apart() -> None:
    def cell(words: str, x: float, y: float) -> Line:
        return Line(words, 7, x, y, x + 6 * len(words), y + 12)

    left, right = 57.0, 300.0
    lines = [Line(b, 1 + i // 5, 57, 60 + 14 * (i % 5), 300, 72 + 14 * (i % 5)) for i, b in enumerate(BODY)]
    lines += [
        cell("Inspection team", left, 100),
        cell("Ofsted", left, 120),
        cell("Care Quality Commission", right, 120),
        cell("Ada Quill, Ofsted HMI", left, 140),
        cell("Di Vale, CQC", right, 140),
        cell("Lead inspector", left, 154),
        cell("lead inspector", right, 154),
        cell("Bo Finch, Ofsted HMI", left, 170),
        cell("Ed Hill-Wood, CQC inspector", right, 170),
        cell("Cy Marsh, Ofsted Inspector", left, 184),
    ]
    assert joint(read_people(tidy(Document("0" * 64, "pdf", 7, lines)))) == JOINT


LETTER = ["Dear Ms Box", "Focused visit to Brackenshire", *BODY[:10], "Yours sincerely"]


@pytest.mark.parametrize(
    ("close", "lead"),
    [
        (["Ada Quill", "His Majesty's Inspector"], ("Ada Quill", "His Majesty's Inspector")),
        (["Ada Quill, HMI"], ("Ada Quill", "HMI")),
        (["Ada Quill", "", "Her Majesty\u2019s Inspector, Ofsted", "cc: the Department"], ("Ada Quill", None)),
        (["Bo Finch", "Regional Director", "Ada Quill", "HMI"], ("Ada Quill", "HMI")),
        (["Bo Finch, HMI", "Regional Director", "Ada Quill", "HMI Lead Inspector"], ("Ada Quill", "HMI")),
        (["Bo Finch Cy Marsh", "Regional Director Deputy Chief Inspector", "Ada Quill Di Vale",
          "HMI Lead Inspector CQC Lead Inspector"], ("Ada Quill", "HMI")),
    ],
)  # fmt: skip
def test_letters_are_signed_by_their_lead(close: list[str], lead: tuple[str, str | None]) -> None:
    people = read_people(text(*LETTER, *close))
    leads = [p for p in people if p.role == "lead_inspector"]
    assert [p.name for p in leads] == [lead[0]]
    assert lead[1] in {None, leads[0].title}


def test_a_letter_signed_by_no_inspector_has_no_lead() -> None:
    assert read_people(text(*LETTER, "Bo Finch", "Chief Inspector of Something", "Regional Director")) == []


def test_the_team_a_letter_names() -> None:
    by = "The visit was carried out by His Majesty's Inspectors, Ada Quill and Bo Finch."
    found = read_people(text(*LETTER[:2], by, *LETTER[2:], "Ada Quill", "His Majesty's Inspector"))
    assert [(p.role, p.name) for p in found] == [("lead_inspector", "Ada Quill"), ("inspector", "Bo Finch")]


_FIRST = st.sampled_from(["Ada", "Bo", "Mary Ann", "Jo-Ann", "M\u00e1ire", "D'Arcy"])
_LAST = st.sampled_from(["Quill", "Finch-Wood", "O\u2019Hare", "McVale", "de Marsh", "St John"])
_TITLES = st.sampled_from([None, "HMI", "SHMI", "Senior HMI", "OI", "HMI designate", "Associate Inspector"])


@given(
    st.lists(st.tuples(_FIRST, _LAST, _TITLES), min_size=1, max_size=6, unique_by=lambda p: p[:2]),
    st.sampled_from([" {}", ", {}", " ({})"]),
    st.booleans(),
)
def test_any_list_of_names_comes_back(people: list[tuple[str, str, str | None]], style: str, last_and: bool) -> None:
    written = [f"{a} {b}" + (style.format(title) if title else "") for a, b, title in people]
    joined = ", ".join(written[:-1]) + (" and " if last_and and len(written) > 1 else ", ") + written[-1]
    found = parse_names(joined.lstrip(", ") + ".")
    assert [p.name for p in found] == [f"{a} {b}".replace("\u2019", "'") for a, b, _ in people]
    assert [p.title for p in found] == [title for _, _, title in people]


@given(st.text(max_size=60))
def test_no_text_breaks_the_list_of_names(words: str) -> None:
    for person in parse_names(words):
        assert len(person.name.split()) >= 2


@pytest.mark.parametrize(
    ("line", "name", "title"),
    [
        ("Lead inspector: Ada Quill \u2013 His Majesty\u2019s Inspector", "Ada Quill", "His Majesty's Inspector"),
        ("Lead inspector: Ada Quill - HMI", "Ada Quill", "HMI"),
        ("Lead inspector: Ada Quill1", "Ada Quill", None),
        ("Lead inspector: Ada Quill\u00b2, HMI", "Ada Quill", "HMI"),
        ("Lead inspector: Ada Quill, Senior Officer", "Ada Quill", "Senior Officer"),
        ("Lead inspector: Ada Quill, HMI, Social Care", "Ada Quill", "HMI, Social Care"),
        ("Lead inspector: \u0141ucja \u00c5berg, HMI", "\u0141ucja \u00c5berg", "HMI"),
        ("Lead inspector: Ada ter Quill, HMI", "Ada ter Quill", "HMI"),
        ("Lead inspector: Ma\u0301ire Quill, HMI", "M\u00e1ire Quill", "HMI"),
        ("Lead HMI: Ada Quill", "Ada Quill", None),
        ("Inspection dates: 10 to 14 June 2024 Lead inspector: Ada Quill, HMI", "Ada Quill", "HMI"),
    ],
)
def test_lead_inspector_is_one_person_however_named(line: str, name: str, title: str | None) -> None:
    assert team("Ambridge", line, "Judgement Grade") == [("lead_inspector", name, title)]


def test_labels_run_together_on_one_line_keep_their_people_apart() -> None:
    assert team("Lead inspector: Ada Quill Team inspectors: Bo Hare, Cy Moss", "and Di Reed") == [
        ("lead_inspector", "Ada Quill", None),
        ("inspector", "Bo Hare", None),
        ("inspector", "Cy Moss", None),
        ("inspector", "Di Reed", None),
    ]


def test_hyphened_names_of_a_joint_team_are_whole_whatever_the_dash() -> None:
    lines = ["Inspection team", "Ofsted Care Quality Commission", "Ada Quill\u2013Finch, HMI Lead Bo Hare, CQC Lead"]
    assert ("lead_inspector", "Ada Quill-Finch") in {(role, name) for role, name, _ in team(*BODY, *lines)}
