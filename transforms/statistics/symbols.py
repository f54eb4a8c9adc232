"""What stands in a value cell: a number, a duration, a symbol for a missing value, or a fault.

A symbol never becomes a number: the value is null and the reason is kept as a status. Current
symbols are the department's; the old ones and the bracketed ones are read as their successors.
What is neither number nor known symbol is a fault and is rejected with its place.

Source: reference tables "Symbols" (DfE open data standards; GSS symbols in brackets).
"""

from __future__ import annotations

import polars as pl

REPORTED = "reported"
STATUS_OF_SYMBOL = {
    "c": "suppressed",
    "*": "suppressed",
    "z": "not_applicable",
    ".": "not_applicable",
    "x": "not_available",
    ":": "not_available",
    "..": "not_available",
    "": "not_available",
    "k": "low",
    "low": "low",
    "~": "low",
    "u": "unreliable",
    "-": "unreliable",
}
# Symbols that publishers use for more than one thing: of low reliability, less than half of the unit, none at all.
DOUBTED = "-"
STATUSES = (REPORTED, *sorted(set(STATUS_OF_SYMBOL.values())))

_DURATION = r"^\d{1,3}:(?:0\d|1[01])$"  # years:months
# Months in one digit, as releases of 2022 and 2023 print them: a ratio may look like that, but has no side of nought.
_SHORT_DURATION = r"^\d{1,3}:\d$"
_NO_RATIO = r"^0+:(?:0?\d|1[01])$|^\d{1,3}:00?$"
_PERCENT = r"^([+-]?\d+(?:\.\d+)?)\s?%$"
_GROUPED = r"^[+-]?\d{1,3}(?:[,\s]\d{3})+(?:\.\d+)?$"
_MARKED = r"^[+-]?[£$]\s?[\d,]+(?:\.\d+)?[mk]?$|^[+-]?[\d,]+(?:\.\d+)?\s?%$"
# Written for people or in another country: with a decimal comma, a printed minus, in brackets, with a mark of a note.
_DRESSED = (
    r"^[+-]?\d+,\d+$|^\u2212\s?\d[\d.,]*%?$|^\(\d[\d.,]*\)$|"
    r"^[+-]?\d[\d.,]*\s?(?:\*+|\[[A-Za-z0-9 ]+\]|\([A-Za-z]\))$"
)


def stripped(name: str) -> pl.Expr:
    """Text of a cell without blanks around it, null as empty text."""
    return pl.col(name).fill_null("").str.strip_chars(" \t\r\u00a0\ufeff")


def number_in(cell: pl.Expr) -> pl.Expr:
    """Number in a stripped cell; null where it is no plain, finite number."""
    number = cell.cast(pl.Float64, strict=False)
    return pl.when(number.is_finite()).then(number)


def tells_durations(cell: pl.Expr) -> pl.Expr:
    """Whether a stripped cell is years:months and cannot be a ratio: one side is nought."""
    return cell.str.contains(_NO_RATIO)


def is_duration(cell: pl.Expr, are_told: pl.Expr | bool | None = None) -> pl.Expr:
    """Whether a stripped cell is a duration written as years:months.

    Args:
        cell: of one column.
        are_told: whether months in one digit are durations there, and not one side of a ratio; None: where any
            cell of the column tells so.
    """
    told = tells_durations(cell).any() if are_told is None else are_told
    return cell.str.contains(_DURATION) | (cell.str.contains(_SHORT_DURATION) & told)


def is_meant_as_number(cell: pl.Expr, are_told: pl.Expr | bool | None = None) -> pl.Expr:
    """Whether a stripped cell that is no number was meant as one: a duration, grouped digits, a mark or a unit."""
    return is_duration(cell, are_told) | cell.str.contains("|".join(f"(?:{p})" for p in (_GROUPED, _MARKED, _DRESSED)))


def is_symbol(cell: pl.Expr) -> pl.Expr:
    """Whether a stripped cell is a known symbol (empty is one)."""
    return _bare(cell).is_in(list(STATUS_OF_SYMBOL))


def read_words(words: pl.Series, *, are_told: bool = False) -> pl.DataFrame:
    """Read distinct stripped cells that are no numbers.

    Args:
        words: named `printed`.
        are_told: whether months in one digit are durations in the table (`is_duration`).

    Returns:
        `printed`, `word_status` (null for a fault), `word_value` (durations in years), `word_percent` (what
        stands before a percent sign: a value where the unit is percent, else a fault), `rule` of the fault.
    """
    cell = pl.col("printed")
    years = cell.str.extract(r"^(\d+):", 1).cast(pl.Float64, strict=False)
    months = cell.str.extract(r":(\d+)$", 1).cast(pl.Float64, strict=False)
    duration = is_duration(cell, are_told)
    symbol = _bare(cell).replace_strict(STATUS_OF_SYMBOL, default=None, return_dtype=pl.String)
    return words.to_frame().with_columns(
        word_status=pl.when(duration).then(pl.lit(REPORTED)).otherwise(symbol),
        word_value=pl.when(duration).then(years + months / 12),
        word_percent=cell.str.extract(_PERCENT, 1).cast(pl.Float64, strict=False),
        rule=fault_of(cell),
    )


def fault_of(cell: pl.Expr) -> pl.Expr:
    """Name of the fault in a stripped cell that is neither number nor symbol."""
    return (
        pl.when(cell.str.contains(_GROUPED))
        .then(pl.lit("thousands_separator"))
        .when(cell.str.contains(_MARKED))
        .then(pl.lit("unit_in_value"))
        .when(cell.str.len_chars() <= 4)
        .then(pl.lit("unknown_symbol"))
        .otherwise(pl.lit("text_in_value"))
    )


def _bare(cell: pl.Expr) -> pl.Expr:
    return cell.str.to_lowercase().str.replace(r"^\[(.*)\]$", "$1")
