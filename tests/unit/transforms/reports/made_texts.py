"""Short made-up texts of letters and old reports, and the parsing of them."""

from __future__ import annotations

from transforms.reading.document import Document, Line
from transforms.reports import parse_document
from transforms.reports.model import Report


def parse(*lines: str) -> Report:
    """Parse lines of a page-less text, without a register of authorities."""
    document = Document("0" * 64, "text", 1, [Line(line, 1) for line in lines])
    return parse_document(document)[0]


def grades(report: Report) -> dict[str, str]:
    """Grade codes by area code."""
    return {judgement.area_code: judgement.grade_code for judgement in report.judgements}


def blocking(report: Report) -> set[str]:
    """Codes of the blocking problems that concern judgements."""
    codes = {problem.code for problem in report.problems if problem.severity == "blocking"}
    return codes & {"missing_area", "places_disagree"}
