"""Who, when and by whom, over real reports: against the inspectorate's own tables and the damaged text.

The folder a report lies in bears the number of its authority; the tables bear the first day of
each inspection since 2018 and the day of publication of earlier ones. Neither is seen by the readers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from tests.damage import as_text, damage, text_document
from transforms.authorities import Register, load_register
from transforms.readers import read_document
from transforms.reading.authority import resolve_authorities
from transforms.reading.date_forms import date_in_name
from transforms.reading.dates import InspectionDates, PublishedDate, read_inspection_windows, read_published_date
from transforms.reading.document import Document
from transforms.reading.people import read_people
from transforms.reading.tidy import tidy
from transforms.reports.model import AuthorityRef, Person, Problem

# The publisher's page says a few days later than the report in this share of reports at most.
PUBLISHED_LATER = timedelta(days=10)


@dataclass
class Header:
    """What was read of one report."""

    path: Path
    dates: InspectionDates
    published: PublishedDate | None
    authorities: list[AuthorityRef]
    problems: list[Problem]
    people: list[Person]

    @property
    def codes(self) -> list[str]:
        return [ref.la_code for ref in self.authorities]

    @property
    def leads(self) -> list[str]:
        return [person.name for person in self.people if person.role == "lead_inspector"]


def read(path: Path, document: Document, register: Register) -> Header:
    text = tidy(document)
    dates = read_inspection_windows(text)
    authorities, problems = resolve_authorities(text, None, register, dates.start)
    return Header(path, dates, read_published_date(text), authorities, problems, read_people(text))


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register()


@pytest.fixture(scope="module")
def headers(test_data: Path, register: Register) -> list[tuple[Header, Header]]:
    """Clean and damaged, of every real report."""
    found = []
    for path in sorted((test_data / "reports").rglob("*.pdf")):
        document = read_document(path.read_bytes(), path.name)
        if "Report not found" in as_text(document) or len(document.lines) < 50:
            continue  # a web page saved under the name of a report
        damaged = text_document(damage(as_text(document)))
        found.append((read(path, document, register), read(path, damaged, register)))
    if not found:
        pytest.skip(f"no reports under {test_data}")
    return found


@pytest.fixture(scope="module")
def official(test_data: Path, register: Register) -> dict[str, set[date]]:
    """First days of inspections by DfE code, since 2018."""
    calamine = pytest.importorskip("python_calamine")
    path = test_data / "statistics" / "LA_Inspection_Outcomes_as_at_31_March_2025.ods"
    if not path.is_file():
        pytest.skip(f"no official table at {path}")
    book = calamine.CalamineWorkbook.from_path(str(path))
    found: dict[str, set[date]] = {}
    for sheet, gss_at, day_at in (("ILACS_inspection_history", 1, 5), ("In-year_inspections", 1, 4)):
        for row in book.get_sheet_by_name(sheet).to_python():
            day, authority = row[day_at], register.by_gss(str(row[gss_at]))
            if isinstance(day, date) and authority is not None and authority.la_code:
                found.setdefault(authority.la_code, set()).add(day.date() if isinstance(day, datetime) else day)
    return found


def test_every_authority_is_the_one_of_its_folder(headers: list[tuple[Header, Header]], register: Register) -> None:
    wrong = []
    for pair in headers:
        for header in pair:
            wanted = register.by_urn(header.path.parent.name.split("_")[0], header.dates.start)
            refs = [(ref.la_code, ref.gss_code) for ref in header.authorities]
            if wanted is None or refs != [(wanted.la_code, wanted.gss_code)]:
                wrong.append((header.path, refs, header.problems))
    assert not wrong


def test_every_inspection_has_its_window(headers: list[tuple[Header, Header]]) -> None:
    for clean, damaged in headers:
        assert clean.dates.windows, clean.path
        assert damaged.dates.start == clean.dates.start, clean.path
        # A damaged text may have lost the last day: then it says so.
        assert damaged.dates.end == clean.dates.end or not damaged.dates.is_complete, clean.path
        published = date_in_name(clean.path.name)
        assert clean.dates.end is not None and published is not None, clean.path
        assert clean.dates.end < published, clean.path


def test_first_days_are_those_of_the_official_tables(
    headers: list[tuple[Header, Header]], official: dict[str, set[date]]
) -> None:
    compared = 0
    for clean, _ in headers:
        # ILACS only: the tables do not hold the last single inspections of 2018 or area SEND.
        if clean.path.parts[-3] != "local_authority" or clean.leads != [clean.people[0].name] or len(clean.people) > 1:
            continue
        if clean.dates.start is None or clean.dates.start < date(2018, 1, 1):
            continue
        assert clean.dates.start in official.get(clean.codes[0], set()), (clean.path, clean.dates)
        compared += 1
    assert compared >= 0.5 * sum(h.path.parts[-3] == "local_authority" for h, _ in headers)


def test_printed_publication_dates(headers: list[tuple[Header, Header]]) -> None:
    printed = 0
    for clean, damaged in headers:
        if clean.published is None:
            assert damaged.published is None, clean.path
            continue
        printed += 1
        assert clean.published.date is not None, clean.path
        assert damaged.published is not None and damaged.published.date == clean.published.date, clean.path
        named = date_in_name(clean.path.name)
        assert named is not None and abs(named - clean.published.date) <= PUBLISHED_LATER, clean.path
    with_team = sum(len(clean.people) > 1 and clean.path.parts[-3] == "local_authority" for clean, _ in headers)
    assert printed >= 0.85 * with_team


def test_every_report_names_one_lead_inspector(headers: list[tuple[Header, Header]]) -> None:
    for clean, damaged in headers:
        assert len(clean.leads) == 1, clean.path
        assert [ascii_only(n) for n in damaged.leads] == [ascii_only(n) for n in clean.leads], clean.path


def test_teams_survive_damage_in_printed_order(headers: list[tuple[Header, Header]]) -> None:
    for clean, damaged in headers:
        ours = [(p.role, ascii_only(p.name)) for p in clean.people]
        assert [(p.role, ascii_only(p.name)) for p in damaged.people] == ours, clean.path
        names = [p.name for p in clean.people]
        assert all(2 <= len(name.split()) <= 4 for name in names), (clean.path, names)
    teams = [clean.people for clean, _ in headers if clean.path.parts[-3] == "area_send"]
    for team in teams:
        assert sum(p.role == "cqc_lead_inspector" for p in team) == 1, team


def ascii_only(name: str) -> str:
    """A name as the damage leaves it, apart from marks that damage takes in one form only."""
    return "".join(char for char in name if ord(char) < 128 and char not in "'-")


def test_the_damaged_export_yields_what_its_clean_report_does(test_data: Path, register: Register) -> None:
    exports = sorted((test_data / "reports" / "text").glob("*.txt"))
    if not exports:
        pytest.skip(f"no text exports under {test_data}")
    for export in exports:
        got = read(export, read_document(export.read_bytes(), export.name), register)
        folder = f"*_{got.authorities[0].authority_name.lower()}"
        same = [
            read(path, read_document(path.read_bytes(), path.name), register)
            for place in (test_data / "reports" / "local_authority").glob(folder)
            for path in place.glob("*.pdf")
        ]
        twins = [h for h in same if h.dates.windows == got.dates.windows]
        assert len(twins) == 1, [h.path for h in same]
        twin = twins[0]
        assert got.codes == twin.codes
        assert got.published is not None and twin.published is not None
        assert got.published.date == twin.published.date
        assert [(p.role, ascii_only(p.name)) for p in got.people] == [(p.role, ascii_only(p.name)) for p in twin.people]
