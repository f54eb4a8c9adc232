"""Text to values, and what is said of text that is none."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.returns.entry import Code, Column
from transforms.returns.model import CHILDREN
from transforms.returns.values import (
    INVALID,
    MESSAGES,
    MONTH_FIRST,
    NOT_A_DATE,
    NUMBER_FORM,
    OUT_OF_RANGE,
    TWO_DIGIT_YEAR,
    UNREADABLE,
    read_date,
    stripped,
    typed,
)

DAY = date(2025, 4, 3)


@pytest.mark.parametrize(
    "text",
    [
        *("03/04/2025", "3/4/2025", "03-04-2025", "03.04.2025", "3 4 2025", "03/04/2025 00:00:00", "03/04/2025 00:00"),
        *(
            "2025-04-03",
            "2025/04/03",
            "2025-04-03T00:00:00",
            "2025-04-03 00:00:00.000",
            "2025-04-03Z",
            "20250403",
            "03042025",
        ),
        *("3 Apr 2025", "03-APR-2025", "3rd April 2025", "Thursday, 3 April 2025", "April 3, 2025"),
        *("45750", "45750.0"),
    ],
)
def test_a_day_in_all_its_forms(text: str) -> None:
    assert read_date(text) == (DAY, "")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("04/13/2025", MONTH_FIRST),
        ("3/4/25", TWO_DIGIT_YEAR),
        ("03-Apr-25", TWO_DIGIT_YEAR),
        ("99/99/2025", NOT_A_DATE),
        ("29/02/2025", NOT_A_DATE),
        ("2025-02-29", NOT_A_DATE),
        ("05/12/0993", NOT_A_DATE),
        ("3 Foo 2025", NOT_A_DATE),
        ("unknown", NOT_A_DATE),
        ("00001", NOT_A_DATE),
        ("01999", NOT_A_DATE),
        ("03/04-2025", NOT_A_DATE),
    ],
)
def test_what_is_no_day_or_could_be_two_is_left_out(text: str, reason: str) -> None:
    assert read_date(text) == (None, reason)


FORMS = ("%d/%m/%Y", "%Y-%m-%d", "%d.%m.%Y", "%d %b %Y", "%d-%B-%Y", "%Y-%m-%dT00:00:00", "serial")


@given(day=st.dates(date(1955, 1, 1), date(2060, 1, 1)), form=st.sampled_from(FORMS))
def test_every_day_comes_back_from_every_form(day: date, form: str) -> None:
    text = str((day - date(1899, 12, 30)) // timedelta(1)) if form == "serial" else day.strftime(form)
    assert read_date(text) == (day, "")


def read(kind: str, *texts: str | None, year: int = 2026, **more: object) -> tuple[list[object], list[str | None]]:
    values, wrong = typed(pl.Series("x", texts, dtype=pl.String), Column("x", kind, **more), year)  # type: ignore[arg-type]
    return values.to_list(), wrong.to_list() if wrong is not None else [None] * len(texts)


def test_ages() -> None:
    texts = ("6.138", "17", "<1", "18 months", "5 years 3 months", "2 yrs", "under 1", "6 weeks", "-0.2", "old", "")
    values, wrong = read("age", *texts[:-1])
    assert values == [6, 17, 0, 1, 5, 2, 0, 0, None, None]
    assert wrong == [None] * 8 + [UNREADABLE] * 2


def test_numbers_are_read_within_their_range() -> None:
    assert read("integer", "39", "39.0", "1,234", "3.5", "x", None) == (
        [39, 39, 1234, None, None, None],
        [None, None, None, UNREADABLE, UNREADABLE, None],
    )
    assert read("integer", "41", "40", low=0.0, high=40.0) == ([41, 40], [OUT_OF_RANGE, None])
    assert read("decimal", "0.5", "1,000.25", "nan", "inf") == (
        [0.5, 1000.25, None, None],
        [None, None, UNREADABLE, UNREADABLE],
    )


def test_flags_are_read_in_every_spelling() -> None:
    values, wrong = read("flag", "1", "0", "true", "FALSE", "Yes", "n", "1.0", "2", None)
    assert values == [True, False, True, False, True, False, True, None, None]
    assert wrong == [None] * 7 + [UNREADABLE, None]


def test_codes_that_are_not_valid_stay_for_the_rules_to_judge() -> None:
    codes = (Code("0"), Code("1"), Code("N4", until=2025))
    values, wrong = read("code", "1.0", "0", "n4", "zz", codes=codes)
    assert values == ["1", "0", "N4", "ZZ"]
    assert wrong == [None, None, INVALID, INVALID]
    assert read("code", "n4", codes=codes, year=2025) == (["N4"], [None])
    assert read("code", " a 1 ") == ([" A 1 "], [None])


def test_spellings_lead_to_their_category_or_to_none() -> None:
    codes = (Code("a) White", seen=("wbri", "white british")), Code("b) Mixed", seen=("mwbc", "mixed parentage")))
    texts = ("A) WHITE", "a) WBRI", "k) MWBC", "WBRI - White British", "White\u00a0 British", "MWBC: unheard of")
    values, wrong = read("code", *texts, codes=codes)
    assert values == ["a) White", "a) White", "b) Mixed", "a) White", "a) White", "b) Mixed"]
    assert wrong == [None] * 6
    # A code and words that contradict each other, and words no one knows, are not guessed.
    assert read("code", "WBRI - mixed parentage", "a) zz", codes=codes) == ([None, None], [INVALID, INVALID])


def test_identifiers_keep_their_zeros_and_lose_a_point() -> None:
    values, wrong = read("text", "00123", "123.0", "A1", is_identifier=True)
    assert values == ["00123", "123", "A1"]
    assert wrong == [None, NUMBER_FORM, None]
    series, _ = typed(pl.Series("x", ["1"]), Column("x", is_identifier=True), 2026)
    assert series.dtype == pl.Categorical(CHILDREN)


def test_postcodes_are_written_alike() -> None:
    values, _ = read("postcode", "zz11zz", "ZZ99 9ZZ", "z1  1 zz", "nowhere", None)
    assert values == ["ZZ1 1ZZ", "ZZ99 9ZZ", "Z1 1ZZ", "NOWHERE", None]


def test_blanks_of_every_kind_go() -> None:
    frame = pl.DataFrame({"x": [" a\u00a0", "\u2003", "", None, "b c"]})
    assert frame.select(stripped(pl.all()))["x"].to_list() == ["a", None, None, None, "b c"]


@given(text=st.text(min_size=1, max_size=30))
def test_no_text_breaks_a_reader_or_comes_back_in_a_message(text: str) -> None:
    series = pl.Series("x", [text])
    for kind in ("date", "integer", "age", "decimal", "flag", "timestamp", "code", "postcode", "text"):
        values, wrong = typed(
            series, Column("x", kind, codes=(Code("a", seen=("b",)),) if kind == "code" else ()), 2026
        )
        assert len(values) == 1
        assert wrong is None or wrong[0] is None or wrong[0] in MESSAGES
