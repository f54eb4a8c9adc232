"""Rules that read episodes, the header and the module of asylum seekers: what breaks each, and what does not.

All rows are made up. A table is written as its columns and rows, cells parted by blanks: `-` is blank,
`~` a blank within a cell. Row numbers count from 0.
"""
# ruff: noqa: E501 - the rows of a table are read side by side

from datetime import date

import polars as pl
import pytest

from transforms.returns import rules_of
from transforms.returns.entry import is_valid
from transforms.returns.model import CHILDREN, ROW, ReturnData
from transforms.returns.rule import FAILED, NOT_RUN, PASSED, run_rules

DATES = {"DECOM", "DEC", "DOB", "MC_DOB", "DUC", "REG_END"}
LAST = "_last"
OURS = {  # the other rules of the return read further tables, and are tested beside those
    entry.code for entry in rules_of("ssda903") if {*entry.tables} <= {"Episodes", "Header", "UASC"}
}


def read(text):
    """Return the typed and the raw frame of a table as the module's docstring writes it."""
    head, *lines = (line.split() for line in text.split("|"))
    cells = [[None if cell == "-" else cell.replace("~", " ") for cell in line] for line in lines]
    raw = pl.DataFrame(cells, schema=dict.fromkeys(head, pl.String), orient="row")
    day = pl.col(*(DATES & {*head})).str.to_date("%d/%m/%Y", strict=False) if DATES & {*head} else []
    typed = raw.with_columns(day)
    if "CHILD" in head:
        typed = typed.with_columns(pl.col("CHILD").cast(pl.Categorical(CHILDREN)))
    if "PL_DISTANCE" in head:
        typed = typed.with_columns(pl.col("PL_DISTANCE").cast(pl.Float64))
    return typed.with_row_index(ROW), raw.with_row_index(ROW)


def submission(year, tables, la_code="845"):
    """Return a submission of made-up tables; those named `..._last` are of the year before."""
    frames = {name: read(text) for name, text in tables.items()}
    lists = frames.pop("providers", None)

    def of_year(year, marked, previous=None):
        chosen = {name.removesuffix(LAST): pair for name, pair in frames.items() if name.endswith(LAST) == marked}
        typed, raw = ({name: pair[n] for name, pair in chosen.items()} for n in (0, 1))
        references = {} if lists is None else {"providers": lists[0].drop(ROW)}
        start, end = date(year - 1, 4, 1), date(year, 3, 31)
        return ReturnData("ssda903", year, start, end, typed, raw, la_code, previous, references)

    before = of_year(year - 1, True) if any(name.endswith(LAST) for name in frames) else None
    return of_year(year, False, before)


def run(code, year, tables, **more):
    (entry,) = (entry for entry in rules_of("ssda903") if entry.code == code and is_valid(entry, year))
    outcome = run_rules(submission(year, tables, **more), [entry])
    cited: dict[str, list[int]] = {}
    for _, table, row in outcome.findings.rows():
        cited.setdefault(table, []).append(row)
    return outcome.verdicts[0], cited


def episodes(text, *rows, **more):
    return {"Episodes": text}, {"Episodes": list(rows)}


def header(text, *rows):
    return {"Header": text}, {"Header": list(rows)}


def both(episodes, header, **cited):
    return {"Episodes": episodes, "Header": header}, cited


def years(now, then, *rows, table="Episodes"):
    return {table: now, f"{table}{LAST}": then}, {table: list(rows)}


def placements(*pairs):
    """Episodes of one child each: type of placement and provider."""
    return "PLACE PLACE_PROVIDER | " + " | ".join(pairs)


def lasting(code, days):
    """Three episodes of one legal status or placement: one too long, one just not, one of another kind."""
    column = "PLACE" if code.startswith("T") else "LS"
    last = 2 + days
    month = lambda day: f"{(day - 1) % 30 + 1:02d}/{7 + (day - 1) // 30:02d}/2025"  # noqa: E731 - 30 days, then on
    return f"CHILD DECOM DEC {column} | a 01/07/2025 {month(last + 1)} {code} | b 01/07/2025 {month(last - 1)} {code} | c 01/07/2025 01/03/2026 X"


CHAIN = "CHILD DECOM DEC LS"
ORDER = "CHILD DECOM DEC RNE REC"
CHANGE = "CHILD DECOM RNE LS PLACE PL_POST URN PLACE_PROVIDER"
OLD = "CHILD DECOM DEC"
UASC_NOW = "CHILD DOB DUC | a 01/01/2008 - | b 01/01/2008 01/06/2025 | c 01/01/2008 - | d 05/05/2007 05/05/2025"
PLACES = "CHILD LS PLACE PLACE_PROVIDER PL_LA PL_LOCATION PL_DISTANCE"
LISTS = "URN PLACE_CODES PROVIDER_CODES REG_END POSTCODE LA_CODE_INFERRED | 1 K2,S1 PR4 01/06/2025 BN11AA E10000011 | 2 U1 PR1,PR2 - CF101AA E06000008 | 3 U1 PR2 01/06/2025 CF101AA E06000008 | 3 U1 PR2 - CF101AA E06000008"
NAMED = "CHILD LS PLACE PLACE_PROVIDER PL_POST URN DECOM DEC"


def named(*rows, cited):
    return {"Episodes": f"{NAMED} | " + " | ".join(rows), "providers": LISTS}, {"Episodes": cited}


