"""What a connector finds: files that a service publishes, and what is known of each beforehand."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from warehouse.fetch.record import Page
from warehouse.settings import Settings

LONGEST_NAME = 120
MOST_NAME_BYTES = 200  # file systems allow 255, and endings are added
MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip

GetPage = Callable[[str], Page]


@dataclass(frozen=True, slots=True)
class Listed:
    """A file that a service says it has.

    Attributes:
        url: where it is.
        folder: of the landing zone, relative, `/` between parts.
        name: to lay it down under, with its ending.
        kind: what it must be, of `content.KINDS`.
        about: what the JSON file beside it says besides address and time of retrieval.
    """

    url: str
    folder: str
    name: str
    kind: str
    about: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Missing:
    """Something listed that cannot be fetched: a page that fails or cannot be understood.

    Attributes:
        is_failure: False if it is only not for us (a link to another kind of thing).
    """

    url: str
    reason: str
    is_failure: bool = True


Connector = Callable[[GetPage, Settings], Iterator[Listed | Missing]]


def slug(text: str) -> str:
    """Return text as lower-case ASCII words, fit for a file name."""
    plain = unicodedata.normalize("NFKD", text.replace("&", " and ").replace("’", "'"))
    plain = plain.encode("ascii", "ignore").decode().lower().replace("'", "")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_NAME].strip("-")


def safe_name(name: str, kind: str) -> str:
    """Return a file name as a service gives it, with nothing in it that could lead elsewhere."""
    plain = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    plain = "".join(c if c.isprintable() and c not in '<>:"|?*' else " " for c in plain)
    plain = re.sub(r"\s+", " ", plain).strip(" .~$")
    ending = f".{kind}"
    stem = plain[: -len(ending)] if plain.lower().endswith(ending) else plain
    stem = stem[:LONGEST_NAME].encode()[:MOST_NAME_BYTES].decode("utf-8", "ignore")
    return f"{stem.strip(' .') or 'file'}{ending}"


def read_date(text: str) -> date | None:
    """Read the one date that a text holds; None if it holds none or several.

    Written as 5 May 2022, 05/05/2022 (day first, or with dots or hyphens) or 2022-05-05.
    """
    found = dates_in(text)
    return found.pop() if len(found) == 1 else None


def dates_in(text: str) -> set[date]:
    """Return all dates that a text holds."""
    found = []
    for year, month, day in re.findall(r"(?<!\d)(\d{4})-(\d\d)-(\d\d)(?!\d)", text):
        found.append((int(year), int(month), int(day)))
    for day, _, month, year in re.findall(r"(?<![\d/.-])(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?!\d)", text):
        found.append((int(year), int(month), int(day)))
    for day, word, year in re.findall(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)?\s+([A-Za-z]{3,9})\.?\s+(\d{4})(?!\d)", text):
        months = [number for number, name in enumerate(MONTHS, 1) if name.startswith(word.lower())]
        found += [(int(year), months[0], int(day))] if len(months) == 1 else []
    return {made for parts in found if (made := _made(*parts)) is not None}


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
