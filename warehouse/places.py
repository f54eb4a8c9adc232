"""Paths of the landing zone: how they are written as text, and which of them may not be read.

Whoever deposits chooses names, of any bytes. As text each path is one printable line that no other
path shares, so that names become no line of a log and no file hides another.
"""

from __future__ import annotations

import os
import re
import stat
from datetime import date
from pathlib import Path, PurePosixPath

from warehouse.archive import RETURNS

LONGEST = 4095  # bytes of a path that Linux opens; folders can be nested deeper


def printable(name: str) -> str:
    r"""Return a name as one printable line: odd bytes and characters, and backslashes, are escaped.

    No two names are written alike: `\xff` is a byte that is no UTF-8, `\u00ff` and the like a
    character, and a backslash of the name itself is doubled.
    """
    if name.isprintable() and "\\" not in name:
        return name
    return "".join(_escaped(character) for character in name)


def _escaped(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # stands for a byte, as `os.fsdecode` has it
        return f"\\x{code - 0xDC00:02x}"
    if character == "\\":
        return "\\\\"
    if character.isprintable():
        return character
    return f"\\u{code:04x}" if 0x80 <= code <= 0xFF else character.encode("unicode_escape").decode()


def date_of_folder(path: str) -> str | None:
    """Return the release date that a folder of a landing path is named by, the innermost first."""
    for name in reversed(PurePosixPath(path).parts[:-1]):
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", name):
            try:
                return date.fromisoformat(name).isoformat()
            except ValueError:
                continue
    return None


def is_too_long(path: str) -> bool:
    """Whether a path cannot be opened for its length."""
    return len(path) > LONGEST // 4 and len(os.fsencode(path)) > LONGEST


def display_path(root: Path, path: str) -> str:
    """Return a landing path as text: relative, `printable`, fit for logs and tables."""
    start = f"{root}{os.sep}"
    return printable(path[len(start) :] if path.startswith(start) else os.path.relpath(path, root))


def refusal_of(root: Path, real: str, info: os.stat_result) -> str | None:
    """Say why a path must not be read, or None.

    A link may lead to another file of the landing zone, but never between what is about the children of
    one authority and anything else: it would be archived, or counted, as what it is not.

    Args:
        root: the landing zone.
        real: a path in it.
        info: of the path itself, links not followed.
    """
    if stat.S_ISREG(info.st_mode):
        return None
    if stat.S_ISDIR(info.st_mode):
        return f"found a path too long to be opened, expected one of at most {LONGEST:,} bytes"
    if not stat.S_ISLNK(info.st_mode):
        return "found a pipe, socket or device, expected a file"
    target, top = Path(os.path.realpath(real)), Path(os.path.realpath(root))
    if not target.is_relative_to(top):
        return "found a symbolic link that leads out of the landing zone, expected a file"
    if not target.is_file():
        return "found a symbolic link that leads to no file, expected a file"
    here, there = Path(os.path.relpath(real, root)).parts[:2], target.relative_to(top).parts[:2]
    if RETURNS in (here[0], there[0]) and here != there:
        return "found a symbolic link into or out of the returns of an authority, expected a file"
    return None


def misplaced_return(real: str) -> str | None:
    """Say that a file which lies among public ones looks like a return about children, or None.

    Such a file must not be kept in the plain archive, nor its cells be quoted as those of a public file.
    """
    from transforms.returns.glance import return_in

    try:
        with Path(real).open("rb") as stream:
            title = return_in(stream)
    except OSError:
        return None  # copying it meets the same, and says so
    if title is None:
        return None
    return (
        f"found the beginning of a return about children ({title}), expected it in "
        "returns/<la_code>/<return>/<year or date>: it was not kept"
    )