# fmt: off
CASES = [
    ("101", 2024, *header("SEX | 1 | 2 | M | -", 2, 3)),
    ("101", 2026, *header("SEX | M | U | 1 | -", 2, 3)),
    ("102", 2026, *header("DOB | 01/02/2010 | 31/02/2010 | -", 1, 2)),
    ("103", 2026, *header("ETHNIC | WBRI | XXXX | -", 1, 2)),
    ("104", 2026, {"UASC": "DUC | 01/05/2025 | - | 01/03/2025 | soon"}, {"UASC": [2, 3]}),
    ("105", 2026, *header("UASC | 0 | 1 | 2 | -", 2, 3)),
    ("141", 2026, *episodes("DECOM | 01/02/2025 | - | 30/02/2025", 2)),
    ("142", 2026, *episodes("CHILD DECOM DEC REC | a 01/05/2025 - - | a 02/06/2025 - - | b 01/05/2025 - -", 0)),
    ("142", 2025, *episodes("CHILD DECOM DEC REC | a 02/06/2024 - - | a x 05/06/2024 X1 | b 01/05/2024 - - | b 01/05/2024 01/05/2024 X1 | c 01/05/2024 - X1 | c 02/05/2024 - - | d 01/05/2024 x X1 | d 02/05/2024 - -", 4)),
    ("143", 2026, *episodes("RNE | S | X | -", 1)),
    ("144", 2026, *episodes("LS | C2 | C9 | -", 1)),
    ("145", 2026, *episodes("CIN | N1 | N9 | -", 1)),
    ("146", 2024, *episodes("PLACE | H5 | P2 | Z1 | K3 | -", 3)),
    ("146", 2025, *episodes("PLACE | H5 | K3 | Z1 | Z11 | - | P2", 0, 3, 5)),
    ("146", 2026, *episodes("PLACE | K3 | Z14 | H5 | Z1 | -", 2, 3)),
    ("147", 2026, *episodes("DEC | 01/02/2025 | - | 1st", 2)),
    ("148", 2026, *episodes("DEC REC | 01/02/2025 - | - X1 | - - | 01/02/2025 X1 | soon E3", 0, 1)),
    ("149", 2026, *episodes("REC | E4A | E43 | -", 1)),
    ("164", 2026, *both(f"{PLACES} | a C2 - - - - 1000 | b C2 - - - - 3 | c C2 - - - - 1000", "CHILD UASC | a 0 | b 0 | c 1", Episodes=[0])),
    ("168", 2026, *header("UPN | A123456789012 | I123456789012 | UN5 | UN6 | A12345678901B | -", 1, 3)),
    ("169", 2026, *episodes(f"{PLACES} | a C2 - - - - - | b C2 - - WAL - - | c V3 - - - - -", 0)),
    ("171", 2026, *header("MC_DOB | 01/02/2024 | x | -", 1)),
    ("174", 2024, *header("SEX MC_DOB | 1 01/02/2024 | 2 01/02/2024 | 1 -", 0)),
    ("174", 2026, *header("SEX MC_DOB | M x | F 01/02/2024 | M -", 0)),
    ("178", 2025, *episodes(placements("U1 PR9", "T4 PR1", "U1 PR1", "Z1 -"), 0, 1)),
    ("178", 2026, *episodes(placements("Z11 PR1", "T4 PR1", "U1 -"), 0)),
    ("179", 2026, *episodes(f"{PLACES} | a C2 - - - - - | b C2 - - - OUT - | c V4 - - - - -", 0)),
    ("199", 2026, *years("CHILD DECOM REC | a 01/05/2025 - | b 01/05/2025 E11 | b 01/06/2025 X1", "CHILD DECOM REC | a 01/05/2024 E12", 0, 2)),
    ("202", 2025, *years("CHILD SEX | a F | b M | c F", "CHILD SEX | a 2 | b 2 | d 1", 1, table="Header")),
    ("203", 2026, *years("CHILD DOB | a 01/02/2010 | b 01/02/2010 | c -", "CHILD DOB | a 02/02/2010 | b 01/02/2010 | c -", 0, table="Header")),
    ("204", 2026, *years("CHILD ETHNIC | a WBRI | b WBRI", "CHILD ETHNIC | a REFU | b WBRI", 0, table="Header")),
    (
        "205A",
        2026,
        {
            "UASC": UASC_NOW,
            "UASC_last": UASC_NOW,
            "Header": "CHILD UASC | a 0 | b 0 | c 1 | d 0",
            "Header_last": "CHILD UASC | a 1 | b 1 | c 1 | d 0",
        },
        {"UASC": [0, 1], "Header": [0, 1]},
    ),
    (
        "205B",
        2026,
        {
            "UASC": UASC_NOW,
            "UASC_last": UASC_NOW,
            "Header": "CHILD UASC | a 1 | b 0 | d 1 | e 1",
            "Header_last": "CHILD UASC | a 1 | b 1 | d 1 | e 1",
            "Episodes": "CHILD | a | e",  # e has no row in either module: no date, so none that does not fit
        },
        {"UASC": [0], "Header": [0]},
    ),
    (
        "205C",
        2026,
        {
            "UASC": UASC_NOW,
            "UASC_last": f"{UASC_NOW} | e 01/01/2008 01/01/2026",
            "Header": "CHILD UASC | b 0 | a 0 | d 1 | e 0",
            "Header_last": "CHILD UASC | b 0 | a 0 | d 1 | e 0",
            "Episodes": "CHILD | b | e",  # e has no row in this year's module
        },
        {"UASC": [1], "Header": [0]},
    ),
    (  # CSV files: who is in the module of a year is one in that year
        "205A",
        2025,
        {
            "UASC": "CHILD DOB DUC | d 01/01/2008 -",
            "UASC_last": "CHILD DOB DUC | a 01/01/2008 01/01/2026 | b 01/01/2008 31/03/2024 | c 01/01/2008 - | d 01/01/2008 - | e 01/01/2008 - | g 01/01/2008 -",
            "Header": "CHILD | a | b | c | d | f | g",
            "Header_last": "CHILD | a | b | c | d | e | g",
            "Episodes": "CHILD | a | b | c | d | f",  # g left care before: a care leaver's row is not due
        },
        {"Header": [0, 2]},
    ),
    ("205D", 2026, {"Header": "CHILD UASC | a 1 | b 1 | c 1", "Header_last": "CHILD UASC | a 0 | b 1"}, {"Header": [0]}),
    (
        "207",
        2026,
        {"Header": "CHILD MOTHER | a 0 | b 1 | c -", "Header_last": "CHILD MOTHER | a 1 | b 1 | c 1", "Episodes": "CHILD | a | b"},
        {"Header": [0]},
    ),
    (
        "208",
        2026,
        *years(
            "CHILD UPN | a A123456789012 | b UN3 | c UN3 | d UN1 | e - | f A123456789012",
            "CHILD UPN | a UN5 | b UN1 | c UN4 | d - | e UN1 | f B123456789012",
            *(2, 3, 4, 5),
            table="Header",
        ),
    ),
    ("209", 2026, *header("UPN DOB | UN1 31/08/2020 | UN1 01/09/2020 | UN2 01/01/2010 | UN1 -", 0)),
    ("210", 2026, *both("CHILD DECOM | a 24/03/2026 | a 23/03/2026 | b 25/03/2026", "CHILD UPN | b UN3 | a UN4", Episodes=[0], Header=[1])),
    ("213", 2025, *episodes(placements("T1 PR1", "T1 -", "Z11 PR1"), 0)),
    ("213", 2026, *episodes(placements("T1 PR1", "T1 -", "Z11 PR1"), 0, 2)),
    ("214", 2026, *episodes("LS PL_POST URN | V3 BN1 - | V4 - SC1 | V3 - - | C2 BN1 SC1", 0, 1)),
    ("217", 2026, *episodes("PLACE DECOM RNE | A3 01/04/2015 P | A5 01/05/2025 - | A3 01/05/2025 T | A4 01/05/2025 P", 0, 1)),
    ("217t", 2024, *episodes("PLACE DEC | P2 29/10/2023 | P2 - | P2 28/10/2023 | P1 - | P2 x", 0, 1)),
    ("218", 2024, *episodes("PLACE DEC PL_LA URN | K2 - - - | H5 - - - | K2 - WAL - | K2 31/03/2023 - - | K2 - E1 1", 0)),
    ("218", 2025, *episodes("PLACE DEC PL_LA URN | K2 01/05/2024 E1 - | H5 - - - | Z1 - - - | K2 - SCO -", 0, 1)),
    ("218", 2026, *episodes("PLACE DEC PL_LA URN | K2 - E1 - | Z1 - - - | Z12 - - - | K2 - NIR -", 0, 1)),
    ("219", 2026, *named("a C2 U1 - - 1 - -", "b C2 K2 - - 1 - -", "c C2 U1 - - XXXXXXX - -", "d C2 U1 - - 9 - -", cited=[0, 3])),
    ("221", 2023, *named("a C2 K2 - BN1~2AA 1 - -", "b C2 K2 - BN1~1AA 1 - -", "c C2 U1 - BN1~2AA 1 - -", "d V3 K2 - BN1~2AA 1 - -", cited=[0])),
    ("221", 2024, *named("a C2 H5 - BN1~2AA 1 - -", "b C2 K3 - BN1~2AA 1 - -", cited=[0])),
    ("221", 2026, *named("a C2 H5 - BN1~2AA 1 - -", "b C2 K3 - BN1~2AA 1 - -", cited=[1])),
    ("222", 2023, *episodes("PLACE URN | H5 1 | P1 XXXXXXX | U1 1 | T1 -", 0)),
    ("222", 2024, *episodes("PLACE URN | P2 1 | H5 1 | Z1 1 | T1 -", 0, 2)),
    ("222", 2025, *episodes("PLACE URN | P2 1 | Z1 1", 1)),
    ("222", 2026, *episodes("PLACE URN | Z11 1 | Z1 1", 0)),
    ("224", 2026, *named("a C2 - PR1 - 1 - -", "b C2 - PR2 - 2 - -", "c C2 - - - 2 - -", cited=[0, 2])),
    (
        "225",
        2026,
        *episodes(
            "CHILD DECOM RNE REC PLACE REASON_PLACE_CHANGE | a 01/05/2025 S X1 U1 - | a 01/06/2025 P X1 K2 OTHER"
            " | a 01/07/2025 P X1 K2 - | a 01/08/2025 P - T1 -",
            0,
        ),
    ),
    (
        "226",
        2026,
        *episodes(
            "CHILD DECOM PLACE REASON_PLACE_CHANGE | a 01/05/2025 U1 OTHER | a 01/06/2025 T1 - | b 01/05/2025 T2 OTHER | c 01/05/2025 T2 -",
            1,
            2,
        ),
    ),
    ("227", 2026, *named("a C2 - - - 1 01/06/2025 -", "b C2 - - - 1 31/05/2025 -", "c C2 - - - 2 01/06/2025 -", "d C2 - - - 9 01/06/2025 -", "e C2 - - - 3 01/06/2025 -", "f C2 - - - 3 02/07/2025 -", cited=[0])),
    ("228", 2026, *named("a C2 - - - 1 - 02/06/2025", "b C2 - - - 1 - 01/06/2025", "c C2 - - - 1 - -", "d C2 - - - 1 - x", "e C2 - - - 3 - 02/07/2025", "f C2 - - - 9 - -", cited=[0, 2])),
    ("229", 2026, *named("a C2 - PR1 - 2 - -", "b C2 - PR2 - 1 - -", "c C2 - PR1 - 1 - -", "d C2 - PR4 - 1 - -", cited=[0, 1])),
    ("230", 2024, *episodes("PLACE DEC URN PL_LA | H5 29/10/2023 - E1 | H5 - XXXXXXX E1 | H5 28/10/2023 - E1 | H5 - - WAL | H5 - 1 E1 | H5 x - E1", 0, 1)),
    ("231", 2026, *header("CHILD DOB UASC | a 01/04/2015 1 | b 31/03/2015 1 | c 01/04/2015 0", 0)),
    ("232", 2026, *header("SEX | U | M | -", 0)),
    ("233", 2026, *episodes("DEC REASON_PLACE_CHANGE | - OTHER | 01/05/2025 OTHER | - -", 0)),
    (
        "234",
        2026,
        *both(
            "CHILD DECOM DEC REASON_PLACE_CHANGE | a 01/05/2023 01/05/2025 CUSTOD | b 01/05/2023 01/05/2025 CUSTOD | a 01/05/2023 01/05/2025 OTHER"
            " | a 01/05/2023 - CUSTOD | b 01/05/2025 - CUSTOD | a 01/05/2023 x CUSTOD",
            "CHILD DOB | b 01/05/2015 | a 02/05/2015",
            Episodes=[0, 3],
            Header=[1],
        ),
    ),
    ("234", 2027, *both("CHILD DECOM REASON_PLACE_CHANGE | a 01/05/2026 CUSTOD | b 01/05/2026 CUSTOD", "CHILD DOB | a 02/05/2016 | b 01/05/2016", Episodes=[0], Header=[0])),
    ("301", 2026, *header("DOB | 01/04/2026 | 31/03/2026 | -", 0)),
    ("302", 2026, *both("CHILD DECOM | a 01/06/2025 | a 01/05/2025 | b 01/05/2025", "CHILD DOB | a 02/05/2025 | b 01/05/2025", Episodes=[1], Header=[0])),
    ("303", 2026, {"UASC": "CHILD DUC | a 01/05/2025 | b 01/05/2025 | c -", "Header": "CHILD UASC | b 1 | a 0 | c 0"}, {"UASC": [0], "Header": [1]}),
    ("304", 2026, {"UASC": "DOB DUC | 01/05/2007 02/05/2025 | 01/05/2007 01/05/2025 | - 01/05/2025"}, {"UASC": [0]}),
    ("336", 2026, *episodes("CHILD DECOM PLACE | a 01/05/2025 K2 | a 01/06/2025 A3 | b 01/05/2025 U1 | b 01/06/2025 A4 | c 01/05/2025 A3 | d 01/05/2025 R1 | d 01/06/2025 A5 | e 01/05/2025 U4 | e 01/06/2025 A5 | e 01/07/2025 A3", *(1, 6))),
    ("351", 2026, *header("DOB | 31/03/2000 | 01/04/2000 | -", 0)),
    ("352", 2026, *both("CHILD DECOM RNE | a 01/05/2025 S | b 01/05/2025 S | a 01/05/2025 P", "CHILD DOB | a 01/05/2007 | b 02/05/2007", Episodes=[0])),
    ("353", 2026, *episodes("DECOM | 13/10/1991 | 14/10/1991 | -", 0)),
    ("354", 2026, *episodes("DECOM | 01/04/2026 | 31/03/2026 | -", 0)),
    ("355", 2026, *episodes("DECOM DEC | 01/05/2025 01/05/2025 | 01/05/2025 02/05/2025 | - -", 0)),
    ("356", 2026, *episodes("DECOM DEC | 02/05/2025 01/05/2025 | 01/05/2025 01/05/2025 | 01/05/2025 -", 0)),
    ("357", 2026, *episodes("CHILD DECOM RNE | a 01/05/2025 P | a 01/06/2025 P | b 31/03/2025 P | c 01/05/2025 S", 0)),
    ("358", 2026, *both("CHILD DECOM LS | a 01/05/2025 J1 | b 01/05/2025 J1 | a 01/05/2025 C2", "CHILD DOB | a 02/05/2015 | b 01/05/2015", Episodes=[0], Header=[0])),
    ("359", 2026, *both("CHILD DEC LS PLACE | a - C2 K2 | a - V2 K2 | a 01/05/2025 C2 U1 | b - C2 U1", "CHILD DOB | a 30/03/2008 | b 31/03/2008", Episodes=[0])),
    ("361", 2026, *episodes(f"{CHAIN} | a 01/05/2025 03/05/2025 L1 | a 03/05/2025 05/05/2025 L1 | b 01/05/2025 04/05/2025 L1", 0, 1)),
    ("361", 2025, *episodes(f"{CHAIN} | a 01/05/2024 x L1 | b 01/05/2024 - L1 | c 01/05/2024 x L1 | c 31/03/2025 - L1", 1)),
    ("362", 2026, *episodes(lasting("L2", 21), 0)),
    ("362", 2025, *episodes(f"{CHAIN} | a 01/05/2024 x L2 | b 01/05/2024 - L2", 1)),
    ("363", 2026, *episodes(lasting("L3", 7), 0)),
    (
        "363",
        2025,
        *episodes(
            f"{CHAIN} | a 01/05/2024 06/05/2024 L3 | a 04/05/2024 08/05/2024 L3 | b 01/05/2024 06/05/2024 L3 | b 02/05/2024 03/05/2024 L3"
            " | b 05/05/2024 09/05/2024 L3 | c 01/05/2024 x L3 | c 01/07/2024 03/07/2024 L3",
            *(2, 3, 4),
        ),
    ),
    ("364", 2026, *episodes(lasting("J2", 21), 0)),
    ("365", 2026, *episodes(f"{CHAIN} | a 01/05/2025 19/05/2025 V3 | b 01/05/2025 18/05/2025 V3 | c 01/05/2025 - V3 | d 01/05/2025 x V3", 0, 2)),
    ("366", 2026, *episodes("LS RNE | V3 P | V3 - | V3 S | V4 P", 0, 1)),
    ("367", 2026, *episodes(f"{CHAIN} | a 01/05/2025 01/06/2025 V3 | a 01/07/2025 20/08/2025 V3 | b 01/05/2025 01/07/2025 V3", 0, 1)),
    ("370", 2023, *both("CHILD DECOM DEC PLACE | a 01/05/2022 02/05/2022 P2 | b 01/05/2022 02/05/2022 P2 | a 01/05/2022 - P2", "CHILD DOB | a 02/05/2007 | b 01/05/2007", Episodes=[0, 2])),
    ("370", 2024, *both("CHILD DECOM DEC PLACE | a 01/05/2023 02/05/2023 P2 | b 01/05/2023 02/05/2023 P2", "CHILD DOB | a 02/05/2007 | b 01/05/2007", Episodes=[0])),
    ("371", 2023, *both("CHILD DECOM DEC PLACE | a 01/05/2022 02/05/2022 H5 | b 01/05/2022 02/05/2022 H5", "CHILD DOB | a 02/05/2008 | b 01/05/2008", Episodes=[0])),
    ("371", 2024, *both("CHILD DECOM DEC PLACE | a 01/05/2023 02/05/2023 H5 | b 01/05/2023 02/05/2023 H5", "CHILD DOB | a 02/05/2007 | b 01/05/2007", Episodes=[0])),
    ("371", 2026, *both("CHILD DECOM DEC PLACE | a 01/05/2025 02/05/2025 K3 | b 01/05/2025 02/05/2025 H5", "CHILD DOB | a 02/05/2009 | b 02/05/2009", Episodes=[0])),
    ("372", 2026, *both("CHILD DECOM DEC PLACE | a 01/05/2025 02/05/2025 R5 | b 01/05/2025 02/05/2025 R5", "CHILD DOB | a 02/05/2015 | b 01/05/2015", Episodes=[0])),
    ("373", 2026, *both("CHILD DECOM DEC PLACE | a 01/05/2025 02/05/2025 S1 | b 01/05/2025 02/05/2025 S1", "CHILD DOB | a 02/05/2021 | b 01/05/2021", Episodes=[0])),
    ("374", 2026, *both("CHILD DECOM DEC PLACE | a 01/05/2025 02/05/2025 P3 | b 01/05/2025 02/05/2025 P3", "CHILD DOB | a 02/05/2011 | b 01/05/2011", Episodes=[0])),
    ("375", 2026, *episodes("DECOM DEC PLACE | 01/05/2025 13/06/2025 T1 | 01/05/2025 12/06/2025 T1 | 01/05/2025 - T1", 0)),
    ("376", 2026, *episodes("DECOM DEC PLACE | 01/05/2025 23/05/2025 T3 | 01/05/2025 22/05/2025 T3", 0)),
    ("377", 2026, *episodes("CHILD PLACE | a T3 | a T3 | b T3 | a T3 | b T3 | a T1", 0, 1, 3)),
    ("378", 2026, *episodes("PLACE LS | P1 V2 | P1 C2 | U1 V2", 0)),
    ("379", 2026, *episodes("DECOM DEC PLACE | 01/05/2025 09/05/2025 T4 | 01/05/2025 08/05/2025 T4", 0)),
    ("380", 2026, *episodes("PLACE RNE | T1 S | T1 - | T1 P | U1 S", 0, 1)),
    ("381", 2026, *episodes("PLACE REC | T1 E3 | T1 X1 | T1 - | U1 E3", 0)),
    ("382", 2026, *episodes("LS PLACE | V3 T1 | V3 U3 | C2 T1", 0)),
    (
        "383",
        2025,
        *episodes(
            "CHILD DECOM RNE PLACE | a 01/05/2024 S U1 | a 01/06/2024 P T1 | a 01/07/2024 P U3"
            " | b 01/05/2024 S U1 | b 01/06/2024 P T1 | b 01/07/2024 P U1",
            2,
        ),
    ),
    (
        "383",
        2026,
        *episodes(
            "CHILD DECOM RNE PLACE PL_POST | a 01/05/2025 S U1 A | a 01/06/2025 P T1 B | a 01/07/2025 P U1 C"
            " | b 01/05/2025 S U1 - | b 01/06/2025 P T1 B | b 01/07/2025 P U1 -",
            2,
        ),
    ),
    ("384", 2026, *episodes("LS PLACE | V3 U1 | V4 U4 | V3 U3 | C2 U1", 0, 1)),
    ("385", 2026, *episodes("DEC | 01/04/2026 | 31/03/2026 | -", 0)),
    ("386", 2026, *both("CHILD DEC REC | a 01/05/2025 E11 | b 01/05/2025 E12 | a 01/05/2025 X1", "CHILD DOB | a 01/05/2007 | b 02/05/2007", Episodes=[0])),
    ("387", 2026, *both("CHILD DEC REC | a 01/05/2025 E5 | b 01/05/2025 E6 | c 01/05/2025 E5", "CHILD DOB | a 02/05/2011 | b 01/05/2011 | c -", Episodes=[0])),
    (
        "388",
        2026,
        *episodes(
            "CHILD DECOM DEC REC | a 01/05/2025 01/06/2025 X1 | a 02/06/2025 - - | b 01/05/2025 01/06/2025 E3"
            " | b 01/06/2025 - - | c 01/05/2025 01/06/2025 X1 | d 01/05/2025 01/06/2025 X1 | d 01/06/2025 01/07/2025 E3",
            *(0, 2, 4),
        ),
    ),
    ("389", 2026, *both("CHILD DEC REC | a 01/05/2025 E7 | b 01/05/2025 E7 | a - E7", "CHILD DOB | a 02/05/2009 | b 01/05/2009", Episodes=[0])),
    ("390", 2026, *episodes("REC PLACE | E11 U1 | E12 - | E11 A3 | E3 U1", 0, 1)),
    ("392a", 2026, *both(f"{PLACES} | a C2 - - - - - | b C2 - - - - - | c V3 - - - - - | d C2 - - - - 1", "CHILD UASC | a 0 | b 1 | c 0 | d 0", Episodes=[0])),
    ("392b", 2026, *both("CHILD LS HOME_POST PL_POST | a C2 - A | b C2 - A | c V3 - - | d C2 A A", "CHILD UASC | a 0 | b 1 | c 0 | d 0", Episodes=[0])),
    ("392d", 2026, *episodes("PLACE HOME_POST PL_POST | U1 BN1~1AA BN11AA | P1 BN1~1AA BN1~1AA | U1 BN1~1AA BN1~1AB | U1 - -", 0)),
    ("393", 2024, *both("CHILD LS | a C2 | b V3 | c C2", "CHILD SEX MOTHER | a 2 - | b 2 - | c 1 -", Header=[0])),
    ("393", 2026, *both("CHILD LS | a C2 | b V3 | c C2", "CHILD SEX MOTHER | a F - | b F - | c F 0", Header=[0])),
    ("398", 2026, *episodes("LS HOME_POST PL_POST | V3 A - | V4 - A | V3 - - | C2 A A", 0, 1)),
    ("406", 2026, *both(f"{PLACES} | a C2 - - - - 1 | b C2 - - - - 1 | a C2 - - - - -", "CHILD UASC | a 1 | b 0", Episodes=[0])),
    ("407", 2026, *both("CHILD DEC REC | a 01/05/2025 E45 | b 01/05/2025 E45", "CHILD DOB | a 01/05/2007 | b 02/05/2007", Episodes=[0], Header=[0])),
    ("408", 2026, *episodes("PLACE LS | A5 C2 | A6 - | A5 E1 | A3 C2", 0, 1)),
    ("411", 2026, *episodes(f"{PLACES} | a - - - E06000008 IN - | b - - - E10000011 IN - | c - - - E06000008 OUT -", 0)),
    ("420", 2026, *episodes(f"{PLACES} | a V3 - - WAL - - | b C2 - - WAL - - | c V3 - - - - -", 0)),
    ("426", 2026, *episodes("CHILD LS | a V3 | b V3 | a V4 | a C2", 0, 2)),
    ("431", 2026, *episodes(f"{ORDER} | a 01/05/2025 01/06/2025 S X1 | a 01/06/2025 01/07/2025 S E3 | a 02/07/2025 - S -", 1)),
    ("432", 2026, *episodes(f"{ORDER} | a 01/05/2025 01/06/2025 S E3 | a 02/06/2025 01/07/2025 P X1 | a 02/07/2025 - P -", 1)),
    ("433", 2026, *episodes(f"{ORDER} | a 01/05/2025 01/06/2025 S X1 | a 02/06/2025 01/07/2025 P X1 | a 01/07/2025 - L - | b 01/05/2025 - P -", 1)),
    (
        "434",
        2026,
        *episodes(
            f"{CHANGE} | a 01/05/2025 S C1 U1 A 1 PR1 | a 01/06/2025 L C2 U1 A 1 PR1 | a 01/07/2025 L C2 U1 A 1 PR1"
            " | a 01/08/2025 L C1 U1 B 1 PR1 | b 01/05/2025 S C1 U1 A - PR1 | b 01/06/2025 L C2 U1 A - PR1",
            *(2, 3),
        ),
    ),
    (
        "435",
        2026,
        *episodes(
            f"{CHANGE} | a 01/05/2025 S C1 U1 A - PR1 | a 01/06/2025 P C1 U1 A - PR1 | a 01/07/2025 T C2 U3 A - PR1"
            " | a 01/08/2025 P C2 K2 A - PR1",
            *(1, 2),
        ),
    ),
    (
        "436",
        2026,
        *episodes(
            f"{CHANGE} | a 01/05/2025 S C1 U1 A - PR1 | a 01/06/2025 B C2 U1 A - PR1 | a 01/07/2025 U C2 U3 A - PR1"
            " | a 01/08/2025 B C1 K2 A - PR1",
            *(1, 2),
        ),
    ),
    ("437", 2026, *episodes(f"{ORDER} | a 01/05/2025 01/06/2025 S E2 | a 02/06/2025 - S - | b 01/05/2025 01/06/2025 S E15", 0)),
    ("442", 2026, *both("CHILD LS | a C2 | b V3 | c -", "CHILD UPN | a - | b - | c UN1", Header=[0])),
    ("444", 2026, *header("UPN | A1 | A1 | UN1 | UN1 | A2 | - | -", 0, 1)),
    ("445", 2024, *episodes("LS DECOM | D1 01/01/2006 | D1 31/12/2005 | C2 01/01/2006", 0)),
    ("446", 2026, *episodes("LS DECOM | E1 30/11/2005 | E1 01/12/2005 | C2 30/11/2005", 0)),
    ("451", 2024, *episodes("LS DEC REC | D1 - - | D1 01/05/2023 - | D1 - X1 | C2 - -", 0)),
    ("452", 2026, *years(f"{OLD} RNE PL_LA | a 01/01/2025 - S E1 | b 01/01/2025 - P E1 | c 01/01/2025 - S E1", f"{OLD} RNE PL_LA | a 01/01/2025 - S E2 | b 01/01/2025 - S E2 | c 01/01/2025 - S E1", 0)),
    ("453", 2026, *years(f"{OLD} RNE PL_DISTANCE | a 01/01/2025 - S 1.0 | b 01/01/2025 - S 1.0 | c 01/01/2025 - S 1.0", f"{OLD} RNE PL_DISTANCE | a 01/01/2025 - S 1.3 | b 01/01/2025 - S 1.1 | c 01/01/2025 - S -", 0, 2)),
    ("454", 2026, *episodes("PL_DISTANCE | 350.1 | 350 | 999.9 | -", 0)),
    ("460", 2026, *both("CHILD DEC REC | a 01/05/2025 E17 | b 01/05/2025 E17", "CHILD DOB | a 02/05/2007 | b 01/05/2007", Episodes=[0])),
    ("501", 2026, *episodes(f"{OLD} | a 01/05/2025 02/06/2025 | a 01/06/2025 01/07/2025 | a 01/07/2025 -", 1)),
    ("502", 2026, *years(f"{OLD} | a 02/01/2025 - | b 01/01/2025 - | c 02/01/2025 -", f"{OLD} | a 01/01/2025 - | b 01/01/2025 - | c 01/01/2025 02/01/2025", 0)),
    *(
        (code, 2026, *years(f"{OLD} {column} | a 01/01/2025 - X | b 01/01/2025 - Y", f"{OLD} {column} | a 01/01/2025 - Y | b 01/01/2025 - Y", 0))
        for code, column in (
            *(("503A", "RNE"), ("503B", "LS"), ("503C", "CIN"), ("503E", "PLACE_PROVIDER"), ("503F", "URN")),
            *(("503H", "PL_LA"), ("503J", "PL_LOCATION")),
        )
    ),
    ("503D", 2024, *years(f"{OLD} PLACE | a 01/01/2023 - K3 | b 01/01/2023 - U1", f"{OLD} PLACE | a 01/01/2023 - H5 | b 01/01/2023 - U1", 0)),
    ("503D", 2025, *years(f"{OLD} PLACE | a 01/01/2024 - K3 | b 01/01/2024 - U1", f"{OLD} PLACE | a 01/01/2024 - H5 | b 01/01/2024 - U3", 1)),
    ("503D", 2026, *years(f"{OLD} PLACE | a 01/01/2025 - Z11 | b 01/01/2025 - K3", f"{OLD} PLACE | a 01/01/2025 - Z1 | b 01/01/2025 - H5", 1)),
    ("503G", 2026, *years(f"{OLD} PL_DISTANCE | a 01/01/2025 - 1.0 | b 01/01/2025 - 1.0", f"{OLD} PL_DISTANCE | a 01/01/2025 - 2.0 | b 01/01/2025 - 0.9", 0)),
    ("504", 2026, *episodes(f"{OLD} REC CIN | a 01/05/2025 01/06/2025 X1 N1 | a 01/06/2025 01/07/2025 X1 N2 | a 02/07/2025 - - N3", 1)),
    (
        "504",
        2025,
        *episodes(
            f"{OLD} REC CIN | a 01/05/2024 01/06/2024 X1 N1 | a 01/06/2024 01/07/2024 X1 N2 | a 01/07/2024 01/08/2024 X1 N2"
            " | a 01/08/2024 - - N1 | b 01/05/2024 01/06/2024 X1 N1 | b 01/06/2024 01/07/2024 E3 - | b 01/07/2024 - - N4",
            *(1, 2, 5),
        ),
    ),
    ("516", 2026, *episodes("REC PLACE | E45 K2 | E46 - | E45 U1 | E47 K2", 0, 1)),
    ("526", 2025, *episodes(placements("U1 -", "Z1 -", "Z11 -", "U1 PR1"), 0, 2)),
    ("526", 2026, *episodes(placements("U1 -", "Z1 -", "Z11 -", "- -"), 0, 1, 3)),
    ("527", 2026, *episodes(placements("R2 PR1", "R2 PR2", "U1 PR1"), 0)),
    ("528", 2026, *episodes(placements("R5 PR2", "R2 PR1", "U1 PR2"), 0)),
    ("529", 2026, *episodes(placements("U1 PR3", "R2 PR3", "U1 PR1"), 0)),
    ("530", 2026, *episodes(placements("P1 PR4", "U1 PR4", "P1 PR0"), 0)),
    ("531", 2026, *episodes(placements("P1 PR5", "U1 PR5", "P1 PR0"), 0)),
    ("550", 2026, *episodes(placements("U1 PR0", "- PR0", "P1 PR0", "U1 PR1"), 0, 1)),
    ("562", 2026, *years(f"{OLD} | a 01/01/2025 - | b 01/01/2025 - | c 01/05/2025 -", f"{OLD} | a 01/12/2024 - | b 01/01/2025 -", 0)),
    ("607", 2024, *both("CHILD DEC REC LS | a 01/05/2023 E3 C2 | b 01/05/2023 E3 C2", "CHILD SEX MOTHER | a 2 - | b 1 -", Episodes=[0], Header=[0])),
    ("607", 2026, *both("CHILD DEC REC LS | a 01/05/2025 E3 C2 | a 01/05/2025 X1 C2 | a 01/05/2025 E3 V3 | a 31/03/2025 E3 C2", "CHILD SEX MOTHER | a F -", Episodes=[0], Header=[0])),
    ("611", 2026, *header("MOTHER MC_DOB | 1 - | 1 01/05/2025 | 0 -", 0)),
    ("612", 2024, *header("SEX MOTHER MC_DOB | 2 0 01/05/2023 | 2 - x | 2 1 01/05/2023 | 1 0 01/05/2023", 0, 1)),
    ("612", 2026, *header("SEX MOTHER MC_DOB | F 0 01/05/2025 | F - - | F 1 01/05/2025", 0)),
    ("620", 2026, *header("MOTHER DOB | 1 02/04/2014 | 1 01/04/2014 | 0 02/04/2014", 0)),
    ("621", 2026, *header("DOB MC_DOB | 01/05/2008 01/05/2008 | 01/05/2008 02/05/2008 | - 01/05/2008 | 01/05/2008 -", 0)),
    ("624", 2026, *years("CHILD MC_DOB | a 01/05/2024 | b 01/05/2024 | c - | d 01/05/2024", "CHILD MC_DOB | a 02/05/2024 | b 01/05/2024 | c 01/05/2024 | d -", 0, 2, table="Header")),
    (
        "625",
        2026,
        *both(
            "CHILD DEC | a 01/05/2025 | a 01/06/2025 | b 01/05/2025 | b - | c - | d 01/05/2025 | d x",
            "CHILD MC_DOB | a 02/06/2025 | b 02/06/2025 | c 01/04/2026 | d 02/06/2025",
            Episodes=[1],
            Header=[0, 2],
        ),
    ),
    ("626", 2026, *years("CHILD MOTHER MC_DOB | a 1 31/03/2025 | b 1 01/04/2025 | c 1 31/03/2025", "CHILD MOTHER | a 0 | b 0 | c 1", 0, table="Header")),
    ("1008", 2026, *named("a - - - - 9 - -", "b - - - - 1 - -", "c - - - - XXXXXXX - -", "d - - - - - - -", cited=[0])),
    ("1009", 2026, *episodes("REASON_PLACE_CHANGE | OTHER | XX | -", 1)),
    ("1015", 2026, *episodes(f"{PLACES} | a C2 K2 PR1 E06000008 - - | b C2 K2 PR1 E10000011 - - | c C2 U1 PR1 - - - | d V3 K2 PR1 - - -", 0)),
    ("INT03", 2026, *both("CHILD | a | b", "CHILD | a", Episodes=[1])),
    ("INT09", 2026, {"UASC": "CHILD | a | b", "Header": "CHILD | a"}, {"UASC": [1]}),
    ("INT18", 2026, {"UASC": "CHILD DOB | a 01/01/2008 | b 01/01/2008 | c -", "Header": "CHILD DOB | a 02/01/2008 | b 01/01/2008 | c 01/01/2008"}, {"UASC": [0]}),
    ("INT21", 2026, {"UASC": "CHILD SEX | a F | b F | c -", "Header": "CHILD SEX | a M | b F | c F"}, {"UASC": [0]}),
    ("INT32", 2026, *header("CHILD | a | b | a | - | -", 0, 2)),
    ("INT36", 2026, {"UASC": "CHILD | a | b | a"}, {"UASC": [0, 2]}),
    ("NoE", 2026, *years("CHILD DECOM | a 31/03/2025 | b 31/03/2025 | c 01/04/2025", "CHILD DECOM | b 01/05/2024", 0)),
]
# fmt: on


