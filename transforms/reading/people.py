"""The inspection team a report prints.

Three shapes: labels with names (on the front of ILACS reports, near the end of SIF reports);
two columns, Ofsted and Care Quality Commission, at the end of area SEND reports, often
interleaved line by line; and the signature of a letter. Only what is printed is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from transforms.reading.names import (
    PARTICLES,
    TITLE_WORDS,
    NamedPerson,
    clean_name,
    clean_title,
    is_name,
    is_title,
    parse_names,
)
from transforms.reading.tenures import read_tenures
from transforms.reading.tidy import Text, TextLine
from transforms.reports.model import Person

if TYPE_CHECKING:
    from transforms.reports.framework import Framework

__all__ = ["read_people", "read_tenures"]

# Labels, longest first: "Lead inspector on site" and "Deputy lead inspector" are not the lead inspector.
_ROLES: tuple[tuple[str, str], ...] = (
    (r"lead inspectors? on ?-?site", "lead_inspector_on_site"),
    (r"deputy (?:lead|reporting) inspectors?", "deputy_lead_inspector"),
    (r"shadow (?:senior )?data analysts?", "shadow_data_analyst"),
    (r"shadow (?:lead |team )?inspectors?", "shadow_inspector"),
    (r"(?:lead|reporting) inspectors?|lead hmis?(?![a-z])", "lead_inspector"),
    (r"supernumerary inspectors?", "supernumerary_inspector"),
    (r"(?:additional|associate|seconded|contracted) inspectors?", "additional_inspector"),
    (r"(?:team|other|ofsted) inspectors?|inspectors", "inspector"),
    (r"(?:senior )?(?:data analysts?|analytical officers?)", "data_analyst"),
    (r"quality assurance (?:managers?|inspectors?|leads?)|quality assurance|qa managers?", "quality_assurance"),
    (r"report authors?", "report_author"),
    (r"lscb (?:lead )?(?:inspectors?|reviewers?)", "lscb_inspector"),
)
_LABEL = re.compile("|".join(f"(?P<r{i}>{pattern})" for i, (pattern, _) in enumerate(_ROLES)), re.IGNORECASE)
# The first five letters of any label: nearly every line of a report is passed over by these.
_LABEL_STARTS = frozenset(
    ["lead ", "deput", "shado", "repor", "super", "addit", "assoc", "secon", "contr", "team ", "other", "ofste"]
    + ["inspe", "senio", "data ", "quali", "qa ma", "lscb "]
)
_SQUASHED_LABELS = ("leadinspector", "deputyleadinspector", "teaminspector", "reportinginspector", "qualityassurance")
_ENDS_LABEL = re.compile(r"(?:\(s\))?\s*:")
# The label behind other words of a line that a reader ran together.
_INNER_LABEL = re.compile(r"(?<![Dd]eputy)(?<!Shadow)\s(?=(?:Lead|Reporting) inspectors?(?:\(s\))?\s*:)")
_OTHER_LABEL = re.compile(r"[A-Z][A-Za-z' /-]{3,45}:")
_TEAM_HEADINGS = frozenset({"inspection team", "the inspection team"})
_CONTINUATION_LINES = 12


def read_people(text: Text, framework: Framework | None = None) -> list[Person]:
    """Read the inspection team.

    Args:
        text: the tidied document.
        framework: what it was recognised as; the shapes tell themselves apart without it.

    Returns:
        People in printed order, the lead inspector first where one is printed. A name that stands
        twice in one role is given once.
    """
    del framework
    joint = _joint_team(text.lines)
    # In two columns "Lead inspector" may begin a line, before the name of somebody of the other column.
    inside = {line.index for line in joint if ":" not in line.text}
    people = _labelled(text.lines, inside)
    people += _two_columns([line for line in joint if line.index in inside])
    if not any(p.role == "lead_inspector" for p in people):
        people += _signatories(text)
    unique: dict[tuple[str, str], Person] = {}
    for person in people:
        unique.setdefault((person.role, person.name), person)
    ordered = list(unique.values())
    return sorted(ordered, key=lambda p: p.role != "lead_inspector")


def _role(label: re.Match[str]) -> str:
    return next(_ROLES[i][1] for i in range(len(_ROLES)) if label.group(f"r{i}") is not None)


def _labelled(lines: list[TextLine], leave_out: set[int]) -> list[Person]:
    """Names behind labels, wherever they stand."""
    people: list[Person] = []
    for index, line in enumerate(lines):
        starts = line.key[:5] in _LABEL_STARTS or (
            ":" in line.text[:40] and line.key.replace(" ", "").startswith(_SQUASHED_LABELS)
        )
        inner = _INNER_LABEL.search(line.text) if "nspector" in line.text else None
        if index in leave_out or not (starts or inner):
            continue
        label = _LABEL.match(line.text) or (_LABEL.match(line.text, inner.end()) if inner else None)
        rest = line.text[label.end() :] if label else ""
        if label is None:
            label, rest = _split_label(line)
        if label is None or not line.text[:1].isupper() or not re.match(r"\s*(?:[:\u2013-]|\(s\)|[A-Z]|$)", rest):
            continue
        *before, (label, rest) = _labels_on_line(label, rest)
        for earlier, words in before:
            people += [
                Person(_role(earlier), p.name, line.page, p.title) for p in parse_names(words.strip(" :\u2013-"))
            ]
        value = rest.replace("(s)", "", 1).strip(" :\u2013-\t")
        # One lead inspector is no list: names below are of people whose own label may be gone.
        is_list = label.group().lower().rstrip().endswith("s") or _role(label) == "inspector"
        found = parse_names(_with_continuation(lines, index, value, is_list))
        people += [Person(_role(label), p.name, line.page, p.title) for p in found]
    return people


def _labels_on_line(label: re.Match[str], rest: str) -> list[tuple[re.Match[str], str]]:
    """Labels with what stands behind each: a reader may run the rows of a team together on one line."""
    found = [label]
    found += [match for match in _LABEL.finditer(rest) if _ENDS_LABEL.match(rest, match.end())]
    starts = [0, *(match.end() for match in found[1:])]
    ends = [*(match.start() for match in found[1:]), len(rest)]
    return [(match, rest[start:end]) for match, start, end in zip(found, starts, ends, strict=True)]


def _split_label(line: TextLine) -> tuple[re.Match[str] | None, str]:
    """A label whose words a reader split or joined."""
    before, colon, after = line.text.partition(":")
    joined = re.sub(r"\s+", "", before).lower()
    spaced = re.sub(r"(deputy|lead|team|reporting|quality|assurance)(?=[a-z])", r"\1 ", joined)
    label = _LABEL.fullmatch(spaced) if colon else None
    return label, f":{after}"


def _with_continuation(lines: list[TextLine], index: int, value: str, is_list: bool) -> str:
    """A label's value with the lines it runs on to."""
    for following in lines[index + 1 : index + 1 + _CONTINUATION_LINES]:
        words = following.text.strip()
        if not value and any(c.isdigit() for c in words):
            continue
        if (following.page != lines[index].page and value) or not _can_continue(following, is_list):
            break
        joined = _joined(value, words) or (_joined_list(value, following) if is_list else _second_name(value, words))
        if joined is None:
            break
        value = joined
    return value


