"""The indicators of SSDA903, slowly: loops over rows, no frames. `years` holds tables of rows by collection year."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from tests.unit.transforms.indicators.plain import (
    ETHNIC,
    SEXES,
    Given,
    age,
    age_band,
    between,
    last_of,
    months,
    workdays,
)

Row = Mapping[str, Any]
Years = Mapping[int, Mapping[str, Sequence[Row]]]
KEPT = ("CHILD", "DECOM", "DEC", "RNE", "LS", "REC", "CIN", "PLACE", "PL_POST", "URN", "PL_DISTANCE", "PL_LOCATION")
NEEDS = (
    "Abuse or neglect",
    "Child's disability",
    "Parental illness or disability",
    "Family in acute stress",
    "Family dysfunction",
    "Socially unacceptable behaviour",
    "Low income",
    "Absent parenting",
)
FAR_AHEAD = date(9999, 1, 1)


class Care:
    """One year of the return, with the years before it."""

    def __init__(self, years: Years, year: int) -> None:
        self.years, self.year = years, year
        self.tables = years[year]
        self.start, self.end = date(year - 1, 4, 1), date(year, 3, 31)
        first = year
        while first - 1 in years:
            first -= 1
        self.first_start = date(first - 1, 4, 1)
        self.people = last_of(self.tables.get("Header", ()), "CHILD")
        self.care = self._care()

    def _care(self) -> dict[Any, list[dict[str, Any]]]:
        found: dict[Any, dict[date, list[dict[str, Any]]]] = {}
        for year in sorted(y for y in self.years if y <= self.year):
            mine: dict[tuple[Any, date], list[dict[str, Any]]] = {}
            for row in self.years[year].get("Episodes", ()):
                if row.get("CHILD") is not None and row.get("DECOM") is not None:
                    mine.setdefault((row["CHILD"], row["DECOM"]), []).append({**row, "year": year})
            for (child, day), rows in mine.items():
                found.setdefault(child, {})[day] = rows  # a later year's word stands
        out = {}
        for child, days in found.items():
            rows: list[dict[str, Any]] = []
            for day in sorted(days):
                for row in sorted(days[day], key=lambda r: r.get("DEC") or FAR_AHEAD):
                    is_new = all(any(row.get(k) != other.get(k) for k in KEPT) for other in rows)
                    if row.get("LS") not in ("V3", "V4") and is_new:
                        rows.append(row)
            self._spells(rows)
            if rows:
                out[child] = rows
        return out

    @staticmethod
    def _spells(rows: list[dict[str, Any]]) -> None:
        before: dict[str, Any] | None = None
        for row in rows:
            gap = before is not None and before.get("DEC") is not None and row["DECOM"] > before["DEC"]
            ended = before is not None and before.get("REC") not in (None, "X1")
            if before is None or row.get("RNE") == "S" or ended or gap:
                row["spell"] = row["DECOM"], id(row)
                row["spell_start"], row["known"] = row["DECOM"], before is not None or row.get("RNE") == "S"
            else:
                row["spell"], row["spell_start"], row["known"] = before["spell"], before["spell_start"], before["known"]
            before = row

    def own(self) -> dict[Any, list[dict[str, Any]]]:
        return {c: kept for c, rows in self.care.items() if (kept := [r for r in rows if r["year"] == self.year])}

    def is_open(self, row: Row, day: date | None = None) -> bool:
        day = day or self.end
        return row["DECOM"] <= day and (row.get("DEC") is None or row["DEC"] > day)

    def touches(self, row: Row) -> bool:
        return row["DECOM"] <= self.end and (row.get("DEC") is None or row["DEC"] >= self.start)

    def last(self, keep: Callable[[Row], bool]) -> dict[Any, dict[str, Any]]:
        return {c: kept[-1] for c, rows in self.own().items() if (kept := [r for r in rows if keep(r)])}

    def looked_after(self) -> dict[Any, dict[str, Any]]:
        return self.last(self.is_open)

    def in_year(self) -> dict[Any, dict[str, Any]]:
        return self.last(self.touches)

    def ceased(self) -> dict[Any, dict[str, Any]]:
        found = {}
        for child, rows in self.own().items():
            ends = [r for r in rows if r.get("REC") not in (None, "X1") and between(r.get("DEC"), self.start, self.end)]
            if ends:
                latest = max(r["DEC"] for r in ends)
                found[child] = [r for r in ends if r["DEC"] == latest][-1]
        return found

    def born(self, child: Any) -> date | None:
        born: date | None = self.people.get(child, {}).get("DOB")
        return born if born is not None and born <= self.end else None  # a birth after the year is mistyped

    def traits(self, child: Any) -> dict[str, str]:
        person = self.people.get(child, {})
        return {
            "Age": age_band(self.born(child), self.end),
            "Sex": SEXES.get(person.get("SEX"), "Not known"),
            "Ethnic group": ETHNIC.get(person.get("ETHNIC"), "Not known"),
        }

    def share(self, among: Mapping[Any, Any], holds: Callable[[Any, Any], Any]) -> list[Given]:
        return [Given(bool(holds(child, row)), 1, self.traits(child)) for child, row in among.items()]

    def number(self, among: Mapping[Any, Any], more: Callable[[Row], Mapping[str, str]] | None = None) -> list[Given]:
        return [Given(1, None, {**self.traits(c), **(more(row) if more else {})}) for c, row in among.items()]


def need(row: Row) -> str:
    code = row.get("CIN") or ""
    return NEEDS[int(code[1]) - 1] if len(code) == 2 and code[1] in "12345678" else "Not known"


def place(row: Row, year: int) -> str:
    code = row.get("PLACE") or ""
    if code in ("K3", *(("H5", "P2") if year <= 2024 else ())):
        return "Supported accommodation"
    named = {
        "K1": "Secure homes and children's homes",
        "K2": "Secure homes and children's homes",
        "P1": "Placed with parents",
        "S1": "Residential schools",
        "P3": "Other placements",
    }
    letters = {
        "U": "Foster placements",
        "A": "Placed for adoption",
        "R": "Other residential settings",
        "T": "Temporary placements",
        "Z": "Other placements",
    }
    return named.get(code) or letters.get(code[:1], "Not known")


def reason(row: Row) -> str:
    named = {
        "E11": "Adopted",
        "E12": "Adopted",
        "E4A": "Returned home, planned",
        "E4B": "Returned home, not planned",
        "E41": "Child arrangements order",
        "E13": "Left to live with others",
    }
    code = row["REC"]
    if code in ("E43", "E44", "E45", "E46", "E47", "E48"):
        return "Special guardianship order"
    return named.get(code) or {
        "E5": "Independent living",
        "E6": "Independent living",
        "E3": "Taken over by another authority",
        "E7": "Transferred to adult services or aged 18 stayed with carers",
        "E17": "Transferred to adult services or aged 18 stayed with carers",
        "E9": "Sentenced to custody or remand ended",
        "E14": "Sentenced to custody or remand ended",
    }.get(code, "Other reasons")


def placements(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Placements of 24 hours or more, in order."""
    found: list[dict[str, Any]] = []
    before: Row | None = None
    passed = False
    for row in rows:
        if (row.get("PLACE") or "") in ("T0", "T1", "T2", "T3", "T4"):
            passed = True
            continue
        same = before is not None and all(row.get(k) == before.get(k) for k in ("PLACE", "PL_POST", "URN"))
        moved = row.get("RNE") in ("S", "P", "T", "B", "U")
        if before is None or row["spell"] != before["spell"]:
            is_new = True
        elif row.get("PLACE") in ("A3", "A5"):
            is_new = False
        else:
            is_new = not same if passed else moved
        if is_new:
            found.append({"start": row["DECOM"], "ends": [], "seen": moved or before is not None})
        found[-1]["ends"].append(row.get("DEC"))
        found[-1]["start"] = min(found[-1]["start"], row["DECOM"])
        found[-1]["place"] = row.get("PLACE")
        before, passed = row, False
    for entry in found:
        entry["end"] = None if None in entry["ends"] else max(entry["ends"])
    return [entry for entry in found if entry["end"] is None or entry["end"] > entry["start"]]