@pytest.mark.parametrize(("code", "year", "tables", "cited"), CASES, ids=[f"{case[0]}-{case[1]}" for case in CASES])
def test_a_rule_cites_the_rows_that_break_it_and_no_others(code, year, tables, cited):
    verdict, found = run(code, year, tables)
    assert (verdict.state, verdict.needs) == (FAILED, "")
    assert found == cited
    height = {table: len(text.split("|")) - 1 for table, text in tables.items()}
    assert any(len(rows) < height[table] for table, rows in found.items()), "a case without a row that keeps the rule"


def test_every_rule_and_every_version_of_it_has_a_case():
    asked = {(code, year) for code, year, *_ in CASES}
    untested = [
        (entry.code, entry.since)
        for entry in rules_of("ssda903")
        if entry.code in OURS and not any(code == entry.code and is_valid(entry, year) for code, year in asked)
    ]
    assert untested == [("392c", 2023)]  # needs the register of postcodes: see test_postcodes.py


COLUMNS = {
    "Episodes": "CHILD DECOM RNE LS CIN PLACE PLACE_PROVIDER DEC REC REASON_PLACE_CHANGE HOME_POST PL_POST URN",
    "Header": "CHILD SEX DOB ETHNIC UPN MOTHER MC_DOB UASC",
    "UASC": "CHILD SEX DOB DUC",
    "providers": "URN PLACE_CODES PROVIDER_CODES REG_END POSTCODE LA_CODE_INFERRED",
}
PLACED = " PL_LA PL_LOCATION PL_DISTANCE"


