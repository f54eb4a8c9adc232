"""Made-up reports as texts, for tests of what reads the body of a report."""

from __future__ import annotations

from datetime import date

from transforms.reading.document import Document, Line
from transforms.reading.tidy import Text, tidy
from transforms.reports.framework import Framework

AUTHORITY = Framework("made_up", "Made up", "Nobody", date(2000, 1, 1), None, ("visit",), lambda _: 1.0)
PARTNERSHIP = Framework(
    "made_up_send", "Made up", "Nobody", date(2000, 1, 1), None, ("visit",), lambda _: 1.0, addressed_to="partnership"
)
_LINE = 14.0


def printed(*pages: str) -> Text:
    """A document with pages and boxes: an empty line leaves white space, leading spaces indent.

    Two columns are written with `|` between them: the right one begins 160 points further on.
    """
    lines: list[Line] = []
    for number, page in enumerate(pages, start=1):
        y = 60.0
        for row in page.strip("\n").split("\n"):
            if not row.strip():
                y += _LINE
                continue
            for x, words in enumerate(row.split("|")):
                x0 = 70.0 + 160.0 * x + 5.0 * (len(words) - len(words.lstrip()))
                words = words.strip()
                if words:
                    lines.append(Line(words, number, x0, y, x0 + 5.0 * len(words), y + _LINE - 2))
            y += _LINE
    return tidy(Document("made up", "pdf", len(pages), lines))


def plain(text: str) -> Text:
    """A text document: no pages, no boxes."""
    return tidy(Document("made up", "text", 1, [Line(row, 1) for row in text.strip("\n").split("\n")]))


def damaged(text: str) -> Text:
    """The same after every non-ASCII character and every line that begins with a digit were deleted."""
    kept = "".join(char for char in text if ord(char) < 128)
    return plain("\n".join(row for row in kept.split("\n") if not row.strip()[:1].isdigit()))