def many_placements(care: Care) -> dict[Any, int]:
    return {child: len(placements([r for r in care.own()[child] if care.touches(r)])) for child in care.looked_after()}


def stability(care: Care) -> dict[Any, bool]:
    since, settled = date(care.end.year - 3, 9, 30), date(care.end.year - 2, 3, 31)
    found = {}
    for child, row in care.looked_after().items():
        years = age(care.born(child), care.end)
        if years is None or years >= 16 or row["spell_start"] > since:
            continue
        stays = placements([r for r in care.care[child] if r["DECOM"] <= care.end])
        ok = False
        if stays:
            ok = stays[-1]["start"] <= settled
            if not ok and len(stays) > 1 and stays[-1]["place"] in ("A3", "A4", "A5", "A6"):
                prior = stays[-2]
                ok = prior["start"] <= settled and prior["end"] is not None and prior["end"] >= stays[-1]["start"]
        found[child] = ok
    return found


def away(care: Care, kind: str) -> dict[Any, int]:
    found: dict[Any, set[date]] = {}
    for row in care.tables["Missing"]:
        start, end = row.get("MIS_START"), row.get("MIS_END")
        if (
            row.get("MISSING") == kind
            and start is not None
            and start <= care.end
            and (end is None or end >= care.start)
        ):
            found.setdefault(row["CHILD"], set()).add(start)
    return {child: len(days) for child, days in found.items()}