def blank(rows):
    tables = {}
    for name, columns in COLUMNS.items():
        columns += PLACED if name == "Episodes" else ""
        tables[name] = columns + "".join(" | " + " ".join("-" for _ in columns.split()) for _ in range(rows))
    return tables | {f"{name}{LAST}": text for name, text in tables.items() if name != "providers"}


@pytest.mark.parametrize("rows", [0, 1, 3])
@pytest.mark.parametrize("year", [2023, 2024, 2025, 2026, 2027])
def test_no_rule_breaks_on_blank_or_empty_tables(year, rows):
    mine = [entry for entry in rules_of("ssda903") if entry.code in OURS and entry.code != "392c"]
    outcome = run_rules(submission(year, blank(rows)), mine)
    assert {verdict.state for verdict in outcome.verdicts} <= {PASSED, FAILED}
    assert all(verdict.state == PASSED for verdict in outcome.verdicts if not rows)


@pytest.mark.parametrize(
    ("code", "tables", "needs"),
    [
        ("233", {"Episodes": "CHILD REASON_PLACE_CHANGE | a OTHER"}, "column DEC"),
        ("352", {"Episodes": "CHILD RNE | a S", "Header": "CHILD DOB | a 01/05/2007"}, "column DOB or DECOM"),
        ("442", {"Header": "CHILD UPN | a -"}, "table Episodes"),
        ("105", {"Header": "CHILD | a"}, "column UASC"),
        ("205A", {"UASC": UASC_NOW}, "the return of the year before"),
        ("503B", {"Episodes": f"{OLD} LS | a 01/05/2025 - C2"}, "the return of the year before"),
        ("392a", {"Episodes": f"{PLACES} | a C2 - - - - -", "Header": "CHILD | a"}, "table UASC"),
        ("1008", {"Episodes": f"{NAMED} | a - - - - 9 - -"}, "reference data: providers"),
    ],
)
def test_what_is_missing_is_named_and_the_rule_never_passes(code, tables, needs):
    verdict, found = run(code, 2026, tables)
    assert (verdict.state, verdict.needs, found) == (NOT_RUN, needs, {})


