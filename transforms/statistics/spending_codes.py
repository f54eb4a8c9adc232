"""Whether the code of a column of a spending workbook and its heading tell of the same amount.

A code is made of return, service and measure (`RO3-csclkd-tot-exp`), a heading of the wording of the
service and of the measure ("Children Looked After - Total Expenditure (C3 = C1 + C2)"). Codes stand in a
hidden row that nobody looks at: where they have slipped or been swapped, amounts would go under the
name of another service. Three things tell of that:

* the measure of the heading is not the one of the code;
* the wording is the one that `seeds/spending_service.csv` declares for another service, and not for this;
* the wording is the one of another service in most columns of this sheet, where the service of the code has
  a wording of its own. Where it is about as many as not, neither can be told.

A wording that no other service has is a changed wording, and says nothing against its code.

Totals are told beside their parts, so that amounts which slipped, or are in another unit, show as sums that
fail (`sums_that_fail`). In the workbooks of 2024-25 all of 37,587 sums hold to a hundredth.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache

from transforms.spreadsheets import Cell
from transforms.statistics.indicators import seed_rows
from transforms.statistics.layout import normal

# Measures by the ends of codes, as headings word them.
_MEASURES = {
    "empl": "employees",
    "run_exp": "running_expenses",
    "tot_exp": "total_expenditure",
    "sfc": "sales_fees_and_charges",
    "oth_inc": "other_income",
    "tot_inc": "total_income",
    "net_cur_exp": "net_current_expenditure",
}
# Measures that are the sum of two others, or what the second leaves of the first.
_SUMS = (("tot_exp", "empl", "run_exp", 1), ("tot_inc", "sfc", "oth_inc", 1), ("net_cur_exp", "tot_exp", "tot_inc", -1))
_ROUNDED = 2.0  # thousands of pounds by which rounded amounts may miss their sum
_UNCLEAR = 0.5  # share of the columns that speak for a wording, from which as many against it leave it open
_Pair = tuple[str, str]  # service of the code, wording of the service


def without_formula(heading: str) -> str:
    """Return a heading without notes and the formula of its measure, as in `(C3 = C1 + C2)`."""
    return re.sub(r"\s*\(C\d[^)]*\)|\s*\[note \d+\]", "", heading, flags=re.IGNORECASE)


def contradictions(headings: Mapping[int, str], codes: Mapping[int, str]) -> dict[int, str]:
    """Find columns whose code and heading tell of different amounts, or leave open of which.

    Args:
        headings: as printed, by number of the column.
        codes: of the hidden row, likewise.

    Returns:
        By number of the column, what its heading asks for.
    """
    told = {n: (_coded(code), _worded(headings[n])) for n, code in codes.items() if n in headings}
    found = {
        n: f"a code of {_MEASURES[worded[1]].replace('_', ' ')}"
        for n, (coded, worded) in told.items()
        if coded[1] and worded[1] and coded[1] != worded[1]
    }
    pairs = {n: (coded[0], worded[0]) for n, (coded, worded) in told.items() if n not in found and worded[0]}
    declared = _declared()
    for n, (service, wording) in pairs.items():
        if (owners := declared.get(wording)) and service not in owners:
            found[n] = f"the code of this service, as {min(owners)}"
    kept = {n: pair for n, pair in pairs.items() if n not in found}
    in_doubt = _in_doubt(Counter(kept.values()))
    return found | {n: "one service under one code" for n, pair in kept.items() if pair in in_doubt}


def sums_that_fail(codes: Mapping[int, str], rows: Mapping[int, Sequence[Cell]]) -> dict[int, list[int]]:
    """Find totals that are not the sum of the parts beside them.

    Args:
        codes: of the columns that are read, by number.
        rows: cells by number of the row.

    Returns:
        Numbers of the rows by number of the column of the total.
    """
    column = {_coded(code): n for n, code in codes.items()}
    found: dict[int, list[int]] = {}
    for service in {service for service, _ in column}:
        for total, one, other, sign in _SUMS:
            at = [column.get((service, measure)) for measure in (total, one, other)]
            if None in at:
                continue
            for number, row in rows.items():
                cells = [row[n] if n is not None and n < len(row) else "" for n in at]
                amounts = [cell for cell in cells if isinstance(cell, float)]
                if len(amounts) == 3 and abs(amounts[0] - amounts[1] - sign * amounts[2]) > _ROUNDED:
                    found.setdefault(column[service, total], []).append(number)
    return dict(sorted(found.items()))


def _in_doubt(counts: Counter[_Pair]) -> set[_Pair]:
    """Pairs that most columns contradict, and those that nearly as many contradict as do not."""
    found: set[_Pair] = set()
    for (service, wording), count in counts.items():
        rivals = [(s, w) for s, w in counts if w == wording and s != service and counts[s, w] >= count]
        own = [(s, w) for s, w in counts if s == service and w != wording and counts[s, w] >= count]
        if not rivals or not own:
            continue
        found.add((service, wording))
        found |= {pair for pair in (*rivals, *own) if count > _UNCLEAR * counts[pair]}
    return found


def _parted(name: str, ends: Mapping[str, str]) -> _Pair:
    """Part a normalised name into what stands before its measure, and the measure; empty where it names none."""
    for measure, end in ends.items():
        if name == end or name.endswith(f"_{end}"):
            return name[: -len(end)].strip("_"), measure
    return name, ""


def _coded(code: str) -> _Pair:
    return _parted(normal(code), {measure: measure for measure in _MEASURES})


def _worded(heading: str) -> _Pair:
    return _parted(normal(without_formula(heading)), _MEASURES)


@cache
def _declared() -> dict[str, frozenset[str]]:
    """Services that a wording is declared for, by the wording."""
    owners: dict[str, set[str]] = {}
    for row in seed_rows("spending_service"):
        owners.setdefault(normal(row["wording"]), set()).add(normal(row["service"]))
    return {wording: frozenset(services) for wording, services in owners.items()}
