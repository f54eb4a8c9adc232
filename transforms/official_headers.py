"""What the columns of an official outcomes table hold, told from their headings alone.

The inspectorate has published its tables of local authority inspections under changing names,
with headings that move, wrap, gain prefixes and lose words. So a table is known by what its
headings say: a column that names the authority, a day, and a grade or the kind of a visit.
Headings may stand in up to three rows, those above over several columns each. Headings that name
a framework ("First SIF publication date", "CPRI Overall Effectiveness") or one of several
inspections ("previous", "second", "2018-19") part one wide row into blocks, one an inspection; a
table without such headings has one inspection a row. Tables may stand side by side. A long list has a
row for each judgement: one column names the area, another has the grade.

Tables of providers (children's homes and the like) name an authority and a grade too; they are
told by columns and titles no table of authorities has. Columns of other things that use the words
of days and grades ("next inspection date", "number of children in care") are none of either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from transforms.official_wordings import (
    COUNTED,
    OPENING,
    Key,
    half_of,
    heading_words,
    is_area,
    is_authority,
    is_bare_day,
    is_code,
    is_day,
    is_grade,
    is_of_provider,
    is_urn,
    key_of,
    long_role_of,
    role_of,
    worded_by,
    words,
)
from transforms.spreadsheets import Cell

_MOST_ROWS = 3  # of one heading
_MOST_OTHERS = 4  # texts in a heading for each cell that is none
_LONGEST_SPANNING, _LONGEST_ALONE = 120, 60  # letters of a heading over several columns; longer ones are notes


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
        worded_by: framework that alone words areas of this inspection so, where that is told row by row.
    """

    framework: str | None = None
    is_again: bool = False
    ordinal: str | None = None
    half: str | None = None
    started: list[int] = field(default_factory=list)
    published: list[int] = field(default_factory=list)
    kinds: list[int] = field(default_factory=list)
    areas: dict[int, tuple[str, str | None]] = field(default_factory=dict)
    worded_by: str | None = None

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


@dataclass(frozen=True, slots=True)
class LongColumns:
    """Columns of a long list: what names the area, the grade, and whose services are meant. Numbers count from 0."""

    areas: tuple[int, ...]
    sub_areas: tuple[int, ...]
    grades: tuple[int, ...]
    services: tuple[int, ...]


@dataclass(slots=True)
class Heading:
    """One heading: its last row, where the authority stands (once, as a rule) and what blocks there are.

    Attributes:
        long: columns of a list with a row for each judgement; its only block has no areas.
        unsure: why the table below cannot be read for certain, in words that follow "found"; None if it can.
    """

    row: int
    authorities: tuple[int, ...]
    codes: tuple[int, ...]
    blocks: list[Block]
    texts: list[str]
    worded_by: str | None
    long: LongColumns | None = None
    unsure: str | None = None

    @property
    def is_of_services(self) -> bool:
        """Whether the headings say by an area or a framework that it is of services of authorities."""
        roles = {role for block in self.blocks for role, _ in block.areas.values()}
        return "help_and_protection" in roles or any(block.framework for block in self.blocks)


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
    own, full = _combined([heading_words(cell) for cell in rows[number]], above)
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
    said = [heading_words(cell) for cell in row]
    return sum(bool(text) for text in said) > 2 and any(is_of_provider(text) for text in said)


def begins_table(row: Sequence[Cell]) -> bool:
    """Whether a row is the heading of any table of inspections, be it of authorities or of others."""
    if not _may_be_heading(row) or not _is_words(row):
        return False
    said = [text for cell in row if (text := heading_words(cell))]
    is_named = any(is_authority(text) or is_urn(text) or is_of_provider(text) for text in said)
    return len(said) > 1 and is_named and any(role_of(text) for text in said)


def _read_part(number: int, own: list[str], full: list[str], printed: list[str]) -> Heading | None:
    """Read the heading of one table from plain words by column: without and with what spans them."""
    authorities = tuple(n for n, text in enumerate(own) if is_authority(text))
    if not authorities or sum(bool(text) for text in own) < 3:
        return None
    inner, beside = _runs(own, authorities)
    if any(is_of_provider(own[n]) for n in inner):
        return None
    others = {n for run in beside for n in run if any(is_of_provider(own[m]) for m in run)}
    own, full = ([text if n not in others else "" for n, text in enumerate(texts)] for texts in (own, full))
    codes = tuple(n for n, text in enumerate(own) if is_code(text))
    for columns in (inner, range(len(own))):
        near_own, near_full = ([text if n in columns else "" for n, text in enumerate(t)] for t in (own, full))
        if (long := _long_columns(near_own)) and _is_table(near_own, near_full):
            block, unsure = _long_block(near_full), _long_unsure(near_own, near_full, long)
            return Heading(number, authorities, codes, [block], printed, None, long, unsure)
    blocks = [block for block in _blocks(_of_the_table(full, inner)) if block.is_whole]
    if not blocks:
        return None
    return Heading(number, authorities, codes, blocks, printed, worded_by(" | ".join(full)))