def test_without_the_code_of_the_authority_its_own_placements_are_not_judged():
    tables = {"Episodes": f"{PLACES} | a C2 K2 PR1 E06000008 IN -"}
    assert [run(code, 2026, tables, la_code=None)[0].needs for code in ("411", "1015")] == [
        "the code of the authority"
    ] * 2


def test_the_csv_files_tell_asylum_seekers_by_their_module():
    tables = {
        "Episodes": f"{PLACES} | a C2 - - - - 1 | b C2 - - - - 1",
        "Header": "CHILD | a | b",
        "UASC": "CHILD DOB | a 01/01/2010",
    }
    assert run("406", 2026, tables)[1] == {"Episodes": [0]}


def test_someone_born_on_29_february_is_of_age_on_1_march():
    tables = {"Episodes": "CHILD DEC REC | a 28/02/2026 E45 | a 01/03/2026 E45", "Header": "CHILD DOB | a 29/02/2008"}
    assert run("407", 2026, tables)[1] == {"Episodes": [1], "Header": [0]}


def test_an_undated_episode_stops_no_rule_for_the_others():
    tables, _ = years(f"{OLD} LS | a x - C2 | b 01/01/2025 - C2", f"{OLD} LS | a x - C2 | b 01/01/2025 - E1")
    assert run("503B", 2026, tables)[1] == {"Episodes": [1]}


def test_other_identifiers_sort_like_those_of_the_reader():
    """Identifiers are kept as numbers of categories; plain text takes the longer way to the same rows."""
    text = f"{OLD} | b 01/05/2025 02/06/2025 | a x - | b 01/06/2025 - | a 01/05/2025 - | a 01/05/2025 05/05/2025"
    data = submission(2026, {"Episodes": text})
    plain = submission(2026, {"Episodes": text})
    plain.typed = {"Episodes": plain.typed["Episodes"].with_columns(pl.col("CHILD").cast(pl.String))}
    rules = [entry for entry in rules_of("ssda903") if entry.code in {"142", "501"} and is_valid(entry, 2026)]
    assert (
        run_rules(data, rules[1:]).findings.rows()
        == run_rules(plain, rules[1:]).findings.rows()
        == [("501", "Episodes", 2)]
    )
