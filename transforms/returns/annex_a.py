"""Annex A: the child-level lists an authority gives Ofsted for an inspection, a workbook of eleven sheets.

It tells of one day, the day it was drawn up. Categories arrive in hundreds of spellings; the seed
`annex_a_variant.csv` lists those known. A spelling that two categories claim is in none: it is
reported, not guessed.

Source: Ofsted, inspecting local authority children's services, Annex A.
"""

from __future__ import annotations

from datetime import date

from transforms.returns.entry import Return
from transforms.returns.specification import tables_of


def _period(year: int) -> tuple[date, date]:
    return date(year - 1, 4, 1), date(year, 3, 31)


_CHILD = ("Child Unique ID",)
_TABLES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    **{f"list_{number}": (_CHILD, ()) for number in range(1, 11)},
    "list_11": (("Individual adopter identifier",), ()),
}

RETURNS = (
    Return(
        "annex_a",
        "Annex A child-level lists",
        tables_of("annex_a", _TABLES),
        _period,
        child_columns=_CHILD,
        snapshot=True,
    ),
)
