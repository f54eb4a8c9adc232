"""Made-up returns for tests: nobody in them exists, and their authority has an invented code."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

HEADER = "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB"
HEADER_ROW = "MADE1,F,05/04/2010,WBRI,UN1,,"
EPISODES = "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN"
EPISODE_ROW = "MADE1,01/05/2025,S,C2,N1,U4,PR1,01/06/2025,X1,CARPL,ZZ1 1ZZ,ZZ99 9ZZ,XXXXXXX"

CENSUS = """<?xml version="1.0" encoding="utf-8"?>
<Message>
  <Header>
    <CollectionDetails><Collection>CIN</Collection><Year>2026</Year><ReferenceDate>2026-03-31</ReferenceDate></CollectionDetails>
    <Source><SourceLevel>L</SourceLevel><LEA>999</LEA><SoftwareCode>made up</SoftwareCode></Source>
  </Header>
  <Children>
{children}
  </Children>
</Message>
"""

CHILD = """<Child>
  <CINdetails>
    <Assessments>
      <AssessmentActualStartDate>2025-05-02</AssessmentActualStartDate>
      <FactorsIdentifiedAtAssessment><AssessmentFactors>1A</AssessmentFactors><AssessmentFactors>3B</AssessmentFactors></FactorsIdentifiedAtAssessment>
    </Assessments>
    <CINreferralDate>01/05/2025</CINreferralDate>
    <ReferralSource>1a</ReferralSource>
    <Assessments><AssessmentActualStartDate>2025-06-02</AssessmentActualStartDate><FactorsIdentifiedAtAssessment/></Assessments>
    <ReferralNFA>false</ReferralNFA>
    <ChildProtectionPlans>
      <CPPstartDate>2025-07-01</CPPstartDate><NumberOfPreviousCPP>0</NumberOfPreviousCPP>
      <Reviews><CPPreviewDate>2025-09-01</CPPreviewDate><CPPreviewDate>2025-12-01</CPPreviewDate></Reviews>
    </ChildProtectionPlans>
  </CINdetails>
  <CINdetails>
    <CINreferralDate>2026-01-05</CINreferralDate><ReferralNFA>1</ReferralNFA>
    <ChildProtectionPlans><CPPstartDate>2026-02-01</CPPstartDate></ChildProtectionPlans>
  </CINdetails>
  <ChildCharacteristics>
    <Ethnicity>WBRI</Ethnicity><Disabilities><Disability>AUT</Disability><Disability>LD</Disability></Disabilities>
  </ChildCharacteristics>
  <ChildIdentifiers>stray<LAchildID>{name}</LAchildID><PersonBirthDate>2012-02-29</PersonBirthDate><Sex>F</Sex></ChildIdentifiers>
</Child>"""


def census(*names: str) -> bytes:
    """Return a census with one child of each name, elements in an order of their own."""
    return CENSUS.format(children="\n".join(CHILD.format(name=name) for name in names)).encode()


def module(headings: str, *rows: str) -> bytes:
    """Return one module as CSV."""
    return "\n".join((headings, *rows, "")).encode()


def workbook(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> bytes:
    """Return a workbook; text that begins with `=` is written as a formula with the result after `|`."""
    import xlsxwriter

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(number, place, cell, day)
                elif isinstance(cell, str) and cell.startswith("="):
                    formula, _, result = cell.partition("|")
                    sheet.write_formula(number, place, formula, None, float(result) if result[:1].isdigit() else result)
                elif cell is not None:
                    sheet.write(number, place, cell)
    book.close()
    return stream.getvalue()
