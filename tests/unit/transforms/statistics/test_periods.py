"""Every way of writing a period to one code, and what is none."""

from __future__ import annotations

from datetime import date

import pytest

from transforms.statistics.periods import Period, read_period


@pytest.mark.parametrize(
    ("printed", "identifier", "ends", "expected"),
    [
        ("2025", "Reporting year", "03-31", Period("2025", "financial_year", date(2024, 4, 1), date(2025, 3, 31))),
        ("2025", "Reporting year", "09-30", Period("2025", "year_to_september", date(2024, 10, 1), date(2025, 9, 30))),
        ("2024", "Reporting year", "at 06-30", Period("2024", "snapshot", date(2024, 6, 30), date(2024, 6, 30))),
        ("202425", "Reporting year", "03-31", Period("2025", "financial_year", date(2024, 4, 1), date(2025, 3, 31))),
        ("2025.0", "reporting_year", "03-31", Period("2025", "financial_year", date(2024, 4, 1), date(2025, 3, 31))),
        ("202425", "Academic year", "03-31", Period("202425", "academic_year", date(2024, 9, 1), date(2025, 8, 31))),
        ("199900", "Academic year", "03-31", Period("199900", "academic_year", date(1999, 9, 1), date(2000, 8, 31))),
        ("2024/25", "Financial year", "03-31", Period("202425", "financial_year", date(2024, 4, 1), date(2025, 3, 31))),
        ("2024-2025", "Tax year", "03-31", Period("202425", "tax_year", date(2024, 4, 6), date(2025, 4, 5))),
        ("2024", "Calendar year", "03-31", Period("2024", "calendar_year", date(2024, 1, 1), date(2024, 12, 31))),
        ("2024", "Calendar year Q3", "03-31", Period("2024Q3", "quarter", date(2024, 7, 1), date(2024, 9, 30))),
        ("202425", "Financial year Q4", "03-31", Period("202425Q4", "quarter", date(2025, 1, 1), date(2025, 3, 31))),
        ("202425", "Academic year Q1", "03-31", Period("AY202425Q1", "quarter", date(2024, 9, 1), date(2024, 11, 30))),
        ("202425", "Tax year Q1", "03-31", Period("TY202425Q1", "quarter", date(2024, 4, 6), date(2024, 7, 5))),
        ("202425", "Tax year Q3-4", "03-31",
         Period("TY202425Q3-Q4", "quarters", date(2024, 10, 6), date(2025, 4, 5))),
        ("202425", "Six half terms", "03-31", Period("202425", "academic_year", date(2024, 9, 1), date(2025, 8, 31))),
        ("202425", "Five half terms", "03-31",
         Period("202425 five half terms", "term", date(2024, 9, 1), date(2025, 5, 31))),
        ("202425", "Autumn term", "03-31", Period("202425 autumn term", "term", date(2024, 9, 1), date(2024, 12, 31))),
        ("2024", "February", "03-31", Period("2024-02", "month", date(2024, 2, 1), date(2024, 2, 29))),
        ("2024", "Week 1", "03-31", Period("2024W01", "week", date(2024, 1, 1), date(2024, 1, 7))),
        ("202425", "Part 2 (October to March)", "03-31",
         Period("202425H2", "half_year", date(2024, 10, 1), date(2025, 3, 31))),
        ("2024-03-31", "", "03-31", Period("2024-03-31", "snapshot", date(2024, 3, 31), date(2024, 3, 31))),
        ("202425", "", "03-31", Period("202425", "academic_year", date(2024, 9, 1), date(2025, 8, 31))),
    ],
)  # fmt: skip
def test_a_printed_period_has_code_kind_and_days(printed: str, identifier: str, ends: str, expected: Period) -> None:
    assert read_period(printed, identifier, ends) == expected


@pytest.mark.parametrize(
    ("printed", "identifier"),
    [
        ("0", "Reporting year"), ("2014-16", "Reporting year"), ("202427", "Academic year"), ("2025", "Academic year"),
        ("2025 (prov)", "Reporting year"), ("time_period", "time_identifier"), ("", ""), ("2024", "Olympiad"),
        ("2024-02-30", ""), ("202425", "Calendar year"), ("2024", "Week 60"), ("2024", "Autumn term"),
        ("2024", "Reporting year Q1"), ("202425", "Reporting year Q1"), ("202425", "Calendar year Q1"),
    ],
)  # fmt: skip
def test_what_is_no_period(printed: str, identifier: str) -> None:
    assert read_period(printed, identifier) is None
