"""Files side by side to submissions: which belong together, and which of them are of which year.

Whole returns (XML) say their year themselves. Modules are told apart by their folder and by the
dates in all files of it together: a single file may hold few dates or none. Two files of one module
in one folder are parts of one year, unless their names or dates tell different years.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from transforms.errors import LayoutError
from transforms.returns.periods import most_likely, year_in
from transforms.returns.reading import FileRead


@dataclass(slots=True)
class Group:
    """The files of one return, authority and year.

    Attributes:
        year: as their contents, else their names, tell it; None where nothing does.
        la_code: as their contents tell it, or None.
    """

    return_code: str
    year: int | None
    la_code: str | None
    files: list[FileRead] = field(default_factory=list)


def group(files: Iterable[FileRead]) -> list[Group]:
    """Put files together.

    Args:
        files: read, with names that begin with their folders.

    Returns:
        Groups in the order of their first files; files of one year in several folders are together.

    Raises:
        LayoutError: files of one folder are of several years, and one does not say of which.
    """
    together: dict[tuple[str, int | None, str | None], Group] = {}
    for year, file in _with_years(list(files)):
        key = file.return_code, year, file.la_code
        together.setdefault(key, Group(*key)).files.append(file)
    return list(together.values())


def _with_years(files: Sequence[FileRead]) -> list[tuple[int | None, FileRead]]:
    folders: dict[tuple[str, str], list[FileRead]] = {}
    found: dict[int, int | None] = {}
    for file in files:
        if file.is_whole or file.day is not None:
            found[id(file)] = file.year if file.year is not None else year_in(_names(file))
        else:
            folders.setdefault((file.return_code, str(PurePath(file.name).parent)), []).append(file)
    for modules in folders.values():
        for year, file in _years_of_folder(modules):
            found[id(file)] = year
    return [(found[id(file)], file) for file in files]


def _years_of_folder(files: list[FileRead]) -> list[tuple[int | None, FileRead]]:
    """Tell the year of each file of a folder: one for all, unless modules come twice in different years."""
    each = [(_own_year(file), file) for file in files]
    if _has_two_years(each):
        for year, file in each:
            if year is None:
                raise LayoutError(
                    f"{PurePath(file.name).name}: found files of several years beside it and no date in it, "
                    "expected each year in a folder of its own"
                )
        return each
    counts: Counter[int] = Counter()
    for file in files:
        counts.update(file.year_counts)
    year = most_likely(counts)
    if year is None:
        year = next((named for file in files if (named := year_in(_names(file)))), None)
    return [(year, file) for file in files]


def _has_two_years(each: Iterable[tuple[int | None, FileRead]]) -> bool:
    years: dict[str, set[int]] = {}
    for year, file in each:
        for table in file.tables:
            if year is not None:
                years.setdefault(table, set()).add(year)
    return any(len(found) > 1 for found in years.values())


def _own_year(file: FileRead) -> int | None:
    named = year_in([PurePath(file.name).name])
    return named if named is not None else most_likely(file.year_counts)


def _names(file: FileRead) -> list[str]:
    """The file's name, then the folders it lies in, the nearest first."""
    return list(reversed(PurePath(file.name).parts))
