"""Graded judgements of one report, read from every place its framework declares, and reconciled.

A grade counts only where a declared form of words carries it. Places that agree raise the
certainty; places that disagree are a problem, and only a place that the framework's entry lets
decide may decide. What cannot be settled is left out and reported, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from transforms.reading import worn
from transforms.reading.grades import Letters, Reading, Scale, letters, scale_of, zones_of
from transforms.reading.grids import OF_EARLIER, read_further_rows, read_grid, zones_of_earlier
from transforms.reports.model import Judgement, Problem

if TYPE_CHECKING:
    from transforms.reading.tidy import TextLine
    from transforms.reports.framework import Area, Framework, Grade, Statement

_SENTENCE_BEFORE = re.compile(r"(?:^|[.:;!?•–\-]\s*)[\W\d_]*$")
_SENTENCE_AFTER = re.compile(r"\s*(?:[.:;,!?]|$)")
# Letters that stand for themselves, up to what a repeat or an alternative follows.
_PLAIN_START = re.compile(r"[a-z]{4,}(?![a-z?*{|])")
_CONTRADICTIONS = 2
_DOUBTED = "_doubted"
_LEADS_ON = re.compile(r"(?:\b(?:is|are|as|was|were|judged|remains?)|[:\u2013-])\s*$")
_BEFORE_REACH = 80
_HEAD, _TAIL = "improvementtobe", "good"
_TAIL_REACH = 5  # lines
# A paragraph number, or a capital: something new begins.
_NEW_AFTER = re.compile(r"[\s.]*(?:\d+\.?\s|[A-Z])")
_JOINED_AFTER = re.compile(r"[A-Z][a-z]")
_LONGEST_CELL = 40  # letters of a line that holds nothing but a grade
_WORD_AFTER = re.compile(r"(?:$|[^A-Za-z\-]|-\s)")


@dataclass(frozen=True, slots=True)
class _Form:
    """A statement compiled: `anchor` is the plain beginning of its lead."""

    statement: Statement
    anchor: str
    pattern: re.Pattern[str]
    before: re.Pattern[str] | None


@lru_cache(maxsize=64)
def _forms(statements: tuple[Statement, ...], pattern: str) -> tuple[_Form, ...]:
    forms = []
    for statement in statements:
        plain = _PLAIN_START.match(statement.lead)
        forms.append(
            _Form(
                statement,
                plain[0] if plain else "",
                re.compile(f"(?:{statement.lead})(?P<grade>{pattern})"),
                re.compile(f"(?:{statement.before})$") if statement.before else None,
            )
        )
    return tuple(forms)


def _matches(form: _Form, words: str, start: int, end: int) -> Iterator[tuple[int, re.Match[str]]]:
    """Where a form of words stands: its first letter, with what belongs before it, and the match."""
    if not form.anchor:
        yield from ((match.start(), match) for match in form.pattern.finditer(words, start, end))
        return
    at = words.find(form.anchor, start, end)
    while at >= 0:
        match = form.pattern.match(words, at, end)
        if match is not None:
            lower = max(at - _BEFORE_REACH, start)
            led = form.before.search(words[lower:at]) if form.before is not None else None
            if led is not None or form.before is None:
                yield (lower + led.start() if led else at), match
        at = words.find(form.anchor, at + 1, end)


def read_statements(letter: Letters, framework: Framework, zones: list[tuple[int, int]]) -> list[Reading]:
    """Grades stated in the framework's declared forms of words, outside its zones."""
    scale = scale_of(framework.grades)
    found = []
    for form in _forms(framework.statements, scale.pattern):
        statement = form.statement
        lower = letter.front_end if statement.where == "body" else 0
        upper = letter.front_end if statement.where == "front" else len(letter.all)
        for start, match in _matches(form, letter.all, lower, upper):
            code = scale.codes[match["grade"]]
            if any(a <= start < b for a, b in zones) or (statement.only and code not in statement.only):
                continue
            if OF_EARLIER.search(letter.all, max(start - _BEFORE_REACH, 0), start) or _is_followed(
                letter, match, scale
            ):
                continue
            if _begins(letter, start, statement.starts) and _ends(letter, match.end(), statement):
                name = letter.printed(match.start("grade"), match.end())
                found.append(
                    Reading(statement.area, code, statement.place, start, match.end(), name, statement.certain)
                )
    return found