def workers(care: Care) -> dict[Any, int]:
    found: dict[Any, set[str]] = {}
    for row in care.tables["SWEpisodes"]:
        start, end = row.get("SW_DECOM"), row.get("SW_DEC")
        if start is not None and start <= care.end and (end is None or end >= care.start) and row.get("SW_ID"):
            found.setdefault(row["CHILD"], set()).add(row["SW_ID"])
    return {child: len(ids) for child, ids in found.items()}


def twelve_months(care: Care) -> dict[Any, Row]:
    out = set()
    inside = set()
    for row in care.tables["Episodes"]:
        child, start, end = row.get("CHILD"), row.get("DECOM"), row.get("DEC")
        touching = start is not None and start <= care.end and (end is None or end >= care.start)
        if touching:
            inside.add(child)
        if row.get("RNE") == "S" and start is not None and care.start < start <= care.end:
            out.add(child)
        if row.get("REC") != "X1" and end is not None and care.start <= end < care.end:
            out.add(child)
        if row.get("LS") in ("V3", "V4") and touching:
            out.add(child)
    found = last_of(care.tables["OC2"], "CHILD")
    return {c: found.get(c, {}) for c in care.looked_after() if c in inside and c not in out}


def scored(care: Care) -> dict[Any, Row]:
    found = {}
    for child, row in twelve_months(care).items():
        first, last = age(care.born(child), care.start), age(care.born(child), care.end)
        if first is not None and last is not None and first >= 4 and last < 17:
            found[child] = row
    return found


def has_score(row: Row) -> bool:
    return row.get("SDQ_SCORE") is not None and 0 <= row["SDQ_SCORE"] <= 40


def yes(column: str, low: int = 0, high: int = 999) -> Callable[[Care], list[Given]]:
    def measure(care: Care) -> list[Given]:
        among = {}
        for child, row in twelve_months(care).items():
            years = age(care.born(child), care.end)
            if (low == 0 and high == 999) or (years is not None and low <= years <= high):
                among[child] = row
        return care.share(among, lambda _, row: row.get(column) is True or str(row.get(column)) == "1")

    return measure


def first_due(start: date) -> date:
    day = start
    while (workdays(start, day) or 0) < 20:
        day += timedelta(1)
    return day


def reviewed(care: Care) -> list[Given]:
    held: dict[Any, set[date]] = {}
    for year in care.years:
        for row in care.years[year].get("Reviews", ()) if year <= care.year else ():
            if row.get("REVIEW") is not None and row["REVIEW"] <= care.end:
                held.setdefault(row.get("CHILD"), set()).add(row["REVIEW"])
    rows = []
    for child, row in care.looked_after().items():
        start = row["spell_start"]
        if (workdays(start, care.end) or 0) < 20:
            continue
        days: list[date | None] = [*sorted(d for d in held.get(child, ()) if d >= start), None]
        unseen = start < care.first_start
        late = unseen and days == [None]
        for n, day in enumerate(days):
            prior = days[n - 1] if n else None
            if n == 0:
                due = None if unseen else first_due(start)
            else:
                assert prior is not None
                due = months(prior, 3 if n == 1 and not unseen else 6)
            if due is None:
                continue
            if care.start <= due <= care.end and (day is None or day > due):
                late = True
            if day is None and due <= care.end:
                late = True
        rows.append(Given(not late, 1, care.traits(child)))
    return rows


