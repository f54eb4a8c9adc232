"""Children in need census: one XML file a year, with every referral, assessment, enquiry and plan.

Rows of a child carry its `LAchildID`; referrals, assessments and plans are numbered within the
child in the order of the document (`CINdetailsID`, `AssessmentID`, `CPPID`), so that what stands
within one of them can be joined to it.

Source: Department for Education, children in need census, XML schemas of 2016/17 to 2025/26 and
the specification of 2026/27.
"""

from __future__ import annotations

from datetime import date

from transforms.returns.entry import Block, Return, XmlForm
from transforms.returns.specification import tables_of


def _period(year: int) -> tuple[date, date]:
    return date(year - 1, 4, 1), date(year, 3, 31)


_EPISODE = ("LAchildID", "CINdetailsID")
_TABLES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "Header": ((), ("ReferenceDate",)),
    "ChildIdentifiers": (("LAchildID",), ("PersonBirthDate",)),
    "ChildCharacteristics": (("LAchildID",), ("Ethnicity",)),
    "Disabilities": (("LAchildID", "Disability"), ("Disability",)),
    "CINdetails": (_EPISODE, ("CINreferralDate",)),
    "Assessments": ((*_EPISODE, "AssessmentID"), ("AssessmentActualStartDate",)),
    "AssessmentFactorsList": ((*_EPISODE, "AssessmentID", "AssessmentFactors"), ("AssessmentFactors",)),
    "CINplanDates": ((*_EPISODE, "CINPlanStartDate"), ("CINPlanStartDate",)),
    "Section47": ((*_EPISODE, "S47ActualStartDate"), ("S47ActualStartDate",)),
    "ChildProtectionPlans": ((*_EPISODE, "CPPID"), ("CPPstartDate",)),
    "Reviews": ((*_EPISODE, "CPPID", "CPPreviewDate"), ("CPPreviewDate",)),
    "PreProceedings": ((*_EPISODE, "PPStartDate"), ("PPStartDate",)),
}

_ASSESSMENT = Block(
    "Assessments",
    "Assessments",
    number="AssessmentID",
    blocks=(
        Block(
            "FactorsIdentifiedAtAssessment",
            blocks=(Block("AssessmentFactors", "AssessmentFactorsList", is_value=True),),
        ),
    ),
)
_PLAN = Block(
    "ChildProtectionPlans",
    "ChildProtectionPlans",
    number="CPPID",
    blocks=(Block("Reviews", blocks=(Block("CPPreviewDate", "Reviews", is_value=True),)),),
)
_CHILD = Block(
    "Child",
    blocks=(
        Block("ChildIdentifiers", "ChildIdentifiers"),
        Block(
            "ChildCharacteristics",
            "ChildCharacteristics",
            blocks=(Block("Disabilities", blocks=(Block("Disability", "Disabilities", is_value=True),)),),
        ),
        Block(
            "CINdetails",
            "CINdetails",
            number="CINdetailsID",
            blocks=(
                _ASSESSMENT,
                Block("CINPlanDates", "CINplanDates"),
                Block("Section47", "Section47"),
                _PLAN,
                Block("PreProceedingsandFGDM", "PreProceedings"),
            ),
        ),
    ),
)

RETURNS = (
    Return(
        "cin_census",
        "Children in need census",
        tables_of("cin_census", _TABLES),
        _period,
        child_columns=("LAchildID",),
        xml=XmlForm(
            root=("Message",),
            collection="CIN",
            records=(Block("Header", "Header", blocks=(Block("CollectionDetails"), Block("Source"))), _CHILD),
            child="LAchildID",
        ),
    ),
)