def _is_followed(letter: Letters, match: re.Match[str], scale: Scale) -> bool:
    """Whether a second grade stands behind the first on its line: which of two columns is meant is not known."""
    end = match.end()
    second = None if letter.is_edge(end) else re.compile(scale.pattern).match(letter.all, end)
    if second is None:
        return False
    return letter.is_edge(second.end()) or _NEW_AFTER.match(letter.after(second.end())) is not None


def _begins(letter: Letters, start: int, where: str) -> bool:
    """Whether a form of words begins where it must.

    Where line ends were lost a heading is still told by its capital: within a sentence the same
    words are written small.
    """
    if where == "anywhere" or letter.is_edge(start):
        return True
    before = letter.before(start)
    # A paragraph number, a dash or a bullet may stand before the first word of a line.
    if not any(c.isalpha() for c in before):
        return True
    if letter.first(start).isupper() and not before[-1:].isalpha():
        return True
    return where == "sentence" and _SENTENCE_BEFORE.search(before) is not None


def _ends(letter: Letters, end: int, statement: Statement) -> bool:
    """Whether a grade ends where it must: it must not run on into a sentence of its own."""
    if letter.is_edge(end):
        return True
    after = letter.after(end)
    if not _WORD_AFTER.match(after):
        return _JOINED_AFTER.match(after) is not None
    if statement.ends == "anywhere" or not any(c.isalpha() for c in after):
        return True
    if any(letter.all.startswith(words, end) for words in statement.then):
        return True
    # A heading whose line end was lost runs on into a paragraph number or a capital.
    if _NEW_AFTER.match(after):
        return True
    return statement.ends == "sentence" and _SENTENCE_AFTER.match(after) is not None


def read_split_labels(letter: Letters, framework: Framework, zones: list[tuple[int, int]]) -> list[Reading]:
    """Labels with a cell of grades between their lines, as readers of tables leave them.

    "The experiences and progress of / Requires / children who need ... improvement": the lines
    before and after the grade make up the label exactly, so nothing is left to chance.
    """
    labels = _whole_labels(framework.areas)
    cells = _cells(framework.grades)
    lines = letter.text.lines
    found = []
    for i, line in enumerate(lines):
        if len(line.key) > _LONGEST_CELL or i == 0 or i + 1 == len(lines) or line.key not in cells:
            continue
        for words, code in cells[line.key].items():
            tail = letters(words)
            if tail and not letters(lines[i + 1].key).endswith(tail):
                continue
            area = _label_around(lines, i, tail, labels)
            start, end = letter.span(i - 1, i + 1)
            if area and not any(a <= start < b for a, b in zones):
                # On the front the cell of the row above may have slipped in here; in the body there is none.
                front = start < letter.front_end
                place = "grid_split" if front else "heading"
                name = f"{line.text} {words}".rstrip()
                found.append(Reading(area, code, place, start, end, name, certain=not front))
                break
    return found


def _label_around(lines: list[TextLine], i: int, tail: str, labels: dict[str, str]) -> str | None:
    """Area whose label is made up by the lines around line `i`, the tail of the grade taken off."""
    below = letters(lines[i + 1].key).removesuffix(tail) if tail else letters(lines[i + 1].key)
    above = letters(lines[i - 1].key)
    if not below or not above:
        return None
    return labels.get(above + below)


@lru_cache(maxsize=64)
def _whole_labels(areas: tuple[Area, ...]) -> dict[str, str]:
    return {letters(words): area.code for area in areas for words in (*area.labels, *area.headings)}


@lru_cache(maxsize=64)
def _cells(grades: tuple[Grade, ...]) -> dict[str, dict[str, str]]:
    """First line of a grade's cell, to what may follow on the next line, to the grade's code."""
    found: dict[str, dict[str, str]] = {}
    for grade in grades:
        for wording in grade.wordings:
            words = wording.split()
            for cut in range(1, len(words) + 1):
                found.setdefault(" ".join(words[:cut]), {})[" ".join(words[cut:])] = grade.code
    # The longest tail first: "improvement to be good" before nothing.
    ordered = {first: dict(sorted(tails.items(), key=lambda item: -len(item[0]))) for first, tails in found.items()}
    # Half a wording without its rest is no grade.
    whole = {wording for grade in grades for wording in grade.wordings}
    return {f: {t: c for t, c in tails.items() if t or f in whole} for f, tails in ordered.items()}


