"""What the columns of an official outcomes table hold, told from their headings alone.

The inspectorate has published its tables of local authority inspections under changing names,
with headings that move, wrap, gain prefixes and lose words. So a table is known by what its
headings say: a column that names the authority, a day, and a grade or the kind of a visit.
Headings may stand in up to three rows, those above over several columns each. Headings that name
a framework ("First SIF publication date", "CPRI Overall Effectiveness") or one of several
inspections ("previous", "second", "2018-19") part one wide row into blocks, one an inspection; a
table without such headings has one inspection a row. Tables may stand side by side.

Tables of providers (children's homes and the like) name an authority and a grade too; they are
told by columns and titles no table of authorities has. Columns of other things that use the words
of days and grades ("next inspection date", "number of children in care") are none of either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from transforms.spreadsheets import Cell

# Frameworks as headings and types of inspection name them; the first that matches is meant.
FRAMEWORK_WORDS = (
    (re.compile(r"\bsif\b|\bsingle inspection|services for children in need of help and protection"), "sif"),
    (
        re.compile(r"\bilacs\b|\binspect(?:ions?|ing)(?: of)? (?:local authorit(?:y|ies)|las?) children s services"),
        "ilacs",
    ),
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
# Which of several inspections: in words, by number, or else by year.
_ORDINAL = re.compile(
    r"\b(first(?! day| published)|second|third|fourth|fifth|sixth|latest|most recent|current|this(?= inspection)|last|"
    r"[1-9](?=st|nd|rd|th)|(?:(?<=inspection )|(?<=judgement )|(?<=ilacs )|(?<=sif ))[1-9](?!\d))"
)
_OF_YEAR = re.compile(r"\b20\d\d\b(?: \d\d\b)?")
_TIME_OF_AREA = re.compile(r"\b(?:from|until|before|since|to|after)(?: \d{1,2})?(?: [a-z]+)? 20\d\d\b")
_SAME_ORDINAL = {
    "1": "first", "2": "second", "3": "third", "4": "fourth", "5": "fifth", "6": "sixth", "most recent": "latest",
    "current": "latest", "this": "latest",
}  # fmt: skip
_COUNTED = frozenset(("first", "second", "third", "fourth", "fifth", "sixth"))
_EARLIER = re.compile(
    r"\b(?:previous(?:ly)?|prior|earlier|preceding|former|before|original|historic(?:al)?|old|penultimate|superseded|"
    r"last but one|last year(?: s)?)\b"
)
_BOTH_HALVES = re.compile(r"safeguarding and (?:services for )?(?:looked after children|children looked after)")
_AUTHORITY = re.compile(
    r"(?:name of )?(?:the )?"
    r"(?:(?:local )?authority(?: la)?(?: area)?|local authorities|la|council|local area|area(?= name))"
    r"(?: area)?(?: name)?"
)
_CODE = re.compile(r"(?:local authority|la|authority|ons|gss|dfe|area|new|old| )*code")
_URN = re.compile(r"(?:ofsted |la |local authority |provider )?(?:urn|unique reference number)")
_PROVIDERS = re.compile(
    r"provision type|provider type|type of provi|registration (?:status|date)|post ?code|\bplaces\b|^sector$|"
    r"setting|\bprovider\b(?! urn)|\bjoiner|\bleaver status|parliamentary|^name$|\bhomes?\b(?! office)|\baddress\b|"
    r"^town$|^county$|\bestablishment|\bschools?\b|\bagency\b|\borganisation|\bowner|overall experiences|"
    r"leaders and managers|how well children|health services"
)
# Titles of tables of others than authorities, unless they say that they are of authorities.
_PROVIDER_TITLE = re.compile(
    r"children s homes?\b|fostering|adoption (?:agenc|servic|support)|\bresidential\b|secure (?:children|training)|"
    r"family centre|boarding|children s centre|childmind|nurser|early years|further education|cafcass|holiday scheme|"
    r"supported accommodation|\bproviders?\b|youth (?:custody|offending)|\bsend\b"
)
_AUTHORITY_TITLE = re.compile(
    r"local authority (?:children s (?:social care )?services )?(?:level|in ?year|inspections?|outcomes|judgements)|"
    r"inspections? of local authorit|\band local authorities\b|local authorities and\b|"
    r"\bilacs\b|\bla (?:level|inspections?)\b|local authority children s services"
)
# What is neither a day nor a grade of an inspection of an authority, though it uses such words.
_OTHER = re.compile(
    r"\bnext\b|\bdue\b|\bexpected\b|\bplanned\b|\bscheduled\b|\bforthcoming\b|notif|"
    r"\b(?:days|weeks|months|years|time) (?:since|between|to|from)\b|\bnumbers?\b|\bno of\b|\bcount\b|\btotal\b|"
    r"\bper ?cent(?:age)?\b|\bproportion\b|\brates?\b|\brank(?:ing)?\b|\bscores?\b|\btrend\b|\bchanged?\b|"
    r"direction of travel|\bupdated?\b|\bintervention\b|commissioner|action plan|\blinks?\b|web ?page|\burl\b|"
    r"\btheme\b|\bcomments?\b|\bremarks?\b|\binspector\b|\bequals\b|"
    r"capacity (?:for|to) improve|quality of provision|\bambition\b|performance management|partnership|\bequality\b|"
    r"value for money|user engagement|workforce|\boutcomes for\b|being healthy|staying safe|positive contribution|"
    r"enjoying and achieving|economic well ?being|health contribution|"
    r"\bself (?:assess|evaluat)|\baverages?\b|\bmost common\b|\bneighbours?\b|\bpredict|\bforecast|"
    r"\badult|\bfostering\b|\bannounce|\boff ?site\b|\bmonitoring letter|"
    r"\bsend\b|\bjtai\b|joint (?:area|targeted)|\byot\b|youth offending|\bcqc\b"
)
_OF_VISITS = re.compile(r"\b(?:focus+ed|monitoring|assurance) visits?\b")
_GRADE_WORD = re.compile(r"\b(?:outstanding|good|inadequate|adequate|requires? improvement)\b")
_PUBLISHED = re.compile(r"\bpubli(?:cation|shed)\b|\breport (?:release )?date\b|\bdate of (?:the )?report\b")
_STARTED = re.compile(
    r"\b(?:inspection|visit|event|start)\b.*\bdate\b|"
    r"\bdate of (?:the )?(?:start of (?:the )?)?(?:(?:last|latest|most recent|current|first|second|previous) )?"
    r"(?:full )?(?:ilacs |sif )?(?:inspection|visit)\b|"
    r"\bdate (?:\w+ )?inspected\b|\bdate (?:inspection|visit) (?:started|began)\b|\binspected(?: on)?$|"
    r"\b(?:inspection|visit|event) (?:start(?:ed|s)?|began|begins|commenced|from|first day)$|"
    r"\b(?:start|first day|beginning) of (?:the )?(?:inspection|visit)\b"
)
_ENDED = re.compile(
    r"\bend(?:ed|s|ing)?\b|\bfinish(?:ed)?\b|\bcomplet(?:ed|ion)\b|\b(?:last|final|closing) (?:day|date)\b|"
    r"\b(?:date|inspection|visit) to$"
)
_TYPE = re.compile(
    r"\b(?:inspection|visit|event|activity)(?: visit| inspection| event)* (?:type|category)\b|"
    r"\btype of (?:inspection|visit|event)|framework$|^type$"
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
_MOST_ROWS = 3  # of one heading
_MOST_OTHERS = 4  # texts in a heading for each cell that is none
_LONGEST_SPANNING, _LONGEST_ALONE = 120, 60  # letters of a heading over several columns; longer ones are notes
_MARK = re.compile(
    r"\((?:notes? )?\d{1,2}\)|[\u00b9\u00b2\u00b3\u2070-\u2079]+|(?<=[A-Za-z]{3})\d{1,2}(?=\s*$)", re.IGNORECASE
)
_DAY = re.compile(r"(?:\w+ )?\d{1,2}[/.\- ]\w{1,9}[/.\- ]\d{2,4}(?: .*)?")
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
        """Whether it has a day, and a grade or the kind of an inspection or visit."""
        return bool((self.areas or self.kinds) and (self.started or self.published))

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
    """One heading: its last row, where the authority stands (once, as a rule) and what blocks there are."""

    row: int
    authorities: tuple[int, ...]
    codes: tuple[int, ...]
    blocks: list[Block]
    texts: list[str]
    worded_by: str | None

    @property
    def is_of_services(self) -> bool:
        """Whether the headings say by an area or a framework that it is of services of authorities."""
        roles = {role for block in self.blocks for role, _ in block.areas.values()}
        return "help_and_protection" in roles or any(block.framework for block in self.blocks)


def words(cell: Cell) -> str:
    """Return a heading as plain words: lower case, `and` for `&`, no marks, notes or line ends."""
    text = re.sub(r"\[.*?\]", " ", str(cell)).lower().replace("&", " and ")
    return " ".join(re.sub(r"[^a-z0-9]+", " ", text).split())


def _heading_words(cell: Cell) -> str:
    """Return a heading as plain words without marks of footnotes; empty for what is no text."""
    if not isinstance(cell, str):
        return ""
    return words(_MARK.sub(" ", cell).replace("%", " per cent ").replace("=", " equals "))


def framework_named(text: str) -> str | None:
    """Return the framework that plain words name, or None."""
    return next((code for pattern, code in FRAMEWORK_WORDS if pattern.search(text)), None)


def says_again(text: str) -> bool:
    """Whether plain words tell of a re-inspection."""
    return _AGAIN.search(text) is not None


def of_providers(titles: Iterable[str]) -> bool:
    """Whether titles are of a table of others than authorities."""
    said = [words(title) for title in titles]
    return any(_PROVIDER_TITLE.search(text) and not _AUTHORITY_TITLE.search(text) for text in said)


def read_headings(rows: Sequence[Sequence[Cell]], number: int) -> list[Heading]:
    """Read a row as the last one of the headings of tables of inspections of authorities.

    Args:
        rows: of the sheet.
        number: of the row, from 0.

    Returns:
        One heading; several, from left to right, where tables stand side by side; none for an
        ordinary row and for the heading of a table of providers.
    """
    if not _is_mostly_text(rows[number], sum(isinstance(cell, str) and cell != "" for cell in rows[number])):
        return []
    near = rows[max(0, number - _MOST_ROWS + 1) : number + 1]
    if not any(_may_be_heading(row) for row in near) or not _is_words(rows[number]):
        return []
    above = _rows_above(rows, number)
    own, full = _combined([_heading_words(cell) for cell in rows[number]], above)
    printed = _printed(rows[number], above)
    found = []
    for columns in _parts(own, full):
        heading = _read_part(
            number, *([c if n in columns else "" for n, c in enumerate(t)] for t in (own, full, printed))
        )
        if heading is not None:
            found.append(heading)
    return found


def is_of_providers(row: Sequence[Cell]) -> bool:
    """Whether a row has headings of a table of providers."""
    said = [_heading_words(cell) for cell in row]
    return sum(bool(text) for text in said) > 2 and any(_PROVIDERS.search(text) for text in said)


def begins_table(row: Sequence[Cell]) -> bool:
    """Whether a row is the heading of any table of inspections, be it of authorities or of others."""
    if not _may_be_heading(row) or not _is_words(row):
        return False
    said = [text for cell in row if (text := _heading_words(cell))]
    is_named = any(_AUTHORITY.fullmatch(text) or _URN.fullmatch(text) or _PROVIDERS.search(text) for text in said)
    return len(said) > 1 and is_named and any(_role(text) for text in said)


def is_unsure(heading: str) -> bool:
    """Whether a heading names an area, but says of the cells below that they are no plain grades of it."""
    text = _heading_words(heading)
    return bool(("equals" in text or _GRADE_WORD.search(text)) and any(pattern.search(text) for pattern, _ in _AREAS))


def _read_part(number: int, own: list[str], full: list[str], printed: list[str]) -> Heading | None:
    """Read the heading of one table from plain words by column: without and with what spans them."""
    authorities = tuple(n for n, text in enumerate(own) if _AUTHORITY.fullmatch(text))
    if not authorities or sum(bool(text) for text in own) < 3:
        return None
    inner, beside = _runs(own, authorities)
    if any(_PROVIDERS.search(own[n]) for n in inner):
        return None
    others = {n for run in beside for n in run if any(_PROVIDERS.search(own[m]) for m in run)}
    own, full = ([text if n not in others else "" for n, text in enumerate(texts)] for texts in (own, full))
    blocks = [block for block in _blocks(_of_the_table(full, inner)) if block.is_whole]
    if not blocks:
        return None
    codes = tuple(n for n, text in enumerate(own) if _CODE.fullmatch(text) or _URN.fullmatch(text))
    joined = " | ".join(full)
    worded = {code for pattern, code in _WORDED_BY if pattern.search(joined)}
    return Heading(number, authorities, codes, blocks, printed, worded.pop() if len(worded) == 1 else None)


def _may_be_heading(row: Sequence[Cell]) -> bool:
    """Whether a look at a row without normalising it allows that; spares most rows of long sheets."""
    texts = [cell.lower() for cell in row if isinstance(cell, str) and cell]
    return _is_mostly_text(row, len(texts)) and any("date" in t or "publi" in t or "inspect" in t for t in texts)


def _is_mostly_text(row: Sequence[Cell], texts: int) -> bool:
    """Whether numbers and days are few among the cells of a row, of which so many are text."""
    return texts > _MOST_OTHERS * sum(not isinstance(cell, str) for cell in row)


def _is_words(row: Sequence[Cell]) -> bool:
    """Whether a row has text and, but for a few stray cells, nothing else: no numbers, days or grades."""
    texts = [cell for cell in row if isinstance(cell, str) and cell.strip()]
    grades = sum(
        _GRADE_WORD.fullmatch(words(text)) is not None or words(text).endswith(" to be good") for text in texts
    )
    return bool(texts) and len(texts) > sum(not isinstance(cell, str) for cell in row) and not grades


def _rows_above(rows: Sequence[Sequence[Cell]], number: int) -> list[Sequence[Cell]]:
    """Rows directly above that are of one heading with a row, from the nearest: short texts, not only in front."""
    found: list[Sequence[Cell]] = []
    first = next((n for n, cell in enumerate(rows[number]) if cell != ""), 0)
    for row in reversed(rows[max(0, number - _MOST_ROWS + 1) : number]):
        cells = {n: str(cell).strip() for n, cell in enumerate(row) if str(cell).strip()}
        if not _is_words(row) or any(not isinstance(cell, str) for cell in row if cell != ""):
            break
        if any(len(text) > _LONGEST_SPANNING or _DAY.fullmatch(text) for text in cells.values()):
            break
        text = next(iter(cells.values()))
        is_title = len(cells) == 1 and (min(cells) <= first or len(text) > _LONGEST_ALONE)
        is_title = is_title and not _AUTHORITY.fullmatch(words(text))
        if is_title:
            break
        found.append(row)
    return found


def _combined(own: list[str], above: Sequence[Sequence[Cell]]) -> tuple[list[str], list[str]]:
    """Put headings of several rows together.

    Returns:
        By column, what stands in it alone (the lowest cell with words), and that with what spans it.
    """
    full = list(own)
    for row in above:
        width = max(len(own), len(row))
        over = [_heading_words(row[n]) if n < len(row) else "" for n in range(width)]
        own = [*own, *[""] * (width - len(own))]
        full = [*full, *[""] * (width - len(full))]
        current = ""
        for n in range(width):
            if own[n]:
                current = over[n] or current
                full[n] = f"{current} {full[n]}".strip()
            else:
                current, own[n], full[n] = "", over[n], over[n]
    return own, full


def _printed(row: Sequence[Cell], above: Sequence[Sequence[Cell]]) -> list[str]:
    """Return the lowest text of each column as printed, with single blanks."""
    width = max(len(row), *(len(other) for other in above), 0) if above else len(row)
    stacks = [[" ".join(str(r[n]).split()) for r in (row, *above) if n < len(r)] for n in range(width)]
    return [next((text for text in stack if text), "") for stack in stacks]


def _parts(own: list[str], full: list[str]) -> list[range]:
    """Columns of each of the tables side by side: each with an authority and a whole inspection of its own."""
    authorities = [n for n, text in enumerate(own) if _AUTHORITY.fullmatch(text)]
    told = [n for n, text in enumerate(full) if _role(text)]
    cuts = [0]
    for column in authorities[1:]:
        cuts.append(max((n + 1 for n in told if n < column), default=0))
    ranges = [range(start, end) for start, end in zip(cuts, [*cuts[1:], len(own)], strict=True)]
    for part in ranges:
        masked = [text if n in part else "" for n, text in enumerate(full)]
        if not any(block.is_whole for block in _blocks(masked)):
            return [range(len(own))]
    return ranges


def _runs(own: list[str], authorities: Sequence[int]) -> tuple[set[int], list[list[int]]]:
    """Columns without an empty one between them and the authority, and the runs of those beyond an empty one."""
    runs = [list(run) for is_said, run in groupby(range(len(own)), key=lambda n: bool(own[n])) if is_said]
    with_authority = [run for run in runs if set(run) & set(authorities)]
    return {n for run in with_authority for n in run}, [run for run in runs if run not in with_authority]


def _of_the_table(full: list[str], inner: set[int]) -> list[str]:
    """Leave out what stands beside the table, behind an empty column, and says again what the table has."""
    known = {(_role(full[n]), _half(full[n]), _key(full[n])) for n in inner}
    return [
        text if n in inner or (_role(text), _half(text), _key(text)) not in known else "" for n, text in enumerate(full)
    ]


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
    keys = _keys(texts, roles)
    if not keys:
        return []
    blocks = {keys[column]: Block(*keys[column]) for column, role in roles.items() if role in _OPENING}
    placed = {column: blocks[key] for column, key in keys.items() if key in blocks}
    order = [keys[column] for column in sorted(placed)]
    stand_together = len(list(groupby(order))) == len(set(order))
    taken = {(keys[column], roles[column], _half(texts[column])) for column in placed}
    exact = {keys[column] for column in placed if roles[column] not in _OPENING}
    for column in sorted(roles.keys() - placed.keys()):
        what = roles[column], _half(texts[column])
        meant = [
            block
            for key, block in blocks.items()
            if (key, *what) not in taken
            and _can_mean((*keys[column][:3], what[1]), key)
            and not (key in exact and _says_otherwise(keys[column], key))
            and not (len(blocks) == 1 and keys[column][2] is None and key[2] in _COUNTED)
        ]
        before = placed.get(max((other for other in placed if other < column), default=-1))
        if len(meant) > 1:
            meant = [block for block in meant if stand_together and block is before]
        if meant:
            placed[column] = meant[0]
    for column in _told(placed, roles, keys, texts):
        placed[column].add(column, roles[column], _half(texts[column]))
    return _joined(blocks)


def _told(placed: dict[int, Block], roles: dict[int, str], keys: dict[int, _Key], texts: list[str]) -> list[int]:
    """Columns but those that tell one area of one inspection in the words of several."""
    said: dict[tuple[int, str, str | None], set[_Key]] = {}
    for column, block in placed.items():
        said.setdefault((id(block), roles[column], _half(texts[column])), set()).add(keys[column])
    return [
        column
        for column in sorted(placed)
        if roles[column] in _OPENING or len(said[id(placed[column]), roles[column], _half(texts[column])]) == 1
    ]


def _keys(texts: list[str], roles: dict[int, str]) -> dict[int, _Key]:
    """What headings say of the inspection their columns are of; repeated ones by where they stand.

    Where days and grades are both there again under the same words, the columns from one repetition to
    the next are of one inspection each. Where they are in no such order none of them is told.
    """
    keys = {column: _key(texts[column]) for column in roles}
    said = [(roles[column], _half(texts[column]), keys[column]) for column in sorted(roles)]
    again = {what for what in said if said.count(what) > 1}
    if not {role for role, *_ in again} & {"started", "published"} or all(role in _OPENING for role, *_ in again):
        return keys
    parts: list[list[int]] = [[]]
    for column, what in zip(sorted(roles), said, strict=True):
        if any((roles[n], _half(texts[n]), keys[n]) == what for n in parts[-1]):
            parts.append([])
        parts[-1].append(column)
    for columns in parts:
        part = {roles[n] for n in columns}
        if not part & {"started", "published"} or not part - set(_OPENING):
            return {}
    return {
        n: (*keys[n][:2], keys[n][2] or f"part {number}", keys[n][3])
        for number, columns in enumerate(parts) for n in columns
    }  # fmt: skip


def _key(text: str) -> _Key:
    """What a heading says of the inspection its column is of."""
    again, found = says_again(text), _ORDINAL.search(text)
    ordinal = found[1] if found else None
    if ordinal is None and (year := _OF_YEAR.search(_TIME_OF_AREA.sub(" ", text))):
        ordinal = year[0]
    if _EARLIER.search(text):
        ordinal = "previous"
    return framework_named(text), again, _SAME_ORDINAL.get(ordinal or "", ordinal), _half(text) if again else None


def _can_mean(said: _Key, of: _Key) -> bool:
    """Whether a heading can be of the inspection that another heading says more, or less, of."""
    framework, again, ordinal, half = said
    pairs = (framework, of[0]), (ordinal, of[2]), (half, of[3])
    if (again and not of[1]) or (ordinal != of[2] and "previous" in (ordinal, of[2])):
        return False
    return all(one == other or None in (one, other) for one, other in pairs)


def _says_otherwise(said: _Key, of: _Key) -> bool:
    """Whether a heading names another inspection than grades do that are in the very words of a block."""
    return said[1] != of[1] or said[2] not in (None, "latest", of[2])


def _joined(blocks: dict[_Key, Block]) -> list[Block]:
    """Blocks in printed order, a day without grades put to the only block with grades that can be meant."""
    for key, block in blocks.items():
        others = [other for of, other in blocks.items() if other.areas and _can_mean(key, of)]
        if block.areas or len(others) != 1:
            continue
        other = others[0]
        if key[2] in _COUNTED and other.ordinal is None and not (other.started or other.published):
            continue
        for name in ("started", "published", "kinds"):
            if not getattr(other, name):
                setattr(other, name, getattr(block, name))
                setattr(block, name, [])
    return sorted(blocks.values(), key=lambda block: min(block.columns, default=0))


def _role(text: str) -> str | None:
    """What a column holds: `published`, `started`, `kind`, or the area it grades."""
    if not text or _OTHER.search(text) or (_OF_VISITS.search(text) and "inspection" not in text):
        return None
    if _TYPE.search(text):
        return "kind"
    if _PUBLISHED.search(text):
        return "published"
    if _ENDED.search(text):
        return None
    if _STARTED.search(text):
        return "started"
    if _GRADE_WORD.search(text):
        return None
    return next((code for pattern, code in _AREAS if pattern.search(text)), None)
