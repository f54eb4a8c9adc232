"""SSDA903, the return on looked-after children: yearly to the department, monthly to regional hubs.

A set of CSV files, one a module, or one XML file with one element `CHILD` per child. No public
schema names the elements of social-worker episodes and deprivation of liberty orders, so the XML
form is read by the names of its leaves.

Source: Department for Education, looked-after children return, guides of 2016/17 to 2026/27.
"""

from __future__ import annotations

from datetime import date

from transforms.returns.entry import Block, Return, XmlForm
from transforms.returns.specification import tables_of


def _period(year: int) -> tuple[date, date]:
    return date(year - 1, 4, 1), date(year, 3, 31)


_TABLES = {
    "Header": (("CHILD",), ("ETHNIC", "UPN")),
    "Episodes": (("CHILD", "DECOM"), ("DECOM", "RNE")),
    "Reviews": (("CHILD", "REVIEW"), ("REVIEW_CODE", "REVIEW")),
    "UASC": (("CHILD",), ("DUC",)),
    "OC2": (("CHILD",), ("SDQ_SCORE", "HEALTH_ASSESSMENT", "SDQ_REASON", "CONVICTED")),
    "OC3": (("CHILD",), ("IN_TOUCH", "ACCOM", "ACTIV")),
    "AD1": (("CHILD",), ("DATE_INT", "DATE_MATCH")),
    "PlacedAdoption": (("CHILD", "DATE_PLACED"), ("DATE_PLACED",)),
    "PrevPerm": (("CHILD",), ("PREV_PERM",)),
    "Missing": (("CHILD", "MIS_START"), ("MIS_START", "MISSING")),
    "SWEpisodes": (("CHILD", "SW_DECOM"), ("SW_ID", "SW_DECOM")),
    "DoLo": (("CHILD", "DOLO_START"), ("DOLO_START",)),
}

RETURNS = (
    Return(
        "ssda903",
        "SSDA903 looked-after children",
        tables_of("ssda903", _TABLES),
        _period,
        xml=XmlForm(
            root=("EXPSSDA903",),
            records=(Block("CHILD"),),
            child="CHILD",
            shared=("SEX", "DOB"),
            by_leaves=True,
            presence=(("UASC", "UASC"),),
            if_seen=("SWEpisodes", "DoLo"),
        ),
        year_columns=(
            *("DECOM", "DEC", "REVIEW", "MIS_START", "MIS_END"),
            *("SW_DECOM", "SW_DEC", "DOLO_START", "DOLO_END"),
        ),
    ),
)
