"""When an inspection took place and was published: from which place, and what is said when none is sound."""

from datetime import date

import pytest

from tests.damage import damage, text_document
from transforms.reading.dates import read_inspection_windows, read_published_date
from transforms.reading.document import Document, Line
from transforms.reading.tidy import Text, tidy

JUNE = ((date(2024, 6, 10), date(2024, 6, 14)),)
BODY = [f"Leaders know their services and the help that children get, part {n} of it." for n in range(40)]


def text(*lines: str) -> Text:
    return tidy(text_document("\n".join(lines)))


def pages(*front: str, header: str) -> Text:
    """A front page, then five pages that bear a running header."""
    lines = [Line(words, 1) for words in front]
    for page in range(2, 7):
        lines += [Line(f"{header} {page}", page)] + [Line(f"On page {page}: {b}", page) for b in BODY[:20]]
    return tidy(Document("0" * 64, "pdf", 6, lines))


def codes(found: object) -> list[str]:
    return [problem.code for problem in found.problems]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "line",
    [
        "Inspection dates: 10 to 14 June 2024",
        "Inspection date(s) : 10-14 June 2024",
        "Inspection date: 10 June 2024 \u2013 14 June 2024",
        "INSPECTION DATES 10 to 14 June 2024",
        "Dates of inspection: 10 to 14 June 2024",
        "Date of the visit: 10/06/2024 - 14/06/2024",
        "Inspected between 10 and 14 June 2024",
        "Inspection took place from 10 to 14 June 2024",
        "Insp ection dat es: 1 0 to 14 Ju ne 2024",
        "Inspection dates: 10 to 14 June 2024 Lead inspector: Ada Quill",
    ],
)
def test_labels_of_the_front(line: str) -> None:
    found = read_inspection_windows(text("Brackenshire County Council", line, *BODY))
    assert (found.windows, found.page, found.places, codes(found)) == (JUNE, 1, ("label",), [])
    assert found.evidence == " ".join(line.split())


def test_a_value_on_the_next_line_or_running_on_to_it() -> None:
    below = text("Brackenshire", "Inspection dates:", "10 to 14 June 2024", "Lead inspector: Ada Quill", *BODY)
    assert read_inspection_windows(below).windows == JUNE
    on = text(
        "Brackenshire", "Inspection dates: 8 July 2019 to 12 July 2019 and 7 August 2019 to", "8 August 2019", *BODY
    )
    assert read_inspection_windows(on).end == date(2019, 8, 8)
    assert len(read_inspection_windows(on).windows) == 2


def test_dates_of_previous_inspections_are_not_taken() -> None:
    found = read_inspection_windows(
        text(
            "Brackenshire",
            "Dates of previous inspection: 3 to 7 May 2021",
            "Inspection dates: 10 to 14 June 2024",
            *BODY,
        )
    )
    assert found.windows == JUNE


def test_label_and_header_agree() -> None:
    found = read_inspection_windows(
        pages(
            "Inspection of a place",
            "Inspection dates: 10 to 14 June 2024",
            header="Inspection of a place, 10 to 14 June 2024",
        )
    )
    assert (found.windows, found.places, codes(found)) == (JUNE, ("label", "header"), [])


def test_the_header_stands_in_for_a_label_that_is_gone_or_impossible() -> None:
    header = "Inspection report: a place, 10 to 14 June 2024"
    gone = read_inspection_windows(pages("A place", "Inspection dates:", header=header))
    assert (gone.windows, gone.places) == (JUNE, ("header",))
    impossible = read_inspection_windows(pages("A place", "Inspection dates: 14 to 10 June 2024", header=header))
    assert (impossible.windows, codes(impossible)) == (JUNE, ["impossible_inspection_date"])


def test_label_and_header_that_differ_are_reported() -> None:
    found = read_inspection_windows(
        pages("A place", "Inspection dates: 10 to 14 June 2024", header="Report: a place, 17 to 21 June 2024")
    )
    assert (found.windows, codes(found)) == (JUNE, ["inspection_dates_disagree"])
    assert found.problems[0].expected == "2024-06-10 to 2024-06-14"


@pytest.mark.parametrize("value", ["14 to 10 June 2024", "31 June 2024", "10 June 2021 to 14 June 2024", "June 2024"])
def test_nothing_is_invented_where_the_only_place_is_unsound(value: str) -> None:
    found = read_inspection_windows(text("A place", f"Inspection dates: {value}", *BODY))
    assert (found.windows, found.start, found.end) == ((), None, None)
    assert codes(found) == ["impossible_inspection_date", "no_inspection_date"]