def _can_continue(line: TextLine, is_list: bool) -> bool:
    words = line.text
    return not (
        (line.bullet and not is_list)
        or _LABEL.match(words)
        or _OTHER_LABEL.match(words)
        or _is_heading(line)
        or not _names_only(words)
    )


def _joined(value: str, words: str) -> str | None:
    """Value and next line, where the one is unfinished or the other begins with a title."""
    last = re.split(r",|\band\b|&", value)[-1].strip()
    unfinished = (
        not value or value.endswith((",", " and", "&", ";", "-")) or (len(last.split()) == 1 and not is_title(last))
    )
    first = re.split(r"[,\s]", words, maxsplit=1)[0]
    if unfinished or words.startswith("(") or is_title(words.rstrip(".")) or is_title(first) or _MAJESTY.match(words):
        return f"{value} {words}".strip()
    return None


_MAJESTY = re.compile(r"(?:his|her) majesty", re.IGNORECASE)


def _joined_list(value: str, line: TextLine) -> str | None:
    """A list whose comma at the line's end is missing; a lone word is the rest of the name before."""
    words = line.text
    if line.gap_before:
        return None
    if "," not in words and not words.lower().startswith("and "):
        return f"{value}, {words}" if len(parse_names(words)) == 1 else None
    first = re.split(r",|\band\b|&", words)[0].strip()
    return f"{value} {words}" if len(first.split()) == 1 and first else f"{value}, {words}"


