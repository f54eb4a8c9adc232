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
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import cache

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