def _long_columns(own: list[str]) -> LongColumns | None:
    """Columns of areas and grades of a list with a row for each judgement, or None where there are not both.

    "Judgement" alone heads grades beside a column of areas, and areas beside one of grades; "provision" heads
    areas only where nothing else does.
    """
    said: dict[str, list[int]] = {}
    for column, text in enumerate(own):
        if role := long_role_of(text):
            said.setdefault(role, []).append(column)
    areas, subs, grades, either, services = (
        said.get(role, []) for role in ("area", "sub_area", "grade", "either", "service")
    )
    if not areas and not subs and grades and either:
        areas, either = either, []
    elif not areas and not subs and services and (grades or either):
        areas, services = services, []
    if not grades:
        grades, either = either, []
    if not (areas or subs) or not grades:
        return None
    return LongColumns(tuple(areas), tuple(subs), tuple([*grades, *either]), tuple(services))


def _long_block(full: list[str]) -> Block:
    """Days and kinds of a list with a row for each judgement, those of another inspection left out."""
    block = Block()
    for column, text in enumerate(full):
        role, key = role_of(text), key_of(text)
        if role in OPENING and key[2] != "previous":
            block.add(column, str(role), None)
            block.framework = block.framework or key[0]
            block.is_again = block.is_again or key[1]
    return block


def _long_unsure(own: list[str], full: list[str], long: LongColumns) -> str | None:
    """Why a list with a row for each judgement cannot be read for certain, or None."""
    told = {*long.areas, *long.sub_areas, *long.grades, *long.services}
    if any(is_area(role_of(text)) and key_of(text)[2] != "previous" for n, text in enumerate(full) if n not in told):
        return "columns of areas beside a column that names areas"
    if len(long.areas) > 1 or len(long.sub_areas) > 1 or len(long.services) > 1:
        return "several columns that name areas"
    if any(long_role_of(own[n]) == "either" for n in long.grades) and len(long.grades) > 1:
        return "columns of grades and of judgements beside a column that names areas"
    opening = [key_of(text) for text in full if role_of(text) in OPENING]
    keys = [key for key in opening if key[2] != "previous"]
    frameworks, ordinals = {key[0] for key in keys} - {None}, {key[2] for key in keys} - {None, "latest"}
    if len(frameworks) > 1 or ordinals or len({key[1] for key in keys}) > 1:
        return "days of several inspections beside a column that names areas"
    return None


def _is_table(own: list[str], full: list[str]) -> bool:
    """Whether columns are those of a table with days and grades, or kinds, whatever its form."""
    if _long_columns(own) is None:
        return any(block.is_whole for block in _blocks(full))
    block = _long_block(full)
    return bool(block.started or block.published)


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
    grades = sum(is_grade(words(text)) or is_bare_day(text) for text in texts)
    return bool(texts) and len(texts) > sum(not isinstance(cell, str) for cell in row) and not grades


def _rows_above(rows: Sequence[Sequence[Cell]], number: int) -> list[Sequence[Cell]]:
    """Rows directly above that are of one heading with a row, from the nearest: short texts, not only in front."""
    found: list[Sequence[Cell]] = []
    first = next((n for n, cell in enumerate(rows[number]) if cell != ""), 0)
    for row in reversed(rows[max(0, number - _MOST_ROWS + 1) : number]):
        cells = {n: str(cell).strip() for n, cell in enumerate(row) if str(cell).strip()}
        if not _is_words(row) or any(not isinstance(cell, str) for cell in row if cell != ""):
            break
        if any(len(text) > _LONGEST_SPANNING or is_day(text) for text in cells.values()):
            break
        text = next(iter(cells.values()))
        is_title = len(cells) == 1 and (min(cells) <= first or len(text) > _LONGEST_ALONE)
        is_title = is_title and not is_authority(words(text))
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
        over = [heading_words(row[n]) if n < len(row) else "" for n in range(width)]
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
    authorities = [n for n, text in enumerate(own) if is_authority(text)]
    told = [n for n, text in enumerate(full) if role_of(text) or long_role_of(own[n])]
    cuts = [0]
    for column in authorities[1:]:
        cuts.append(max((n + 1 for n in told if n < column), default=0))
    ranges = [range(start, end) for start, end in zip(cuts, [*cuts[1:], len(own)], strict=True)]
    for part in ranges:
        if not _is_table(*([text if n in part else "" for n, text in enumerate(texts)] for texts in (own, full))):
            return [range(len(own))]
    return ranges


def _runs(own: list[str], authorities: Sequence[int]) -> tuple[set[int], list[list[int]]]:
    """Columns without an empty one between them and the authority, and the runs of those beyond an empty one."""
    runs = [list(run) for is_said, run in groupby(range(len(own)), key=lambda n: bool(own[n])) if is_said]
    with_authority = [run for run in runs if set(run) & set(authorities)]
    return {n for run in with_authority for n in run}, [run for run in runs if run not in with_authority]


