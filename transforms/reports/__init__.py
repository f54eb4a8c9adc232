"""The registry of inspection frameworks and the one engine that reads a report by them.

`frameworks` lists the modules of this folder: adding one is adding a framework. The engine knows
no framework by name; what differs between them is declared in their entries.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from transforms.errors import UnknownSourceError

# Readers are imported as modules: they import this package for its model, in whichever order.
from transforms.reading import (
    actions,
    authority,
    dates,
    figures,
    grades,
    history,
    judgements,
    people,
    sections,
    tenures,
)
from transforms.reading.document import Document
from transforms.reading.tidy import Text, tidy
from transforms.reading.words import key
from transforms.reports import binding
from transforms.reports.framework import Framework
from transforms.reports.model import Problem, Report

if TYPE_CHECKING:
    from transforms.authorities import Register

CERTAIN = 0.8  # confidence from which a text is taken to be of a framework
_TITLE_LINES = 15  # of the front, within which the label of the dates must stand


@lru_cache(maxsize=1)
def frameworks() -> tuple[Framework, ...]:
    """Every framework declared in this folder, in the order of its modules."""
    found: list[Framework] = []
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name):
        loaded = importlib.import_module(f"{__name__}.{module.name}")
        found.extend(getattr(loaded, "FRAMEWORKS", ()))
    return tuple(found)


def recognise(text: Text) -> tuple[Framework, list[Problem]]:
    """Framework of a text, from its words alone.

    Raises:
        UnknownSourceError: no framework is certain; says what was seen.
    """
    scored = sorted(((f.recognise(text), f) for f in frameworks()), key=lambda pair: -pair[0])
    score, best = scored[0] if scored else (0.0, None)
    if best is None or score < CERTAIN:
        raise UnknownSourceError(_what_was_seen(text, scored))
    rivals = [f.code for s, f in scored[1:] if s >= score]
    if not rivals:
        return best, []
    named = ", ".join([best.code, *rivals])
    return best, [
        Problem(
            "framework_uncertain",
            "blocking",
            f"the text is equally certain to be of each of: {named}",
            found=named,
            expected="one framework",
        )
    ]


# Words of a text that is no report which may be told: they say what kind of paper it is, and nothing of anybody.
_TELLING = (
    "Ofsted", "Care Quality Commission", "inspection", "monitoring visit", "focused visit", "joint targeted area",
    "local area", "local authority", "children's services", "safeguarding", "looked after", "children's home",
    "fostering", "adoption", "early years", "nursery", "school", "college", "minutes", "agenda", "committee",
    "briefing", "consultation", "survey", "statistics", "budget", "invoice", "page not found", "access denied",
)  # fmt: skip


def _what_was_seen(text: Text, scored: list[tuple[float, Framework]]) -> str:
    """Tell what a text is like in words of ours, none of its own: it may be a paper about one child."""
    nearest = ", ".join(f"{f.code} {s:.2f}" for s, f in scored[:3] if s > 0) or "none"
    said = f" {text.flow_key} "
    words = ", ".join(word for word in _TELLING if f" {key(word)} " in said) or "none that are known"
    return (
        f"text: found {len(text.lines)} lines on {text.page_count} pages that are no report of a known framework "
        f"(words: {words}; nearest frameworks: {nearest}), expected the words of one (a score of {CERTAIN} of 1)"
    )


def parse_document(document: Document, register: Register | None = None) -> list[Report]:
    """Read every report that a document holds; nearly always one.

    Args:
        document: from `transforms.reading.readers`.
        register: authorities; without it none are resolved.

    Returns:
        The reports in printed order. The first is what the document was published as.

    Raises:
        UnknownSourceError: the text is of no known framework.
    """
    parts = _parts(document, register)
    if parts:
        parts[0].report.problems += binding.strangers(parts, {framework.code: framework for framework in frameworks()})
        return [part.report for part in parts]
    whole = tidy(document)
    try:
        framework, problems = recognise(whole)
    except UnknownSourceError as error:
        raise UnknownSourceError(f"{error}{_where_one_begins(document)}") from None
    return [_parse(whole, framework, problems, register)]


def _where_one_begins(document: Document) -> str:
    """Tell the page of a report that lies behind other pages, since those may tell of other inspections."""
    for start in binding.inner_fronts(document):
        try:
            framework, _ = recognise(tidy(binding.cut(document, start, len(document.lines))))
        except UnknownSourceError:
            continue
        page = document.lines[start].page
        return (
            f"; page {page} looks like the first page of a report ({framework.code}): save it from there on by itself"
        )
    return ""


def _parts(document: Document, register: Register | None) -> list[binding.Part]:
    """The reports bound into one document, each read on its own; none if it is one report."""
    fronts = binding.later_fronts(document)
    parts: list[binding.Part] = []
    for start, end in pairwise([0, *fronts, len(document.lines)] if fronts else []):
        if any(binding.is_copy(document, (start, end), (part.start, part.end)) for part in parts):
            continue
        part = _part(document, start, end, register)
        if part is None and not parts:
            return []
        if part is not None and not (parts and binding.is_same_inspection(part.report, parts[-1].report)):
            parts.append(part)
        elif parts[-1].end == start:
            # What is not known for sure stays with the report before it, as does a title that is repeated.
            parts[-1] = _part(document, parts[-1].start, end, register) or parts[-1]
    return parts if len(parts) > 1 or (parts and parts[0].end < len(document.lines)) else []


def _part(document: Document, start: int, end: int, register: Register | None) -> binding.Part | None:
    """The lines from `start` to before `end` read as a report, None if they are of no known framework."""
    text = tidy(binding.cut(document, start, end))
    try:
        framework, problems = recognise(text)
    except UnknownSourceError:
        return None
    return binding.Part(start, end, document.lines[start].page, _parse(text, framework, problems, register))


def _parse(text: Text, framework: Framework, problems: list[Problem], register: Register | None) -> Report:
    """Read one report: dates first, since they decide which areas are judged and which authority is meant."""
    report = Report(framework.code, framework.inspection_types[0], problems=list(problems))
    report.title = _read_title(text)
    _read_dates(text, framework, report)
    _read_authorities(text, framework, report, register)
    report.people = people.read_people(text, framework)
    report.tenures = tenures.read_tenures(text)
    outline = sections.read_outline(text)
    _read_judgements(text, framework, report, outline)
    _read_body(text, framework, report, outline)
    if framework.type_of is not None:
        report.inspection_type = framework.type_of(text, report)
    if framework.finish is not None:
        framework.finish(text, report)
    return report


def _read_title(text: Text) -> str | None:
    """The lines above the label of the inspection dates, where the front has one near its top."""
    for index, line in enumerate(text.front[:_TITLE_LINES]):
        if line.key.startswith(("inspection date", "dates of inspection", "date of inspection", "inspected on")):
            return " ".join(above.text for above in text.front[:index] if above.key) or None
    return None


def _read_dates(text: Text, framework: Framework, report: Report) -> None:
    read = dates.read_inspection_windows(text, takes_days=framework.takes_days)
    report.windows = tuple(read.windows)
    report.inspection_start_date, report.inspection_end_date = read.start, read.end
    report.problems += read.problems
    published = dates.read_published_date(text)
    if published is not None:
        report.published_date = published.date
        report.published_date_page = published.page
        report.problems += published.problems


def _read_authorities(text: Text, framework: Framework, report: Report, register: Register | None) -> None:
    if register is None:
        return
    on = report.inspection_start_date or report.published_date
    report.authorities, problems = authority.resolve_authorities(text, framework, register, on)
    report.problems += problems


def _read_judgements(text: Text, framework: Framework, report: Report, outline: sections.Outline) -> None:
    letter = grades.Letters(text)
    more = framework.read(text, framework) if framework.read else []
    waived = framework.waived(text) if framework.waived else frozenset()
    report.judgements, problems = judgements.read_judgements(
        letter,
        framework,
        report.inspection_start_date,
        waived,
        more,
        has_gaps=bool(sections.numbering_problems(outline)),
    )
    report.problems += problems


def _read_body(text: Text, framework: Framework, report: Report, outline: sections.Outline) -> None:
    report.paragraphs = sections.read_paragraphs(text, outline)
    report.recommendations = actions.read_recommendations(text, framework, outline)
    report.previous_inspections = history.read_previous_inspections(text, outline)
    report.figures = figures.read_figures(text, outline)
    report.problems += sections.numbering_problems(outline)
    report.problems += actions.recommendation_problems(outline, report.recommendations)