def test_a_text_without_dates_says_so() -> None:
    assert codes(read_inspection_windows(text(*BODY))) == ["no_inspection_date"]


def test_damage_keeps_the_window_and_marks_a_lost_end() -> None:
    printed = ["Brackenshire", "Inspection date: 24 November 2015 \u2013 17 December 2015", *BODY]
    found = read_inspection_windows(text(*damage("\n".join(printed)).split("\n")))
    assert found.windows == ((date(2015, 11, 24), date(2015, 12, 17)),)
    printed[1:2] = ["Inspection dates: 8 July 2019 to 12 July 2019 and 7 August 2019 to", "8 August 2019"]
    torn = read_inspection_windows(text(*damage("\n".join(printed)).split("\n")))
    assert torn.windows == ((date(2019, 7, 8), date(2019, 7, 12)),)
    assert (torn.is_complete, torn.end, codes(torn)) == (False, None, ["inspection_date_incomplete"])


LETTER = [
    "11 July 2024",
    "Ms Ada Quill",
    "Director of Children's Services",
    "Brackenshire County Council",
    "Dear Ms Quill",
    "Focused visit to Brackenshire children's services",
]


@pytest.mark.parametrize(
    ("sentence", "windows"),
    [
        (
            "This letter summarises the findings of the focused visit to Brackenshire children's services on 11 and"
            " 12 June 2024.",
            ((date(2024, 6, 11), date(2024, 6, 12)),),
        ),
        ("Between 10 June 2024 and 14 June 2024, Ofsted and CQC conducted a joint inspection of Brackenshire.", JUNE),
        ("Inspectors visited from Monday 10 June to Friday 14 June 2024.", JUNE),
        ("Since the last visit on 3 May 2023 much has changed. The visit took place on 14 June 2024.", None),
        ("The report was published on 24 July 2024 and tells of the inspection from 10 to 14 June 2024.", JUNE),
    ],
)
def test_letters_state_their_dates_in_a_sentence(sentence: str, windows: tuple[tuple[date, date], ...] | None) -> None:
    found = read_inspection_windows(text(*LETTER, sentence, *BODY))
    assert found.windows == (windows or ((date(2024, 6, 14), date(2024, 6, 14)),))
    assert found.places == ("sentence",)


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("Report published: 1 September 2015", date(2015, 9, 1)),
        ("Published: 23 August 2013", date(2013, 8, 23)),
        ("Publication date: 10/08/2015", date(2015, 8, 10)),
        ("This report was published on 4 May 2014", date(2014, 5, 4)),
        ("Report publ ished: 2 4 Janua ry 2017", date(2017, 1, 24)),
    ],
)
def test_printed_publication_dates(line: str, day: date) -> None:
    found = read_published_date(text("A place", "Inspection dates: 10 to 14 June 2014", line, *BODY))
    assert found is not None
    assert (found.date, found.page, codes(found)) == (day, 1, [])


def test_publication_dates_that_differ_and_that_are_none() -> None:
    two = read_published_date(text("A place", "Report published: 1 May 2015", "Published: 13 May 2015", *BODY))
    assert two is not None
    assert (two.date, codes(two)) == (date(2015, 5, 1), ["published_dates_differ"])
    none = read_published_date(text("A place", "Report published: 31 June 2015", *BODY))
    assert none is not None
    assert (none.date, codes(none)) == (None, ["impossible_published_date"])
    assert read_published_date(text("A place", "The plan published in May 2015 was read.", *BODY)) is None


def test_a_letter_bears_its_own_date() -> None:
    found = read_published_date(text(*LETTER, *BODY))
    assert found is not None
    assert found.date == date(2024, 7, 11)
    assert read_published_date(text(*LETTER[1:], "12 July 2024", *BODY)) is None


