"""Returns made up without faults: lives of children drawn from a seed, told as each return would tell them.

Nobody in them exists. Dates run forwards, episodes follow one another, and what one table says of a
child no other gainsays: what always holds between the numbers of such returns, a reader may take to hold.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

Tables = dict[str, list[dict[str, Any]]]

_ETHNIC = ("WBRI",) * 6 + ("MWBC", "MWBC", "AIND", "BAFR", "CHNE", "REFU")
_GROUPS = ("a) WBRI",) * 6 + ("b) MWBC", "b) MWBC", "c) AIND", "d) BAFR", "e) CHNE", "f) REFU")
_STAYS = ("U6", "U6", "U1", "K2", "K3", "P1", "S1", "R1", "Z1", "T1")


def looked_after(seed: int, children: int, years: tuple[int, ...] = (2024, 2025, 2026)) -> dict[int, Tables]:
    """Draw returns on looked-after children of several years, by year."""
    chance = random.Random(seed)  # noqa: S311 - made-up rows
    names = "Header Episodes Reviews UASC OC2 OC3 AD1 PlacedAdoption Missing SWEpisodes".split()
    told: dict[int, Tables] = {year: {name: [] for name in names} for year in years}
    for number in range(children):
        _child_in_care(chance, f"C{number}", told)
    return told


def _child_in_care(chance: random.Random, child: str, told: Mapping[int, Tables]) -> None:
    first, last = min(told), max(told)
    born = date(first - 20, 6, 1) + timedelta(chance.randrange(366 * (last - first + 20)))
    if born > date(last, 3, 1):
        return
    eighteenth = born.replace(year=born.year + 18) if (born.month, born.day) != (2, 29) else born + timedelta(18 * 366)
    begin = max(born + timedelta(3), date(first - 4, 4, 1)) + timedelta(chance.randrange(1500))
    life: list[dict[str, Any]] = []
    while begin < min(eighteenth, date(last, 3, 31)) and len(life) < 12:
        spell = _spell(chance, child, begin, eighteenth)
        life += spell
        if spell[-1]["DEC"] is None or spell[-1]["REC"] in ("E11", "E12") or chance.random() < 0.6:
            break
        begin = spell[-1]["DEC"] + timedelta(chance.choice([20, 60, 200, 400]))
    person = {"CHILD": child, "DOB": born, "SEX": chance.choice("MF"), "ETHNIC": chance.choice(_ETHNIC)}
    is_alone = chance.random() < 0.1
    match = chance.random() < 0.8
    touch = chance.choice(["YES", "YES", "YES", "NO", "DIED"])
    for year, tables in told.items():
        start, end = date(year - 1, 4, 1), date(year, 3, 31)
        rows = [_as_of(row, end) for row in life if row["DECOM"] <= end and (row["DEC"] or end) >= start]
        age = _age(born, end)
        if 17 <= age <= 21 and life and life[0]["DECOM"] < end and not _is_in_care(rows, end):
            is_told = touch == "YES"
            place = chance.choice(["B1", "Z1", "Z2", "G1", "U2"]) if is_told else "0"
            activity = chance.choice(["F1", "P5", "G4", "0"]) if is_told else "0"
            tables["OC3"].append({"CHILD": child, "DOB": born, "IN_TOUCH": touch, "ACCOM": place, "ACTIV": activity})
            if not rows:
                tables["Header"].append(person)
        if not rows:
            continue
        tables["Header"].append(person)
        tables["Episodes"] += rows
        if is_alone:
            tables["UASC"].append({"CHILD": child, "DUC": chance.choice([None, None, date(year - 1, 9, 1)])})
        for kind in ("M", "A"):
            if chance.random() < 0.2:
                for _ in range(chance.choice([1, 3])):
                    day = max(start, rows[0]["DECOM"]) + timedelta(chance.randrange(100))
                    if day <= end:
                        tables["Missing"].append({"CHILD": child, "MISSING": kind, "MIS_START": day, "MIS_END": day})
        if rows[-1]["REC"] in ("E11", "E12") and match:
            tables["AD1"].append({"CHILD": child, "DATE_MATCH": rows[-1]["DECOM"], "FOSTER_CARE": chance.choice("01")})
        if _is_in_care(rows, end):
            _children_in_care_tell(chance, tables, person, rows, start, end)


def _children_in_care_tell(
    chance: random.Random,
    tables: Tables,
    person: Mapping[str, Any],
    rows: list[dict[str, Any]],
    start: date,
    end: date,
) -> None:
    child = person["CHILD"]
    begun = next(row["DECOM"] for row in reversed(rows) if row["RNE"] == "S" or row is rows[0])
    is_all_year = begun <= start
    if is_all_year and chance.random() < 0.9:
        age = _age(person["DOB"], end)
        flags = "HEALTH_ASSESSMENT TEETH_CHECK IMMUNISATIONS SUBSTANCE_MISUSE".split()
        row: dict[str, Any] = {"CHILD": child, **{name: chance.choice([True, True, False]) for name in flags}}
        row["HEALTH_CHECK"] = chance.choice([True, True, False]) if age < 5 else None
        row["CONVICTED"] = chance.choice([False, False, True]) if age >= 10 else None
        row["SDQ_SCORE"] = chance.choice([None, 5, 15, 20]) if 4 <= age <= 16 else None
        tables["OC2"].append(row)
    for worker in chance.sample(["SW1", "SW2", "SW3", "SW4"], chance.randrange(1, 5)):
        tables["SWEpisodes"].append({"CHILD": child, "SW_ID": worker, "SW_DECOM": max(begun, start), "SW_DEC": None})
    day = begun + timedelta(19)
    while day <= end:
        if day >= start:
            code = "PN0" if _age(person["DOB"], day) < 4 else chance.choice(["PN1", "PN5", "PN7"])
            tables["Reviews"].append({"CHILD": child, "REVIEW": day, "REVIEW_CODE": code})
        day += timedelta(chance.choice([80, 90, 170, 180, 220]))
    if chance.random() < 0.15:
        tables["PlacedAdoption"].append({"CHILD": child, "DATE_PLACED": max(begun, start)})


def _spell(chance: random.Random, child: str, begin: date, eighteenth: date) -> list[dict[str, Any]]:
    """Draw the episodes of one time in care; the last is open or ends care."""
    episodes: list[dict[str, Any]] = []
    day, reason, need = begin, "S", chance.choice(["N1", "N1", "N5", "N8"])
    is_adopted = chance.random() < 0.15
    for _ in range(chance.randrange(1, 5)):
        row = {
            "CHILD": child,
            "DECOM": day,
            "RNE": reason,
            "LS": "E1" if is_adopted and episodes else "C2",
            "CIN": need,
            "PLACE": "A4" if is_adopted and episodes else chance.choice(_STAYS),
            "PL_POST": chance.choice(["A1 1AA", "B1 1BB"]),
            "PL_DISTANCE": chance.choice([3.0, 15.0, 25.0]),
            "PL_LOCATION": chance.choice(["IN", "OUT"]),
            "DEC": None,
            "REC": None,
        }
        episodes.append(row)
        after = day + timedelta(chance.choice([1, 20, 60, 150, 400, 900]))
        if after >= eighteenth:
            return [*episodes[:-1], {**row, "DEC": eighteenth, "REC": "E17"}]
        row |= {"DEC": after, "REC": "X1"}
        day, reason = after, chance.choice(["P", "L", "P", "B"])
    end = chance.choice(["open", "open", "E4A", "E4B", "E45", "E13", "E3"])
    if is_adopted and len(episodes) > 1:
        end = "E11"
    episodes[-1] |= {"DEC": None, "REC": None} if end == "open" else {"REC": end}
    return episodes


def _as_of(row: Mapping[str, Any], end: date) -> dict[str, Any]:
    is_open = row["DEC"] is None or row["DEC"] > end
    return {**row, "DEC": None, "REC": None} if is_open else dict(row)


def _is_in_care(rows: list[dict[str, Any]], end: date) -> bool:
    return any(row["DEC"] is None or row["DEC"] > end for row in rows)


def _age(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def in_need(seed: int, children: int, year: int = 2026) -> Tables:
    """Draw a census of children in need."""
    chance = random.Random(seed)  # noqa: S311 - made-up rows
    names = (
        "ChildIdentifiers ChildCharacteristics CINdetails Assessments AssessmentFactorsList CINplanDates Section47 "
        "ChildProtectionPlans Reviews"
    ).split()
    tables: Tables = {name: [] for name in names}
    for number in range(children):
        _child_in_need(chance, f"C{number}", tables, year)
    return tables


def in_need_over(seed: int, children: int, years: tuple[int, ...] = (2024, 2025, 2026)) -> dict[int, Tables]:
    """Draw censuses of children in need of several years, by year: one set of lives, as each year knew of them."""
    chance = random.Random(seed)  # noqa: S311 - made-up rows
    first, last = date(min(years) - 1, 4, 1), date(max(years), 3, 31)
    names = "CINdetails Assessments AssessmentFactorsList CINplanDates Section47 ChildProtectionPlans Reviews".split()
    told: dict[int, Tables] = {
        year: {name: [] for name in ("ChildIdentifiers", "ChildCharacteristics", *names)} for year in years
    }
    for n in range(children):
        child, sex, ethnic = f"C{n}", chance.choice("MF"), chance.choice(_ETHNIC)
        born = first - timedelta(chance.randrange(15 * 365))
        life: Tables = {name: [] for name in names}
        day = max(born, first - timedelta(800)) + timedelta(chance.randrange(800 + (last - first).days))
        for number in range(1, 7):
            length = timedelta(chance.choice([5, 60, 140, 300, 500, 900]))
            closed = day + length if day + length <= last else None
            key = {"LAchildID": child, "CINdetailsID": number}
            is_nfa = chance.random() < 0.2
            if day > last:
                break
            life["CINdetails"].append(_case(chance, key, life, day, last, None if is_nfa else closed, is_nfa, first))
            if closed is None:
                break
            day = closed + timedelta(chance.choice([1, 30, 300, 500]))
        for year, tables in told.items():
            rows = _census_of(life, date(year - 1, 4, 1), date(year, 3, 31))
            if rows["CINdetails"]:
                tables["ChildIdentifiers"].append({"LAchildID": child, "PersonBirthDate": born, "Sex": sex})
                tables["ChildCharacteristics"].append({"LAchildID": child, "Ethnicity": ethnic})
            for name, some in rows.items():
                tables[name] += some
    return told


_SPANS = {
    "CINdetails": ("CINreferralDate", "CINclosureDate"),
    "Assessments": ("AssessmentActualStartDate", "AssessmentAuthorisationDate"),
    "Section47": ("S47ActualStartDate", "DateOfInitialCPC"),
    "ChildProtectionPlans": ("CPPstartDate", "CPPendDate"),
    "Reviews": ("CPPreviewDate", ""),
}


def _census_of(life: Tables, start: date, end: date) -> Tables:
    """Return what a census knows of a life on its last day: episodes that touch the year, and what hangs on them."""
    rows: Tables = {}
    for name, (begun, ended) in _SPANS.items():
        rows[name] = [{**row} for row in life[name] if row[begun] <= end]
        for row in rows[name]:
            if ended and row[ended] is not None and row[ended] > end:
                row[ended] = None
    rows["CINdetails"] = [
        {**row, "ReasonForClosure": row["ReasonForClosure"] if row["CINclosureDate"] else None}
        for row in rows["CINdetails"]
        if (row["CINreferralDate"] >= start if row["ReferralNFA"] else (row["CINclosureDate"] or end) >= start)
    ]
    kept = {row["CINdetailsID"] for row in rows["CINdetails"]}
    rows["ChildProtectionPlans"] = [
        row for row in rows["ChildProtectionPlans"] if row["CPPendDate"] is None or row["CPPendDate"] >= start
    ]
    authorised = {row["CINdetailsID"] for row in rows["Assessments"] if row["AssessmentAuthorisationDate"] is not None}
    rows["AssessmentFactorsList"] = [row for row in life["AssessmentFactorsList"] if row["CINdetailsID"] in authorised]
    return {name: [row for row in some if row["CINdetailsID"] in kept] for name, some in rows.items()}


def _child_in_need(chance: random.Random, child: str, tables: Tables, year: int) -> None:
    start, end = date(year - 1, 4, 1), date(year, 3, 31)
    born = start - timedelta(chance.randrange(17 * 365))
    tables["ChildIdentifiers"].append({"LAchildID": child, "PersonBirthDate": born, "Sex": chance.choice("MF")})
    tables["ChildCharacteristics"].append({"LAchildID": child, "Ethnicity": chance.choice(_ETHNIC)})
    day = max(born, start - timedelta(800)) + timedelta(chance.randrange(1100))
    for number in range(1, 4):
        if day > end:
            return
        length = timedelta(chance.choice([5, 60, 140, 300, 500, 900]))
        closed = day + length if day + length <= end else None
        key = {"LAchildID": child, "CINdetailsID": number}
        is_nfa = chance.random() < 0.2
        if closed is None or closed >= start:
            case = _case(chance, key, tables, day, end, None if is_nfa else closed, is_nfa)
            tables["CINdetails"].append(case)
        if closed is None:
            return
        day = closed + timedelta(chance.choice([1, 30, 300, 500]))


def _case(
    chance: random.Random,
    key: dict[str, Any],
    tables: Tables,
    day: date,
    end: date,
    closed: date | None,
    is_nfa: bool,
    since: date | None = None,
) -> dict[str, Any]:
    """Draw an episode and what hangs on it; only one that goes on has assessments, enquiries, plans.

    Plans are told from `since` on: the first day of the year that ends with `end` if not given.
    """
    last = closed or end
    case = {
        **key,
        "CINreferralDate": day,
        "ReferralSource": chance.choice(["1A", "2A", "6", "10", "3A"]),
        "PrimaryNeedCode": chance.choice(["N1", "N1", "N4", "N9"]),
        "ReferralNFA": is_nfa,
        "CINclosureDate": closed,
        "ReasonForClosure": None,
        "DateOfInitialCPC": None,
    }
    if is_nfa:
        return case
    done = day + timedelta(chance.choice([3, 20, 50, 63, 80]))
    tables["Assessments"].append(
        {
            **key,
            "AssessmentID": 1,
            "AssessmentActualStartDate": day,
            "AssessmentAuthorisationDate": done if done <= last else None,
        }
    )
    if done <= last and chance.random() < 0.95:
        for factor in chance.sample(["1A", "2B", "3A", "20", "24A"], chance.randrange(1, 4)):
            tables["AssessmentFactorsList"].append({**key, "AssessmentID": 1, "AssessmentFactors": factor})
    if chance.random() < 0.5:
        conference = day + timedelta(chance.choice([5, 14, 20, 23, 30]))
        held = conference if conference <= last and chance.random() < 0.7 else None
        has_enquiry = chance.random() < 0.9
        if has_enquiry:
            tables["Section47"].append({**key, "S47ActualStartDate": day, "DateOfInitialCPC": held})
        else:
            case["DateOfInitialCPC"] = held
        if held is not None and chance.random() < 0.8:
            _plan(chance, key, tables, held, closed, end, since or date(end.year - 1, 4, 1))
            return case
        if has_enquiry:
            return case
    if closed is not None:
        case["ReasonForClosure"] = chance.choice(["RC8", "RC9", "RC1"])
    return case


def _plan(
    chance: random.Random, key: dict[str, Any], tables: Tables, begun: date, closed: date | None, end: date, since: date
) -> None:
    ended = begun + timedelta(chance.choice([30, 100, 200, 340, 500, 800]))
    ended = min(ended, closed) if closed is not None else ended
    plan = {
        **key,
        "CPPID": 1,
        "CPPstartDate": begun,
        "CPPendDate": ended if ended <= end else None,
        "LatestCategoryOfAbuse": chance.choice(["NEG", "EMO", "PHY", "MUL"]),
        "NumberOfPreviousCPP": chance.choice([0, 0, 1, 2]),
    }
    if ended >= since:
        tables["ChildProtectionPlans"].append(plan)
    day = begun + timedelta(chance.choice([80, 95]))
    while day <= min(ended, end):
        tables["Reviews"].append({**key, "CPPID": 1, "CPPreviewDate": day})
        day += timedelta(chance.choice([150, 180, 200]))


def listed(seed: int, children: int, day: date = date(2026, 1, 30)) -> Tables:
    """Draw the lists of Annex A on one day."""
    chance = random.Random(seed)  # noqa: S311 - made-up rows
    tables: Tables = {f"list_{number}": [] for number in range(1, 12)}
    for number in range(children):
        born = day - timedelta(200 + chance.randrange(20 * 365))
        person = {
            "Child Unique ID": f"C{number}",
            "Date of Birth": born,
            "Gender": chance.choice(["a) Male", "b) Female"]),
            "Ethnicity": chance.choice(_GROUPS),
        }
        for name, rows in _lists_of(chance, day, born).items():
            tables[name] += [{**person, **row} for row in rows]
    return tables


def _ago(chance: random.Random, day: date, most: int) -> date:
    return day - timedelta(chance.randrange(most))


def _lists_of(chance: random.Random, day: date, born: date) -> Tables:
    """Draw what the lists say of one child."""
    yes = [True, False]
    told: Tables = {"list_1": [{"Date of Contact": _ago(chance, day, 180)}]}
    if chance.random() < 0.3:
        told["list_2"] = [{"Assessment start date": _ago(chance, day, 180)}]
    if chance.random() < 0.7:
        told["list_3"] = [
            {
                "Date of referral": _ago(chance, day, 180),
                "Referral NFA?": chance.choice(yes),
                "Number of Referrals in Last 12 Months": chance.choice([0, 0, 1, 2]),
            }
        ]
    if chance.random() < 0.6:
        begun = _ago(chance, day, 250)
        done = begun + timedelta(chance.choice([10, 60, 80]))
        told["list_4"] = [
            {
                "Continuous Assessment Start Date": begun,
                "Continuous Assessment Date of Authorisation": done if done <= day else None,
            }
        ]
    if chance.random() < 0.4:
        begun = _ago(chance, day, 200)
        held = begun + timedelta(chance.choice([10, 25]))
        is_held = held <= day and chance.random() < 0.6
        told["list_5"] = [
            {
                "Strategy discussion initiating Section 47 Enquiry Start Date": begun,
                "Date of Initial Child Protection Conference": held if is_held else None,
                "Was an Initial Child Protection Conference deemed unnecessary?": None
                if is_held
                else chance.choice(yes),
            }
        ]
    if chance.random() < 0.6:
        ended = _ago(chance, day, 180) if chance.random() < 0.3 else None
        told["list_6"] = [
            {
                "CIN Start Date": (ended or day) - timedelta(chance.randrange(1000)),
                "CIN Closure Date": ended,
                "Date Child Was Last Seen": _ago(chance, day, 80),
            }
        ]
    if chance.random() < 0.4:
        ended = _ago(chance, day, 180) if chance.random() < 0.3 else None
        begun = (ended or day) - timedelta(chance.randrange(900))
        told["list_7"] = [
            {
                "Child Protection Plan Start Date": begun,
                "Child Protection Plan End Date": ended,
                "Latest Category of Abuse": chance.choice(["a) Neglect", "d) Emotional", "e) Multiple"]),
                "Date of the Last Statutory Visit": _ago(chance, day, 40),
                "Date of latest review conference": _ago(chance, day, 250) if begun < day - timedelta(90) else None,
                "Number of Previous Child Protection Plans": chance.choice([0, 0, 1]),
            }
        ]
    age = _age(born, day)
    if chance.random() < 0.5 and age < 18:
        told["list_8"] = [_care(chance, day, born)]
    if age >= 17:
        is_told = chance.random() < 0.9
        told["list_9"] = [
            {
                "LA in Touch": "a) Yes" if is_told else chance.choice(["b) No", "d) Returned home"]),
                "Type of Accommodation": chance.choice(["k) Semi", "e) Abroad"]) if is_told else None,
                "Suitability of Accommodation": chance.choice(["a) Suitable", "b) Unsuitable"]) if is_told else None,
                "Activity Status": chance.choice(["F2", "P5", "G4"]) if is_told else None,
            }
        ]
    return told


def _care(chance: random.Random, day: date, born: date) -> dict[str, Any]:
    ended = _ago(chance, day, 180) if chance.random() < 0.3 else None
    missing = chance.choice([0, 0, 1, 3])
    offered = chance.choice([True, False]) if missing else None
    return {
        "Date Started to be Looked After": max(born, (ended or day) - timedelta(chance.choice([10, 60, 150, 900]))),
        "Date Ceased to be Looked After": ended,
        "Unaccompanied Asylum Seeking Child (UASC) within the Last 12 Months (Y/N)": chance.choice([True, False]),
        "Number of Placements in the Last 12 months": chance.choice([1, 2, 3]),
        "Date of Latest Statutory Review": _ago(chance, day, 250),
        "Date of Last IRO Visit / Contact to the Child": _ago(chance, day, 80),
        "Date of Last Social Work Visit": _ago(chance, day, 80),
        "Date of Last Health Assessment": _ago(chance, day, 500),
        "Date of Last Dental Check": _ago(chance, day, 500),
        "Number of Episodes the Child has been 'Missing' from their Placement in the last 12 months": missing,
        "Number of Episodes the Child has been 'Absent' from their Placement in the last 12 months": chance.choice(
            [0, 1]
        ),
        "Was the child offered a Return Interview after their last missing episode (Y/N)?": offered,
        "Did the child accept a Return Interview after their last missing episode (Y/N)?": (
            chance.choice([True, False]) if offered else None
        ),
    }


def workforce(seed: int, workers: int, year: int = 2025) -> Tables:
    """Draw a census of social workers."""
    chance = random.Random(seed)  # noqa: S311 - made-up rows
    rows = []
    for number in range(workers):
        begun = date(year - 1, 9, 30) - timedelta(chance.randrange(-300, 2000))
        ended = begun + timedelta(chance.choice([200, 900, 5000]))
        is_agency = chance.random() < 0.25
        fte = chance.choice([1.0, 1.0, 0.5])
        rows.append(
            {
                "AgencyWorker": 1 if is_agency else 0,
                "SWENo": f"SW{number}",
                "FTE": fte,
                "FTE30": fte,
                "GenderCurrent": chance.choice("12"),
                "OrgRole": chance.choice(["1", "3", "5", "5", "5", "6"]),
                "RoleStartDate": begun,
                "RoleEndDate": ended if ended <= date(year, 9, 30) else None,
                "Cases30": chance.choice([None, 12, 17]),
                "WorkingDaysLost": chance.choice([0.0, 3.5]),
            }
        )
    rows = [row for row in rows if row["RoleEndDate"] is None or row["RoleEndDate"] > date(year - 1, 9, 30)]
    own = {"NumberOfVacancies": chance.choice([4.0, 20.0]), "NoAgencyFTE": 3.0, "NoAgencyHeadcount": 3}
    return {"CSWWWorker": rows, "LALevelVacancies": [own]}