def read_judgements(
    letter: Letters,
    framework: Framework,
    day: date | None,
    waived: frozenset[str] = frozenset(),
    more: Iterable[Reading] = (),
    *,
    has_gaps: bool = False,
) -> tuple[list[Judgement], list[Problem]]:
    """Read and reconcile every graded area of one report.

    Args:
        letter: letters of the report's text.
        framework: what is judged, on which scale, and where it stands.
        day: first day of the inspection, None if it could not be read.
        waived: required areas the text shows were not judged.
        more: readings from the framework's own reader.
        has_gaps: lines of the report are known to be lost or out of order.

    Returns:
        Judgements in the framework's order, and the problems met.
    """
    zones = [*zones_of(letter, framework), *zones_of_earlier(letter, framework)]
    stated = read_statements(letter, framework, zones)
    readings = [*stated, *read_split_labels(letter, framework, zones), *more]
    day, problems = (day, []) if day is not None else _day_of(framework, readings)
    areas = framework.areas_on(day)
    told = {reading.end for reading in readings}
    readings, further = _with_grids(readings, letter, framework, areas, stated, zones)
    problems += further
    is_doubtful = has_gaps or any(reading.name[:1].isupper() for reading in readings)
    heads = _heads_alone(letter)
    readings = _doubt_tails(readings, framework, letter, heads, is_doubtful)
    judgements = []
    for area in areas:
        mine = [r for r in readings if r.area == area.code]
        if area.code in waived:
            problems.append(_waived(area, mine, letter))
            continue
        if not any(r.certain for r in mine):
            found = worn.read_worn_headings(letter, framework, area, zones, told)
            mine += [_doubt_tail(reading, letter, heads, is_doubtful) for reading in found]
        settled, met = _settle(area, mine, framework, letter, has_gaps)
        problems += met
        if settled is not None:
            judgements.append(_judgement(area, settled, mine, scale_of(framework.grades), letter))
        elif area.required:
            problems.append(_missing(area, mine, letter))
    problems += _of_other_years(readings, letter, framework, {area.code for area in areas})
    return judgements, problems


def _of_other_years(readings: list[Reading], letter: Letters, framework: Framework, held: set[str]) -> list[Problem]:
    """Tell of grades of areas that are not judged on that day."""
    rows = _rows_of_other_years(letter, framework, held)
    return _unexpected([r for r in [*rows, *readings] if r.area not in held], letter)


def _with_grids(
    readings: list[Reading],
    letter: Letters,
    framework: Framework,
    areas: tuple[Area, ...],
    stated: list[Reading],
    zones: list[tuple[int, int]],
) -> tuple[list[Reading], list[Problem]]:
    """Add what the grids give to the readings of other places, and tell rows that name no known area."""
    problems: list[Problem] = []
    for grid in framework.grids:
        gridded, (first, last) = read_grid(letter, framework, grid, areas, stated, zones)
        readings = [r for r in readings if r.place != "heading" or not first <= r.start < last]
        readings += _doubted(gridded, readings)
        further = read_further_rows(letter, framework, grid, (first, last))
        problems += [_further_row(span, letter) for span in further if not any(a <= span[0] < b for a, b in zones)]
    return readings, problems


def _rows_of_other_years(letter: Letters, framework: Framework, held: set[str]) -> list[Reading]:
    """Rows of the front's grid for areas that are not judged on that day: found only to be told."""
    scale = scale_of(framework.grades)
    found = []
    for area in framework.areas if framework.grids else ():
        if area.code in held or not area.in_grid:
            continue
        for label in area.labels:
            words = letters(label)
            at = letter.all.find(words, 0, letter.front_end)
            graded = re.compile(scale.pattern).match(letter.all, at + len(words)) if at >= 0 else None
            if graded is not None and letter.is_edge(at):
                found.append(Reading(area.code, scale.codes[graded[0]], "grid", at, graded.end()))
    return found


