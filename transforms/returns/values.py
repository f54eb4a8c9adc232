"""Cells as text to typed values.

Columns hold few distinct values, so each distinct text is read once and mapped back; a reason
stands beside what could not be read, or was read but is not as specified. Reasons never hold the
text. Days come before months; a date that reads in two ways is left out, with that reason.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import polars as pl

from transforms.returns.entry import Column, is_valid
from transforms.returns.model import CHILDREN

DTYPES: Mapping[str, pl.DataType] = {
    "text": pl.String(),
    "code": pl.String(),
    "postcode": pl.String(),
    "date": pl.Date(),
    "integer": pl.Int64(),
    "age": pl.Int64(),
    "decimal": pl.Float64(),
    "flag": pl.Boolean(),
    "timestamp": pl.Datetime("us"),
}

UNREADABLE, INVALID, OUT_OF_RANGE, NUMBER_FORM = "unreadable_value", "invalid_code", "out_of_range", "number_form"
NOT_A_DATE = "unreadable_date"
MONTH_FIRST, TWO_DIGIT_YEAR = "date_month_first", "date_two_digit_year"
MESSAGES = {
    UNREADABLE: "found text that does not read as {kind}, expected {kind}; the value is left out",
    INVALID: "found a code that is not valid in this year, expected one of the code list",
    OUT_OF_RANGE: "found a number outside the range of the specification",
    NUMBER_FORM: "found an identifier written as a number, expected text: leading zeros may be lost",
    NOT_A_DATE: "found text that is no date, expected day/month/year; the value is left out",
    MONTH_FIRST: "found a date that reads only with the month first, expected day/month/year; the value is left out",
    TWO_DIGIT_YEAR: "found a year of two digits, expected four; the value is left out",
}

_Value = tuple[Any, str]  # what was read, and a reason where something is wrong with it

_SPACES = re.compile(r"\s+")
_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-"})
_WHOLE = re.compile(r"([+-]?\d{1,15})(?:\.0*)?")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_AS_NUMBER = re.compile(r"\d+\.0+")

_TIME = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AaPp][Mm])?)?(?:Z|[+-]\d{2}:\d{2})?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_TIME}")
_DAY_FIRST = re.compile(rf"(\d{{1,2}})\s?([-/. ])\s?(\d{{1,2}})\s?\2\s?(\d{{2}}|\d{{4}}){_TIME}")
_DAY_NAMED = re.compile(rf"(\d{{1,2}})(?:st|nd|rd|th)?[-/. ]*([a-z]{{3,9}})\.?[-/., ]*(\d{{2}}|\d{{4}}){_TIME}", re.I)
_MONTH_NAMED = re.compile(rf"([a-z]{{3,9}})\.? +(\d{{1,2}})(?:st|nd|rd|th)?,? +(\d{{4}}){_TIME}", re.I)
_WEEKDAY = re.compile(r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? +", re.I)
_DIGITS = re.compile(r"\d{8}")
_SERIAL = re.compile(r"([1-9]\d{4})(?:\.\d+)?")  # from 1927 to 2173
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            *("jan january", "feb february", "mar march", "apr april", "may", "jun june"),
            *("jul july", "aug august", "sep sept september", "oct october", "nov november", "dec december"),
        ),
        1,
    )
    for name in names.split()
}
_SERIAL_ZERO = date(1899, 12, 30)
_EARLIEST, _LATEST = 1800, 2199

_FLAGS = {
    **dict.fromkeys(("1", "true", "yes", "y", "t", "a) yes"), True),
    **dict.fromkeys(("0", "false", "no", "n", "f", "b) no"), False),
}
_AGE_PARTS = re.compile(
    r"(?:(\d{1,3}) ?(?:years?|yrs?|y)\b)?[ ,]*(?:(?:and )?\d{1,3} ?(?:months?|mths?|m)\b)?(?: old)?"
)
_MONTHS_ONLY = re.compile(r"(\d{1,3}) ?(?:months?|mths?|m)(?: old)?")
_SHORT_AGES = re.compile(r"(?:< ?1|under 1|less than 1|\d{1,3} ?(?:weeks?|wks?|days?))(?: ?(?:years?|yrs?))?(?: old)?")
_PREFIX = re.compile(r"[a-z]{1,2}[).][ ]?")  # "k) APKN"
_CODED = re.compile(r"(\w{1,6}) ?(?: - |-|:|=|\)) ?(.+)|(.+?) ?\((\w{1,6})\)")  # "N1 - Abuse or neglect"


def normal(text: str) -> str:
    """Return text as spellings are compared: lower case, plain quotes and dashes, single blanks."""
    return _SPACES.sub(" ", text.translate(_QUOTES)).strip().casefold()


def stripped(column: pl.Expr) -> pl.Expr:
    """Return text without blanks around it, those that never break included; nothing left is null."""
    text = column.str.strip_chars()
    return pl.when(text.str.len_bytes() > 0).then(text)


def typed(text: pl.Series, column: Column, year: int) -> tuple[pl.Series, pl.Series | None]:
    """Read one column.

    Args:
        text: stripped, blank as null.
        column: what it should hold.
        year: collection year, which decides the codes.

    Returns:
        The values, and beside each the reason why it is not as specified: null where all is well,
        None where all of them are.
    """
    if column.kind == "text" and not (column.is_identifier and text.str.contains(r"^\d+\.0+$").any()):
        return _as_child(text, column), None
    distinct = text.unique().drop_nulls()
    if column.kind == "postcode":
        return _mapped(text, distinct, _postcodes(distinct), DTYPES["postcode"]), None
    reader = _reader(column, year)
    read = [reader(value) for value in distinct.to_list()]
    dtype = DTYPES[column.kind]
    values = pl.Series([value for value, _ in read], dtype=dtype)
    result = _mapped(text, distinct, values, dtype)
    reasons = pl.Series([reason or None for _, reason in read], dtype=pl.String())
    wrong = _mapped(text, distinct, reasons, pl.String()) if reasons.null_count() < len(reasons) else None
    return _as_child(result, column), wrong


def _as_child(text: pl.Series, column: Column) -> pl.Series:
    if column.is_identifier and column.kind == "text":
        return text.cast(pl.Categorical(CHILDREN))
    return text


def _mapped(text: pl.Series, distinct: pl.Series, values: pl.Series, dtype: pl.DataType) -> pl.Series:
    if distinct.is_empty():
        return pl.Series(text.name, [None] * len(text), dtype=dtype)
    return text.replace_strict(distinct, values, default=None, return_dtype=dtype)


def _postcodes(text: pl.Series) -> pl.Series:
    """Upper case, one blank before the last three characters where the shape is that of a postcode."""
    squashed = text.str.replace_all(r"\s", "").str.to_uppercase()
    shaped = squashed.str.contains(r"^[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}$")
    spaced = squashed.str.replace(r"^(.*)(...)$", "$1 $2")
    return spaced.zip_with(shaped.fill_null(False), text.str.to_uppercase())


def _reader(column: Column, year: int) -> Callable[[str], _Value]:
    if column.kind == "date":
        return read_date
    if column.kind == "code":
        return _code_reader(column, year)
    if column.kind == "flag":
        return _flag_reader(column)
    if column.kind == "text":
        return _read_identifier
    if column.kind == "timestamp":
        return _read_timestamp
    return _bounded({"integer": _read_integer, "age": _read_age, "decimal": _read_decimal}[column.kind], column)


def read_date(text: str) -> _Value:
    """Read one date, in any of the forms that leave no doubt: see the module."""
    text = _WEEKDAY.sub("", text)
    if match := _DAY_FIRST.fullmatch(text):
        return _of_day_first(match[1], match[3], match[4])
    if match := _YEAR_FIRST.fullmatch(text):
        return _found(_of(int(match[1]), int(match[3]), int(match[4])))
    if match := _SERIAL.fullmatch(text):
        return _found(_SERIAL_ZERO + timedelta(int(match[1])))
    if match := _DAY_NAMED.fullmatch(text):
        month = _MONTHS.get(match[2].lower(), 0)
        if month and len(match[3]) == 2:
            return None, TWO_DIGIT_YEAR
        return _found(_of(int(match[3]), month, int(match[1])))
    if match := _MONTH_NAMED.fullmatch(text):
        return _found(_of(int(match[3]), _MONTHS.get(match[1].lower(), 0), int(match[2])))
    if _DIGITS.fullmatch(text):
        year_first = _of(int(text[:4]), int(text[4:6]), int(text[6:]))
        day_first = _of(int(text[4:]), int(text[2:4]), int(text[:2]))
        return _found(year_first or day_first)  # of years as they are now, never both
    return None, NOT_A_DATE


def _of_day_first(day: str, month: str, year: str) -> _Value:
    if len(year) == 2:
        return None, TWO_DIGIT_YEAR
    found = _of(int(year), int(month), int(day))
    if found is None and _of(int(year), int(day), int(month)) is not None:
        return None, MONTH_FIRST
    return _found(found)


def _found(day: date | None) -> _Value:
    return day, "" if day is not None and _EARLIEST <= day.year <= _LATEST else NOT_A_DATE


def _of(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if _EARLIEST <= year <= _LATEST else None
    except ValueError:
        return None


def _read_timestamp(text: str) -> _Value:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        day, _ = read_date(text)
        return (datetime(day.year, day.month, day.day), "") if day else (None, UNREADABLE)
    return moment.replace(tzinfo=None), ""


def _read_integer(text: str) -> _Value:
    plain = text.replace(",", "") if _THOUSANDS.fullmatch(text) else text
    match = _WHOLE.fullmatch(plain)
    return (int(match[1]), "") if match else (None, UNREADABLE)


def _read_decimal(text: str) -> _Value:
    plain = text.replace(",", "") if _THOUSANDS.fullmatch(text) else text
    if not _NUMBER.fullmatch(plain):
        return None, UNREADABLE
    number = float(plain)
    return (number, "") if math.isfinite(number) else (None, UNREADABLE)


def _read_age(text: str) -> _Value:
    """Completed years: of `6.138`, `<1`, `18 months`, `3 years 2 months`."""
    number, reason = _read_decimal(text)
    if not reason:
        return (math.floor(number), "") if 0 <= number < 200 else (None, UNREADABLE)
    plain = normal(text)
    if _SHORT_AGES.fullmatch(plain):
        weeks = re.match(r"(\d+) ?w", plain)
        days = re.match(r"(\d+) ?d", plain)
        return (
            (0, "") if int(weeks[1] if weeks else 0) < 52 and int(days[1] if days else 0) < 365 else (None, UNREADABLE)
        )
    if match := _MONTHS_ONLY.fullmatch(plain):
        return int(match[1]) // 12, ""
    match = _AGE_PARTS.fullmatch(plain)
    return (int(match[1]), "") if match and match[1] else (None, UNREADABLE)


def _bounded(reader: Callable[[str], _Value], column: Column) -> Callable[[str], _Value]:
    low = -math.inf if column.low is None else column.low
    high = math.inf if column.high is None else column.high

    def read(text: str) -> _Value:
        value, reason = reader(text)
        return value, reason or ("" if low <= value <= high else OUT_OF_RANGE)

    return read


def _read_identifier(text: str) -> _Value:
    return (text.partition(".")[0], NUMBER_FORM) if _AS_NUMBER.fullmatch(text) else (text, "")


def _flag_reader(column: Column) -> Callable[[str], _Value]:
    known = {"yes": True, "no": False, "unknown": None}
    spellings: dict[str, bool | None] = dict(_FLAGS)
    for code in column.codes:
        spellings.update(dict.fromkeys(code.seen, known[code.code]))

    def read(text: str) -> _Value:
        plain = normal(_without_point(text))
        return (spellings[plain], "") if plain in spellings else (None, UNREADABLE)

    return read


def _code_reader(column: Column, year: int) -> Callable[[str], _Value]:
    codes = tuple(code for code in column.codes if is_valid(code, year))
    if any(code.seen for code in column.codes):
        spellings = _spellings(codes)
        return lambda text: _read_spelling(text, spellings)
    valid = {code.code.upper() for code in codes}

    def read(text: str) -> _Value:
        plain = _SPACES.sub(" ", text).upper()
        if plain not in valid:
            plain = _without_point(plain)
        return plain, "" if not valid or plain in valid else INVALID

    return read


def _without_point(text: str) -> str:
    """`1` of `1.0`: a code that went through a column of numbers."""
    return text.partition(".")[0] if _AS_NUMBER.fullmatch(text) else text


@cache
def _spellings(codes: tuple[Any, ...]) -> dict[str, str]:
    return {
        **{spelling: code.code for code in codes for spelling in code.seen},
        **{normal(code.code): code.code for code in codes},
    }


def _read_spelling(text: str, spellings: Mapping[str, str]) -> _Value:
    """Read a category: as its code, as a listed spelling, as what stands beside a prefix, else not at all."""
    plain = normal(_without_point(text))
    if plain in spellings:
        return spellings[plain], ""
    bare = _PREFIX.sub("", plain, count=1) if _PREFIX.match(plain) else plain
    if bare in spellings:
        return spellings[bare], ""
    if match := _CODED.fullmatch(bare):
        parts = [part for part in match.groups() if part and part.strip() in spellings]
        found = {spellings[part.strip()] for part in parts}
        if len(found) == 1:
            return found.pop(), ""
    return None, INVALID
