"""A return as XML to tables of text, record by record, in memory that does not grow with the file.

Each record (a child, a worker) is built, read in one pass into lists by table and column, and
dropped; lists become frames every hundred thousand rows. Nothing outside the file is read: entities are
not resolved, there is no network, and a document type is refused. Element names are compared
without namespace, and without case where they are not written as specified.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any

import polars as pl

from transforms.errors import LayoutError, UnknownSourceError, UnreadableFileError
from transforms.returns.entry import Block, Return, Table, XmlForm
from transforms.returns.headings import Problem
from transforms.returns.read_xml_leaves import LeafReader
from transforms.returns.xml_rows import Rows, local_name

ROWS_AT_ONCE = 100_000
_HEAD = 512 * 1024


@dataclass(slots=True)
class XmlRead:
    """What is known of an XML return beside its rows, once they are all read.

    Attributes:
        entry: kind of return.
        problems: unknown and repeated elements, by name.
        records: how many were read.
    """

    entry: Return
    problems: list[Problem] = field(default_factory=list)
    records: int = 0


def is_xml(head: bytes) -> bool:
    """Whether a file begins as XML does, in any encoding of it."""
    plain = head[:400].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return plain.startswith(b"<")


def read_xml(
    stream: IO[bytes], entries: tuple[Return, ...], rows_at_once: int = ROWS_AT_ONCE
) -> tuple[XmlRead, Iterator[tuple[str, pl.DataFrame]]]:
    """Begin to read a return.

    Args:
        stream: that can be wound back to its start.
        entries: returns to look for.
        rows_at_once: rows gathered before they become frames.

    Returns:
        What is known of it, complete only when the rows are all read; and the rows, as pairs of
        table name and a frame of its next rows: `row_number` within the file, `line_number` where
        known, and columns as text. Each table of the form comes at least once.

    Raises:
        UnreadableFileError: not well formed or with a document type, told when its place is reached.
        UnknownSourceError: of no return.
    """
    entry = _entry_of(stream, entries)
    stream.seek(0)
    read = XmlRead(entry)
    return read, _frames(stream, read, rows_at_once)


def _parser_options() -> dict[str, Any]:
    return {
        "resolve_entities": False,
        "no_network": True,
        "load_dtd": False,
        "huge_tree": False,
        "remove_comments": True,
        "remove_pis": True,
    }


def _entry_of(stream: IO[bytes], entries: tuple[Return, ...]) -> Return:
    """Tell the return by its document element, and by the name of the collection in its header."""
    from lxml import etree

    head = stream.read(_HEAD)
    forms = [entry for entry in entries if entry.xml is not None]
    parser = etree.XMLPullParser(events=("start", "end"), **_parser_options())
    root, collection = "", ""
    try:
        parser.feed(head)
        for event, element in parser.read_events():
            _refuse_doctype(element)
            name = local_name(element.tag).casefold()
            if not root:
                root = name
            if event == "end" and name == "collection":
                collection = (element.text or "").strip().upper()
                break
        if not collection and len(head) < _HEAD:
            parser.close()  # all of it is read: that it is not whole is what is wrong with it
    except etree.XMLSyntaxError as error:
        if not root or (not collection and len(head) < _HEAD):
            raise _malformed(error) from None  # its words may quote the file
    if not root:
        raise UnreadableFileError("document: found no element in it, expected XML of a return")
    rooted = [entry for entry in forms if entry.xml and root in {name.casefold() for name in entry.xml.root}]
    if not rooted:
        known = ", ".join(sorted({name for entry in forms if entry.xml for name in entry.xml.root}))
        raise UnknownSourceError(f"document element: found none of a return, expected one of {known}")
    named = [entry for entry in rooted if entry.xml and entry.xml.collection == collection]
    found = named or [entry for entry in rooted if entry.xml and not entry.xml.collection]
    if len(found) != 1:
        known = ", ".join(sorted(entry.xml.collection for entry in rooted if entry.xml))
        raise UnknownSourceError(f"header: found no collection that is known, expected one of {known}")
    return found[0]


def _refuse_doctype(element: Any) -> None:
    info = element.getroottree().docinfo
    if info.internalDTD is not None or info.doctype:
        raise UnreadableFileError("document type: found one, expected none: entities are not read")


def _malformed(error: Any) -> UnreadableFileError:
    line, column = error.position
    return UnreadableFileError(
        f"line {line}, column {column}: found XML that is not well formed, expected a sound file"
    )


def _frames(stream: IO[bytes], read: XmlRead, rows_at_once: int) -> Iterator[tuple[str, pl.DataFrame]]:
    from lxml import etree

    form = read.entry.xml
    if form is None:  # only entries with a form are looked for
        return
    rows = Rows(read.entry)
    reader = LeafReader(read.entry, form, rows) if form.by_leaves else BlockReader(read.entry, form, rows)
    # libxml2 hands over records by their exact names: as specified, or all in one case.
    tags = {f"{{*}}{name}" for block in form.records for name in (block.tag, block.tag.lower(), block.tag.upper())}
    context = etree.iterparse(stream, events=("end",), tag=tuple(tags), **_parser_options())
    last = None
    try:
        for _, element in context:
            if element.getparent() is None:
                continue
            if not read.records:
                _refuse_doctype(element)
            last, read.records = element, read.records + 1
            reader.read(element)
            element.clear()
            for passed in element.itersiblings(preceding=True):
                _tell_passed(passed, rows)
                element.getparent().remove(passed)
            if rows.count >= rows_at_once:
                yield from rows.frames()
    except etree.XMLSyntaxError as error:
        raise _malformed(error) from None  # its words may quote the file
    if context.root is not None:
        _refuse_doctype(context.root)
    if last is None:
        names = ", ".join(block.tag for block in form.records)
        raise LayoutError(f"document: found no element {names}, expected at least one")
    for passed in last.itersiblings():
        _tell_passed(passed, rows)
    yield from rows.frames(last=True)
    read.problems += rows.problems()


def _tell_passed(element: Any, rows: Rows) -> None:
    """Count an element beside records that holds something and was not read; what was read is empty by now."""
    if any((inner.text or "").strip() for inner in element.iter()):
        rows.unknown(local_name(element.getparent().tag), local_name(element.tag))


class _Route(dict[str, Any]):
    """By element name as written: a list of cells, a `_Node`, or None where nothing is known of it."""

    def __init__(self, place: str, known: dict[str, Any], unknown: Callable[[str, str], None]) -> None:
        super().__init__(known)
        self._place = place
        self._folded = {name.casefold(): target for name, target in known.items()}
        self._unknown = unknown

    def __missing__(self, tag: Any) -> Any:
        if not isinstance(tag, str):
            return None  # an entity that was not resolved, or the like
        name = local_name(tag)
        target = self._folded.get(name.casefold())
        if target is None:
            self._unknown(self._place, name)
            return None  # not kept, so that each occurrence is counted
        self[tag] = target
        return target


@dataclass(slots=True)
class _Node:
    """One element of the form, ready to read.

    Attributes:
        table: whose row it is, or empty.
        number: column that numbers it, or empty.
        value: list of cells its own text goes to, for an element that is a value.
        route: what to do with each element within it.
    """

    table: str
    number: str
    value: list[str | None] | None
    route: _Route
    tag: str = ""


class BlockReader:
    """Reads records whose elements the form declares."""

    def __init__(self, entry: Return, form: XmlForm, rows: Rows) -> None:
        """Make the routes of a form, ending in the lists of `rows`."""
        self._entry = entry
        self._child = form.child
        self._rows = rows
        self._records = {block.tag.casefold(): self._node(block) for block in form.records}
        self._tables = {name: [t.name for t in self._below(block)] for name, block in _by_name(form).items()}
        self._numbers: dict[str, int] = {}

    def _below(self, block: Block) -> Iterator[Table]:
        if block.table:
            yield self._entry.table(block.table)
        for inner in block.blocks:
            yield from self._below(inner)

    def _node(self, block: Block) -> _Node:
        rows = self._rows
        known: dict[str, Any] = {}
        value = None
        table = self._entry.table(block.table) if block.table else None
        if table is not None and block.is_value:
            value = rows.column(table.name, next(c.name for c in table.columns if block.tag in (c.name, *c.aliases)))
        elif table is not None:
            for column in table.columns:
                for name in (column.name, *column.aliases):
                    known.setdefault(name, rows.column(table.name, column.name))
        for inner in block.blocks:
            if inner.table or inner.blocks:
                known[inner.tag] = self._node(inner)
            elif table is not None:
                # An element that only groups leaves of the row around it.
                known[inner.tag] = _Node("", "", None, _Route(inner.tag, known, rows.unknown), inner.tag)
        return _Node(block.table, block.number, value, _Route(block.tag, known, rows.unknown), block.tag)

    def read(self, element: Any) -> None:
        """Read one record."""
        name = local_name(element.tag).casefold()
        rows = self._rows
        tables = self._tables[name]
        before = [rows.counts[table] for table in tables]
        self._numbers.clear()
        self._walk(element, self._records[name], (), -1)
        if self._child:
            child = self._child_of(before, tables)
            for table, start in zip(tables, before, strict=True):
                rows.fill(table, self._child, child, start)

    def _child_of(self, before: list[int], tables: list[str]) -> str | None:
        """Return the child's identifier, which stands in one table and in any place of the record."""
        for table, start in zip(tables, before, strict=True):
            cells = self._rows.columns[table].get(self._child, [])
            first = start - self._rows.flushed[table]
            for cell in cells[first:]:
                if cell:
                    return cell
        return None

    def _walk(self, element: Any, node: _Node, keys: tuple[tuple[str, int], ...], row: int) -> None:
        if node.table:
            if node.number:
                number = self._numbers[node.number] = self._numbers.get(node.number, 0) + 1
                keys = (*keys, (node.number, number))
            row = self._rows.add(node.table, element.sourceline, keys)
            if node.value is not None:
                node.value.append(element.text)
                return
        route = node.route
        for inner in element:
            target = route[inner.tag]
            if type(target) is list:
                missing = row - len(target)
                if missing >= 0:
                    if missing:
                        target.extend([None] * missing)
                    target.append(inner.text)
                    if len(inner):
                        self._rows.unknown(local_name(inner.tag), local_name(str(inner[0].tag)))
                else:
                    self._rows.repeated(node.tag, inner.tag)
            elif target is not None:
                self._walk(inner, target, keys, row)


def _by_name(form: XmlForm) -> dict[str, Block]:
    return {block.tag.casefold(): block for block in form.records}
