"""The indicators of Annex A, slowly: loops over rows of the lists, no frames."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from tests.unit.transforms.indicators.plain import Given, age, age_band, duration, months, workdays

Row = Mapping[str, Any]
Test = Callable[[Row], Any]
GROUPS = {
    "a)": "White",
    "b)": "Mixed or multiple",
    "c)": "Asian or Asian British",
    "d)": "Black, African, Caribbean or Black British",
    "e)": "Other ethnic groups",
}
ABUSES = {"a)": "Neglect", "b)": "Physical abuse", "c)": "Sexual abuse", "d)": "Emotional abuse", "e)": "Multiple"}


class Lists:
    """Lists of one day."""

    def __init__(self, tables: Mapping[str, Sequence[Row]], end: date) -> None:
        self.tables, self.end = tables, end

    def traits(self, row: Row) -> dict[str, str]:
        born = row.get("Date of Birth")
        found = {
            "Age": "Under 1 year" if born is not None and born > self.end else age_band(born, self.end),
            "Sex": {"a)": "Male", "b)": "Female"}.get((row.get("Gender") or "")[:2], "Not known"),
            "Ethnic group": GROUPS.get((row.get("Ethnicity") or "")[:2], "Not known"),
            "Category of abuse": ABUSES.get((row.get("Latest Category of Abuse") or "")[:2], "Not known"),
        }
        if "CIN Start Date" in row:
            found["Duration"] = duration(row["CIN Start Date"], self.end)
        return found

    def recent(self, column: str, count: int = 6) -> Test:
        return lambda r: r.get(column) is not None and months(self.end, -count) < r[column] <= self.end

    def since(self, column: str, day: date) -> Test:
        return lambda r: r.get(column) is not None and day <= r[column] <= self.end

    def standing(self, start: str, end: str) -> Test:
        return lambda r: (r.get(start) is None or r[start] <= self.end) and (r.get(end) is None or r[end] > self.end)

    def rows(self, number: int, keep: Test, start: str | None = None) -> list[Row]:
        rows = [row for row in self.tables[f"list_{number}"] if keep(row)]
        if start is None:
            return rows
        found: dict[Any, Row] = {}
        for row in rows:
            known = found.get(row.get("Child Unique ID"))
            if known is None or known.get(start) is None or (row.get(start) is not None and row[start] >= known[start]):
                found[row.get("Child Unique ID")] = row
        return list(found.values())

    def number(self, rows: Sequence[Row]) -> list[Given]:
        return [Given(1, None, self.traits(row)) for row in rows]

    def share(self, rows: Sequence[Row], holds: Test) -> list[Given]:
        return [Given(bool(holds(row)), 1, self.traits(row)) for row in rows]


def least(column: str, bound: int = 1) -> Test:
    return lambda r: (r.get(column) or 0) >= bound


def flag(column: str) -> Test:
    return lambda r: r.get(column) is True


def wd(x: Lists, start: str, end: str | None, limit: int) -> Test:
    def test(row: Row) -> bool:
        days = workdays(row.get(start), row.get(end) if end else x.end)
        return days is not None and days <= limit

    return test


def forward(test: Test, start: str, end: str) -> Test:
    return lambda r: test(r) and (r.get(start) is None or r[end] >= r[start])


def contacts(x: Lists) -> list[Row]:
    return x.rows(1, x.recent("Date of Contact"))


def help_(x: Lists) -> list[Row]:
    return x.rows(2, x.recent("Assessment start date"))


def referrals(x: Lists) -> list[Row]:
    return x.rows(3, x.recent("Date of referral"))


ASTART, AEND = "Continuous Assessment Start Date", "Continuous Assessment Date of Authorisation"
SSTART, ICPC = (
    "Strategy discussion initiating Section 47 Enquiry Start Date",
    "Date of Initial Child Protection Conference",
)
CPS, CPE = "Child Protection Plan Start Date", "Child Protection Plan End Date"
LAS, LAE = "Date Started to be Looked After", "Date Ceased to be Looked After"
MISSING = "Number of Episodes the Child has been 'Missing' from their Placement in the last 12 months"
ABSENT = "Number of Episodes the Child has been 'Absent' from their Placement in the last 12 months"
OFFERED = "Was the child offered a Return Interview after their last missing episode (Y/N)?"
ACCEPTED = "Did the child accept a Return Interview after their last missing episode (Y/N)?"
UASC = "Unaccompanied Asylum Seeking Child (UASC) within the Last 12 Months (Y/N)"


def enquiries(x: Lists) -> list[Row]:
    return x.rows(5, x.recent(SSTART))


def needs(x: Lists) -> list[Row]:
    return x.rows(6, x.standing("CIN Start Date", "CIN Closure Date"), "CIN Start Date")


def plans(x: Lists, more: Test = lambda r: True) -> list[Row]:
    is_open = x.standing(CPS, CPE)
    return x.rows(7, lambda r: is_open(r) and more(r), CPS)


def cla(x: Lists, more: Test = lambda r: True) -> list[Row]:
    is_open = x.standing(LAS, LAE)
    return [row for row in x.rows(8, is_open, LAS) if more(row)]  # of a child's rows the one that is counted


def older(x: Lists, count: int) -> Test:
    return lambda r: r.get(CPS) is not None and r[CPS] <= months(x.end, -count)


def health(x: Lists) -> Test:
    def test(row: Row) -> Any:
        years = age(row.get("Date of Birth"), x.end)
        return x.since("Date of Last Health Assessment", months(x.end, -6 if years is not None and years < 5 else -12))(
            row
        )

    return test


def leavers(x: Lists, keep: Test = lambda r: True) -> list[tuple[Row, int]]:
    found: dict[Any, tuple[Row, int]] = {}
    for row in x.tables["list_9"]:
        years = age(row.get("Date of Birth"), x.end)
        years = row.get("Age of Child (Years)") if years is None else years
        if years is None or not 17 <= years <= 21 or (row.get("LA in Touch") or "")[:2] == "d)" or not keep(row):
            continue
        known = found.get(row.get("Child Unique ID"))
        before = known[0].get("Date of Birth") if known else None
        if known is None or before is None or (row.get("Date of Birth") is not None and row["Date of Birth"] >= before):
            found[row.get("Child Unique ID")] = (row, years)
    return list(found.values())


def left(x: Lists, holds: Test, keep: Test = lambda r: True) -> list[Given]:
    return [
        Given(bool(holds(r)), 1, {**x.traits(r), "Age": "17 to 18 years" if years <= 18 else "19 to 21 years"})
        for r, years in leavers(x, keep)
    ]


def adopted(x: Lists, start: str, ends: tuple[str, ...], floor: int | None = None) -> list[Given]:
    rows = []
    for row in x.rows(10, x.recent("Date of Adoption Order", 12)):
        if row.get("Date Placed for Adoption") is None or row.get(start) is None:
            continue
        days = [row[end] for end in ends if row.get(end) is not None]
        if days:
            spent = (min(days) - row[start]).days
            rows.append(Given(spent if floor is None else max(floor, spent), 1))
    return rows


def waiting(x: Lists) -> list[Row]:
    decided = "Date of Decision that Child Should be Placed for Adoption"
    ends = (
        "Date Placed for Adoption",
        "Date of Adoption Order",
        "Date of Decision that Child Should No Longer be Placed for Adoption",
    )
    return x.rows(
        10,
        lambda r: (
            r.get(decided) is not None and r[decided] <= x.end and all(r.get(e) is None or r[e] > x.end for e in ends)
        ),
        decided,
    )


def stage(number: int, count: int) -> Callable[[Lists], list[Given]]:
    start, end = f"Date Stage {number} started", f"Date Stage {number} ended"

    def measure(x: Lists) -> list[Given]:
        is_recent = x.recent(end, 12)
        rows = x.rows(11, lambda r: is_recent(r) and r.get(start) is not None and r[end] >= r[start])
        return [Given(row[end] <= months(row[start], count), 1) for row in rows]

    return measure


def _both(code: str, rows: Callable[[Lists], list[Row]]) -> dict[str, Callable[[Lists], list[Given]]]:
    return {code: lambda x: x.number(rows(x)), f"{code}N": lambda x: x.number(rows(x))}


def _weeks(count: int) -> timedelta:
    return timedelta(7 * count)


def _seen(weeks: int) -> Callable[[Lists], list[Given]]:
    return lambda x: x.share(needs(x), x.since("Date Child Was Last Seen", x.end - _weeks(weeks)))


ORACLES: dict[str, Callable[[Lists], list[Given]]] = {
    **_both("AX1", contacts),
    **_both("AX2", help_),
    **_both("AX3", referrals),
    "AX3F": lambda x: x.share(referrals(x), flag("Referral NFA?")),
    "AX3R": lambda x: x.share(referrals(x), least("Number of Referrals in Last 12 Months")),
    "AX4": lambda x: x.share(x.rows(4, forward(x.recent(AEND), ASTART, AEND)), wd(x, ASTART, AEND, 45)),
    "AX4O": lambda x: x.share(
        x.rows(4, x.standing(ASTART, AEND)), lambda r: (workdays(r.get(ASTART), x.end) or 0) > 45
    ),
    **_both("AX5", enquiries),
    **_both("AX5C", lambda x: x.rows(5, x.recent(ICPC))),
    "AX5T": lambda x: x.share(x.rows(5, forward(x.recent(ICPC), SSTART, ICPC)), wd(x, SSTART, ICPC, 15)),
    "AX5W": lambda x: x.share(
        enquiries(x),
        lambda r: (
            r.get(ICPC) is None and r.get("Was an Initial Child Protection Conference deemed unnecessary?") is True
        ),
    ),
    **_both("AX6", needs),
    "AX6D": lambda x: x.share(needs(x), lambda r: True),
    **{f"AX6S{weeks}": _seen(weeks) for weeks in (2, 4, 6, 8)},
    **_both("AX7", plans),
    "AX7L": lambda x: x.share(plans(x), lambda r: r.get(CPS) is not None and (x.end - r[CPS]).days >= 730),
    "AX7P": lambda x: x.share(plans(x), least("Number of Previous Child Protection Plans")),
    "AX7V": lambda x: x.share(
        plans(x),
        lambda r: (
            0
            <= (
                workdays(r.get("Date of the Last Statutory Visit"), x.end)
                if r.get("Date of the Last Statutory Visit") and r["Date of the Last Statutory Visit"] <= x.end
                else -1
            )
            <= 10
        ),
    ),
    "AX7V4": lambda x: x.share(plans(x), x.since("Date of the Last Statutory Visit", x.end - _weeks(4))),
    "AX7R": lambda x: x.share(plans(x, older(x, 3)), x.since("Date of latest review conference", months(x.end, -6))),
    "AX7R3": lambda x: x.share(
        plans(x, lambda r: older(x, 3)(r) and not older(x, 9)(r)),
        lambda r: (
            r.get("Date of latest review conference") is not None and r["Date of latest review conference"] <= x.end
        ),
    ),
    **_both("AX8", cla),
    **_both("AX8S", lambda x: x.rows(8, x.recent(LAS), LAS)),
    **_both("AX8E", lambda x: x.rows(8, x.recent(LAE), LAS)),
    "AX8U": lambda x: x.share(cla(x), flag(UASC)),
    "AX8P": lambda x: x.share(cla(x), least("Number of Placements in the Last 12 months", 3)),
    "AX8R": lambda x: x.share(
        cla(x),
        lambda r: (
            x.since("Date of Latest Statutory Review", months(x.end, -6))(r)
            or (r.get(LAS) is not None and (workdays(r[LAS], x.end) or 0) < 20)
        ),
    ),
    "AX8I": lambda x: x.share(cla(x), x.since("Date of Last IRO Visit / Contact to the Child", x.end - _weeks(6))),
    "AX8V": lambda x: x.share(cla(x), x.since("Date of Last Social Work Visit", x.end - _weeks(6))),
    "AX8H": lambda x: x.share(cla(x), health(x)),
    "AX8D": lambda x: x.share(cla(x), x.since("Date of Last Dental Check", months(x.end, -12))),
    "AX8M": lambda x: x.share(cla(x), least(MISSING)),
    "AX8A": lambda x: x.share(cla(x), least(ABSENT)),
    "AX8O": lambda x: x.share(cla(x, least(MISSING)), flag(OFFERED)),
    "AX8C": lambda x: x.share(cla(x, lambda r: least(MISSING)(r) and flag(OFFERED)(r)), flag(ACCEPTED)),
    "AX9T": lambda x: left(x, lambda r: (r.get("LA in Touch") or "")[:2] == "a)"),
    "AX9S": lambda x: left(
        x,
        lambda r: (r.get("Suitability of Accommodation") or "")[:2] == "a)",
        lambda r: (r.get("Type of Accommodation") or "")[:2] not in ("e)", "f)", "h)"),
    ),
    "AX9E": lambda x: left(x, lambda r: (r.get("Activity Status") or "")[:1] in ("F", "P")),
    "AX10": lambda x: adopted(
        x,
        "Date the Child Entered Care",
        ("Date Placed for Adoption", "Date the child was placed for fostering in FFA or concurrent planning placement"),
    ),
    "AX10M": lambda x: adopted(x, "Date of Placement Order", ("Date of Matching Child and Prospective Adopters",), 0),
    "AX10W": lambda x: x.number(waiting(x)),
    "AX11S1": stage(1, 2),
    "AX11S2": stage(2, 4),
}
