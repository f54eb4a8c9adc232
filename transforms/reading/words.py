"""One spelling for the many ways the same words arrive: curly, straight, damaged, deleted.

Two forms of a line, the second derived from the first:

`repair`  what a person reads, and what is quoted as evidence;
`key`     what wordings are compared in: lower case, ASCII letters and digits, single spaces.

A text whose non-ASCII characters were all deleted has the same key as the sound one: so a key
drops apostrophes and every other non-ASCII character instead of translating it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

# Marks that open a list item, as fonts for symbols and word processors leave them.
BULLETS = (
    "\u2022\u2023\u2043\u2219\u25a0\u25a1\u25aa\u25ab\u25b6\u25ba\u25b8\u25cb\u25cf\u25e6\u25fc\u25fb"
    "\u25fd\u25fe\u2756\u27a2\u2794\u2713\u2714\u00b7"
)
# Dashes other than the ASCII hyphen-minus. Combining strokes stand where a dash was drawn.
DASHES = "\u2012\u2013\u2014\u2015\u2212\u2500\u2501\u2043\u0335\u0336\ufe58\uff0d"
_SPACES = "\t\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
_SPACES += "\u2028\u2029\u202f\u205f\u3000"
_LIGATURES = {
    "\ufb00": "ff",
    "\ufb01": "fi",
    "\ufb02": "fl",
    "\ufb03": "ffi",
    "\ufb04": "ffl",
    "\ufb05": "st",
    "\ufb06": "st",
}


def _repairs() -> dict[int, str | None]:
    """Table for `str.translate`: one character to its readable form, or to nothing."""
    table: dict[int, str | None] = dict.fromkeys(range(32))
    table.update(dict.fromkeys(range(127, 160)))
    table.update(dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\uffff")))
    table.update(dict.fromkeys(range(0x202A, 0x202F)))
    table.update(dict.fromkeys(map(ord, _SPACES + "\r"), " "))
    table.update(dict.fromkeys(map(ord, DASHES), "\u2013"))
    # Private-use characters are symbol fonts: U+F02D and U+F0BE draw dashes, the others bullets.
    table.update(dict.fromkeys(range(0xE000, 0xF900), "\u2022"))
    table.update(dict.fromkeys(map(ord, BULLETS.replace("\u00b7", "").replace("\u2043", "")), "\u2022"))
    table.update(dict.fromkeys(map(ord, "\u2018\u2019\u201a\u201b\u02bc\u02b9\u2032\u00b4\u0060"), "'"))
    table.update(dict.fromkeys(map(ord, "\u201c\u201d\u201e\u201f\u2033"), '"'))
    # U+FFFE is how PDFium writes a hyphen at the end of a printed line it joins to the next.
    table.update(dict.fromkeys(map(ord, "\u2010\u2011\ufffe"), "-"))
    table.update({ord(k): v for k, v in _LIGATURES.items()})
    table[0x2026] = "..."
    table[0x0A] = "\n"
    return table


_REPAIR = _repairs()
# UTF-8 read as cp1252 or Latin-1: a lead byte and its continuation bytes as characters.
_MOJIBAKE = re.compile(
    "[\u00c2\u00c3\u00e2\u00ef][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013\u2014"
    "\u2018-\u201a\u201c-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122]{1,3}"
)
_LOST_APOSTROPHE = re.compile(
    "(?<=[A-Za-z])\ufffd(?=(?:s|t|re|ve|ll|d)\\b)|(?<=s)\ufffd(?= )|(?<=\\b[DO])\ufffd(?=[A-Z])"
)
# Accents as characters of their own. Strokes that stand for a dash are none.
_ACCENTS = re.compile("[\u0300-\u0334\u0338-\u036f]")
_LOST_DASH = re.compile("(?<= )\ufffd(?= )|(?<=[0-9])\ufffd(?=[0-9])")
_UNPRINTABLE = re.compile("[^\n\x20-\x5f\x61-\x7e]")

_KEY_SPACES = {ord(c): " " for c in _SPACES + "\u2010\u2011\ufffe"} | {ord(k): v for k, v in _LIGATURES.items()}
_KEY_TABLE = bytes(
    c + 32 if 65 <= c <= 90 else c if chr(c).isalnum() and c < 128 or c == 10 else 32 for c in range(256)
)
_KEY_DROPPED = b"'`" + bytes(c for c in range(32) if c not in b"\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f") + b"\x7f"
_KEY_SPECIAL = re.compile("[\xa0\x85\u1680\u2000-\u200a\u2010\u2011\u2028\u2029\u202f\u205f\u3000\ufffe\ufb00-\ufb06]")


def _undo_mojibake(match: re.Match[str]) -> str:
    """Decode one suspect run as UTF-8, or leave it and what does not belong to it alone."""
    run = match[0]
    for end in range(len(run), 1, -1):
        raw = bytearray()
        for char in run[:end]:
            raw += char.encode("latin-1") if ord(char) < 256 else char.encode("cp1252")
        try:
            return raw.decode("utf-8") + run[end:]
        except UnicodeDecodeError:
            continue
    return run


def _swap(text: str, suspects: re.Pattern[str], table: Mapping[int, str | None]) -> str:
    """`str.translate` for a text in which few characters need it; several times as fast."""
    for char in set("".join(suspects.findall(text))):
        if (code := ord(char)) in table:
            text = text.replace(char, table[code] or "")
    return text


def _repair_block(text: str) -> str:
    """Repair many lines at once; line feeds stay where they are, ends are not stripped."""
    if not text.isascii():
        if "\xe2" in text or "\xc2" in text or "\xc3" in text or "\xef" in text:
            text = _MOJIBAKE.sub(_undo_mojibake, text)
        if _ACCENTS.search(text):
            text = unicodedata.normalize("NFC", text)
        if "\ufffd" in text:
            text = _LOST_DASH.sub("\u2013", _LOST_APOSTROPHE.sub("'", text))
    text = _swap(text, _UNPRINTABLE, _REPAIR)
    while "  " in text:
        text = text.replace("  ", " ")
    return text


def repair(text: str) -> str:
    """Mend one line for people to read.

    Quotes become straight, dashes U+2013, symbol-font bullets U+2022, hyphens at the end of a
    printed line "-", special spaces plain ones; control and invisible characters go; UTF-8 that
    was decoded as cp1252 is decoded again where the bytes leave no doubt.

    Args:
        text: one line; line breaks within it count as spaces.
    """
    return _repair_block(text.replace("\n", " ")).strip(" ")


def repair_lines(lines: list[str]) -> list[str]:
    """`repair` for all lines of a document at a fraction of the cost of doing each."""
    block = "\n".join(lines)
    if block.count("\n") != len(lines) - 1:
        return [repair(line) for line in lines]
    return [line.strip(" ") for line in _repair_block(block).split("\n")]


def _key_block(text: str, mended: bool) -> str:
    if not mended and not text.isascii():
        text = _swap(text, _KEY_SPECIAL, _KEY_SPACES)
    raw = text.encode("ascii", "ignore").translate(_KEY_TABLE, _KEY_DROPPED)
    while b"  " in raw:
        raw = raw.replace(b"  ", b" ")
    return raw.decode("ascii")


def key(text: str) -> str:
    """Form in which wordings are compared.

    Lower case; apostrophes and every non-ASCII character dropped, so that "Children’s",
    "Children's" and the damaged "Childrens" are equal; other punctuation and special spaces to a
    space; single spaces, none at the ends.
    """
    return _key_block(text.replace("\n", " "), False).strip(" ")


def key_lines(lines: list[str], mended: bool = False) -> list[str]:
    """`key` for all lines of a document at a fraction of the cost of doing each.

    Args:
        lines: of text.
        mended: they come from `repair`, which left no special space or ligature in them.
    """
    block = "\n".join(lines)
    if block.count("\n") != len(lines) - 1:
        return [key(line) for line in lines]
    return [line.strip(" ") for line in _key_block(block, mended).split("\n")]