def _heads_alone(letter: Letters) -> list[int]:
    """Lines that end in "requires improvement to be" where "good" does not follow."""
    found = []
    at = letter.all.find(_HEAD)
    while at >= 0:
        end = at + len(_HEAD)
        if letter.is_edge(end) and not letter.all.startswith(_TAIL, end):
            found.append(letter.line_index(at))
        at = letter.all.find(_HEAD, end)
    return found


def _may_be_tail(reading: Reading, letter: Letters) -> bool:
    """Whether it is a small "good" alone on its line, to which no verb or colon leads.

    It may be all that is left of "Requires improvement to be / good".
    """
    index = letter.line_index(reading.end - 1)
    if reading.name != _TAIL or letter.text.lines[index].text.strip() != _TAIL:
        return False
    return index == 0 or _LEADS_ON.search(letter.text.lines[index - 1].text) is None


def _unheaded(readings: list[Reading], framework: Framework, letter: Letters) -> set[str]:
    """Areas that the framework grades in words too, of which no words are left but the grade in the grid.

    Their heading was lost, so the line above a small "good" may have been lost as well.
    """
    stated = {statement.area for statement in framework.statements}
    return stated - {reading.area for reading in readings if reading.certain and not _may_be_tail(reading, letter)}


def _doubt_tails(
    readings: list[Reading], framework: Framework, letter: Letters, heads: list[int], is_doubtful: bool
) -> list[Reading]:
    """Doubt what may be tails, and in a grid those of areas without a heading in a text that has headings."""
    bare = _unheaded(readings, framework, letter)
    return [
        _doubt_tail(reading, letter, heads, is_doubtful or (reading.area in bare and reading.place.startswith("grid")))
        for reading in readings
    ]


def _doubt_tail(reading: Reading, letter: Letters, heads: list[int], is_doubtful: bool) -> Reading:
    """What may be the tail of another grade can but confirm, where that is likely.

    So it is in a report whose other grades have capitals, in one that has lost lines, where nothing else grades an
    area that has a heading, and beside a line that has lost its "good".
    """
    if not reading.certain or not _may_be_tail(reading, letter):
        return reading
    index = letter.line_index(reading.end - 1)
    is_doubtful = is_doubtful or any(abs(index - head) <= _TAIL_REACH for head in heads)
    return replace(reading, certain=False) if is_doubtful else reading


def _doubted(gridded: list[Reading], others: list[Reading]) -> list[Reading]:
    """A grid that contradicts other places on two areas or more has its grades in the wrong rows.

    One contradiction may be a slip of the report; the framework's rule decides it.
    """
    stated: dict[str, set[str]] = {}
    for reading in others:
        if reading.certain:
            stated.setdefault(reading.area, set()).add(reading.grade)
    against = [r for r in gridded if r.area in stated and r.grade not in stated[r.area]]
    if len(against) < _CONTRADICTIONS:
        return gridded
    return [replace(r, certain=False, place=r.place + _DOUBTED) for r in gridded]


def _day_of(framework: Framework, readings: list[Reading]) -> tuple[date | None, list[Problem]]:
    """Where the date is lost, the areas that are graded tell the years.

    Returns:
        The latest `since` of any graded area; None for the framework's first years. A blocking
        problem where no area tells them: what must be judged is then not known.
    """
    named = {r.area for r in readings}
    since = [area.since for area in framework.areas if area.since is not None]
    later = [area.since for area in framework.areas if area.since is not None and area.code in named]
    if later:
        return max(later), []
    if not since or any(area.until in since and area.code in named for area in framework.areas):
        return None, []
    message = "the day of the inspection is not known, and no graded area tells which areas had to be judged"
    return None, [Problem("areas_uncertain", "blocking", message, expected="the dates of the inspection")]


