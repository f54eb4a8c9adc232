"""Every indicator on returns small enough to work out by hand; all children and workers are made up.

The reasoning stands beside the rows. Percentages are of whole children, so a slip shows.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from tests.made_returns import made
from transforms.indicators import indicators_of
from transforms.indicators.compute import compute


def d(text: str) -> date:
    day, month, year = text.split("/")
    return date(int(year), int(month), int(day))


def rows(names: str, *lines: str) -> list[dict[str, Any]]:
    """Rows from lines of cells; `-` is blank, a cell with slashes is a date, digits in a number column a number."""
    found = []
    for line in lines:
        cells = [cell.strip() for cell in line.split("|")]
        found.append({n: _cell(c) for n, c in zip(names.split(), cells, strict=True) if c != "-"})
    return found


def _cell(text: str) -> Any:
    return d(text) if text.count("/") == 2 else text


EPISODE = "CHILD DECOM DEC RNE LS REC CIN PLACE PL_POST"
DISTANCES = {"A": (25.0, "OUT"), "J": (30.0, "IN"), "B": (20.0, "OUT")}


def _care() -> list[Any]:
    this_year = rows(
        EPISODE,
        # A: two and a half years and more in care, all of it with the same carers.
        "A|10/05/2023|-|S|C2|-|N1|U6|P1",
        # B: started in the year; K2, U1 and U6 are three placements.
        "B|01/06/2025|01/07/2025|S|C1|X1|N1|K2|P2",
        "B|01/07/2025|01/09/2025|P|C1|X1|N1|U1|P3",
        "B|01/09/2025|-|P|C1|-|N1|U6|P4",
        "C|01/02/2024|-|S|V2|-|N8|K3|P5",
        # D: adopted by her foster carers; ordered 1/12/2024, placed 1/5/2025, adopted 1/2/2026.
        "D|01/12/2024|01/05/2025|L|E1|X1|N1|U6|P6",
        "D|01/05/2025|01/02/2026|T|E1|E11|N1|A3|P6",
        "E|01/05/2024|01/07/2025|S|C2|E45|N1|U1|P7",
        "F|01/05/2025|01/08/2025|S|V2|E4A|N4|U6|P8",
        "G|10/05/2025|20/05/2025|S|V2|E4B|N4|P1|-",
        "H|01/01/2020|-|S|V4|-|N2|K2|P9",  # short breaks: never counted
        "I|01/03/2025|10/08/2025|S|C2|X1|N1|P1|-",
        "I|10/08/2025|-|L|E1|-|N1|P1|-",
        # J: long enough in care, but moved on 1/5/2024.
        "J|01/08/2023|01/05/2024|S|C2|X1|N5|K1|PA",
        "J|01/05/2024|-|P|C2|-|N5|K1|PB",
        # L5: in foster care on the eighteenth birthday, 1/1/2026.
        "L5|01/04/2023|01/01/2026|S|C2|E17|N1|U6|PC",
    )
    for row in this_year:
        if row["CHILD"] in DISTANCES and "DEC" not in row:
            row["PL_DISTANCE"], row["PL_LOCATION"] = DISTANCES[row["CHILD"]]
    reviews_of_a = ["25/07/2025|PN1", "20/01/2026|PN4"]
    tables = {
        "Episodes": this_year,
        "Header": rows(
            "CHILD DOB SEX ETHNIC",
            "A|01/06/2015|F|WBRI",
            "B|01/01/2022|M|MWBC",
            "C|01/01/2009|M|APKN",
            "D|01/01/2024|F|WBRI",
            "E|01/01/2023|M|WBRI",
            "F|01/01/2012|F|WBRI",
            "G|01/01/2013|M|WBRI",
            "H|01/01/2010|M|WBRI",
            "I|01/03/2022|F|WBRI",
            "J|01/01/2011|M|BAFR",
        ),
        # B: the first review was due 20 working days after Sunday 1 June, on 27 June.
        "Reviews": rows("CHILD REVIEW REVIEW_CODE", *(f"A|{line}" for line in reviews_of_a), "B|10/07/2025|PN0"),
        "UASC": rows("CHILD DUC", "C|-"),
        "OC2": [
            *rows(
                "CHILD CONVICTED HEALTH_CHECK IMMUNISATIONS TEETH_CHECK HEALTH_ASSESSMENT SUBSTANCE_MISUSE",
                "A|1|-|1|1|1|0",
                "I|0|1|1|0|0|1",
                "J|0|-|0|0|0|0",
            ),
        ],
        "OC3": rows(
            "CHILD DOB IN_TOUCH ACTIV ACCOM",
            "L1|01/06/2006|YES|F1|U1",
            "L2|01/07/2005|NO|0|0",
            "L3|01/08/2004|RHOM|F1|U1",
            "L4|01/09/2005|YES|G5|G1",
            "L5|01/01/2008|YES|P4|Z1",
            "L6|01/02/2009|NO|F2|B2",
        ),
        "AD1": rows("CHILD DATE_MATCH FOSTER_CARE", "D|01/03/2025|1"),
        "PlacedAdoption": rows(
            "CHILD DATE_PLACED DATE_PLACED_CEASED REASON_PLACED_CEASED",
            "D|10/11/2024|-|-",
            "E|15/04/2025|15/06/2025|RD1",
            "I|05/07/2025|-|-",
        ),
        "Missing": rows(
            "CHILD MISSING MIS_START MIS_END",
            "B|M|01/08/2025|03/08/2025",
            "B|M|10/08/2025|-",
            "C|A|01/04/2025|01/04/2025",
            "A|M|30/03/2025|31/03/2025",  # over the day before the year
        ),
        "SWEpisodes": rows(
            "CHILD SW_ID SW_DECOM SW_DEC",
            "C|SW1|01/01/2024|01/04/2025",
            "C|SW2|01/04/2025|01/06/2025",
            "C|SW3|01/06/2025|-",
            "A|SW1|01/01/2024|31/03/2025",
            "A|SW2|31/03/2025|01/05/2025",
            "A|SW3|01/05/2025|-",
        ),
    }
    for row, score in zip(tables["OC2"], (17, None, 10), strict=True):
        row["SDQ_SCORE"] = score
    before = {
        "Episodes": rows(
            EPISODE,
            "D|01/06/2024|01/12/2024|S|C2|X1|N1|U6|P6",
            "D|01/12/2024|-|L|E1|-|N1|U6|P6",
            # K: ordered at the start, placed 1/6/2024 with new carers, adopted 1/3/2025.
            "K|01/04/2023|01/06/2024|S|E1|X1|N1|U6|PD",
            "K|01/06/2024|01/03/2025|P|E1|E12|N1|A4|PE",
        ),
        "AD1": rows("CHILD DATE_MATCH FOSTER_CARE", "K|01/05/2024|0"),
        "Reviews": rows("CHILD REVIEW", "A|01/06/2023", "A|20/08/2023", "A|15/02/2024", "A|10/08/2024", "A|01/02/2025"),
    }
    first = {"Episodes": rows(EPISODE, "K|01/04/2023|-|S|E1|-|N1|U6|PD"), "AD1": []}
    return [
        made("ssda903", 2024, first),
        made("ssda903", 2025, before),
        made("ssda903", 2026, tables, is_measured=True),
    ]


CARE = {
    # On 31 March 2026: A, B, C, I and J.
    "CLA1": (5, 10_000, 5),
    "CLA1N": (5, None, 5),
    "CLA2": (3, 10_000, 3),
    "CLA2N": (3, None, 3),  # B, F, G
    "CLA3": (5, 10_000, 5),
    "CLA3N": (5, None, 5),  # D, E, F, G, L5
    "CLA4": (1, 5, 20),  # C
    "CLA5": (1, 5, 20),
    "CLA5N": (1, None, 1),  # B
    "CLA6": (1, 2, 50),
    "CLA6N": (1, None, 1),  # A of A and J; C is 17
    "CLA7": (1, 5, 20),
    "CLA7b": (2, 5, 40),  # A; A and J; B's 20 miles are not over 20
    "CLA8": (2, 5, 40),
    "CLA9": (1, 5, 20),
    "CLA10": (1, 5, 20),
    "CLA11": (1, 5, 20),  # A B; J; C; I
    "CLA12": (1, 5, 20),  # C; a worker who left A on 31 March does not touch the year, so A has two
    "CLA13": (1, 10, 10),
    "CLA14": (2, 1, 2.0),
    "CLA15": (1, 10, 10),  # B twice; C on 1 April
    "AD": (1, 5, 20),
    "SGO": (1, 5, 20),
    "HOMEP": (1, 5, 20),
    "HOMEU": (1, 5, 20),
    # Twelve months: A, C, I, J.
    "H0": (1, 4, 25),
    "H1": (1, 4, 25),
    "H2": (1, 4, 25),
    "H3": (2, 4, 50),
    "H4": (1, 1, 100),
    "H5": (1, 3, 33),
    "H6": (1, 4, 25),
    "H7": (2, 2, 100),
    "H8": (27, 2, 13.5),
    "H9": (1, 2, 50),  # A and J; I was three on 1 April
    "R1": (1, 5, 20),
    "R2": (1, 2, 50),
    "A1": (334, 1, 334),
    "A10": (0, 1, 0),
    "A2": (90, 1, 90),
    "A2M": (90 / 30.4375, 1, 3.0),
    "A3": (1, 1, 100),
    # With K: 427 days, one more than fourteen months; halves round up.
    "A1_3Y": (761, 2, 381),
    "A10_3Y": (427, 2, 214),
    "A2_3Y": (486, 2, 243),
    "A2M_3Y": (486 / 30.4375, 2, 8.0),
    "A3_3Y": (1, 2, 50),
    # L1, L2, L4 are 19 to 21; L3 returned home; L4 is abroad.
    "CL1": (2, 3, 67),
    "CL2": (1, 2, 50),
    "CL2N": (1, None, 1),
    "CLN": (3, None, 3),
    "CL3": (1, 3, 33),
    "CL4": (1, 3, 33),
    "CL5": (1, 3, 33),
    "CL6": (1, 1, 100),
}
QUARTERS = {"A15": [1, 1, 0, 0], "A16": [0, 1, 0, 0], "AWAIT": [0, 1, 1, 1], "AREV": [1, 0, 0, 0]}


def _need() -> list[Any]:
    case = "LAchildID CINdetailsID CINreferralDate ReferralNFA CINclosureDate ReasonForClosure DateOfInitialCPC"
    tables = {
        "ChildIdentifiers": rows("LAchildID PersonBirthDate Sex", "P|01/01/2015|F", "Q|01/01/2014|M", "R|01/01/2013|M"),
        "ChildCharacteristics": rows("LAchildID Ethnicity", "P|WBRI"),
        "CINdetails": rows(
            case,
            "P|1|10/06/2025|0|-|-|-",
            "Q|1|01/05/2025|1|-|-|-",
            "Q|2|01/09/2025|0|01/11/2025|RC8|-",
            "R|1|01/03/2024|0|-|-|-",
            "T|1|01/02/2024|0|01/02/2026|RC1|01/05/2025",
        ),
        "Assessments": rows(
            "LAchildID CINdetailsID AssessmentID AssessmentActualStartDate AssessmentAuthorisationDate",
            "P|1|1|03/11/2025|08/01/2026",
            "R|1|1|03/11/2025|09/01/2026",
            "Q|2|1|03/09/2025|10/09/2025",
        ),
        "AssessmentFactorsList": rows(
            "LAchildID CINdetailsID AssessmentID AssessmentFactors", "P|1|1|3A", "P|1|1|3A", "R|1|1|24A"
        ),
        "CINplanDates": [],
        "Section47": rows(
            "LAchildID CINdetailsID S47ActualStartDate DateOfInitialCPC",
            "P|1|01/12/2025|22/12/2025",
            "R|1|01/12/2025|23/12/2025",
        ),
        "ChildProtectionPlans": rows(
            "LAchildID CINdetailsID CPPID CPPstartDate CPPendDate LatestCategoryOfAbuse NumberOfPreviousCPP",
            "P|1|1|22/12/2025|-|NEG|1",
            "R|1|1|31/03/2024|-|PHY|0",
            "T|1|1|01/01/2024|01/01/2026|EMO|0",
        ),
        "Reviews": rows("LAchildID CINdetailsID CPPID CPPreviewDate", "P|1|1|01/03/2026"),
    }
    _numbered(tables)
    before = {"CINdetails": rows(case, "P|1|10/06/2024|0|01/09/2024|RC1|-")}
    _numbered(before)
    return [made("cin_census", 2025, before), made("cin_census", 2026, tables)]


def _numbered(tables: dict[str, list[dict[str, Any]]]) -> None:
    for table in tables.values():
        for row in table:
            for name in {"CINdetailsID", "AssessmentID", "CPPID", "NumberOfPreviousCPP"} & set(row):
                row[name] = int(row[name])
            if "ReferralNFA" in row:
                row["ReferralNFA"] = row["ReferralNFA"] == "1"


NEED = {
    "CIN1": (2, 10_000, 2.0),
    "CIN1N": (2, None, 2),
    "CIN1D": (2, 2, 100),
    "CIN1E": (2, 2, 100),  # P, R; Q, T ended
    "CIN2": (3, 10_000, 3.0),
    "CIN2N": (3, None, 3),
    "CIN3": (1, 3, 33.3),
    "CIN4": (1, 3, 33.3),
    "CIN5": (2, 3, 66.7),  # P exactly twelve months after; Q four months after
    "CIN6": (2, 3, 66.7),
    "CIN6B": (3, 3, 100),  # 45 and 5 working days; 46 is late
    "CIN7": (2, 10_000, 2.0),
    "CIN7N": (2, None, 2),
    "CIN8": (3, 10_000, 3.0),
    "CIN8N": (3, None, 3),
    "CIN9": (1, 2, 50.0),
    "CIN9B": (2, 2, 100),
    "FAC": (2, 2, 100),
    "PW1": (3, 3, 100),
    "PW2": (2, 2, 100),
    "CPP1": (2, 10_000, 2.0),
    "CPP1N": (2, None, 2),
    "CPP1D": (2, 2, 100),
    "CPP2S": (1, 10_000, 1.0),
    "CPP2SN": (1, None, 1),
    "CPP2E": (1, 10_000, 1.0),
    "CPP2EN": (1, None, 1),
    "CPP3": (1, 1, 100.0),
    "CPP3N": (1, None, 1),
    "CPP4": (1, 1, 100.0),
    "CPP4B": (1, 1, 100),
    "CPP5": (1, 2, 50.0),
    "CPP6": (1, 2, 50.0),
    "CPP7": (2, 2, 100),
}
NEED_PARTS = {
    ("CIN1D", "Duration | More than 6 months to less than 1 year"): (1, 2),
    ("CIN1D", "Duration | 2 years or more"): (1, 2),
    ("CIN1E", "Duration | 3 months or less"): (1, 2),
    ("CIN1E", "Duration | 2 years or more"): (1, 2),
    ("CIN6B", "Working days | 0 to 10"): (1, 3),
    ("CIN6B", "Working days | 41 to 45"): (1, 3),
    ("CIN6B", "Working days | 46 to 50"): (1, 3),
    ("CIN9B", "Working days | 11 to 15"): (1, 2),
    ("CIN9B", "Working days | 16 to 20"): (1, 2),
    ("FAC", "Factor | 3A"): (1, 2),
    ("FAC", "Factor | 24A"): (1, 2),
    ("FAC", "Factor | 1A"): (0, 2),
    ("PW1", "Outcome | Neither"): (2, 3),
    ("PW1", "Outcome | Assessment"): (1, 3),
    ("PW2", "Outcome | Plan"): (1, 2),
    ("PW2", "Outcome | Conference without plan"): (1, 2),
    ("CPP1D", "Duration | More than 3 months to 6 months"): (1, 2),
    ("CPP1D", "Duration | 2 years or more"): (1, 2),
    ("CPP7", "Category of abuse | Neglect"): (1, 2),
    ("CPP7", "Category of abuse | Physical abuse"): (1, 2),
    ("CPP4B", "Duration | 2 years or more"): (1, 1),
}


def _staff() -> list[Any]:
    names = "SWENo AgencyWorker OrgRole RoleStartDate RoleEndDate"
    workers = rows(
        names,
        "SW1|0|5|01/01/2020|-",
        "SW2|0|5|01/02/2024|-",
        "SW3|0|5|01/01/2019|01/03/2024",
        "SW4|1|5|01/01/2024|-",
        "SW1|0|4|01/05/2024|-",  # SW1 again: one head, and no starter
    )
    numbers = [
        {"FTE30": 1.0, "Cases30": 20, "WorkingDaysLost": 10.0},
        {"FTE": 0.5, "Cases30": 10, "WorkingDaysLost": 5.0},
        {"FTE": 1.0},
        {"FTE30": 0.8, "Cases30": 12},
        {"FTE30": 0.2, "Cases30": 0},
    ]
    for row, more in zip(workers, numbers, strict=True):
        row |= more
        row["AgencyWorker"] = _flag("csww", "CSWWWorker", "AgencyWorker", row["AgencyWorker"])
    vacancies = [{"NumberOfVacancies": 3.0, "NoAgencyFTE": 0.6}]
    return [made("csww", 2024, {"CSWWWorker": workers, "LALevelVacancies": vacancies})]


def _flag(return_code: str, table: str, column: str, text: str) -> Any:
    from transforms.returns.reading import entry_of

    kind = next(c.kind for c in entry_of(return_code).table(table).columns if c.name == column)
    return text == "1" if kind == "flag" else text


STAFF = {
    # FTE in post 1.0 + 0.5 + 0.2; heads in post SW1, SW2; the year holds 29 February: 254 days.
    "W1": (1.0, 1.7, 58.8),
    "W1H": (1, 2, 50.0),
    "W1N": (1.0, None, 1.0),
    "W2": (3.0, 4.7, 63.8),
    "W3": (0.8, 2.5, 32.0),
    "W3H": (1, 3, 33.3),
    "W4": (0.6, 0.8, 75.0),
    "W4V": (0.6, 3.0, 20.0),
    "W5": (42, 2.3, 18.3),
    "W5N": (42, None, 42),
    "W6": (15.0, 1.7 * 254, 3.5),
    "W7": (0.5, None, 0.5),
    "W8": (1.7, None, 1.7),
    "W9": (2, None, 2),
}

END = date(2025, 8, 31)


def _lists() -> list[Any]:
    def row(**cells: Any) -> dict[str, Any]:
        return {"Child Unique ID": cells.pop("who", "P0"), **cells}

    def at(text: str, **cells: Any) -> dict[str, Any]:
        names = dict(part.split("=") for part in text.split("; "))
        return row(**cells) | {name: d(day) for name, day in names.items()}

    missing = "Number of Episodes the Child has been 'Missing' from their Placement in the last 12 months"
    absent = "Number of Episodes the Child has been 'Absent' from their Placement in the last 12 months"
    offered = "Was the child offered a Return Interview after their last missing episode (Y/N)?"
    accepted = "Did the child accept a Return Interview after their last missing episode (Y/N)?"
    uasc = "Unaccompanied Asylum Seeking Child (UASC) within the Last 12 Months (Y/N)"
    enquiry = "Strategy discussion initiating Section 47 Enquiry Start Date"
    earlier = "Number of Referrals in Last 12 Months"
    started, authorised = "Continuous Assessment Start Date", "Continuous Assessment Date of Authorisation"
    tables = {
        # Six months before 31 August is 28 February, which is out.
        "list_1": [at("Date of Contact=01/03/2025"), at("Date of Contact=28/02/2025")],
        "list_2": [at("Assessment start date=01/06/2025")],
        "list_3": [
            at("Date of referral=01/05/2025") | {"Referral NFA?": True, earlier: 0},
            at("Date of referral=01/06/2025") | {"Referral NFA?": False, earlier: 1},
        ],
        "list_4": [  # 45 and 46 working days; open for long, open for days
            at(f"{started}=02/06/2025; {authorised}=04/08/2025"),
            at(f"{started}=02/06/2025; {authorised}=05/08/2025"),
            at(f"{started}=01/05/2025"),
            at(f"{started}=20/08/2025"),
        ],
        "list_5": [
            at(f"{enquiry}=01/07/2025; Date of Initial Child Protection Conference=22/07/2025"),
            at(f"{enquiry}=01/07/2025") | {"Was an Initial Child Protection Conference deemed unnecessary?": True},
        ],
        "list_6": [
            at("CIN Start Date=01/08/2025; Date Child Was Last Seen=20/08/2025"),
            at("CIN Start Date=01/01/2024; Date Child Was Last Seen=01/07/2025", who="P1"),
            at("CIN Start Date=01/01/2024; CIN Closure Date=01/05/2025", who="P2"),
        ],
        "list_7": [  # 25 August is a bank holiday: 18 August is 8 working days ago
            at(
                "Child Protection Plan Start Date=01/01/2025; Date of the Last Statutory Visit=18/08/2025; "
                "Date of latest review conference=01/06/2025"
            )
            | {"Number of Previous Child Protection Plans": 1, "Latest Category of Abuse": "a) Neglect"},
            at("Child Protection Plan Start Date=31/08/2023; Date of the Last Statutory Visit=01/08/2025", who="P1")
            | {"Number of Previous Child Protection Plans": 0},
        ],
        "list_8": [
            at(
                "Date of Birth=01/01/2022; Date Started to be Looked After=01/01/2024; "
                "Date of Last Health Assessment=01/03/2025; "
                "Date of Last Dental Check=01/09/2024; Date of Latest Statutory Review=01/03/2025; "
                "Date of Last IRO Visit / "
                "Contact to the Child=01/08/2025; Date of Last Social Work Visit=01/07/2025"
            )
            | {
                "Number of Placements in the Last 12 months": 3,
                missing: 1,
                absent: 0,
                offered: True,
                accepted: False,
                uasc: False,
            },
            at("Date of Birth=01/01/2010; Date Started to be Looked After=20/08/2025", who="P1")
            | {uasc: True, missing: 0, absent: 0, "Number of Placements in the Last 12 months": 1},
            at("Date Started to be Looked After=01/01/2020; Date Ceased to be Looked After=01/08/2025", who="P2"),
        ],
        "list_9": [
            at("Date of Birth=01/01/2006")
            | {
                "LA in Touch": "a) In touch",
                "Type of Accommodation": "k) Independent living",
                "Suitability of Accommodation": "a) Suitable",
                "Activity Status": "F2: Full time in education other than higher",
            },
            at("Date of Birth=01/01/2008", who="P1")
            | {"LA in Touch": "b) Not in touch", "Type of Accommodation": "e) Gone abroad"},
            at("Date of Birth=01/01/2005", who="P2") | {"LA in Touch": "d) Exclude"},
        ],
        "list_10": [
            at(
                "Date the Child Entered Care=01/01/2024; "
                "Date of Decision that Child Should be Placed for Adoption=01/04/2024; "
                "Date of Placement Order=01/06/2024; Date of Matching Child and Prospective Adopters=01/08/2024; "
                "Date the child was placed for fostering in FFA or concurrent planning placement=01/05/2024; "
                "Date Placed for Adoption=01/09/2024; Date of Adoption Order=01/03/2025"
            ),
            at("Date of Decision that Child Should be Placed for Adoption=01/06/2025", who="P1"),
        ],
        "list_11": [
            {
                "Individual adopter identifier": "X",
                **{
                    n: d(t)
                    for n, t in (
                        ("Date Stage 1 started", "01/01/2025"),
                        ("Date Stage 1 ended", "01/03/2025"),
                        ("Date Stage 2 started", "01/03/2025"),
                        ("Date Stage 2 ended", "02/07/2025"),
                    )
                },
            }
        ],
    }
    return [made("annex_a", 2026, tables, end=END)]


LISTS = {
    # Counts of six months stand for half a year in rates.
    "AX1N": (1, None, 1),
    "AX1": (1, 10_000, 2.0),
    "AX2N": (1, None, 1),
    "AX2": (1, 10_000, 2.0),
    "AX3N": (2, None, 2),
    "AX3": (2, 10_000, 4.0),
    "AX3F": (1, 2, 50.0),
    "AX3R": (1, 2, 50.0),
    "AX4": (1, 2, 50.0),
    "AX4O": (1, 2, 50.0),
    "AX5N": (2, None, 2),
    "AX5": (2, 10_000, 4.0),
    "AX5CN": (1, None, 1),
    "AX5C": (1, 10_000, 2.0),
    "AX5T": (1, 1, 100.0),
    "AX5W": (1, 2, 50.0),
    "AX6N": (2, None, 2),
    "AX6": (2, 10_000, 2.0),
    "AX6D": (2, 2, 100.0),
    "AX6S2": (1, 2, 50.0),
    "AX6S4": (1, 2, 50.0),
    "AX6S6": (1, 2, 50.0),
    "AX6S8": (1, 2, 50.0),
    "AX7N": (2, None, 2),
    "AX7": (2, 10_000, 2.0),
    "AX7L": (1, 2, 50.0),
    "AX7P": (1, 2, 50.0),
    "AX7V": (1, 2, 50.0),
    "AX7V4": (1, 2, 50.0),
    "AX7R": (1, 2, 50.0),
    "AX7R3": (1, 1, 100.0),
    "AX8N": (2, None, 2),
    "AX8": (2, 10_000, 2.0),
    "AX8SN": (1, None, 1),
    "AX8S": (1, 10_000, 2.0),
    "AX8EN": (1, None, 1),
    "AX8E": (1, 10_000, 2.0),
    "AX8U": (1, 2, 50.0),
    "AX8P": (1, 2, 50.0),
    "AX8R": (2, 2, 100.0),
    "AX8I": (1, 2, 50.0),
    "AX8V": (0, 2, 0.0),
    "AX8H": (1, 2, 50.0),
    "AX8D": (1, 2, 50.0),
    "AX8M": (1, 2, 50.0),
    "AX8A": (0, 2, 0.0),
    "AX8O": (1, 1, 100.0),
    "AX8C": (0, 1, 0.0),
    "AX9T": (1, 2, 50.0),
    "AX9S": (1, 1, 100.0),
    "AX9E": (1, 2, 50.0),
    "AX10": (121, 1, 121),
    "AX10M": (61, 1, 61),
    "AX10W": (1, None, 1),
    "AX11S1": (1, 1, 100.0),
    "AX11S2": (0, 1, 0.0),
}

RETURNS = {"ssda903": (_care, CARE), "cin_census": (_need, NEED), "csww": (_staff, STAFF), "annex_a": (_lists, LISTS)}
POPULATION = {2025: 10_000}


@pytest.fixture(scope="module")
def values() -> pl.DataFrame:
    frames = [compute(build(), POPULATION) for build, _ in RETURNS.values()]
    return pl.concat(frames).filter(pl.col("period_code").str.contains("2026|2024$|2025-08-31"))


def _row(values: pl.DataFrame, code: str, breakdown: str = "Total", period: str | None = None) -> dict[str, Any]:
    found = values.filter((pl.col("indicator_code") == code) & (pl.col("breakdown") == breakdown))
    period = period or found["period_code"].max()  # type: ignore[assignment]
    found = found.filter(pl.col("period_code") == period)
    assert found.height == 1, (code, breakdown)
    return found.row(0, named=True)


@pytest.mark.parametrize(("code", "expected"), [item for _, table in RETURNS.values() for item in table.items()])
def test_a_total_is_what_was_worked_out_by_hand(
    values: pl.DataFrame, code: str, expected: tuple[float, float | None, float]
) -> None:
    row = _row(values, code)
    assert row["numerator"] == pytest.approx(expected[0])
    assert row["denominator"] == (None if expected[1] is None else pytest.approx(expected[1]))
    assert row["value"] == pytest.approx(expected[2], abs=1e-12)
    assert row["value_status"] == "reported"


@pytest.mark.parametrize(("key", "expected"), NEED_PARTS.items())
def test_a_breakdown_is_what_was_worked_out_by_hand(
    values: pl.DataFrame, key: tuple[str, str], expected: tuple[int, int]
) -> None:
    row = _row(values, *key)
    assert (row["numerator"], row["denominator"]) == expected


@pytest.mark.parametrize(("code", "expected"), QUARTERS.items())
def test_quarters_are_what_was_worked_out_by_hand(values: pl.DataFrame, code: str, expected: list[int]) -> None:
    assert [_row(values, code, period=f"2026Q{n}")["numerator"] for n in range(1, 5)] == expected


def test_young_care_leavers_stand_beside_the_total(values: pl.DataFrame) -> None:
    row = _row(values, "CL1", "Age | 17 to 18 years")
    assert (row["numerator"], row["denominator"]) == (1, 2)  # L5 of L5 and L6


def test_every_indicator_has_a_case() -> None:
    for code, (_, table) in RETURNS.items():
        known = set(table) | (set(QUARTERS) if code == "ssda903" else set())
        assert known == {entry.code for entry in indicators_of(code)}