def participation(care: Care) -> list[Given]:
    codes = {}
    for row in care.tables["Reviews"]:
        if between(row.get("REVIEW"), care.start, care.end) and row.get("REVIEW_CODE") in (
            "PN1",
            "PN2",
            "PN3",
            "PN4",
            "PN5",
            "PN6",
            "PN7",
        ):
            codes[row["CHILD"], row["REVIEW"]] = row["REVIEW_CODE"]
    among = care.in_year()
    return [Given(code not in ("PN4", "PN7"), 1, care.traits(c)) for (c, _), code in codes.items() if c in among]


def adopted(care: Care) -> list[dict[str, Any]]:
    found = []
    matches = last_of(care.tables["AD1"], "CHILD")
    for child, row in care.ceased().items():
        if row["REC"] not in ("E11", "E12"):
            continue
        spell = [r for r in care.care[child] if r["spell"] == row["spell"] and r["DECOM"] <= row["DEC"]]
        if not spell:
            continue  # the adoption is dated before the episode it ends
        run: list[int] = []
        for n in range(len(spell) - 1, -1, -1):
            if spell[n].get("PLACE") not in ("A3", "A4", "A5", "A6"):
                break
            run.insert(0, n)
        orders = [r["DECOM"] for r in spell if r.get("LS") == "E1"] or [
            r["DECOM"] for r in spell if r.get("LS") == "D1"
        ]
        entry = {"child": child, "entered": spell[0]["spell_start"], "placed": None, "home": None}
        entry |= {"order": min(orders) if orders else None, "match": matches.get(child, {}).get("DATE_MATCH")}
        if run:
            at = run[0]
            entry["placed"] = entry["home"] = spell[at]["DECOM"]
            if matches.get(child, {}).get("FOSTER_CARE") in (True, "1") or spell[at].get("PLACE") in ("A3", "A5"):
                while at > 0 and spell[at].get("RNE") in ("L", "T", "U"):
                    at -= 1
                entry["home"] = spell[at]["DECOM"]
        found.append(entry)
    return found


def timed(kind: str, years: int) -> Callable[[Care], list[Given]]:
    def measure(care: Care) -> list[Given]:
        rows = []
        for back in range(years):
            part = Care(care.years, care.year - back)
            for entry in adopted(part):
                if entry["placed"] is None:
                    continue
                if kind in ("A2", "A2M"):
                    if entry["order"] is None or entry["match"] is None:
                        continue
                    days: float = max(0, (entry["match"] - entry["order"]).days)
                    days = days / 30.4375 if kind == "A2M" else days
                else:
                    days = (entry["home" if kind == "A10" else "placed"] - entry["entered"]).days
                    days = days < 426 if kind == "A3" else days
                rows.append(Given(days, 1, part.traits(entry["child"])))
        return rows

    return measure


def quarters(care: Care) -> list[tuple[date, date]]:
    return [(months(care.start, 3 * n), months(care.start, 3 * n + 3) - timedelta(1)) for n in range(4)]


def quarterly(code: str, care: Care, start: date, end: date) -> int:
    decided = care.tables["PlacedAdoption"]
    if code == "A15":
        return len({(r["CHILD"], r["DATE_PLACED"]) for r in decided if between(r.get("DATE_PLACED"), start, end)})
    if code == "AREV":
        return len(
            {
                (r["CHILD"], r["DATE_PLACED_CEASED"])
                for r in decided
                if between(r.get("DATE_PLACED_CEASED"), start, end)
                and r.get("REASON_PLACED_CEASED") in ("RD1", "RD2", "RD3", "RD4")
            }
        )
    if code == "A16":
        firsts = [min(d) for rows in care.care.values() if (d := [r["DECOM"] for r in rows if r.get("LS") == "E1"])]
        return sum(between(day, start, end) for day in firsts)
    stands = {
        r["CHILD"]
        for r in decided
        if r.get("DATE_PLACED") is not None
        and r["DATE_PLACED"] <= end
        and (r.get("DATE_PLACED_CEASED") is None or r["DATE_PLACED_CEASED"] > end)
    }
    now = {c: there[-1] for c, rows in care.own().items() if (there := [r for r in rows if care.is_open(r, end)])}
    return sum(c in now and now[c].get("PLACE") not in ("A3", "A4", "A5", "A6") for c in stands)


