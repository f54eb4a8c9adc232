"""Recommendations, areas for improvement and priority actions, one by one.

A list opens under a heading that says so and ends at the next heading: text that follows the
list is never taken into its last item. Who is addressed follows from the part of the report
the list stands in, or from the table that names the responsible bodies.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from transforms.reading import sections
from transforms.reading.sentences import ends_sentence
from transforms.reports.model import Problem, Recommendation

if TYPE_CHECKING:
    from transforms.reading.sections import Block, Outline
    from transforms.reading.tidy import Text, TextLine
    from transforms.reports.framework import Framework

_KINDS = {"priority": "priority_action", "improvement": "area_for_improvement"}
_CITED = re.compile(r"\b[Pp]ara(?:graph)?s?\.? ((?:\d{1,3}(?: ?[-\u2013] ?\d{1,3})?(?:, | and |, and | & |,)?)+)")
_NUMBER_OR_RANGE = re.compile(r"(\d{1,3})(?: ?[-\u2013] ?(\d{1,3}))?")
_LEAD_IN = re.compile(
    r"(?:take|following|these) (?:the following )?(?:actions?|areas?|steps?|improvements?|weaknesses"
    r"|matters)\b[^.:]*[.:]?$"
    r"|^(?:the local authority|in order to improve|inspectors|the partnership)[^\u2022]{0,160}:$",
    re.IGNORECASE,
)
_NONE_FOUND = re.compile(
    r"\b(?:no|not (?:find|identify|identified)(?: any)?|nor any) (?:areas? (?:for|of|requiring) )?"
    r"(?:priority|immediate|urgent|further)\b.{0,60}(?:actions?|improvements?)|^none\b.{0,40}$",
    re.IGNORECASE,
)
_STATEMENT = re.compile(
    r"written statement of action\b.{0,400}(?:following|these|areas? of (?:significant )?(?:weakness|concern))",
    re.IGNORECASE,
)
_VERBS = frozenset(
    "accelerate address agree align analyse assure build clarify complete consider continue coordinate co-ordinate"
    " create"
    " deliver demonstrate develop disseminate embed enhance ensure establish evaluate expand expedite extend"
    " formalise further"
    " hold identify implement improve increase introduce maintain make monitor prioritise progress promote provide"
    " publish put raise receive recruit"
    " reduce report review revise routinely secure seek strengthen support take target tighten track undertake update"
    " urgently use work".split()
)
_DEMANDS = re.compile(r"\b(?:should|must|needs? to|are to|is to)\b")
_TABLE_HEAD = ("responsible body", "areas for priority action")
_BODY_ENDS = re.compile(
    r"^(?:Leaders?|Senior leaders|Partners|All partners|The (?:local )?(?:area )?partnership|They|Commissioners)\b"
)
_BODY_WIDTH = 34  # characters that fit the left column of a table without positions
_COLUMN_GAP = 80.0  # points between the left edges of two columns


def read_recommendations(text: Text, framework: Framework, outline: Outline | None = None) -> list[Recommendation]:
    """Read every recommendation, area for improvement and priority action.

    Args:
        text: from `tidy`.
        framework: the report's; `addressed_to` says whom it addresses where the text does not.
        outline: of this text, if already made.

    Returns:
        In printed order, each with its whole text. Where the lines that began with a digit are
        gone, what remains is marked as incomplete and carries no number.
    """
    outline = outline or sections.read_outline(text)
    addressee = framework.addressed_to
    found: list[Recommendation] = []
    blocks = outline.blocks
    i = 0
    while i < len(blocks):
        block = blocks[i]
        if block.kind == "heading" and block.heading is not None and block.heading.role in sections.LIST_ROLES:
            end = _list_end(blocks, i + 1)
            _read_list(text, block, blocks[i + 1 : end], addressee, found)
            while end < len(blocks) and _divides_list(blocks, end):
                start, end = end + 1, _list_end(blocks, end + 1)
                _read_list(text, block, blocks[start:end], addressee, found)
            i = end
            continue
        if block.kind != "heading" and _opens_statement(block):
            end = i + 1
            while end < len(blocks) and blocks[end].kind == "bullet":
                found.append(_recommendation(blocks[end], blocks[end].text, "priority_action", addressee))
                end += 1
            i = end
            continue
        i += 1
    return found


def _opens_statement(block: Block) -> bool:
    """Whether a paragraph of an earlier SEND letter announces the weaknesses to be acted on."""
    return block.text.endswith(":") and "tatement of " in block.text and _STATEMENT.search(block.text) is not None


def _list_end(blocks: list[Block], start: int) -> int:
    end = start
    while end < len(blocks) and blocks[end].kind != "heading":
        end += 1
    return end


def _divides_list(blocks: list[Block], i: int) -> bool:
    """Whether a heading within a list only names the topic of the recommendations below it."""
    heading = blocks[i].heading
    topic = heading is None or heading.role == "topic" or blocks[i].text.lower().startswith("leadership")
    following = blocks[i + 1] if i + 1 < len(blocks) else None
    if not topic or following is None or following.kind == "heading":
        return False
    if following.kind == "plain":
        return following.is_incomplete  # its first line is gone, so that only the place can tell
    words = following.text.lower().split(None, 3)[:3]
    return not _VERBS.isdisjoint(words) or _DEMANDS.search(following.text) is not None


def _read_list(text: Text, heading: Block, blocks: list[Block], addressee: str, found: list[Recommendation]) -> None:
    """Read what stands between a list's heading and the next heading."""
    kind = _kind(heading, found)
    blocks = [b for b in blocks if b.kind != "note"]
    if not blocks:
        return
    if addressee == "partnership" and _is_table(text, heading, blocks[0]):
        found.extend(_read_table(text, heading, blocks, kind))
        return
    to = "lscb" if heading.scope == "lscb" else addressee
    style = next((b.kind for b in blocks if not _is_lead_in(b)), "plain")
    topic: str | None = None
    cut = any(b.kind == "plain" and b.is_incomplete for b in blocks)
    for block in _with_parents(blocks):
        if cut and block.kind == "bullet" and block.text[0].islower():
            block = replace(block, is_incomplete=True)  # part of one whose beginning is gone
        if items := _items_below(block, kind, to):
            found.extend(items)
        elif _is_lead_in(block):
            continue
        elif block.kind == "plain" and _is_topic(block.text):
            topic = block.text  # its white space is lost, so it was not seen as a heading
        elif _ends_list(block, style):
            break
        else:
            style = block.kind if style == "plain" else style
            if len(block.text) >= 200 or not _NONE_FOUND.search(block.text):
                found.append(_recommendation(block, block.text, kind, to, block.number, topic))


