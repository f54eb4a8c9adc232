"""Small made-up submissions of the children in need census, for tests of its rules and indicators."""

from __future__ import annotations

from datetime import date

import polars as pl
from lxml import etree

from transforms.returns.model import CHILDREN, ROW, ReturnData

SHORT = {"child": "LAchildID", "episode": "CINdetailsID", "nfa": "ReferralNFA", "conference": "DateOfInitialCPC"}
DATES = (
    "ReferenceDate PersonBirthDate ExpectedPersonBirthDate PersonDeathDate CINreferralDate CINclosureDate"
    " DateOfInitialCPC AssessmentActualStartDate AssessmentInternalReviewDate AssessmentAuthorisationDate"
    " CINPlanStartDate CINPlanEndDate S47ActualStartDate InitialCPCtarget CPPstartDate CPPendDate CPPreviewDate"
).split()
NUMBERS = ("CINdetailsID", "AssessmentID", "CPPID", "NumberOfPreviousCPP", "Year")
FLAGS = ("ReferralNFA", "ICPCnotRequired")
BOOLEANS = {"0": False, "false": False, "1": True, "true": True}

CENSUS_TABLES = {
    table: columns.split()
    for table, columns in {
        "Header": "Collection Year ReferenceDate LEA",
        "ChildIdentifiers": "LAchildID UPN FormerUPN UPNunknown PersonBirthDate ExpectedPersonBirthDate GenderCurrent"
        " Sex PersonDeathDate",
        "ChildCharacteristics": "LAchildID Ethnicity",
        "Disabilities": "LAchildID Disability",
        "CINdetails": "LAchildID CINdetailsID CINreferralDate ReferralSource PrimaryNeedCode CINclosureDate"
        " ReasonForClosure DateOfInitialCPC ReferralNFA",
        "Assessments": "LAchildID CINdetailsID AssessmentID AssessmentActualStartDate AssessmentInternalReviewDate"
        " AssessmentAuthorisationDate",
        "AssessmentFactorsList": "LAchildID CINdetailsID AssessmentID AssessmentFactors",
        "CINplanDates": "LAchildID CINdetailsID CINPlanStartDate CINPlanEndDate",
        "Section47": "LAchildID CINdetailsID S47ActualStartDate InitialCPCtarget DateOfInitialCPC ICPCnotRequired",
        "ChildProtectionPlans": "LAchildID CINdetailsID CPPID CPPstartDate CPPendDate InitialCategoryOfAbuse"
        " LatestCategoryOfAbuse NumberOfPreviousCPP",
        "Reviews": "LAchildID CINdetailsID CPPID CPPreviewDate",
    }.items()
}


def typed(column: str) -> pl.Expr:
    """Return a column of text as the reader types it."""
    value = pl.col(column)
    if column == "LAchildID":
        return value.cast(pl.Categorical(CHILDREN))
    if column in DATES:
        return value.str.to_date("%Y-%m-%d", strict=False)
    if column in NUMBERS:
        return value.cast(pl.Int64, strict=False)
    if column in FLAGS:
        return value.str.to_lowercase().replace_strict(BOOLEANS, default=None, return_dtype=pl.Boolean)
    return value


def census(year: int = 2026, *, has_raw: bool = True, **tables: str) -> ReturnData:
    """Return a submission from tables written as text.

    Args:
        year: collection year.
        has_raw: whether its values as they came are kept too.
        tables: by name: columns and rows separated by semicolons, cells by blanks, `-` for none.
    """
    raw = {}
    for name, text in tables.items():
        head, *lines = (line.split() for line in text.split(";"))
        columns = [SHORT.get(column, column) for column in head]
        cells = [[None if cell == "-" else cell for cell in line] for line in lines]
        raw[name] = pl.DataFrame(cells, schema={column: pl.String for column in columns}, orient="row")
    return submission(year, raw, has_raw=has_raw)


def submission(year: int, raw: dict[str, pl.DataFrame], *, has_raw: bool = True) -> ReturnData:
    """Return a submission from frames of text."""
    counted = {name: frame.with_row_index(ROW) for name, frame in raw.items()}
    frames = {name: frame.select(ROW, *(typed(c) for c in raw[name].columns)) for name, frame in counted.items()}
    return ReturnData("cin_census", year, date(year - 1, 4, 1), date(year, 3, 31), frames, counted if has_raw else {})


def read_census(content: bytes) -> dict[str, pl.DataFrame]:
    """Return the tables of a census file as text, by a plain walk through the whole tree."""
    root = etree.fromstring(content)
    rows: dict[str, list[dict[str, str]]] = {table: [] for table in CENSUS_TABLES}
    header = {element.tag: _text(element) for element in root.find("Header").iter() if _text(element)}
    rows["Header"].append(header)
    for child in root.iter("Child"):
        identifiers = child.find("ChildIdentifiers")
        keys = {"LAchildID": _text(identifiers.find("LAchildID"))}
        rows["ChildIdentifiers"].append(_leaves(identifiers) | keys)
        rows["ChildCharacteristics"].append(_leaves(child.find("ChildCharacteristics")) | keys)
        rows["Disabilities"] += [keys | {"Disability": _text(value)} for value in child.iter("Disability")]
        for number, episode in enumerate(child.findall("CINdetails"), 1):
            _read_episode(episode, keys | {"CINdetailsID": str(number)}, rows)
    return {
        table: pl.DataFrame(
            [{column: row.get(column) or None for column in columns} for row in rows[table]],
            schema=dict.fromkeys(columns, pl.String),
        )
        for table, columns in CENSUS_TABLES.items()
    }


def _read_episode(episode: etree._Element, keys: dict[str, str], rows: dict[str, list[dict[str, str]]]) -> None:
    rows["CINdetails"].append(_leaves(episode) | keys)
    for number, assessment in enumerate(episode.findall("Assessments"), 1):
        own = keys | {"AssessmentID": str(number)}
        rows["Assessments"].append(_leaves(assessment) | own)
        factors = assessment.iter("AssessmentFactors")
        rows["AssessmentFactorsList"] += [own | {"AssessmentFactors": _text(factor)} for factor in factors]
    for table, block in (("CINplanDates", "CINPlanDates"), ("Section47", "Section47")):
        rows[table] += [_leaves(element) | keys for element in episode.findall(block)]
    for number, plan in enumerate(episode.findall("ChildProtectionPlans"), 1):
        own = keys | {"CPPID": str(number)}
        rows["ChildProtectionPlans"].append(_leaves(plan) | own)
        rows["Reviews"] += [own | {"CPPreviewDate": _text(day)} for day in plan.iter("CPPreviewDate")]


def _text(element: etree._Element) -> str:
    return (element.text or "").strip() if element is not None else ""


def _leaves(element: etree._Element) -> dict[str, str]:
    return {leaf.tag: _text(leaf) for leaf in element if not len(leaf)}
