"""The indicators of the children in need census, slowly: loops over rows, no frames."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from tests.unit.transforms.indicators.plain import (
    ETHNIC,
    SEXES,
    Given,
    age_band,
    between,
    duration,
    last_of,
    months,
    workdays,
)

Row = Mapping[str, Any]
SOURCES = {
    "1A": "Individual",
    "1D": "Individual",
    "2A": "Education",
    "3F": "Health services",
    "4": "Housing",
    "5D": "Authority services",
    "6": "Police",
    "7": "Other legal agency",
    "8": "Other",
    "9": "Anonymous",
}
NEEDS = {"N1": "Abuse or neglect", "N8": "Absent parenting", "N9": "Cases other than children in need"}
ABUSES = {"NEG": "Neglect", "PHY": "Physical abuse", "SAB": "Sexual abuse", "EMO": "Emotional abuse", "MUL": "Multiple"}


class Census:
    """One year of the census, with the years before it."""

    def __init__(self, years: Mapping[int, Mapping[str, Sequence[Row]]], year: int) -> None:
        self.years, self.year, self.tables = years, year, years[year]
        self.start, self.end = date(year - 1, 4, 1), date(year, 3, 31)
        first = year
        while first - 1 in years:
            first -= 1
        self.first_start = date(first - 1, 4, 1)
        self.people = last_of(self.tables["ChildIdentifiers"], "LAchildID")
        self.groups = last_of(self.tables["ChildCharacteristics"], "LAchildID")

    def traits(self, row: Row) -> dict[str, str]:
        person = self.people.get(row["LAchildID"], {})
        born = person.get("PersonBirthDate") or person.get("ExpectedPersonBirthDate")
        group = self.groups.get(row["LAchildID"], {}).get("Ethnicity") if person else None
        return {
            "Age": "Under 1 year" if born is not None and born > self.end else age_band(born, self.end),
            "Sex": SEXES.get(person.get("Sex"), "Not known"),
            "Ethnic group": ETHNIC.get(group, "Not known"),
            "Referral source": SOURCES.get(row.get("ReferralSource"), "Not known"),
            "Primary need": NEEDS.get(row.get("PrimaryNeedCode"), "Not known"),
            "Category of abuse": ABUSES.get(row.get("LatestCategoryOfAbuse"), "Not known"),
        }

    def rows(self, table: str, day: str) -> list[Row]:
        return [
            row for row in self.tables[table] if row.get("LAchildID") and between(row.get(day), self.start, self.end)
        ]

    def episode_rows(self, table: str, case: Row) -> list[Row]:
        key = (case["LAchildID"], case.get("CINdetailsID"))
        return [row for row in self.tables[table] if (row.get("LAchildID"), row.get("CINdetailsID")) == key]


def latest(rows: Sequence[Row], day: str) -> list[Row]:
    found: dict[Any, Row] = {}
    for row in rows:
        known = found.get(row["LAchildID"])
        if known is None or row[day] >= known[day]:
            found[row["LAchildID"]] = row
    return list(found.values())


def in_need(c: Census) -> list[Row]:
    return latest(
        [
            r
            for r in c.tables["CINdetails"]
            if r.get("LAchildID")
            and r.get("ReferralNFA") is not True
            and r.get("CINreferralDate") is not None
            and r["CINreferralDate"] <= c.end
            and (r.get("CINclosureDate") is None or r["CINclosureDate"] > c.end)
        ],
        "CINreferralDate",
    )


def referrals(c: Census) -> list[Row]:
    return c.rows("CINdetails", "CINreferralDate")


def on_plan(c: Census) -> list[Row]:
    return latest(
        [
            r
            for r in c.tables["ChildProtectionPlans"]
            if r.get("LAchildID")
            and r.get("CPPstartDate") is not None
            and r["CPPstartDate"] <= c.end
            and (r.get("CPPendDate") is None or r["CPPendDate"] > c.end)
        ],
        "CPPstartDate",
    )


def number(c: Census, rows: Sequence[Row]) -> list[Given]:
    return [Given(1, None, c.traits(row)) for row in rows]


def share(
    c: Census, rows: Sequence[Row], holds: Callable[[Row], Any], more: Callable[[Row], dict[str, str]] | None = None
) -> list[Given]:
    return [Given(bool(holds(row)), 1, {**c.traits(row), **(more(row) if more else {})}) for row in rows]


def always(row: Row) -> bool:
    return True


def not_in_need(c: Census, row: Row) -> bool:
    if row.get("ReasonForClosure") not in ("RC8", "RC9") or row.get("CINclosureDate") is None:
        return False
    return not any(c.episode_rows(name, row) for name in ("CINplanDates", "Section47", "ChildProtectionPlans"))


def again(c: Census, row: Row) -> bool:
    day = row["CINreferralDate"]
    for year in (c.year, c.year - 1):
        for other in c.years.get(year, {}).get("CINdetails", ()):
            before = other.get("CINreferralDate")
            if other.get("LAchildID") == row["LAchildID"] and before is not None and months(day, -12) <= before < day:
                return True
    return False


def timed(c: Census, table: str, start: str, end: str) -> list[tuple[Row, int | None]]:
    rows = [
        (row, workdays(row.get(start), row[end])) for row in c.tables[table] if between(row.get(end), c.start, c.end)
    ]
    return [(row, days) for row, days in rows if days is None or row[start] <= row[end]]


def band(days: int | None, bounds: Sequence[int], names: Sequence[str]) -> str:
    if days is None:
        return "Not known"
    return names[sum(days >= bound for bound in bounds)]


ASSESSED = ("0 to 10", "11 to 20", "21 to 30", "31 to 40", "41 to 45", "46 to 50", "51 to 60", "61 or more")
CONFERRED = ("0 to 10", "11 to 15", "16 to 20", "21 or more")


def speed(
    table: str, start: str, end: str, limit: int | None, bounds: Sequence[int] = (), names: Sequence[str] = ()
) -> Callable[[Census], list[Given]]:
    def measure(c: Census) -> list[Given]:
        rows = []
        for row, days in timed(c, table, start, end):
            traits = c.traits(row)
            if limit is None:
                rows.append(Given(1, 1, {**traits, "Working days": band(days, bounds, names)}))
            else:
                rows.append(Given(days is not None and days <= limit, 1, traits))
        return rows

    return measure


def conferences(c: Census) -> list[Row]:
    found = {}
    for table in ("Section47", "CINdetails"):
        for row in c.tables[table]:
            if between(row.get("DateOfInitialCPC"), c.start, c.end):
                found[row["LAchildID"], row.get("CINdetailsID"), row["DateOfInitialCPC"]] = {
                    "LAchildID": row["LAchildID"]
                }
    return list(found.values())


def factors(c: Census) -> list[Given]:
    done = {
        (r["LAchildID"], r.get("CINdetailsID"), r.get("AssessmentID"))
        for r in c.rows("Assessments", "AssessmentAuthorisationDate")
    }
    found: dict[tuple[Any, Any], set[str]] = {}
    for row in c.tables["AssessmentFactorsList"]:
        key = (row["LAchildID"], row.get("CINdetailsID"))
        if row.get("AssessmentFactors") and (*key, row.get("AssessmentID")) in done:
            found.setdefault(key, set()).add(row["AssessmentFactors"])
    rows = [Given(1, 1) for _ in found]
    return rows + [Given(1, 0, {"Factor": name}, beside=True) for names in found.values() for name in names]


def reviewed(c: Census) -> list[Given]:
    rows = []
    for plan in on_plan(c):
        start = plan["CPPstartDate"]
        if months(start, 3) > c.end:
            continue
        held = set()
        for year, tables in c.years.items():
            if year > c.year:
                continue
            for row in tables["Reviews"]:
                for other in tables["ChildProtectionPlans"]:
                    same = all(row.get(k) == other.get(k) for k in ("LAchildID", "CINdetailsID", "CPPID"))
                    mine = other.get("LAchildID") == plan["LAchildID"] and other.get("CPPstartDate") == start
                    if same and mine and row.get("CPPreviewDate") and start <= row["CPPreviewDate"] <= c.end:
                        held.add(row["CPPreviewDate"])
        due, ok = months(start, 3), True
        days = [*sorted(held), c.end]
        if due < c.first_start and days[0] >= c.first_start:
            due = months(c.first_start, 6)
        for day in days:
            ok = ok and day <= due
            due = months(day, 6)
        rows.append(Given(ok, 1, c.traits(plan)))
    return rows


def referral_outcome(c: Census) -> list[Given]:
    rows = []
    for case in referrals(c):

        def soon(table: str, start: str, case: Row = case) -> bool:
            days = [(r[start] - case["CINreferralDate"]).days for r in c.episode_rows(table, case) if r.get(start)]
            # The same number of an episode twice is one episode to both.
            return any(0 <= d <= 30 for d in days)

        assessed, enquired = soon("Assessments", "AssessmentActualStartDate"), soon("Section47", "S47ActualStartDate")
        outcome = {(True, True): "Assessment and enquiry", (True, False): "Assessment", (False, True): "Enquiry"}
        rows.append(Given(1, 1, {"Outcome": outcome.get((assessed, enquired), "Neither")}))
    return rows


def journey(c: Census) -> list[Given]:
    rows = []
    for row in c.rows("Section47", "S47ActualStartDate"):
        begun, held = row["S47ActualStartDate"], row.get("DateOfInitialCPC")
        starts = [
            p["CPPstartDate"]
            for p in c.tables["ChildProtectionPlans"]
            if p["LAchildID"] == row["LAchildID"] and p.get("CPPstartDate")
        ]
        linked = any(0 <= (d - begun).days <= 60 or (held is not None and 0 <= (d - held).days <= 45) for d in starts)
        if linked:
            outcome = "Plan"
        elif held is not None:
            outcome = "Too recent" if held > c.end - timedelta(45) else "Conference without plan"
        else:
            outcome = "Too recent" if begun > c.end - timedelta(60) else "No conference"
        rows.append(Given(1, 1, {"Outcome": outcome}))
    return rows


def begun(c: Census) -> list[Row]:
    return c.rows("ChildProtectionPlans", "CPPstartDate")


def ended(c: Census) -> list[Row]:
    return c.rows("ChildProtectionPlans", "CPPendDate")


def more_than_one(row: Row) -> bool:
    return (row.get("NumberOfPreviousCPP") or 0) >= 1


def lasted(row: Row) -> int:
    start = row.get("CPPstartDate")
    return (row["CPPendDate"] - start).days if start is not None else -1


def closed(c: Census) -> list[Row]:
    return [row for row in c.rows("CINdetails", "CINclosureDate") if row.get("ReferralNFA") is not True]


_A = ("Assessments", "AssessmentActualStartDate", "AssessmentAuthorisationDate")
_S = ("Section47", "S47ActualStartDate", "DateOfInitialCPC")
ORACLES: dict[str, Callable[[Census], list[Given]]] = {
    "CIN1": lambda c: number(c, in_need(c)),
    "CIN1N": lambda c: number(c, in_need(c)),
    "CIN1D": lambda c: share(c, in_need(c), always, lambda r: {"Duration": duration(r["CINreferralDate"], c.end)}),
    "CIN1E": lambda c: share(
        c, closed(c), always, lambda r: {"Duration": duration(r.get("CINreferralDate"), r["CINclosureDate"])}
    ),
    "CIN2": lambda c: number(c, referrals(c)),
    "CIN2N": lambda c: number(c, referrals(c)),
    "CIN3": lambda c: share(c, referrals(c), lambda r: r.get("ReferralNFA") is True),
    "CIN4": lambda c: share(c, referrals(c), lambda r: not_in_need(c, r)),
    "CIN5": lambda c: share(c, referrals(c), lambda r: again(c, r)),
    "CIN6": speed(*_A, 45),
    "CIN6B": speed(*_A, None, (11, 21, 31, 41, 46, 51, 61), ASSESSED),
    "CIN7": lambda c: number(c, c.rows("Section47", "S47ActualStartDate")),
    "CIN7N": lambda c: number(c, c.rows("Section47", "S47ActualStartDate")),
    "CIN8": lambda c: number(c, conferences(c)),
    "CIN8N": lambda c: number(c, conferences(c)),
    "CIN9": speed(*_S, 15),
    "CIN9B": speed(*_S, None, (11, 16, 21), CONFERRED),
    "FAC": factors,
    "PW1": referral_outcome,
    "PW2": journey,
    "CPP1": lambda c: number(c, on_plan(c)),
    "CPP1N": lambda c: number(c, on_plan(c)),
    "CPP1D": lambda c: share(c, on_plan(c), always, lambda r: {"Duration": duration(r["CPPstartDate"], c.end)}),
    "CPP2S": lambda c: number(c, begun(c)),
    "CPP2SN": lambda c: number(c, begun(c)),
    "CPP2E": lambda c: number(c, ended(c)),
    "CPP2EN": lambda c: number(c, ended(c)),
    "CPP3": lambda c: share(c, begun(c), more_than_one),
    "CPP3N": lambda c: number(c, [r for r in begun(c) if more_than_one(r)]),
    "CPP4": lambda c: share(c, ended(c), lambda r: lasted(r) >= 730),
    "CPP4B": lambda c: share(
        c, ended(c), always, lambda r: {"Duration": duration(r.get("CPPstartDate"), r["CPPendDate"])}
    ),
    "CPP5": lambda c: share(c, on_plan(c), lambda r: (c.end - r["CPPstartDate"]).days >= 730),
    "CPP6": reviewed,
    "CPP7": lambda c: share(c, on_plan(c), always),
}
