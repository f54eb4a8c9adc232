"""Written forms of dates: every form comes back, and what is no sound date is refused."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.reading.date_forms import (
    date_in_name,
    find_windows,
    parse_date,
    parse_when,
    parse_windows,
    read_value,
)

_NAMES = "January February March April May June July August September October November December".split()


JUNE = [(date(2024, 6, 10), date(2024, 6, 14))]
AUTUMN = [(date(2015, 11, 24), date(2015, 12, 17))]
TWO = [(date(2019, 7, 8), date(2019, 7, 12)), (date(2019, 8, 7), date(2019, 8, 8))]


@pytest.mark.parametrize(
    ("text", "windows"),
    [
        ("10 to 14 June 2024", JUNE),
        ("10-14 June 2024", JUNE),
        ("10 \u2013 14 June 2024", JUNE),
        ("1014 June 2024", JUNE),
        ("10 14 June 2024", JUNE),
        ("10th to 14th June 2024", JUNE),
        ("10 th to 14 th June, 2024", JUNE),
        ("Monday 10 June to Friday 14 June 2024", JUNE),
        ("Mon 10 - Fri 14 Jun. 2024", JUNE),
        ("w/c 10 June 2024", JUNE),
        ("week commencing 10 June 2024", JUNE),
        ("10/06/2024 to 14/06/2024", JUNE),
        ("10.06.24 \u2013 14.06.24", JUNE),
        ("2024-06-10 to 2024-06-14", JUNE),
        ("between 10 June and 14 June 2024", JUNE),
        ("from 10 June 2024 until 14 June 2024", JUNE),
        ("1 0 to 14 Ju ne 2024", JUNE),
        ("10to14June2024", JUNE),
        ("24 November 2015 \u2013 17 December 2015", AUTUMN),
        ("24 November 2015  17 December 2015", AUTUMN),
        ("24 November 201517 December 2015", AUTUMN),
        ("24 November to 17 December 2015", AUTUMN),
        ("24 November17 December 2015", AUTUMN),
        ("24 November 2015 \u2500 17 December 20151", AUTUMN),
        ("24/11/201517/12/2015", AUTUMN),
        ("8 July 2019 to 12 July 2019 and 7 August 2019 to 8 August 2019", TWO),
        ("8 to 12 July and 7 to 8 August 2019", TWO),
        ("8-12 July 2019; 7 and 8 August 2019", TWO),
        ("12 December to 6 January 2023", [(date(2022, 12, 12), date(2023, 1, 6))]),
        ("12 December 2022 to 6 January", [(date(2022, 12, 12), date(2023, 1, 6))]),
        ("28 July 2016", [(date(2016, 7, 28), date(2016, 7, 28))]),
        ("11 and 12 June 2024", [(date(2024, 6, 11), date(2024, 6, 12))]),
        ("11, 12 and 13 June 2024", [(date(2024, 6, 11), date(2024, 6, 13))]),
        ("11 June and 20 June 2024", [(date(2024, 6, 11),) * 2, (date(2024, 6, 20),) * 2]),
        ("2024 June 2024", [(date(2024, 6, 20), date(2024, 6, 24))]),
    ],
)
def test_every_form_is_read(text: str, windows: list[tuple[date, date]]) -> None:
    assert parse_windows(text) == windows


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("31 June 2024", "not a date of the calendar"),
        ("14 to 10 June 2024", "ends before it starts"),
        ("10 June 2024 to 14 June 2023", "ends before it starts"),
        ("10 June 2020 to 14 June 2024", "longer than any inspection"),
        ("10 to 14 June", "no year"),
        ("7 to 8 August 2019 and 8 to 12 July 2019", "windows overlap or stand in the wrong order"),
        ("1 June to 2 June to 3 June 2024", "three dates in one window"),
    ],
)
def test_what_is_not_sound_is_refused(text: str, fault: str) -> None:
    parsed = find_windows(text)
    assert parsed is not None
    assert (parsed.windows, parsed.fault) == ([], fault)
    assert parse_windows(text) == []


@pytest.mark.parametrize("text", ["", "no date", "section 20(1)", "paragraph 17", "2024", "June 2024", "May we visit?"])
def test_no_date_is_none(text: str) -> None:
    assert parse_windows(text) == []


@pytest.mark.parametrize("text", ["30 Octobxr to 3 November 2023", "14 xx 2016 to 8 December 2016", "2x to 4 May 2022"])
def test_the_rest_of_a_torn_window_is_no_window(text: str) -> None:
    assert parse_windows(text) == []
    parsed = read_value(text)
    assert parsed is not None
    assert (parsed.windows, parsed.fault) == ([], "no date of a known form")


def test_a_value_that_breaks_off_says_so() -> None:
    parsed = find_windows("8 July 2019 to 12 July 2019 and 7 August 2019 to")
    assert parsed is not None
    assert parsed.incomplete
    assert find_windows("10 to 14 June 2024").incomplete is False  # type: ignore[union-attr]


@pytest.mark.parametrize("goes_on", ["and was led by", "and included", ", and was carried out by"])
def test_a_sentence_that_goes_on_behind_its_dates_does_not_break_off(goes_on: str) -> None:
    parsed = find_windows(f"took place between 8 and 12 July 2019 {goes_on} made-up inspectors")
    assert parsed is not None
    assert (parsed.incomplete, parsed.windows) == (False, [(date(2019, 7, 8), date(2019, 7, 12))])


def test_a_page_number_after_a_header_is_no_day() -> None:
    assert parse_windows("Inspection of a place, 7 to 18 November 2022 2") == [(date(2022, 11, 7), date(2022, 11, 18))]
    assert parse_windows("20 to 24 May 12") == []


_FORMS = (
    "{d1} {m1} {y1} to {d2} {m2} {y2}",
    "{d1} {m1} {y1} \u2013 {d2} {m2} {y2}",
    "{d1} {m1} {y1}\u2013{d2} {m2} {y2}",
    "{d1} {m1} {y1} - {d2} {m2} {y2}",
    "{d1} {m1} {y1}  {d2} {m2} {y2}",
    "{d1} {m1} {y1}{d2} {m2} {y2}",
    "{d1:02d} {m1} {y1} to {d2:02d} {m2} {y2}",
    "{d1} {s1}. {y1} to {d2} {s2}. {y2}",
    "{d1}/{n1:02d}/{y1} \u2013 {d2}/{n2:02d}/{y2}",
    "{d1}.{n1}.{y1} to {d2}.{n2}.{y2}",
    "{w1} {d1} {m1} {y1} to {w2} {d2} {m2} {y2}",
    "between {d1} {m1} {y1} and {d2} {m2} {y2}",
    "Inspection dates: {d1} {m1} {y1} to {d2} {m2} {y2} Lead inspector: A Name",
)
_ONE_YEAR = ("{d1} {m1} to {d2} {m2} {y2}", "{d1} {m1} \u2013 {d2} {m2} {y2}", "{d1} {m1} {d2} {m2} {y2}")
_ONE_MONTH = ("{d1} to {d2} {m2} {y2}", "{d1}-{d2} {m2} {y2}", "{d1} \u2013 {d2} {m2} {y2}", "{d1} {d2} {m2} {y2}")


@given(
    start=st.dates(date(2009, 1, 1), date(2032, 12, 31)),
    length=st.integers(1, 60),
    form=st.integers(0, 19),
    data=st.data(),
)
def test_any_window_in_any_form_comes_back(start: date, length: int, form: int, data: st.DataObject) -> None:
    end = start + timedelta(days=length)
    forms = [*_FORMS, *(_ONE_YEAR if (end - start).days < 300 else ())]
    if (start.year, start.month) == (end.year, end.month):
        forms += _ONE_MONTH
    written = forms[form % len(forms)].format(
        d1=start.day, d2=end.day, m1=_NAMES[start.month - 1], m2=_NAMES[end.month - 1], y1=start.year, y2=end.year,
        n1=start.month, n2=end.month, s1=_NAMES[start.month - 1][:3], s2=_NAMES[end.month - 1][:3],
        w1=start.strftime("%A"), w2=end.strftime("%A"),
    )  # fmt: skip
    case = data.draw(st.sampled_from([str, str.upper, str.lower]))
    assert parse_windows(case(written)) == [(start, end)], written


@given(start=st.dates(date(2009, 1, 1), date(2032, 12, 31)), length=st.integers(1, 25))
def test_a_window_that_lost_its_dash_comes_back_or_is_refused(start: date, length: int) -> None:
    end = start + timedelta(days=length)
    if start.month != end.month or start.day < 10 > end.day:
        return  # "1-2 June" without its dash reads 12 June: nothing can tell
    written = f"{start.day}{end.day} {_NAMES[end.month - 1]} {end.year}"
    assert parse_windows(written) == [(start, end)], written


@given(st.text(max_size=80))
def test_no_text_breaks_the_parser(text: str) -> None:
    for start, end in parse_windows(text):
        assert start <= end
    parse_date(text)
    parse_when(text)
    date_in_name(text)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1 September 2015", date(2015, 9, 1)),
        ("Report published: 01 September 2014", date(2014, 9, 1)),
        ("10/08/2015", date(2015, 8, 10)),
        ("13 Jan 23", date(2023, 1, 13)),
        ("June 11, 2024", date(2024, 6, 11)),
        ("the 9th of March 2020", date(2020, 3, 9)),
        ("2 4 January 2017", date(2017, 1, 24)),
        ("25 November 20 16", date(2016, 11, 25)),
        ("25 November 2016 2", date(2016, 11, 25)),
        ("30 February 2020", None),
        ("10 to 14 June 2024", None),
        ("soon", None),
    ],
)
def test_a_single_day_is_read_or_none(text: str, day: date | None) -> None:
    assert parse_date(text) == day


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("since 1 September 2014", (date(2014, 9, 1), "day")),
        ("since March 2014", (date(2014, 3, 1), "month")),
        ("since 2006", (date(2006, 1, 1), "year")),
        ("since March", None),
        ("31 June 2014", None),
    ],
)
def test_days_months_and_years(text: str, expected: tuple[date, str] | None) -> None:
    assert parse_when(text) == expected


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("children's services inspection - 13 january 2023.pdf", date(2023, 1, 13)),
        ("report_2023-01-13.pdf", date(2023, 1, 13)),
        ("20230113 report.pdf", date(2023, 1, 13)),
        ("13-01-2023.pdf", date(2023, 1, 13)),
        ("13_01_23.pdf", date(2023, 1, 13)),
        ("visit 13th Jan 2023 final.pdf", date(2023, 1, 13)),
        ("13 january 2023 and again 2023-01-13.pdf", date(2023, 1, 13)),
        ("13 january 2023 of visit 2 december 2022.pdf", None),
        ("80488_report_50012345.pdf", None),
        ("31 june 2023.pdf", None),
        ("report.pdf", None),
    ],
)
def test_dates_in_file_names(name: str, day: date | None) -> None:
    assert date_in_name(name) == day
