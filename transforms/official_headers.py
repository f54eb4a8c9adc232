"""What the columns of an official outcomes table hold, told from their headings alone.

The inspectorate has published its tables of local authority inspections under changing names,
with headings that move, wrap, gain prefixes and lose words. So a table is known by what its
heading row says: a column that names the authority, a day, and a grade. Headings that name a
framework ("First SIF publication date", "CPRI Overall Effectiveness") part one wide row into
blocks, one an inspection; a table without such headings has one inspection a row.

Tables of providers (children's homes and the like) name an authority and a grade too; they are
told by columns no table of authorities has.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from transforms.spreadsheets import Cell

# Frameworks as headings and types of inspection name them; the first that matches is meant.
FRAMEWORK_WORDS = (
    (re.compile(r"\bsif\b|\bsingle inspection"), "sif"),
    (re.compile(r"\bilacs\b|inspections? of local authorit(?:y|ies) children s services"), "ilacs"),
    (re.compile(r"\btlac\b|targeted (?:inspection of |children )?looked after"), "looked_after_2013"),
    (re.compile(r"\bcpr?i\b|child protection (?:re )?inspection|protection of children"), "child_protection"),
    (re.compile(r"\bslac\b|safeguarding and (?:services for )?(?:looked after|children looked after)"), "slac"),
)
# Wordings of areas that only one framework uses, for tables that name none.
_WORDED_BY = (
    (re.compile(r"impact of leaders"), "ilacs"),
    (re.compile(r"management and governance|achieving permanence"), "sif"),
)
_AGAIN = re.compile(r"\bre ?inspections?\b|\bcpri\b")
_ORDINAL = re.compile(r"\b(first|second|third|fourth|fifth|latest|[1-9](?=st|nd|rd|th))")
_COUNTED = {"1": "first", "2": "second", "3": "third", "4": "fourth", "5": "fifth"}
_EARLIER = re.compile(r"\b(?:previous|prior|earlier)\b")
_BOTH_HALVES = re.compile(r"safeguarding and (?:services for )?(?:looked after children|children looked after)")
_AUTHORITY = re.compile(r"(?:name of )?(?:the )?(?:local authority|la|authority)(?: name)?(?: note.*)?")
_CODE = re.compile(r"(?:local authority|la|authority|ons|gss|dfe|area|new|old| )*code")
_URN = re.compile(r"(?:ofsted |la |local authority |provider )?urn")
_PROVIDERS = re.compile(
    r"provision type|provider type|type of provi|registration (?:status|date)|post ?code|\bplaces\b|^sector$|"
    r"setting name|provider name|\bjoiner|\bleaver status|parliamentary"
)
_PUBLISHED = re.compile(r"\bpubli(?:cation|shed)\b")
_STARTED = re.compile(
    r"\b(?:inspection|visit|event|start)\b.*\bdate\b|"
    r"\bdate of (?:the )?(?:last |latest |most recent )?(?:full )?(?:inspection|visit)\b|\bdate inspected\b"
)
_ENDED = re.compile(r"\bend(?:ed)? date\b|\bdate ended\b")
_TYPE = re.compile(
    r"\b(?:inspection|visit|event)(?: visit| inspection)? type\b|\btype of (?:inspection|visit)|framework$"
)

# Areas by their words, in the order in which they are tried, with the code across frameworks.
_AREAS = (
    (re.compile(r"\blscb\b|safeguarding children board"), "lscb"),
    (re.compile(r"\badoption\b"), "adoption"),
    (re.compile(r"\boverall\b|\boe\b"), "overall"),
    (re.compile(r"\bleaders\b|\bleadership\b"), "leadership"),
    (re.compile(r"(?:children in care|looked after).*care leavers"), "children_in_care"),
    (re.compile(r"\bcare leavers\b"), "care_leavers"),
    (re.compile(r"need (?:of )?help|help and protection"), "help_and_protection"),
    (re.compile(r"children in care|looked after|achieving permanence"), "children_in_care"),
)

_OPENING = ("started", "published", "kind")
_Key = tuple[str | None, bool, str | None, str | None]  # framework, again, ordinal, half: as `Block` has them


@dataclass(slots=True)
class Block:
    """Columns that tell of one inspection. Column numbers count from 0.

    Several columns may say the same: a reader takes what they agree on.

    Attributes:
        framework: as its headings name it, or None.
        is_again: the headings say re-inspection.
        ordinal: which of several inspections, as the headings say it: `first`, `2`, `previous`.
        half: `safeguarding` or `looked_after`, of re-inspections that judged one of the two.
        started, published, kinds: columns of days and of the kind of inspection.
        areas: column to the area's code across frameworks and, for services judged in two
            halves, its half.
    """

    framework: str | None = None
    is_again: bool = False
    ordinal: str | None = None
    half: str | None = None
    started: list[int] = field(default_factory=list)
    published: list[int] = field(default_factory=list)
    kinds: list[int] = field(default_factory=list)
    areas: dict[int, tuple[str, str | None]] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Whether it has a day and a grade."""
        return bool(self.areas and (self.started or self.published))

    @property
    def columns(self) -> list[int]:
        """Columns of days and grades."""
        return [*self.started, *self.published, *self.areas]

    def add(self, column: int, role: str, half: str | None) -> None:
        """Take a column for what it holds."""
        days = {"started": self.started, "published": self.published, "kind": self.kinds}
        if role in days:
            days[role].append(column)
        else:
            self.areas[column] = (role, half)