@pytest.mark.parametrize(
    ("line", "windows"),
    [
        # 3 to 7 June 2024 is a Monday to Friday; 37 June is no day, so the split is the only reading.
        ("Inspection dates: 37 June 2024", ((date(2024, 6, 3), date(2024, 6, 7)),)),
        # "1–5 July 2024" without its dash: a Monday to a Friday, where the 15th would be one lone day.
        ("Inspection dates: 15 July 2024", ((date(2024, 7, 1), date(2024, 7, 5)),)),
        # 2 June 2024 is a Sunday: no inspection runs from it, so the day stands, with a doubt.
        ("Inspection dates: 26 June 2024", ((date(2024, 6, 26), date(2024, 6, 26)),)),
    ],
)
def test_single_day_where_several_are_needed_and_dashes_are_lost(line: str, windows: tuple[object, ...]) -> None:
    found = read_inspection_windows(text(line, *BODY), takes_days=True)
    assert found.windows == windows
    if line.split()[2] != "37":
        assert "single_day" in codes(found)


def test_a_day_in_a_sentence_is_never_taken_apart() -> None:
    """Sentences join two days by words; 15 July may be the one day that they tell of."""
    found = read_inspection_windows(text(*LETTER, "The inspection began on 15 July 2024.", *BODY), takes_days=True)
    assert found.windows == ((date(2024, 7, 15), date(2024, 7, 15)),)
    assert codes(found) == ["single_day"]


def test_single_day_stands_with_a_doubt_where_no_dash_was_lost() -> None:
    found = read_inspection_windows(
        text("Inspection dates: 15 July 2024", "Children\u2019s services", *BODY), takes_days=True
    )
    assert found.windows == ((date(2024, 7, 15), date(2024, 7, 15)),)
    assert codes(found) == ["single_day"]


def test_single_day_of_a_visit_is_no_problem() -> None:
    found = read_inspection_windows(text("Inspection dates: 15 July 2024", *BODY))
    assert found.windows == ((date(2024, 7, 15), date(2024, 7, 15)),)
    assert codes(found) == []


def test_a_report_bound_behind_another_keeps_its_page_numbers_and_dates() -> None:
    lines = [
        Line(words, 37)
        for words in ("Review of the board", "Inspection date: 10 to 14 June 2024", "Report published: 5 July 2024")
    ]
    bound = tidy(Document("0" * 64, "pdf", 40, [*lines, *(Line(b, 38) for b in BODY)]))
    assert read_inspection_windows(bound).windows == JUNE
    published = read_published_date(bound)
    assert published is not None and published.date == date(2024, 7, 5)


@pytest.mark.parametrize(
    "front",
    [
        ["Inspection dates: 10 June 2024", "\u2013 14 June 2024"],
        ["Inspection dates: 10/06/2024", "to 14/06/2024"],
        ["Inspection dates: Monday 10 June 2024", "until Friday 14 June 2024"],
        ["Inspection dates:", "10 June 2024", "to 14 June 2024"],
        ["Inspection dates: 10 June 2024", "to", "14 June 2024"],
        # The lines of the front run together.
        ["Area SEND inspection of Ambridge Inspection dates: 10 to 14 June 2024"],
        ["Inspection dates: 10 to 14 June 2024 Dates of previous inspection: 3 to 7 July 2017"],
        ["Ambridge Inspection dates: 10 to 14 June 2024 Lead inspector: Ann Other, HMI"],
    ],
)
def test_window_is_whole_where_its_lines_are_broken_or_joined(front: list[str]) -> None:
    found = read_inspection_windows(pages("Ambridge", *front, header="Inspection of Ambridge 10 to 17 June 2024"))
    assert found.windows == JUNE
    assert found.places[0] == "label"
    assert codes(found) == ["inspection_dates_disagree"]


def test_dates_of_the_running_header_alone_are_told() -> None:
    found = read_inspection_windows(pages("Ambridge", header="Inspection of Ambridge 10 to 14 June 2024"))
    assert found.windows == JUNE
    assert codes(found) == ["inspection_date_read_once"]


@pytest.mark.parametrize(
    "line",
    [
        "Inspection date: 10 to 14 June 2024 Report published: 7 July 2024",
        "Published 7 July 2024",
        "Report published: 7 July 2024",
    ],
)
def test_publication_stands_behind_its_label(line: str) -> None:
    found = read_published_date(text("Ambridge", line, *BODY))
    assert found is not None and found.date == date(2024, 7, 7)


def test_line_of_a_sentence_on_another_publication_is_no_date_of_this_report() -> None:
    lines = ["Ambridge", "Inspection dates: 10 to 14 June 2024", "A serious case review was", "published on 8 May 2014"]
    assert read_published_date(text(*lines, "and its lessons are known.", *BODY)) is None
