"""Ofsted's lists of providers of children's social care, in any of their layouts, as one frame.

The lists came as one workbook of children's homes with addresses on a sheet of their own, as one of
other providers with those that closed on a sheet of their own, and as one list of all, with supported
accommodation on a second sheet. What a column means is told by its header alone; sheets without
registration numbers or without codes of placements and providers are passed over.

Source: Ofsted, lists of providers for the looked-after children return.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime

import polars as pl

from transforms.errors import LayoutError
from transforms.spreadsheets import Cell, Sheet, read_sheets, spreadsheet_kind

PROVIDERS = {
    "URN": pl.String,
    "LA_NAME": pl.String,  # as the list prints it
    "PLACE_CODES": pl.String,  # placement types it may be used for, separated by commas
    "PROVIDER_CODES": pl.String,  # placement providers it counts as, separated by commas
    "REG_END": pl.Date,  # when its registration ended
    "POSTCODE": pl.String,  # upper case, no blanks
}

_HEADERS: dict[str, tuple[str, ...]] = {
    "URN": ("urn",),
    "LA_NAME": ("local authority", "provider local authority"),
    "PLACE_CODES": ("placement code", "provider code"),
    "PROVIDER_CODES": ("placement provider code", "provider placement code"),
    "REG_END": ("deregistration date", "closed date"),
    "POSTCODE": ("setting postcode", "setting address postcode", "provider postcode"),
}
_SUPPORTED = "setting category"  # a header that only the sheet of supported accommodation has
_SUPPORTED_CODES = "H5,K3"
_PROVIDER_CODE = re.compile(r"PR\d")
_SEPARATORS = re.compile(r"[\s,;/]+")
_DEEPEST_HEADER = 20
_DAY_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")

_Row = dict[str, Cell]


def recognise(data: bytes) -> str | None:
    """Return None for a workbook with a sheet of registration numbers, else what was seen."""
    if spreadsheet_kind(data) is None:
        return "found no workbook of providers"
    listed = any(_rows(sheet) for sheet in read_sheets(data))
    return None if listed else "found a workbook without a sheet of registration numbers (URN)"


def read_providers(sheets: Iterable[Sheet]) -> pl.DataFrame:
    """Read the providers of one or more workbooks.

    Args:
        sheets: of all of them, in any order.

    Returns:
        Of the schema `PROVIDERS`; a number registered twice has two rows.

    Raises:
        LayoutError: no sheet lists providers.
    """
    listed: list[dict[str, str | date | None]] = []
    addresses: dict[str, str] = {}
    for sheet in sheets:
        rows = _rows(sheet)
        fields = rows[0].keys() if rows else ()
        if "URN" not in fields:
            continue
        if not {"PLACE_CODES", "PROVIDER_CODES"} & set(fields):
            addresses.update((_urn(row["URN"]), _postcode(row["POSTCODE"])) for row in rows if row.get("POSTCODE"))
            continue
        listed += [_provider(row) for row in rows if _urn(row["URN"])]
    if not listed:
        raise LayoutError("provider list: found no sheet with URN and placement codes, expected Ofsted's list")
    for provider in listed:
        provider["POSTCODE"] = provider["POSTCODE"] or addresses.get(str(provider["URN"])) or None
    return pl.DataFrame(listed, schema=PROVIDERS)


def _rows(sheet: Sheet) -> list[_Row]:
    """Return the rows below the header, by the fields known."""
    for number, header in enumerate(sheet.rows[:_DEEPEST_HEADER]):
        names = [str(cell).strip().casefold() for cell in header]
        if "urn" not in names:
            continue
        places = {
            field: next((names.index(name) for name in known if name in names), None)
            for field, known in _HEADERS.items()
        }
        found = {field: place for field, place in places.items() if place is not None}
        rows = [{field: _cell(row, place) for field, place in found.items()} for row in sheet.rows[number + 1 :]]
        return _told_apart([_with_codes(row) for row in rows] if _SUPPORTED in names else rows)
    return []


def _cell(row: Sequence[Cell], place: int) -> Cell:
    return row[place] if place < len(row) else ""


def _with_codes(row: _Row) -> _Row:
    """Supported accommodation is listed without the placement types it stands for."""
    return {**row, "PLACE_CODES": row.get("PLACE_CODES") or _SUPPORTED_CODES}


def _told_apart(rows: list[_Row]) -> list[_Row]:
    """Swap the two columns of codes where the values show that a list has them the other way round."""
    if not any(_PROVIDER_CODE.match(str(row.get("PLACE_CODES", "")).strip()) for row in rows):
        return rows
    return [{**row, "PLACE_CODES": row.get("PROVIDER_CODES", ""), "PROVIDER_CODES": row["PLACE_CODES"]} for row in rows]


def _provider(row: _Row) -> dict[str, str | date | None]:
    return {
        "URN": _urn(row["URN"]),
        "LA_NAME": str(row.get("LA_NAME", "")).strip() or None,
        "PLACE_CODES": _codes(row.get("PLACE_CODES", "")),
        "PROVIDER_CODES": _codes(row.get("PROVIDER_CODES", "")),
        "REG_END": _day(row.get("REG_END", "")),
        "POSTCODE": _postcode(row.get("POSTCODE", "")) or None,
    }


def _urn(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip().upper()


def _postcode(cell: Cell) -> str:
    return "".join(str(cell).split()).upper()


def _codes(cell: Cell) -> str | None:
    return ",".join(part for part in _SEPARATORS.split(str(cell).upper()) if part) or None


def _day(cell: Cell) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    match = _DAY_FIRST.fullmatch(str(cell).strip())
    try:
        return date(int(match[3]), int(match[2]), int(match[1])) if match else None
    except ValueError:
        return None
