"""Ways in which the text of a report arrives damaged, for tests.

`damage` is what was done to the degraded text exports met in practice. The others are harsher:
under them a grade may be lost and reported, but never read wrongly.
"""

from __future__ import annotations

import random
import re

from transforms.reading.document import Document, Line


def damage(text: str) -> str:
    """Delete every non-ASCII character, then every line that begins with a digit."""
    kept = "".join(char for char in text if ord(char) < 128)
    return "\n".join(line for line in kept.split("\n") if not line.lstrip()[:1].isdigit())


def rewrap(text: str, seed: int) -> str:
    """Break the lines elsewhere: most line ends become spaces, some spaces line ends."""
    dice = random.Random(seed)
    words = text.split()
    return "".join(word + ("\n" if dice.random() < 0.09 else " ") for word in words)


def mangle_words(text: str, seed: int, share: float = 0.03) -> str:
    """Join some neighbouring words and split others."""
    dice = random.Random(seed)
    out = []
    for char in text:
        if char == " " and dice.random() < share:
            continue
        out.append(char)
        if char.isalpha() and dice.random() < share / 5:
            out.append(" ")
    return "".join(out)


def drop_lines(text: str, seed: int, share: float = 0.08) -> str:
    """Lose lines at random."""
    dice = random.Random(seed)
    return "\n".join(line for line in text.split("\n") if dice.random() >= share)


def insert_headers(text: str, seed: int, header: str = "Inspection report: a council area, 3 May 2016") -> str:
    """Put a running header between lines, about every thirtieth."""
    dice = random.Random(seed)
    out = []
    for line in text.split("\n"):
        out.append(line)
        if dice.random() < 1 / 30:
            out.append(header)
    return "\n".join(out)


def swap_lines(text: str, seed: int, share: float = 0.03) -> str:
    """Exchange some lines with the one below, as column readers do."""
    dice = random.Random(seed)
    lines = text.split("\n")
    i = 0
    while i < len(lines) - 1:
        if dice.random() < share:
            lines[i], lines[i + 1] = lines[i + 1], lines[i]
            i += 1
        i += 1
    return "\n".join(lines)


HARSH = (rewrap, mangle_words, drop_lines, insert_headers, swap_lines)


def as_text(document: Document) -> str:
    """The lines of a document as one plain text."""
    return "\n".join(line.text for line in document.lines)


def text_document(text: str) -> Document:
    """A plain text as a reader would give it."""
    lines = [Line(line, 1) for line in re.split(r"\r\n|\r|\n|\f", text)]
    return Document("0" * 64, "text", 1, lines)
