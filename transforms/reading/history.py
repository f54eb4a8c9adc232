"""Earlier inspections as a report itself states them, with date and grade.

Nothing is corrected here: reports are sometimes wrong about the past. A grade is taken only
from the sentence that gives it to that inspection, or from the one that follows it directly in
the list of earlier inspections. Inspections of children's homes and of fostering or adoption
agencies are not inspections of the authority's services and are left out.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from transforms.reading import sections
from transforms.reading.date_forms import parse_when, parse_windows
from transforms.reading.sentences import ends_sentence, split_sentences
from transforms.reports.model import PreviousInspection

if TYPE_CHECKING:
    from datetime import date

    from transforms.reading.sections import Block, Outline
    from transforms.reading.tidy import Text

_MONTH = r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
_WHEN = rf"(?:(?:\d{{1,2}} (?:(?:to|and|[-\u2013]) \d{{1,2}} )?)?{_MONTH},? )?(?:19|20)\d\d(?!\d)"
# Not what is denied ("not yet good", "no longer inadequate"), nor what describes some other noun ("good practice").
_NOT_DENIED = r"(?<!not )(?<!not yet )(?<!no longer )(?<!less than )(?<!better than )(?<!to become )"
_NO_NOUN = (
    r"(?!\s+(?:and \w+ )?(?:practice|progress|work|working|quality|support|standards?|examples?|outcomes|evidence|use"
    r"|start|range|understanding|oversight|leadership|relationships?|partnerships?|response|provision|plans?|planning)\b)"
)
_GRADE = re.compile(
    r"\b(?:(?P<requires_improvement>requir(?:es?|ing|ed)(?:[ -]to)?[ -]?impr\w+(?:,? to (?:be|become) good)?"
    r"|(?:in need of )?impr\w+(?: (?:is|was|are|were))?(?: required| needed)?,? to (?:be|become) good"
    r"|in need of improvement)"
    rf"|{_NOT_DENIED}(?:(?P<adequate>adequate)"
    rf"|(?:(?P<inadequate>inadequate)|(?P<outstanding>outstanding)|(?P<good>good)){_NO_NOUN}))\b",
    re.IGNORECASE,
)
_JUDGED = re.compile(
    r"\b(?:judged|graded|rated|found|judgements?|judgments?|rating|effectiveness .{0,40}was)\b", re.IGNORECASE
)
_OTHER_SERVICE = re.compile(
    r"(?i:children'?s homes?|residential home|secure (?:unit|home)|(?:fostering|adoption) (?:agency|agencies|service"
    r"|inspection)"
    r"|fostering and adoption services|the home\b|schools?\b|provider\b|placements?\b"
    r"|probation|constabulary|HMIC|HMIP|youth offending|police)|of The [A-Z]"
)
_HISTORY_SENTENCE = re.compile(
    rf"\binspections?\b.*?\b(?P<how>was|were|took place|undertaken|published|carried out|in|on"
    rf"|between)\b.*?(?P<when>{_WHEN})(?: and (?P<second>{_WHEN}))?",
    re.IGNORECASE,
)
_LISTED = re.compile(
    r"^(?:the )?(?P<area>overall effectiveness|children who need help and protection"
    r"|children looked after(?: and achieving permanence)?"
    r"|adoption performance|(?:the )?experiences and progress of [a-z ,]+|leadership,? management and governance"
    r"|[a-z ,]*care leavers"
    r"|(?:the )?local safeguarding children'?s? board)\s*(?::|[-\u2013]|was|were|is)\s*(?P<rest>.*)$",
    re.IGNORECASE,
)
_JUDGED_AREA = re.compile(
    r"(?:the )?(?P<area>overall effectiveness|(?:graded judge?ment for )?adoption performance"
    r"|(?:graded judge?ment for )?(?:the )?experiences and progress of [a-z ]+?|leadership, management and governance)"
    r"(?: of the local authority)? (?:was|were|is|are)\b",
    re.IGNORECASE,
)
_MENTION = re.compile(
    r"\b(?:joint targeted (?:area )?inspections?(?: \(JTAI\))?|JTAIs?"
    r"|(?:focus(?:ed|sed)?|monitoring|assurance)(?: assurance)? visits?|inspections?)(?!\w)",
    re.IGNORECASE,
)
_DATED_BEFORE = re.compile(
    rf"\b(?P<when>(?:{_MONTH} )?20\d\d)(?: (?:full|standard|short|single|sif|ilacs|ofsted|ofsted's|area|send|focused"
    r"|child(?:ren)?(?:'s)?|protection|services|safeguarding|joint)){0,4}\s*$",
    re.IGNORECASE,
)
_DATED_AFTER = re.compile(
    r"(?P<of>(?:\s*\([A-Za-z ]+\))?(?:\s+(?:of|for|into|under|by)\s[^,.;]{0,90}?|\s+to\s(?=[a-z])[^,.;]{0,60}?)?),?"
    r"(?:\s+(?:was|were))?(?:\s+(?:undertaken|conducted|carried out|published|took place|held))?"
    rf"\s+\(?(?:in|of|on|during|from|dated)\s+(?P<when>{_WHEN})\)?(?:\s+and\s+(?:in\s+)?(?P<second>{_WHEN}))?",
    re.IGNORECASE,
)
_HIT = re.compile(r"nspections?\b| visits?\b|JTAI")
_OTHER_INSPECTORATE = re.compile(r"(?i:probation|constabulary|youth offending|the home\b|peer review of)|HMIC|HMIP")
_PARTED = re.compile(r"The (?:local )?authority was (?:judged|found|graded)\b")
_HOMES = re.compile(r"(?i:operates|children'?s homes?\b)")
_THIS = re.compile(r"\b(?:this|the current|next)(?: \w+)?\s+$", re.IGNORECASE)
_LAST = re.compile(r"\b(?:last|previous)(?: \w+'?s?){0,2}\s+$", re.IGNORECASE)
_EARLIER = re.compile(
    r"\b(?:last|previous|prior|earlier|most recent|since|following|subsequent|recent|first|identified"
    r"|child protection inspection|(?:looked after children|safeguarding) inspection)\b",
    re.IGNORECASE,
)
_GRADED_THEN = re.compile(
    r"(?:\b(?:when|where|at which|which|that)\b|(?=\b(?:judged|graded|rated|found)\b))"
    r"(?P<whose>[^.;]{0,110}?)\b(?:judged|graded|rated|found)\b(?P<rest>[^.;,]{0,70})",
    re.IGNORECASE,
)
_WHOLE_SERVICE = re.compile(
    r"\b(?:services?|overall|local authority|council|judge?ments|effectiveness)\b", re.IGNORECASE
)
_ONE_SERVICE = re.compile(
    r"\b(?:help and protection|protection|in care|looked after|care leavers|adoption|leadership|leaders"
    r"|safeguarding)\b",
    re.IGNORECASE,
)
_SEND_DATE = re.compile(r"dates? of (?:the )?previous inspections?\s*:?\s*(?P<rest>.*)", re.IGNORECASE)
_CONFORMED = (
    (re.compile(r"overall effectiveness|overall$"), "overall"),
    (re.compile(r"adoption"), "adoption"),
    (re.compile(r"care leavers"), "care_leavers"),
    (re.compile(r"help and protection|protection of children|child protection"), "help_and_protection"),
    (re.compile(r"looked after|children in care"), "children_in_care"),
    (re.compile(r"leadership"), "leadership"),
    (re.compile(r"safeguarding childrens? board|lscb"), "lscb"),
    (re.compile(r"safeguarding"), "safeguarding"),
)


def read_previous_inspections(text: Text, outline: Outline | None = None) -> list[PreviousInspection]:
    """Read what the report says of earlier inspections and visits.

    Args:
        text: from `tidy`.
        outline: of this text, if already made.

    Returns:
        In printed order, without repetitions. `date` is the first day where days are printed,
        the first of the month or year where no more is.
    """
    outline = outline or sections.read_outline(text)
    found: list[PreviousInspection] = []
    _front_date(text, found)
    listed: PreviousInspection | None = None
    for block in outline.blocks:
        if block.kind in ("heading", "note") or block.role == "end":
            continue
        if block.role == "history":
            listed = _read_listed(block, listed, found)
        elif _may_tell(block.text) and (block.section is not None or ends_sentence(block.text)):
            _read_narrative(block, found)
    return _distinct(found)


def _may_tell(words: str) -> bool:
    """Cheap first test: names an inspection or visit, and a year or a grade."""
    if "nspection" not in words and " visit" not in words and "JTAI" not in words:
        return False
    return " 20" in words or "judged" in words or "graded" in words


def _front_date(text: Text, found: list[PreviousInspection]) -> None:
    """The line of an area SEND report that dates the inspection before."""
    for line in text.lines[:40]:
        if "previous inspection" not in line.key or not line.key.startswith("date"):
            continue
        match = _SEND_DATE.match(line.text)
        if match is None:
            continue
        windows = parse_windows(match["rest"])
        when = (windows[0][0], "day") if windows else parse_when(match["rest"])
        if when is not None:
            found.append(PreviousInspection(line.text, line.page, "previous inspection", "send", when[0], when[1]))
        return


# -- the list of earlier inspections ------------------------------------------------------------


def _read_listed(
    block: Block, listed: PreviousInspection | None, found: list[PreviousInspection]
) -> PreviousInspection | None:
    """Read one item of the list; returns the inspection that the next items may give grades of."""
    item = _LISTED.match(block.text)
    if item is not None and listed is not None and (grade := _only_grade(item["rest"])) is not None:
        found.append(_area_of(listed, block.text, block.page, item["area"], grade))
        return listed
    sentences = split_sentences(block.text)
    if listed is not None and found and found[-1].grade_code is None and _PARTED.match(sentences[0]):
        found[-1].grade_code = _only_grade(sentences[0])
        found[-1].statement += f" {sentences[0]}"
    if _HOMES.search(sentences[0]) is not None:
        return listed  # the whole item is about the homes
    opened: PreviousInspection | None = None
    for i, sentence in enumerate(sentences):
        match = _HISTORY_SENTENCE.search(sentence)
        if match is not None and _OTHER_SERVICE.search(sentence) is None:
            opened = _listed_inspection(block, sentence, sentences[i + 1 : i + 2], found)
            listed = opened
        elif opened is not None and (area := _JUDGED_AREA.search(sentence)) is not None:
            grade = _only_grade(sentence[area.end() :])
            if grade is not None:
                found.append(_area_of(opened, sentence, block.page, area["area"], grade))
    return listed


def _area_of(listed: PreviousInspection, words: str, page: int, area: str, grade: str) -> PreviousInspection:
    """The grade of one area of an inspection that the list named before."""
    return PreviousInspection(
        f"{listed.statement} {words}", page, area, conformed_area(area), listed.date, listed.date_precision, grade
    )


def _listed_inspection(
    block: Block, sentence: str, following: list[str], found: list[PreviousInspection]
) -> PreviousInspection | None:
    """One inspection of the list, with the grade of its own or the next sentence."""
    match = _HISTORY_SENTENCE.search(sentence)
    when = _when(match["when"]) if match else None
    if when is None:
        return None
    what = _subject(sentence)
    graded = sentence if _JUDGED.search(sentence) else ""
    statement = sentence
    if not graded and following and _only_grades(following[0]):
        graded = following[0]
        statement = f"{sentence} {graded}"
    base = PreviousInspection(statement, block.page, what, conformed_area(what), *when, None)
    if per_area := _grades_by_area(graded):
        for area, grade in per_area:
            conformed = conformed_area(area)
            found.append(replace(base, what=area, conformed_area_code=conformed, grade_code=grade))
        return base
    base.grade_code = _only_grade(graded)
    if base.grade_code is not None and base.conformed_area_code is None and (verb := _JUDGED.search(graded)):
        base.conformed_area_code = conformed_area(graded[verb.end() :])
    if not following or base.grade_code is not None or not _gives_list(following[0], sentence):
        found.append(base)
        if match is not None and (second := _when(match["second"])) is not None:
            found.append(replace(base, date=second[0], date_precision=second[1]))
    return replace(base, statement=sentence, grade_code=None)


def _only_grades(sentence: str) -> bool:
    """Whether a sentence grades the inspection that the one before it named: no other inspection, no single area."""
    others = _HISTORY_SENTENCE.search(sentence) or _JUDGED_AREA.search(sentence)
    return _JUDGED.search(sentence) is not None and others is None


def _gives_list(following: str, sentence: str) -> bool:
    """Whether the grades follow area by area, so that the inspection itself needs no row."""
    return following.endswith(":") or sentence.endswith(":") or _JUDGED_AREA.search(following) is not None


def _grades_by_area(graded: str) -> list[tuple[str, str]]:
    """`good for safeguarding and adequate for services for looked after children`."""
    found = re.findall(
        r"\b(outstanding|good|adequate|inadequate) for ((?:its )?(?:services for )?(?:safeguarding(?: arrangements)?"
        r"|(?:looked after children|children looked after)))",
        graded,
        re.IGNORECASE,
    )
    return [(area, grade.lower()) for grade, area in found] if len(found) > 1 else []


def _subject(sentence: str) -> str:
    """What was inspected, as worded."""
    match = re.search(
        r"inspections? (?:report )?(?:of|for|into) (?P<what>.+?)(?:\s+(?:was|were|took place|in (?:19|20)\d\d"
        r"|in [A-Z][a-z]+ (?:19|20)\d\d|published)\b|,|$)",
        sentence,
    )
    if match is None:
        match = re.match(r"(?:The )?(?P<what>.+?) (?:was|were)(?: also)? inspected", sentence)
    return match["what"].strip() if match else "inspection"


# -- sentences in the body ----------------------------------------------------------------------


def _read_narrative(block: Block, found: list[PreviousInspection]) -> None:
    """Read the sentences of one paragraph that date or grade an earlier inspection or visit."""
    text = block.text
    end = 0
    for hit in _HIT.finditer(text):
        if hit.start() < end:
            continue
        stop = text.rfind(". ", end, hit.start())
        start = max(stop + 2 if stop >= 0 else end, text.rfind("\n", end, hit.start()) + 1)
        end = text.find(". ", hit.end()) + 1 or len(text)
        sentence = text[start:end].strip()
        if _EARLIER.search(sentence) is None or _OTHER_INSPECTORATE.search(sentence) is not None:
            continue
        mentions = list(_MENTION.finditer(sentence))
        for place, mention in enumerate(mentions):
            stop = mentions[place + 1].start() if place + 1 < len(mentions) else len(sentence)
            _read_mention(block, sentence, mention, stop, found)


def _read_mention(
    block: Block, sentence: str, mention: re.Match[str], end: int, found: list[PreviousInspection]
) -> None:
    """One mention of an inspection or visit: nothing unless it is dated, or earlier and graded."""
    before = sentence[: mention.start()]
    if _THIS.search(before) is not None:
        return
    after = _DATED_AFTER.match(sentence, mention.end(), end)
    dated = after or _DATED_BEFORE.search(before)
    when = _when(dated["when"]) if dated else None
    what = mention[0] + (after["of"] if after else "")
    if _OTHER_SERVICE.search(what) is not None:
        return
    kind = _visit_kind(mention[0])
    grade, area = None, None
    if kind == "inspection":
        kind = what.strip(" ,(")
        grade, area = _grade_then(sentence, what, after.end() if after else mention.end(), end)
    if when is None and (grade is None or _LAST.search(before) is None):
        return
    day, precision = when or (None, None)
    found.append(PreviousInspection(sentence, block.page, kind, area, day, precision, grade))
    if after is not None and (second := _when(after["second"])) is not None:
        found.append(PreviousInspection(sentence, block.page, kind, None, *second, None))


def _grade_then(sentence: str, what: str, start: int, end: int) -> tuple[str | None, str | None]:
    """Grade that the sentence states of the inspection just named, and the area it is of."""
    then = _GRADED_THEN.search(sentence, start, end)
    if then is None or then.start() - start > 40:
        return None, None
    grade = _only_grade(then["rest"])
    if grade is None:
        return None, None
    whose = f"{what} {sentence[start : then.start('rest')]}"
    if _ONE_SERVICE.search(whose):
        return grade, conformed_area(whose)
    return grade, "overall" if _WHOLE_SERVICE.search(whose + then["rest"]) else None


def _visit_kind(words: str) -> str:
    lower = words.lower()
    if "monitoring" in lower:
        return "monitoring visit"
    if "assurance" in lower:
        return "assurance visit"
    if "focus" in lower:
        return "focused visit"
    if "joint targeted" in lower or "jtai" in lower:
        return "joint targeted area inspection"
    return "inspection"


# -- small things -------------------------------------------------------------------------------


def _when(words: str | None) -> tuple[date, str] | None:
    if not words:
        return None
    windows = parse_windows(words)
    if windows:
        return windows[0][0], "day"
    return parse_when(words)


def _only_grade(words: str) -> str | None:
    """The grade, where exactly one is named."""
    grades = {match.lastgroup for match in _GRADE.finditer(words)}
    return next(iter(grades)) if len(grades) == 1 else None


def conformed_area(words: str) -> str | None:
    """Area code across frameworks of what was inspected, where the words name exactly one.

    >>> conformed_area("services for looked after children")
    'children_in_care'
    """
    keyed = words.lower().replace("'", "")
    codes = [code for pattern, code in _CONFORMED if pattern.search(keyed)]
    if len(codes) > 1 and "overall" in codes:
        codes.remove("overall")
    if len(codes) > 1 and "help_and_protection" in codes and "safeguarding" in codes:
        codes.remove("safeguarding")
    return codes[0] if len(codes) == 1 else None


def _distinct(found: list[PreviousInspection]) -> list[PreviousInspection]:
    """One row for each inspection, area and grade, however often the text repeats it.

    A mention with no more than the year or month of an inspection that is told elsewhere with
    its day, area or grade is a repetition too.
    """
    told = {(p.date.year, month) for p in found if p.date and _says_more(p) for month in (p.date.month, 0)}
    kept: dict[tuple[object, ...], PreviousInspection] = {}
    for item in found:
        name = item.what if _is_visit(item) or item.conformed_area_code else None
        if name is None and item.date is not None and item.grade_code is None:
            month = item.date.month if item.date_precision != "year" else 0
            if item.date_precision != "day" and (item.date.year, month) in told:
                continue
        key = (name and (item.conformed_area_code or name), item.date, item.date_precision, item.grade_code)
        kept.setdefault(key, item)
    return list(kept.values())


def _is_visit(item: PreviousInspection) -> bool:
    return (item.what or "").endswith(" visit") or (item.what or "").startswith("joint targeted")


def _says_more(item: PreviousInspection) -> bool:
    """Whether a row tells more of an inspection than when it was."""
    return not _is_visit(item) and bool(item.conformed_area_code or item.grade_code or item.date_precision == "day")