def _items_below(block: Block, kind: str, to: str) -> list[Recommendation]:
    """Items of a block whose first words only announce them or name their topic; none of any other block."""
    head, *items = block.text.split("\n\u2022 ")
    if items and _is_topic(head):
        return [_recommendation(block, item, kind, to, block.number, head) for item in items]
    if items and _LEAD_IN.search(head):
        return [_recommendation(block, item, kind, to) for item in items]
    return []


def _ends_list(block: Block, style: str) -> bool:
    """Whether the text goes on after a list of bullets or numbers: a whole sentence, or numbers after bullets."""
    if style in ("plain", block.kind):
        return False
    if block.kind == "plain":
        return not (block.text[0].islower() or block.is_incomplete)
    return (style, block.kind) == ("bullet", "numbered")


def _with_parents(blocks: list[Block]) -> list[Block]:
    """Put the items of a recommendation that ends with a colon back under it."""
    joined: list[Block] = []
    for block in blocks:
        above = joined[-1] if joined else None
        if (
            above is not None
            and block.kind == "bullet"
            and block.text[0].islower()
            and above.kind == "plain"
            and above.text.partition("\n")[0].endswith(":")
            and not _is_lead_in(above)
        ):
            joined[-1] = replace(above, text=f"{above.text}\n\u2022 {block.text}", last=block.last)
        else:
            joined.append(block)
    return joined


def _is_topic(words: str) -> bool:
    """Whether words only name what the recommendations below them are about."""
    if len(words) > 80 or not words[0].isupper() or words[-1] in ".:;)," or cited_paragraphs(words):
        return False
    first, *others = words.lower().split()
    if first == "work" and len(others) < 3:
        return True
    return first not in _VERBS and _DEMANDS.search(words) is None


