"""Records whose rows are told by the names of their leaves, whatever the elements around them are called.

A record is cut into blocks: an element and the leaves directly within it. A block is a row of each
table of which it holds a column that marks that table; the child's own columns are shared by all
rows of the record. So modules come through whose element names no schema gives.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from transforms.returns.entry import Return, Table, XmlForm
from transforms.returns.headings import key_of
from transforms.returns.xml_rows import Rows, local_name

_YES = frozenset({"1", "true", "yes", "y"})
_Leaves = dict[str, str]


class LeafReader:
    """Reads records by the names of their leaves."""

    def __init__(self, entry: Return, form: XmlForm, rows: Rows) -> None:
        """Index the columns of all tables by name and alias."""
        self._form = form
        self._rows = rows
        self._tables = entry.tables
        self._presence = dict(form.presence)
        self._person = {form.child, *form.shared}
        self._names: dict[str, str] = {}
        for table in entry.tables:
            for column in table.columns:
                for name in (column.name, *column.aliases):
                    self._names.setdefault(key_of(name), column.name)
        self._cache: dict[str, str | None] = {}

    def read(self, record: Any) -> None:
        """Read one record."""
        blocks = list(self._blocks(record))
        person: _Leaves = {}
        for leaves, _ in blocks:
            for name in self._person:
                if leaves.get(name):
                    person.setdefault(name, leaves[name])
        for leaves, line in blocks:
            for table in self._tables:
                if self._has_row(table, leaves):
                    self._add(table, {**leaves, **person}, line)

    def _has_row(self, table: Table, leaves: _Leaves) -> bool:
        says = self._presence.get(table.name)
        if says and leaves.get(says, "").strip().lower() in _YES:
            return True
        if self._form.child in leaves and table is self._tables[0]:
            return True
        return any(leaves.get(mark, "").strip() for mark in table.marks)

    def _add(self, table: Table, leaves: _Leaves, line: int) -> None:
        rows = self._rows
        row = rows.add(table.name, line, ())
        for column in table.columns:
            text = leaves.get(column.name)
            if text is not None:
                cells = rows.column(table.name, column.name)
                cells.extend([None] * (row - len(cells)))
                cells.append(text)

    def _blocks(self, element: Any) -> Iterator[tuple[_Leaves, int]]:
        """Yield an element's own leaves, then those of the elements within it, in the document's order."""
        leaves: _Leaves = {}
        inner = []
        for child in element:
            if not isinstance(child.tag, str):
                continue
            if len(child):
                inner.append(child)
                continue
            name = self._name(child.tag)
            text = child.text or ""
            if name is None:
                if text.strip():
                    self._rows.unknown(local_name(element.tag), local_name(child.tag))
            elif name in leaves and leaves[name].strip():
                self._rows.repeated(local_name(element.tag), child.tag)
            else:
                leaves[name] = text
        if leaves:
            yield leaves, element.sourceline or 0
        for child in inner:
            yield from self._blocks(child)

    def _name(self, tag: str) -> str | None:
        """Return the column a leaf is of."""
        if tag not in self._cache:
            self._cache[tag] = self._names.get(key_of(local_name(tag)))
        return self._cache[tag]