def leavers(care: Care) -> list[tuple[Row, int, dict[str, str]]]:
    short: dict[Any, list[bool]] = {}
    for year in care.years:
        for row in care.years[year].get("Episodes", ()) if year <= care.year else ():
            short.setdefault(row.get("CHILD"), []).append(row.get("LS") in ("V3", "V4"))
    found = []
    for child, row in last_of(care.tables["OC3"], "CHILD").items():
        years = age(row.get("DOB") or care.born(child), care.end)
        only_short = child in short and all(short[child])
        if years is not None and 17 <= years <= 21 and row.get("IN_TOUCH") not in ("DIED", "RHOM") and not only_short:
            found.append((row, years, care.traits(child)))
    return found


def at_ages(
    care: Care, holds: Callable[[Row], Any], keep: Callable[[Row], bool] = lambda row: True, below: int | None = 1
) -> list[Given]:
    rows = []
    for row, years, traits in leavers(care):
        if not keep(row):
            continue
        above = bool(holds(row))
        if years >= 19:
            rows.append(Given(above, below, {**traits, "Age": f"{years} years"}))
        else:
            rows.append(Given(above, below, {"Age": f"{years} years"}, beside=True))
            rows.append(Given(above, below, {"Age": "17 to 18 years"}, beside=True))
    return rows


def is_placed(row: Row) -> bool:
    return (row.get("ACCOM") or "")[:1] not in ("G", "H", "R")


def is_suitable(row: Row) -> bool:
    text = row.get("ACCOM") or ""
    return len(text) == 2 and text[1] == "1"


def staying(care: Care) -> list[Given]:
    rows = []
    for row, years, traits in leavers(care):
        if not 18 <= years <= 20:
            continue
        born = row.get("DOB") or care.born(row["CHILD"])
        assert born is not None
        year = born.year + 18
        leap = born.month == 2 and born.day == 29 and monthrange_feb(year) == 28
        day = date(year, 3, 1) if leap else born.replace(year=year)
        there = [
            r
            for r in care.care.get(row["CHILD"], ())
            if r["DECOM"] <= day and (r.get("DEC") is None or r["DEC"] >= day)
        ]
        if there and (there[-1].get("PLACE") or "")[:1] == "U":
            rows.append(Given(row.get("ACCOM") in ("Z1", "Z2"), 1, {**traits, "Age": f"{years} years"}))
    return rows


def monthrange_feb(year: int) -> int:
    return (date(year, 3, 1) - date(year, 2, 1)).days


def _cla(holds: Callable[[Care], Callable[[Any, Row], Any]]) -> Callable[[Care], list[Given]]:
    return lambda care: care.share(care.looked_after(), holds(care))


def _in(name: str) -> Callable[[Care], list[Given]]:
    return _cla(lambda care: lambda _, row: place(row, care.year) == name)


def _left(name: str) -> Callable[[Care], list[Given]]:
    return lambda care: care.share(care.ceased(), lambda _, row: reason(row) == name)


def _uasc(care: Care) -> list[Given]:
    there = {r["CHILD"] for r in care.tables["UASC"] if r.get("DUC") is None or r["DUC"] > care.end}
    return care.share(care.looked_after(), lambda child, _: child in there)


def _began(care: Care) -> dict[Any, dict[str, Any]]:
    return care.last(lambda r: r.get("RNE") == "S" and between(r["DECOM"], care.start, care.end))


def _missing(kind: str) -> Callable[[Care], list[Given]]:
    return lambda care: care.share(care.in_year(), lambda child, _: child in away(care, kind))


