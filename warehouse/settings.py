"""Where things are and how much a load may use: read from the environment, nowhere else.

| variable | default | what it is |
|---|---|---|
| `SAFEGUARDING_LANDING` | `var/landing` | landing zone, a local folder |
| `SAFEGUARDING_WAREHOUSE` | `var/warehouse` | working files, kept texts, archive, quarantine |
| `SAFEGUARDING_PUBLISHED` | `var/published` | what readers open: database, page of checks, exports |
| `SAFEGUARDING_DAGS` | `dags` beside the package | folder of DAG files that `nightly` runs |
| `SAFEGUARDING_KEEP_VERSIONS` | `5` | published versions kept, the current one included |
| `SAFEGUARDING_PROCESSES` | processors it may use | child processes that read files at once |
| `SAFEGUARDING_MAX_BATCHES` | `4` | parse tasks one DAG run may have, 1 to 4 |
| `SAFEGUARDING_FILE_MB` | `256` | larger files are quarantined unread |
| `SAFEGUARDING_FILE_PAGES` | `2000` | documents of more pages are quarantined |
| `SAFEGUARDING_FILE_MEMORY_MB` | `1024` | address space of one reading process |
| `SAFEGUARDING_FILE_SECONDS` | `60` | processor and wall time for one file |
| `SAFEGUARDING_SETTLE_SECONDS` | `1` | a younger file must keep its size this long to be taken |
| `SAFEGUARDING_LOCK_SECONDS` | `30` | how long a load waits for another writer to finish |
| `SAFEGUARDING_DUCKDB_MB` | `512` | memory limit of one DuckDB connection |

Relative places are taken from the working directory. An unusable value is a `UsageError`
(exit code 2) that names the variable, what was found and what was expected.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from transforms.errors import UsageError

PREFIX = "SAFEGUARDING_"

# A nightly run has four other tasks; eight in all however many files there are.
MOST_BATCHES = 4


def processors() -> int:
    """Return how many processors this process may use, which containers often restrict."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one run, checked. The module's table says what each one is."""

    landing: Path
    warehouse: Path
    published: Path
    dags: Path
    keep_versions: int = 5
    processes: int = 1
    max_batches: int = MOST_BATCHES
    file_mb: int = 256
    file_pages: int = 2000
    file_memory_mb: int = 1024
    file_seconds: int = 60
    settle_seconds: float = 1.0
    lock_seconds: float = 30.0
    duckdb_mb: int = 512

    @property
    def published_file(self) -> Path:
        """The database that BI opens, read-only."""
        return self.published / "safeguarding.duckdb"

    @property
    def checks_page(self) -> Path:
        """The page of check results of the last load, published or refused."""
        return self.published / "checks.html"

    @property
    def airflow_home(self) -> Path:
        """The embedded metadata database, configuration and task logs of `nightly`."""
        return self.warehouse / "airflow"

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read and check all settings.

        Args:
            environ: variables to read, `os.environ` unless given.

        Returns:
            Settings with absolute places.

        Raises:
            UsageError: a value is not of its kind or out of its range, a place is a URL, or
                two places are the same folder or one lies inside the other's files.
        """
        read = _Reader(os.environ if environ is None else environ)
        settings = cls(
            landing=read.place("LANDING", Path("var/landing")),
            warehouse=read.place("WAREHOUSE", Path("var/warehouse")),
            published=read.place("PUBLISHED", Path("var/published")),
            dags=read.place("DAGS", Path(__file__).resolve().parent.parent / "dags"),
            keep_versions=read.whole("KEEP_VERSIONS", 5, least=1, most=1000),
            processes=read.whole("PROCESSES", processors(), least=1, most=256),
            max_batches=read.whole("MAX_BATCHES", MOST_BATCHES, least=1, most=MOST_BATCHES),
            file_mb=read.whole("FILE_MB", 256, least=1),
            file_pages=read.whole("FILE_PAGES", 2000, least=1),
            file_memory_mb=read.whole("FILE_MEMORY_MB", 1024, least=128),
            file_seconds=read.whole("FILE_SECONDS", 60, least=1),
            settle_seconds=read.seconds("SETTLE_SECONDS", 1.0),
            lock_seconds=read.seconds("LOCK_SECONDS", 30.0),
            duckdb_mb=read.whole("DUCKDB_MB", 512, least=64),
        )
        settings._require_apart()
        return settings

    def environ(self) -> dict[str, str]:
        """Return the variables that give a child process these same settings."""
        return {PREFIX + name.upper(): str(getattr(self, name)) for name in self.__slots__}

    def _require_apart(self) -> None:
        """Refuse places that would make a load read its own output as input."""
        places = {"LANDING": self.landing, "WAREHOUSE": self.warehouse, "PUBLISHED": self.published}
        for name, place in places.items():
            for other_name, other in places.items():
                # What is published may well lie in the warehouse's folder; nothing else overlaps.
                if (name, other_name) == ("PUBLISHED", "WAREHOUSE") and place != other:
                    continue
                if name != other_name and place.is_relative_to(other):
                    raise UsageError(
                        f"{PREFIX}{name}: found {place}, which is the folder {PREFIX}{other_name} "
                        "or inside it; expected three folders apart"
                    )


class _Reader:
    """Reads single variables; an empty one counts as not set."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def _text(self, name: str) -> str | None:
        return self._environ.get(PREFIX + name, "").strip() or None

    def place(self, name: str, default: Path) -> Path:
        found = self._text(name)
        if found is None:
            return default.absolute()
        if "://" in found:
            raise UsageError(f"{PREFIX}{name}: found {found!r}, expected a local folder, not a URL")
        place = Path(os.path.normpath(Path(found).expanduser().absolute()))
        if place.exists() and not place.is_dir():
            raise UsageError(f"{PREFIX}{name}: found the file {place}, expected a folder")
        return place

    def whole(self, name: str, default: int, *, least: int, most: int | None = None) -> int:
        found = self._text(name)
        if found is None:
            return default
        wanted = f"{least} to {most}" if most is not None else f"{least} or more"
        if not found.isascii() or not found.isdigit():
            raise UsageError(f"{PREFIX}{name}: found {found!r}, expected a whole number, {wanted}")
        value = int(found)
        if value < least or (most is not None and value > most):
            raise UsageError(f"{PREFIX}{name}: found {value}, expected {wanted}")
        return value

    def seconds(self, name: str, default: float) -> float:
        found = self._text(name)
        if found is None:
            return default
        try:
            value = float(found)
        except ValueError:
            value = -1.0
        if not 0 <= value <= 86_400:
            raise UsageError(f"{PREFIX}{name}: found {found!r}, expected seconds, 0 to 86400")
        return value