def _second_name(value: str, words: str) -> str | None:
    """A second lead inspector on a line of their own: with their title, or after `and`."""
    names = parse_names(re.sub(r"^and\s+", "", words, flags=re.IGNORECASE))
    if len(names) == 1 and _is_inspector(names[0].title or "") and "ssociate" not in words:
        return f"{value}, {words}"
    return None


def _is_heading(line: TextLine) -> bool:
    return line.key.startswith(("judgement", "age group", "published", "the ", "any ", "contents", "grade", "overall"))


def _names_only(words: str) -> bool:
    """Whether a line holds nothing but names, titles and what joins them."""
    bare = re.sub(r"\([^()]*\)?", " ", words).rstrip(" .")
    if is_title(bare.strip(" .,")):
        return True
    tokens = re.findall(r"[A-Za-z\u00c0-\u017f'\u2019.-]+", bare)
    return bool(tokens) and all(t[0].isupper() or t.lower() in _LOWER_WORDS or t in "-" for t in tokens)


_LOWER_WORDS = TITLE_WORDS | PARTICLES | {"and"}

# Words that say what a person is in the two columns of a joint team.
_DESCRIPTOR = frozenset(
    "ofsted hmi shmi hmis cqc lead inspector inspectors senior his her majestys majesty's hm children's childrens"
    " services service care quality commission team deputy shadow designate oi and reporting regulatory manager"
    " inspector's support social education health observer trainee associate additional seconded".split()
)
_HONORIFICS = frozenset({"Dr", "Mr", "Mrs", "Ms", "Miss", "Professor"})
_TOKEN = re.compile(r"[A-Za-z\u00c0-\u017f'\u2019]+(?:\s?[-\u2013]\s?[A-Z][A-Za-z\u00c0-\u017f']+)*")
_COLUMN_HEADS = frozenset({"ofsted care quality commission", "ofsted", "care quality commission", "ofsted cqc", "cqc"})


def _joint_team(lines: list[TextLine]) -> list[TextLine]:
    """Lines of a team of two inspectorates under `Inspection team`; empty when there is none."""
    start = next(
        (i for i in range(len(lines) - 1, -1, -1) if lines[i].key.rstrip(" 0123456789") in _TEAM_HEADINGS), None
    )
    if start is None:
        return []
    block: list[TextLine] = []
    joint = False
    for line in lines[start + 1 : start + 30]:
        joint = joint or "cqc" in line.key or "care quality commission" in line.key
        if line.key in _COLUMN_HEADS:
            continue
        if not _is_team_line(line.text):
            break
        block.append(line)
    return block if joint else []


def _two_columns(block: list[TextLine]) -> list[Person]:
    """The joint team, Ofsted's people first."""
    people = [p for words in _columns(block) for p in _described(words, block[0].page)] if block else []
    leads = sum(line.key.split().count("lead") for line in block)
    if leads == 2 and not any(p.role == "lead_inspector" for p in people):
        # Both cells ran over: what follows the second name is the rest of both.
        first = next((p for p in people if p.organisation == "Ofsted"), None)
        if first is not None and any(p.role == "cqc_lead_inspector" for p in people):
            first.role = "lead_inspector"
    return sorted(people, key=lambda p: p.organisation == "Care Quality Commission")


def _is_team_line(words: str) -> bool:
    tokens = _TOKEN.findall(words)
    return bool(tokens) and all(t[0].isupper() or t.lower() in _DESCRIPTOR or t in PARTICLES for t in tokens)


def _columns(block: list[TextLine]) -> Iterator[str]:
    """Words of the block, column by column where cells are lines of their own, else as they come."""
    boxed = [(line, line.x0) for line in block if line.x0 is not None]
    if len(boxed) == len(block) and block:
        left = min(x0 for _, x0 in boxed)
        right = [line for line, x0 in boxed if x0 > left + 120]
        if right:
            yield " ".join([line.text for line, x0 in boxed if x0 <= left + 120])
            yield " ".join([line.text for line in right])
            return
    yield " ".join([line.text for line in block])


def _described(words: str, page: int) -> Iterator[Person]:
    """People as runs of name words, each followed by words that say what they are."""
    names: list[str] = []
    description: list[str] = []
    for token in [*_TOKEN.findall(words), ""]:
        if token.lower() in _DESCRIPTOR and names:
            description.append(token)
        elif token.lower() not in _DESCRIPTOR:
            if (description and names) or not token:
                yield from _persons(names, description, page)
                names, description = [], []
            names.append(token)


