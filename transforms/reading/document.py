"""The text of one document as lines with positions: what every reader yields and every parser reads.

A `Document` knows nothing of where its bytes came from. PDF lines carry their box in
points from the top left corner of the page; text and HTML lines carry no box.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Line:
    """One line of text, in the order the document itself gives.

    Attributes:
        text: as printed, tidied only of control characters.
        page: 1-based page number; 1 for documents without pages.
        x0, y0, x1, y1: box in points from the top left of the page, or None.
    """

    text: str
    page: int
    x0: float | None = None
    y0: float | None = None
    x1: float | None = None
    y1: float | None = None


@dataclass(slots=True)
class Document:
    """One readable document.

    Attributes:
        sha256: of the bytes it was read from.
        kind: `pdf`, `text` or `html`.
        page_count: pages in the file; 1 where there are none.
        lines: all lines of all pages in content order.
        title: the title its metadata states, if any. Often wrong; never used to decide.
    """

    sha256: str
    kind: str
    page_count: int
    lines: list[Line] = field(default_factory=list)
    title: str | None = None


@dataclass(slots=True)
class TextColumns:
    """The text of a document with its lines by column: how it is kept, and crosses between processes.

    Attributes:
        sha256, kind, page_count, title: of the document.
        columns: one list a field of `Line`, in their order.
    """

    sha256: str
    kind: str
    page_count: int
    title: str | None
    columns: list[list[Any]]

    @classmethod
    def of(cls, document: Document) -> TextColumns:
        """Lay the lines of a document out by column."""
        columns = [[getattr(line, name) for line in document.lines] for name in Line.__slots__]
        return cls(document.sha256, document.kind, document.page_count, document.title, columns)

    def document(self) -> Document:
        """Make the document of it again."""
        lines = list(map(Line, *self.columns))
        return Document(self.sha256, self.kind, self.page_count, lines, self.title)