def _kind(heading: Block, found: list[Recommendation]) -> str:
    role = heading.heading.role if heading.heading else ""
    if role == "timed" and found:
        return found[-1].kind
    if role == "actions" and not heading.text.lower().startswith("recommendation"):
        return "area_for_improvement"
    return _KINDS.get(role, "area_for_improvement" if role == "timed" else "recommendation")


def _is_lead_in(block: Block) -> bool:
    return block.kind != "bullet" and len(block.text) < 400 and _LEAD_IN.search(block.text) is not None


def _recommendation(
    block: Block, text: str, kind: str, to: str, number: str | None = None, topic: str | None = None
) -> Recommendation:
    section = topic or block.section
    return Recommendation(
        kind, text, block.page, number, section, to, cited_paragraphs(text), is_incomplete=block.is_incomplete
    )


def cited_paragraphs(text: str) -> tuple[str, ...]:
    """Paragraph numbers a text cites, ranges written out.

    >>> cited_paragraphs("Do this (paragraphs 15, 16 and 20–22).")
    ('15', '16', '20', '21', '22')
    """
    if "ara" not in text:
        return ()
    numbers: list[str] = []
    for cited in _CITED.finditer(text):
        for first, last in _NUMBER_OR_RANGE.findall(cited[1]):
            low, high = int(first), int(last or first)
            numbers.extend(str(n) for n in range(low, high + 1 if low <= high < low + 30 else low + 1))
    return tuple(dict.fromkeys(numbers))


# -- tables of area SEND reports: responsible body | action -------------------------------------


def _is_table(text: Text, heading: Block, first: Block) -> bool:
    return any(_TABLE_HEAD[0] in line.key for line in text.lines[heading.first : first.last + 1])


def _read_table(text: Text, heading: Block, blocks: list[Block], kind: str) -> list[Recommendation]:
    """Read rows of responsible bodies and actions."""
    lines = [line for line in text.lines[heading.last + 1 : blocks[-1].last + 1] if not _is_table_head(line)]
    cells = _cells(lines)
    rows: list[tuple[list[TextLine], list[TextLine]]] = []
    for is_body, line in cells:
        if is_body and (not rows or (rows[-1][1] and ends_sentence(rows[-1][1][-1].text))):
            rows.append(([line], []))
        elif rows:
            rows[-1][0 if is_body else 1].append(line)
    found = []
    for body, action in rows:
        if not action:
            continue
        words = " ".join(line.text for line in action)
        to = " ".join(line.text for line in body)
        found.append(Recommendation(kind, words, action[0].page, None, heading.text, to, cited_paragraphs(words)))
    return found


def _is_table_head(line: TextLine) -> bool:
    return line.key in ("responsible body areas for priority action", *_TABLE_HEAD)


def _cells(lines: list[TextLine]) -> list[tuple[bool, TextLine]]:
    """Each line with whether it stands in the column of bodies."""
    placed = [line.x0 for line in lines if line.x0 is not None]
    if placed and max(placed) - min(placed) > _COLUMN_GAP:
        edge = min(placed) + _COLUMN_GAP
        return [(line.x0 is not None and line.x0 < edge, line) for line in lines]
    cells: list[tuple[bool, TextLine]] = []
    in_body = True
    for i, line in enumerate(lines):
        if (
            not in_body
            and ends_sentence(lines[i - 1].text)
            and len(line.text) <= _BODY_WIDTH
            and not _BODY_ENDS.match(line.text)
        ):
            in_body = True
        elif in_body and (len(line.text) > _BODY_WIDTH or _BODY_ENDS.match(line.text)):
            in_body = False
        cells.append((in_body, line))
    return cells


def recommendation_problems(outline: Outline, found: list[Recommendation]) -> list[Problem]:
    """Warnings where recommendations cannot all be there."""
    cut = sum(1 for item in found if item.is_incomplete)
    has_list = any(block.heading and block.heading.role in sections.LIST_ROLES for block in outline.blocks)
    if not cut and not (outline.first_lines_lost and has_list and not found):
        return []
    return [
        Problem(
            "recommendations_incomplete",
            "warning",
            f"{cut} recommendations have lost their first line, and such as had one line only may be missing",
            found[0].page if found else None,
            str(len(found)),
            "lists with their first lines",
        )
    ]