def _persons(names: list[str], description: list[str], page: int) -> Iterator[Person]:
    """The people of a run of name words: one, or two whose names stand on one line, what they are on the next."""
    lowered = [d.lower() for d in description]
    groups = [(names, description)]
    if len(names) >= 4 and {"ofsted", "hmi"}.intersection(lowered) and "cqc" in lowered[1:] and len(names) % 2 == 0:
        half, cut = len(names) // 2, lowered.index("cqc")
        groups = [(names[:half], description[:cut]), (names[half:], description[cut:])]
    for group, words in groups:
        name = clean_name(" ".join(group[1:] if group and group[0] in _HONORIFICS else group))
        if is_name(name) and words:
            yield _person(name, words, page)


def _person(name: str, words: list[str], page: int) -> Person:
    """One person, with the role, title and organisation that the words behind the name say."""
    low = {w.lower() for w in words}
    is_of_cqc = "cqc" in low or "commission" in low
    role = "lead_inspector" if "lead" in low and "deputy" not in low else "inspector"
    title = next((w for w in words if w in {"HMI", "SHMI"}), None)
    if is_of_cqc:
        return Person(f"cqc_{role}", name, page, title, "Care Quality Commission")
    spelled_out = next((f"{w.capitalize()} Majesty's Inspector" for w in ("his", "her") if w in low), None)
    return Person(role, name, page, title or spelled_out, "Ofsted")


_SINCERELY = ("yours sincerely", "yours faithfully", "kind regards", "yours truly")
_CARRIED_OUT = re.compile(
    r"\b(?:visit|inspection|review)\b[^.]{0,60}?\b(?:was|were) (?:carried out|undertaken|conducted|led) by"
    r" (?P<by>[^.]{5,220})\."
)


def _signatories(text: Text) -> list[Person]:
    """Who signed a letter: an inspector is its lead. Then the team its first paragraph names."""
    people: list[Person] = []
    lines = text.lines
    close = next((i for i in range(len(lines) - 1, -1, -1) if lines[i].key.startswith(_SINCERELY)), None)
    if close is not None:
        people += _signature(lines[close + 1 : close + 14])
    elif not any(line.key.startswith("dear ") for line in lines[:60]):
        return []
    lead = {p.name for p in people}
    for match in _CARRIED_OUT.finditer(text.flow[:8000]):
        page = text.page_at(match.start())
        phrase = re.sub(
            r"^(?:two|three|four|five)?\s*(?:of\s+)?(?:His|Her) Majesty'?s Inspectors?[,:]?\s+", "", match["by"]
        )
        named = [p for p in parse_names(phrase) if p.name not in lead]
        people += [Person("inspector", p.name, page, p.title) for p in named]
        break
    return people


def _signature(lines: list[TextLine]) -> list[Person]:
    if any("lead inspector" in line.key for line in lines):
        return _signed_by_leads(lines)
    people: list[Person] = []
    pending: NamedPerson | None = None
    for line in lines:
        names = parse_names(line.text)
        if "director" in line.key or "chief" in line.key:
            # Who signs for a region or an inspectorate did not lead the inspection.
            pending = None
            people = people[:-1] if people and people[-1].page == line.page else people
        elif len(names) == 1 and names[0].title and _is_inspector(names[0].title):
            people.append(Person("lead_inspector", names[0].name, line.page, names[0].title))
        elif pending is not None and is_title(line.text.strip(" .,")):
            people.append(Person("lead_inspector", pending.name, line.page, clean_title(line.text)))
            pending = None
        elif is_name(clean_name(line.text)):
            pending = NamedPerson(clean_name(line.text))
        elif people:
            break
    return people[:1]


def _signed_by_leads(lines: list[TextLine]) -> list[Person]:
    """Lead inspectors among those who signed, name and office on one line or on two."""
    people: list[Person] = []
    above = ""
    for line in lines:
        if "lead inspector" in line.key:
            starts_with_name = is_name(" ".join(line.text.split()[:2])) and line.key.split()[0] not in _DESCRIPTOR
            words = line.text if starts_with_name else f"{above} {line.text}"
            people += [p for p in _described(words, line.page) if p.role in {"lead_inspector", "cqc_lead_inspector"}]
        above = line.text
    return people


def _is_inspector(title: str) -> bool:
    return "Inspector" in title or "HMI" in title
