"""Which authority a report is about: titles, headers, addresses, sentences, and their disagreements."""

from datetime import date

import pytest

from tests.damage import damage, text_document
from transforms.authorities import load_register
from transforms.reading.authority import resolve_authorities
from transforms.reading.document import Document, Line
from transforms.reading.tidy import Text, tidy

REGISTER = load_register()
DAY = date(2022, 3, 7)
BODY = [f"Leaders know their services and the help that children get, part {n} of it." for n in range(30)]
GRID = [
    "Inspection dates: 7 to 18 March 2022",
    "Lead inspector: Ada Quill, Her Majesty\u2019s Inspector",
    "Judgement Grade",
]


def text(*lines: str) -> Text:
    return tidy(text_document("\n".join(lines)))


def resolve(*lines: str, on: date | None = DAY) -> tuple[list[str], list[str]]:
    refs, problems = resolve_authorities(text(*lines), None, REGISTER, on)
    return [ref.la_code for ref in refs], [problem.code for problem in problems]


@pytest.mark.parametrize(
    ("title", "name", "la_code"),
    [
        (["Inspection of Norfolk local authority", "children\u2019s services"], "Norfolk", "926"),
        (["Inspection of Swindon Borough Council", "local authority children\u2019s services"], "Swindon", "866"),
        (["Inspection of the Isle of Wight local", "authority children\u2019s services"], "Isle of Wight", "921"),
        (
            ["Inspection of Bournemouth,", "Christchurch and Poole local authority", "children\u2019s services"],
            "BCP",
            "839",
        ),
        (["Inspection of Doncaster Metropolitan", "Borough Council children\u2019s services"], "Doncaster", "371"),
        (["Birmingham City Council", "Inspection of children\u2019s social care services"], "Birmingham", "330"),
        (
            ["London Borough of Barking and", "Dagenham", "Inspection of services for children"],
            "Barking and Dagenham",
            "301",
        ),
        (["Royal Borough of Windsor and", "Maidenhead", "Inspection of services"], "Windsor and Maidenhead", "868"),
        (["Stockport Metropolitan Borough", "Council", "Inspection of services for children"], "Stockport", "356"),
        (["Area SEND inspection of North", "Northamptonshire Local Area Partnership"], "North Northamptonshire", "940"),
        (["Area SEND inspection of Durham Local", "Area Partnership"], "Durham", "840"),
        (["East Sussex County Council", "Inspection of services for children"], "East Sussex", "845"),
        (["York City Council", "Inspection of services for children"], "York", "816"),
        (["Inspection of North Yorkshire local", "authority children\u2019s services"], "North Yorkshire", "815"),
        (["Joint targeted area inspection of the", "multi-agency response to abuse in", "Cornwall"], "Cornwall", "908"),
        (["Telford & Wrekin Council", "Inspection of services for children"], "Telford and Wrekin", "894"),
    ],
)
def test_a_title_names_the_authority_sound_or_damaged(title: list[str], name: str, la_code: str) -> None:
    lines = [*title, *GRID, *BODY, f"Most children in {name} are helped."]
    assert resolve(*lines) == ([la_code], [])
    assert resolve(*damage("\n".join(lines)).split("\n")) == ([la_code], [])


def test_the_name_is_kept_as_printed() -> None:
    refs, _ = resolve_authorities(
        text(
            "Inspection of Swindon Borough Council",
            "local authority children's services",
            *GRID,
            *BODY,
            "Swindon is big.",
        ),
        None,
        REGISTER,
        DAY,
    )
    assert [(r.as_printed, r.authority_name, r.gss_code) for r in refs] == [
        ("Swindon Borough Council", "Swindon", "E06000030")
    ]


@pytest.mark.parametrize(
    ("title", "on", "codes", "problems"),
    [
        ("Dorset County Council", date(2018, 5, 1), ["835"], []),
        ("Dorset Council", date(2021, 5, 1), ["838"], []),
        ("Dorset Council", None, [], ["authority_ambiguous"]),
        ("Bournemouth Borough Council", date(2018, 5, 1), ["837"], []),
        ("Bournemouth Borough Council", date(2020, 5, 1), [], ["authority_not_in_force"]),
        ("Cumbria County Council", date(2022, 5, 1), ["909"], []),
        ("Cumberland Council", date(2022, 5, 1), [], ["authority_not_in_force"]),
        ("Somerset County Council", None, ["933"], ["authority_version_uncertain"]),
    ],
)
def test_the_day_decides(title: str, on: date | None, codes: list[str], problems: list[str]) -> None:
    name = title.split()[0]
    assert resolve(title, "Inspection of services", *BODY, f"In {name} much is done.", on=on) == (codes, problems)


