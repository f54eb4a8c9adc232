"""The indicators of the workforce census, slowly: loops over rows, no frames."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from tests.unit.transforms.indicators.plain import Given, between

Row = Mapping[str, Any]
ROLES = {
    "1": "Senior manager",
    "2": "Middle manager",
    "3": "First line manager",
    "4": "Senior practitioner",
    "5": "Case holder",
    "6": "Qualified without cases",
}


class Staff:
    """One year of the census."""

    def __init__(self, tables: Mapping[str, Sequence[Row]], year: int) -> None:
        self.start, self.end = date(year - 1, 10, 1), date(year, 9, 30)
        self.rows, self.vacancies = tables["CSWWWorker"], tables["LALevelVacancies"]
        self.days = 254 if year % 4 == 0 else 253

    def there(self, row: Row) -> bool:
        begun = row.get("RoleStartDate") is None or row["RoleStartDate"] <= self.end
        return begun and (row.get("RoleEndDate") is None or row["RoleEndDate"] > self.end)

    def post(self) -> list[Row]:
        return [row for row in self.rows if row.get("AgencyWorker") in (False, "0") and self.there(row)]

    def agency(self) -> list[Row]:
        return [row for row in self.rows if row.get("AgencyWorker") in (True, "1") and self.there(row)]

    def leavers(self) -> list[Row]:
        return [
            r
            for r in self.rows
            if r.get("AgencyWorker") in (False, "0") and between(r.get("RoleEndDate"), self.start, self.end)
        ]

    def starters(self) -> list[Row]:
        found = []
        for row in self.post():
            if not between(row.get("RoleStartDate"), self.start, self.end):
                continue
            others = [
                r["RoleStartDate"]
                for r in self.rows
                if r.get("SWENo") is not None and r.get("SWENo") == row.get("SWENo") and r.get("RoleStartDate")
            ]
            if not any(day < row["RoleStartDate"] for day in others):
                found.append(row)
        return found


def fte(row: Row) -> float:
    for name in ("FTE30", "FTE"):
        if row.get(name) is not None:
            return float(row[name])
    return 0.0


def heads(rows: Sequence[Row], *more: str) -> list[Row]:
    known: dict[Any, Row] = {}
    for n, row in enumerate(rows):
        person = tuple(row.get(k) for k in ("SWENo", "PersonBirthDate", "GenderCurrent", "Ethnicity", *more))
        known[person if row.get("SWENo") is not None else n] = row
    return list(known.values())


def traits(row: Row) -> dict[str, str]:
    sex = {"1": "Male", "2": "Female"}.get(row.get("GenderCurrent") or "", "Not known")
    return {"Role": ROLES.get(row.get("OrgRole") or "", "Not known"), "Sex": sex}


def ratio(
    above: Sequence[Row], below: Sequence[Row], over: Callable[[Row], float], under: Callable[[Row], float]
) -> list[Given]:
    return [Given(over(r), 0, traits(r)) for r in above] + [Given(0, under(r), traits(r)) for r in below]


def one(row: Row) -> float:
    return 1


def cases(row: Row) -> float:
    return row.get("Cases30") or 0


def total(rows: Sequence[Row], name: str) -> float:
    return sum(row.get(name) or 0 for row in rows)


def all_fte(rows: Sequence[Row]) -> float:
    return sum(fte(row) for row in rows)


def holders(s: Staff) -> list[Row]:
    return [r for r in s.rows if s.there(r) and cases(r) >= 1 and fte(r) > 0]


def there(s: Staff) -> list[Row]:
    return [r for r in s.rows if s.there(r)]


ORACLES: dict[str, Callable[[Staff], list[Given]]] = {
    "W1": lambda s: ratio(s.leavers(), s.post(), fte, fte),
    "W1H": lambda s: ratio(heads(s.leavers(), "RoleEndDate"), heads(s.post()), one, one),
    "W1N": lambda s: [Given(fte(r), None, traits(r)) for r in s.leavers()],
    "W2": lambda s: [
        Given(total(s.vacancies, "NumberOfVacancies"), total(s.vacancies, "NumberOfVacancies") + all_fte(s.post()))
    ],
    "W3": lambda s: ratio(s.agency(), [*s.agency(), *s.post()], fte, fte),
    "W3H": lambda s: ratio(s.agency(), [*s.agency(), *heads(s.post())], one, one),
    "W4": lambda s: [Given(total(s.vacancies, "NoAgencyFTE"), all_fte(s.agency()))],
    "W4V": lambda s: [Given(total(s.vacancies, "NoAgencyFTE"), total(s.vacancies, "NumberOfVacancies"))],
    "W5": lambda s: ratio(there(s), holders(s), cases, fte),
    "W5N": lambda s: [Given(cases(r), None, traits(r)) for r in there(s)],
    "W6": lambda s: ratio(s.post(), s.post(), lambda r: r.get("WorkingDaysLost") or 0, lambda r: fte(r) * s.days),
    "W7": lambda s: [Given(fte(r), None, traits(r)) for r in s.starters()],
    "W8": lambda s: [Given(fte(r), None, traits(r)) for r in s.post()],
    "W9": lambda s: [Given(1, None, traits(r)) for r in heads(s.post())],
}
