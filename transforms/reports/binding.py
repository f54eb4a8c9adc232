"""Where one document holds several reports bound together, and how it is cut.

Known case: the review of a Local Safeguarding Children Board printed behind the inspection of
its authority, with a front page, a date and a grade of its own.
"""

from __future__ import annotations

import re

from transforms.reading.document import Document, Line
from transforms.reading.words import key, key_lines

_FAR = 150  # lines: a second date label nearer than this stands on the same front page
_TITLE_LINES = 10
_DATE_LABEL = re.compile(r"(?:dates?(?: s)? of inspection|(?:inspection|review) date)")  # of a line's key
_TITLE = re.compile(r"(?:inspection|review) of (?:the )?(?:effectiveness|services|arrangements)|joint targeted area")
_END_MATTER = re.compile(r"crown copyright|gov uk|textphone|^[tew] ")


def later_fronts(lines: list[Line]) -> list[int]:
    """Indexes of the lines at which a further report begins; nearly always none."""
    keys = key_lines([line.text for line in lines])
    labels = [i for i, keyed in enumerate(keys) if "date" in keyed and _DATE_LABEL.match(keyed)]
    cuts = []
    # The first label stands near the top, or is lost.
    last = labels[0] if labels and labels[0] < _FAR else 0
    for i in labels:
        if i - last >= _FAR:
            start = _front_start(lines, i)
            if _TITLE.search(key(" ".join([line.text for line in lines[start:i]]))):
                cuts.append(start)
                last = i
    return cuts


def _front_start(lines: list[Line], label: int) -> int:
    """First line of the front page on which a date label stands."""
    start = label
    for i in range(label - 1, max(label - _TITLE_LINES, 0) - 1, -1):
        if lines[i].page != lines[label].page or _END_MATTER.search(key(lines[i].text)):
            break
        start = i
    return start


def cut(document: Document, start: int, end: int) -> Document:
    """The lines from `start` to before `end` as a document; pages keep their numbers."""
    return Document(document.sha256, document.kind, document.page_count, document.lines[start:end], document.title)