def test_joint_reports_name_several_in_printed_order() -> None:
    lines = ["Inspection of West Northamptonshire and North Northamptonshire", "local authority children's services"]
    assert resolve(*lines, *GRID, *BODY) == (["941", "940"], ["authority_read_once"])


def test_a_trust_stands_for_nobody_unless_its_authority_is_named() -> None:
    assert resolve("Slough Children First", "Inspection of services", *BODY)[0] == []
    alone = resolve("Inspection of Birmingham Children's Trust", "Inspection dates: 7 to 18 March 2022", *BODY)
    assert alone == ([], ["no_authority"])
    named = resolve(
        "Inspection of Birmingham Children's Trust",
        *GRID,
        *BODY,
        "Birmingham City Council founded it.",
        "In Birmingham it is known.",
    )
    assert named[0] == ["330"]


def paged(title: str, header: str, *body: str) -> tuple[list[str], list[str]]:
    lines = [Line(title, 1), *(Line(words, 1) for words in GRID)]
    for page in range(2, 7):
        lines += [Line(f"{header} {page}", page)] + [
            Line(f"{page} is its page: {b}", page) for b in [*BODY[:12], *body]
        ]
    document = Document("0" * 64, "pdf", 6, lines)
    refs, problems = resolve_authorities(tidy(document), None, REGISTER, DAY)
    return [ref.la_code for ref in refs], [f"{p.code} {p.severity}" for p in problems]


def test_title_and_header_must_agree() -> None:
    title = "Inspection of Derby local authority children's services"
    header = "Inspection of {} local authority children's services 7 to 18 March 2022"
    assert paged(title, header.format("Derby")) == (["831"], [])
    assert paged(title, header.format("Derbyshire")) == ([], ["authorities_disagree blocking"])
    outvoted = paged(title, header.format("Derbyshire"), "Children's services in Derby are good.")
    assert outvoted == (["831"], ["authorities_disagree warning"])


def test_a_stray_sentence_does_not_outweigh_a_title_the_body_bears_out() -> None:
    stray = "Since the inspection of Rotherham in 2014 all know more."
    got = resolve(
        "Sheffield City Council",
        "Inspection of services",
        stray,
        *BODY,
        "Children in Sheffield wait.",
        "Sheffield grows.",
    )
    assert got == (["373"], ["authorities_disagree"])


LETTER = [
    "Piccadilly Gate",
    "Store Street",
    "Manchester",
    "11 April 2022",
    "Ms Ada Quill",
    "Director of Children's Services",
]


def test_letters_are_about_whom_they_are_written_to_not_where_they_come_from() -> None:
    opening = "This letter is on the focused visit to Medway local authority children's services on 7 March 2022."
    address = ["Medway Council", "Gun Wharf", "Chatham", "Kent", "Dear Ms Quill"]
    assert resolve(*LETTER, *address, "Focused visit to Medway children's services", opening, *BODY) == (["887"], [])
    assert resolve(*LETTER, *address, *BODY)[0] == ["887"]
    assert resolve(*LETTER, "Kent", "Dear Ms Quill", *BODY) == ([], ["no_authority"])


def test_letters_may_name_the_area_under_the_salutation() -> None:
    got = resolve(
        *LETTER, "Dear Ms Quill and Mr Box", "Joint area SEND inspection in Bexley", *BODY, "Bexley is a borough."
    )
    assert got == (["303"], [])


def test_a_report_that_names_nobody_says_so() -> None:
    assert resolve(*GRID, *BODY) == ([], ["no_authority"])
    assert resolve("Brackenshire County Council", *GRID, *BODY) == ([], ["no_authority"])


def test_a_place_at_a_line_end_of_a_sentence_is_no_title() -> None:
    assert resolve("Inspection report", "Help is shared with councils in", "Bradford", *BODY) == ([], ["no_authority"])