@dataclass(slots=True)
class Heading:
    """One heading row: where the authority stands (once, as a rule) and what blocks there are."""

    row: int
    authorities: tuple[int, ...]
    codes: tuple[int, ...]
    blocks: list[Block]
    texts: list[str]
    worded_by: str | None


def words(cell: Cell) -> str:
    """Return a heading as plain words: lower case, `and` for `&`, no marks, notes or line ends."""
    text = re.sub(r"\[.*?\]", " ", str(cell)).lower().replace("&", " and ")
    return " ".join(re.sub(r"[^a-z0-9]+", " ", text).split())


def framework_named(text: str) -> str | None:
    """Return the framework that plain words name, or None."""
    return next((code for pattern, code in FRAMEWORK_WORDS if pattern.search(text)), None)


def says_again(text: str) -> bool:
    """Whether plain words tell of a re-inspection."""
    return _AGAIN.search(text) is not None


def read_heading(row: Sequence[Cell], number: int, above: Sequence[Cell] = ()) -> Heading | None:
    """Read one row as the heading of a table of inspections of authorities.

    Args:
        row: its cells.
        number: of the row, from 0.
        above: the row before it, which may hold headings over several columns.

    Returns:
        None if it is no such heading: an ordinary row, or the heading of a table of providers.
    """
    if not _may_be_heading(row):
        return None
    texts = [words(cell) if isinstance(cell, str) else "" for cell in row]
    if sum(bool(text) for text in texts) < 3 or any(_PROVIDERS.search(text) for text in texts):
        return None
    authorities = tuple(n for n, text in enumerate(texts) if _AUTHORITY.fullmatch(text))
    if not authorities:
        return None
    blocks = _blocks(_with_above(texts, above))
    if not any(block.is_whole for block in blocks):
        return None
    codes = tuple(n for n, text in enumerate(texts) if _CODE.fullmatch(text) or _URN.fullmatch(text))
    joined = " | ".join(texts)
    worded = next((code for pattern, code in _WORDED_BY if pattern.search(joined)), None)
    printed = [" ".join(str(cell).split()) for cell in row]
    return Heading(number, authorities, codes, [b for b in blocks if b.is_whole], printed, worded)


def _may_be_heading(row: Sequence[Cell]) -> bool:
    """Whether a look at a row without normalising it allows that; spares most rows of long sheets."""
    texts = [cell.lower() for cell in row if isinstance(cell, str) and cell]
    others = sum(not isinstance(cell, str) for cell in row)
    return len(texts) > others and any("date" in text or "publi" in text for text in texts)