def _settle(
    area: Area, mine: list[Reading], framework: Framework, letter: Letters, has_gaps: bool
) -> tuple[Reading | None, list[Problem]]:
    """Decide one area from its readings.

    Where they disagree no place decides if lines are known to be lost, if the grid is doubted, nor by what may be
    the tail of another grade.
    """
    certain = [r for r in mine if r.certain]
    grades = {r.grade for r in mine}
    if not certain:
        return None, []
    if len(grades) == 1:
        return _best(certain, framework), []
    is_open = has_gaps or any(r.place.endswith(_DOUBTED) for r in mine)
    whole = [] if is_open else [r for r in certain if not _may_be_tail(r, letter)]
    for place in framework.wins:
        chosen = {r.grade for r in whole if r.place == place}
        if len(chosen) == 1:
            winner = next(r for r in whole if r.place == place)
            return winner, [_disagreement(area, mine, letter, "warning", winner)]
        if chosen:
            break
    return None, [_disagreement(area, mine, letter, "blocking", None)]


def _best(certain: list[Reading], framework: Framework) -> Reading:
    """The reading that is quoted: from the place that would decide, else the first."""
    for place in framework.wins:
        for reading in certain:
            if reading.place == place:
                return reading
    return min(certain, key=lambda r: r.start)


def _judgement(area: Area, settled: Reading, mine: list[Reading], scale: Scale, letter: Letters) -> Judgement:
    agreeing = [r for r in mine if r.grade == settled.grade]
    return Judgement(
        area_code=area.code,
        conformed_area_code=area.conformed,
        area_name=settled.label or area.name,
        grade_code=settled.grade,
        grade_name=settled.name or scale.grades[settled.grade].name,
        page=letter.page(settled.start),
        evidence=letter.quote(settled.start, settled.end),
        places=tuple(dict.fromkeys(r.place for r in [settled, *agreeing])),
    )


def _disagreement(area: Area, mine: list[Reading], letter: Letters, severity: str, winner: Reading | None) -> Problem:
    found = "; ".join(f"{r.place} p{letter.page(r.start)} {r.grade}" for r in sorted(mine, key=lambda r: r.start))
    decided = f"{winner.place} decides: {winner.grade}" if winner else "no place decides"
    return Problem(
        "places_disagree",
        severity,
        f"{area.code}: places state different grades ({found}); {decided}",
        page=letter.page((winner or mine[0]).start),
        found=found,
        expected="one grade",
    )


def _missing(area: Area, mine: list[Reading], letter: Letters) -> Problem:
    hints = "; ".join(f"{r.place} p{letter.page(r.start)} {r.grade}" for r in mine) or "nothing"
    return Problem(
        "missing_area",
        "blocking",
        f"{area.code}: no certain grade found for an area this inspection must judge; seen: {hints}",
        found=hints,
        expected=area.name,
    )


def _waived(area: Area, mine: list[Reading], letter: Letters) -> Problem:
    """Recorded, so that checks of the warehouse know why a required area has no row.

    A grade that stands in the text all the same says that a title or a heading was lost: it blocks.
    """
    graded = next((reading for reading in mine if reading.certain), None)
    if graded is not None:
        return Problem(
            "waived_area_graded",
            "blocking",
            f"{area.code}: the text shows it was not judged in this inspection, but grades it {graded.grade}",
            page=letter.page(graded.start),
            found=letter.quote(graded.start, graded.end),
            expected=f"no grade, or the words that announce a judgement of {area.name}",
        )
    return Problem(
        "area_waived",
        "warning",
        f"{area.code}: the text shows it was not judged in this inspection",
        found=area.code,
        expected=area.name,
    )


def _further_row(span: tuple[int, int], letter: Letters) -> Problem:
    """A row beside the grid's own: of an area the framework is not known to judge, or of an earlier inspection."""
    return Problem(
        "unread_row",
        "warning",
        "a graded row beside the grid names no area that is known to be judged; it is left out",
        page=letter.page(span[0]),
        found=letter.quote(*span),
        expected="rows of known areas only",
    )


def _unexpected(others: list[Reading], letter: Letters) -> list[Problem]:
    """Grades of areas the framework has, but not in an inspection of that date."""
    seen: dict[str, Reading] = {}
    for reading in others:
        if reading.certain:
            seen.setdefault(reading.area, reading)
    return [
        Problem(
            "unexpected_area",
            "warning",
            f"{area}: graded {r.grade} in the {r.place}, but not judged in an inspection of this date",
            page=letter.page(r.start),
            found=letter.quote(r.start, r.end),
        )
        for area, r in seen.items()
    ]