def _of_the_table(full: list[str], inner: set[int]) -> list[str]:
    """Leave out what stands beside the table, behind an empty column, and says again what the table has."""
    known = {(role_of(full[n]), half_of(full[n]), key_of(full[n])) for n in inner}
    return [
        text if n in inner or (role_of(text), half_of(text), key_of(text)) not in known else ""
        for n, text in enumerate(full)
    ]


def _blocks(texts: list[str]) -> list[Block]:
    """Part the columns into blocks by what their headings say, wherever they stand.

    Days and kinds open the blocks. A grade belongs to the block of the same words; if its heading
    says less, to the only one that can be meant; where several can be, to the one it stands behind,
    as long as the columns of each block stand together. A grade without a block is not read.
    """
    roles = {column: role for column, text in enumerate(texts) if (role := role_of(text))}
    keys = _keys(texts, roles)
    if not keys:
        return []
    blocks = {keys[column]: Block(*keys[column]) for column, role in roles.items() if role in OPENING}
    placed = {column: blocks[key] for column, key in keys.items() if key in blocks}
    order = [keys[column] for column in sorted(placed)]
    stand_together = len(list(groupby(order))) == len(set(order))
    taken = {(keys[column], roles[column], half_of(texts[column])) for column in placed}
    exact = {keys[column] for column in placed if roles[column] not in OPENING}
    for column in sorted(roles.keys() - placed.keys()):
        what = roles[column], half_of(texts[column])
        meant = [
            block
            for key, block in blocks.items()
            if (key, *what) not in taken
            and _can_mean((*keys[column][:3], what[1]), key)
            and not (key in exact and _says_otherwise(keys[column], key))
            and not (len(blocks) == 1 and keys[column][2] is None and key[2] in COUNTED)
        ]
        before = placed.get(max((other for other in placed if other < column), default=-1))
        if len(meant) > 1:
            meant = [block for block in meant if stand_together and block is before]
        if meant:
            placed[column] = meant[0]
    for column in _told(placed, roles, keys, texts):
        placed[column].add(column, roles[column], half_of(texts[column]))
    return _joined(blocks)


def _told(placed: dict[int, Block], roles: dict[int, str], keys: dict[int, Key], texts: list[str]) -> list[int]:
    """Columns but those that tell one area of one inspection in the words of several."""
    said: dict[tuple[int, str, str | None], set[Key]] = {}
    for column, block in placed.items():
        said.setdefault((id(block), roles[column], half_of(texts[column])), set()).add(keys[column])
    return [
        column
        for column in sorted(placed)
        if roles[column] in OPENING or len(said[id(placed[column]), roles[column], half_of(texts[column])]) == 1
    ]


def _keys(texts: list[str], roles: dict[int, str]) -> dict[int, Key]:
    """What headings say of the inspection their columns are of; repeated ones by where they stand.

    Where days and grades are both there again under the same words, the columns from one repetition to
    the next are of one inspection each. Where they are in no such order none of them is told.
    """
    keys = {column: key_of(texts[column]) for column in roles}
    said = [texts[column] for column in sorted(roles)]
    again = {roles[column] for column in roles if said.count(texts[column]) > 1}
    if not again & {"started", "published"} or again <= set(OPENING):
        return keys
    parts: list[list[int]] = [[]]
    for column, text in zip(sorted(roles), said, strict=True):
        if any(texts[n] == text for n in parts[-1]):
            parts.append([])
        parts[-1].append(column)
    for columns in parts:
        part = {roles[n] for n in columns}
        if not part & {"started", "published"} or not part - set(OPENING):
            return {}
    return {
        n: (*keys[n][:2], keys[n][2] or f"part {number}", keys[n][3])
        for number, columns in enumerate(parts) for n in columns
    }  # fmt: skip


def _can_mean(said: Key, of: Key) -> bool:
    """Whether a heading can be of the inspection that another heading says more, or less, of."""
    framework, again, ordinal, half = said
    pairs = (framework, of[0]), (ordinal, of[2]), (half, of[3])
    if (again and not of[1]) or (ordinal != of[2] and "previous" in (ordinal, of[2])):
        return False
    return all(one == other or None in (one, other) for one, other in pairs)


def _says_otherwise(said: Key, of: Key) -> bool:
    """Whether a heading names another inspection than grades do that are in the very words of a block."""
    return said[1] != of[1] or said[2] not in (None, "latest", of[2])


def _joined(blocks: dict[Key, Block]) -> list[Block]:
    """Blocks in printed order, a day without grades put to the only block with grades that can be meant."""
    for key, block in blocks.items():
        others = [other for of, other in blocks.items() if other.areas and _can_mean(key, of)]
        if block.areas or len(others) != 1:
            continue
        other = others[0]
        if key[2] in COUNTED and other.ordinal is None and not (other.started or other.published):
            continue
        for name in ("started", "published", "kinds"):
            if not getattr(other, name):
                setattr(other, name, getattr(block, name))
                setattr(block, name, [])
    return sorted(blocks.values(), key=lambda block: min(block.columns, default=0))