def _with_above(texts: list[str], above: Sequence[Cell]) -> list[str]:
    """Put headings that span several columns before those below them, where these repeat."""
    said = [text for text in texts if text]
    spanning = [words(cell) if isinstance(cell, str) else "" for cell in above]
    if len(set(said)) == len(said) or not any(framework_named(text) for text in spanning):
        return texts
    found, current = [], ""
    for number, text in enumerate(texts):
        current = spanning[number] if number < len(spanning) and spanning[number] else current
        found.append(f"{current} {text}".strip() if text else text)
    return found


def _half(text: str) -> str | None:
    rest = _BOTH_HALVES.sub(" ", text)
    if "looked after" in rest:
        return "looked_after"
    return "safeguarding" if "safeguarding" in rest else None


def _blocks(texts: list[str]) -> list[Block]:
    """Part the columns into blocks by what their headings say, wherever they stand.

    Days and kinds open the blocks. A grade belongs to the block of the same words; if its heading
    says less, to the only one that can be meant; where several can be, to the one it stands behind,
    as long as the columns of each block stand together. A grade without a block is not read.
    """
    roles = {column: role for column, text in enumerate(texts) if (role := _role(text))}
    keys = {column: _key(texts[column]) for column in roles}
    blocks = {keys[column]: Block(*keys[column]) for column, role in roles.items() if role in _OPENING}
    placed = {column: blocks[key] for column, key in keys.items() if key in blocks}
    order = [keys[column] for column in sorted(placed)]
    stand_together = len(list(groupby(order))) == len(set(order))
    taken = {(keys[column], roles[column], _half(texts[column])) for column in placed}
    for column in sorted(roles.keys() - placed.keys()):
        what = roles[column], _half(texts[column])
        meant = [block for key, block in blocks.items() if _can_mean(keys[column], key) and (key, *what) not in taken]
        before = placed.get(max((other for other in placed if other < column), default=-1))
        if len(meant) > 1:
            meant = [block for block in meant if stand_together and block is before]
        if meant:
            placed[column] = meant[0]
    for column in sorted(placed):
        placed[column].add(column, roles[column], _half(texts[column]))
    return _joined(blocks)


def _key(text: str) -> _Key:
    """What a heading says of the inspection its column is of."""
    again, found = says_again(text), _ORDINAL.search(text)
    ordinal = "previous" if _EARLIER.search(text) else found[1] if found else None
    return framework_named(text), again, _COUNTED.get(ordinal or "", ordinal), _half(text) if again else None


def _can_mean(said: _Key, of: _Key) -> bool:
    """Whether a heading can be of the inspection that another heading says more, or less, of."""
    framework, again, ordinal, half = said
    pairs = (framework, of[0]), (ordinal, of[2]), (half, of[3])
    if (again and not of[1]) or (ordinal != of[2] and "previous" in (ordinal, of[2])):
        return False
    return all(one == other or None in (one, other) for one, other in pairs)


def _joined(blocks: dict[_Key, Block]) -> list[Block]:
    """Blocks in printed order, a day without grades put to the only block with grades that can be meant."""
    for key, block in blocks.items():
        others = [other for of, other in blocks.items() if other.areas and _can_mean(key, of)]
        if not block.areas and len(others) == 1:
            for name in ("started", "published", "kinds"):
                if not getattr(others[0], name):
                    setattr(others[0], name, getattr(block, name))
    return sorted(blocks.values(), key=lambda block: min(block.columns, default=0))


def _role(text: str) -> str | None:
    """What a column holds: `published`, `started`, `kind`, or the area it grades."""
    if not text or _ENDED.search(text):
        return None
    if _PUBLISHED.search(text):
        return "published"
    if _TYPE.search(text):
        return "kind"
    if _STARTED.search(text):
        return "started"
    return next((code for pattern, code in _AREAS if pattern.search(text)), None)