def _incidents(care: Care) -> list[Given]:
    times = away(care, "M")
    return [Given(times[c], 1, care.traits(c)) for c in care.in_year() if c in times]


LEARNING = ("F1", "P1", "F2", "P2", "F4", "P4", "F5", "P5", "F3", "P3")
ORACLES: dict[str, Callable[[Care], list[Given]]] = {
    "CLA1": lambda c: c.number(c.looked_after()),
    "CLA1N": lambda c: c.number(
        c.looked_after(), lambda r: {"Category of need": need(r), "Placement": place(r, c.year)}
    ),
    "CLA2": lambda c: c.number(_began(c)),
    "CLA2N": lambda c: c.number(_began(c), lambda r: {"Category of need": need(r)}),
    "CLA3": lambda c: c.number(c.ceased()),
    "CLA3N": lambda c: c.number(c.ceased(), lambda r: {"Reason ceased": reason(r)}),
    "CLA4": _uasc,
    "CLA5": _cla(lambda care: lambda child, _: many_placements(care)[child] >= 3),
    "CLA5N": lambda c: c.number({k: None for k, n in many_placements(c).items() if n >= 3}),
    "CLA6": lambda c: c.share(stability(c), lambda _, ok: ok),
    "CLA6N": lambda c: c.number({k: None for k, ok in stability(c).items() if ok}),
    "CLA7": _cla(lambda care: lambda _, r: (r.get("PL_DISTANCE") or 0) > 20 and r.get("PL_LOCATION") == "OUT"),
    "CLA7b": _cla(lambda care: lambda _, r: (r.get("PL_DISTANCE") or 0) > 20),
    "CLA8": _in("Foster placements"),
    "CLA9": _in("Secure homes and children's homes"),
    "CLA10": _in("Supported accommodation"),
    "CLA11": _in("Placed with parents"),
    "CLA12": _cla(lambda care: lambda child, _: workers(care).get(child, 0) >= 3),
    "CLA13": _missing("M"),
    "CLA14": _incidents,
    "CLA15": _missing("A"),
    "AD": _left("Adopted"),
    "SGO": _left("Special guardianship order"),
    "HOMEP": _left("Returned home, planned"),
    "HOMEU": _left("Returned home, not planned"),
    "H0": lambda c: c.share(twelve_months(c), lambda _, row: not row),
    "H1": yes("HEALTH_ASSESSMENT"),
    "H2": yes("TEETH_CHECK"),
    "H3": yes("IMMUNISATIONS"),
    "H4": yes("HEALTH_CHECK", 0, 4),
    "H5": yes("CONVICTED", 10, 998),
    "H6": yes("SUBSTANCE_MISUSE"),
    "H7": lambda c: c.share(scored(c), lambda _, row: has_score(row)),
    "H8": lambda c: [Given(r["SDQ_SCORE"], 1, c.traits(k)) for k, r in scored(c).items() if has_score(r)],
    "H9": lambda c: c.share({k: r for k, r in scored(c).items() if has_score(r)}, lambda _, r: r["SDQ_SCORE"] >= 17),
    "R1": reviewed,
    "R2": participation,
    **{code: timed(code, 1) for code in ("A1", "A10", "A2", "A2M", "A3")},
    **{f"{code}_3Y": timed(code, 3) for code in ("A1", "A10", "A2", "A2M", "A3")},
    "CL1": lambda c: at_ages(c, lambda r: r.get("IN_TOUCH") == "YES"),
    "CL2": lambda c: at_ages(c, is_suitable, is_placed),
    "CL2N": lambda c: at_ages(c, lambda r: True, lambda r: is_placed(r) and is_suitable(r), None),
    "CLN": lambda c: at_ages(c, lambda r: True, below=None),
    "CL3": lambda c: at_ages(c, lambda r: r.get("ACTIV") in LEARNING),
    "CL4": lambda c: at_ages(c, lambda r: r.get("ACTIV") in ("F1", "P1")),
    "CL5": lambda c: at_ages(c, lambda r: r.get("ACTIV") in ("G4", "G5", "G6")),
    "CL6": staying,
}
QUARTERLY = ("A15", "A16", "AWAIT", "AREV")
