"""Where things are and how much a load may use: read from the environment, nowhere else.

| variable | default | what it is |
|---|---|---|
| `SAFEGUARDING_LANDING` | `var/landing` | landing zone: a folder, or an address that fsspec knows (`s3://…`) |
| `SAFEGUARDING_WAREHOUSE` | `var/warehouse` | working files, kept texts, archive, quarantine |
| `SAFEGUARDING_PUBLISHED` | `var/published` | what readers open: database, page of checks, exports |
| `SAFEGUARDING_DAGS` | `dags` beside the package | folder of DAG files that `nightly` runs |
| `SAFEGUARDING_KEEP_VERSIONS` | `5` | published versions kept, the current one included |
| `SAFEGUARDING_PROCESSES` | processors it may use | child processes that read files at once |
| `SAFEGUARDING_MAX_BATCHES` | `3` | parse tasks one DAG run may have, 1 to 3 |
| `SAFEGUARDING_FILE_MB` | `256` | larger files are quarantined unread |
| `SAFEGUARDING_FILE_PAGES` | `2000` | documents of more pages are quarantined |
| `SAFEGUARDING_FILE_MEMORY_MB` | `1024` | address space of one reading process |
| `SAFEGUARDING_FILE_SECONDS` | `60` | processor and wall time for one file |
| `SAFEGUARDING_RETURN_MEMORY_MB` | `4096` | address space of one process that reads a return |
| `SAFEGUARDING_RETURN_SECONDS` | `1800` | processor and wall time for one return, its rules and indicators |
| `SAFEGUARDING_RETENTION_YEARS` | `15` | years after a collection period that rows about children are kept |
| `SAFEGUARDING_SETTLE_SECONDS` | `1` | a younger file must keep its size this long to be taken |
| `SAFEGUARDING_POLL_SECONDS` | `1` | how often the watch looks at the landing zone |
| `SAFEGUARDING_BURST_SECONDS` | `30` | files that keep arriving are told of together, at the latest after this long |
| `SAFEGUARDING_REANNOUNCE_SECONDS` | `60` | what no load took up is told again; ten times as long while one runs |
| `SAFEGUARDING_LOCK_SECONDS` | `300` | how long a load waits for another writer to finish |
| `SAFEGUARDING_DUCKDB_MB` | `256` | memory limit of one DuckDB connection |

| `SAFEGUARDING_LINEAGE` | `off` | file to append OpenLineage events to, or address to post them to |

The stack that `safeguarding up` starts (`warehouse/service`).

| variable | default | what it is |
|---|---|---|
| `SAFEGUARDING_SERVICE_HOST` | `127.0.0.1` | address the API server listens on |
| `SAFEGUARDING_SERVICE_PORT` | `8080` | its port |
| `SAFEGUARDING_SERVICE_DATABASE` | SQLite below the warehouse | metadata database, an address as SQLAlchemy takes it |

Telling people (`warehouse/alerts`): the log always, other ways where they are set.

| variable | default | what it is |
|---|---|---|
| `SAFEGUARDING_ALERT_EMAIL` | | addresses, commas between |
| `SAFEGUARDING_ALERT_FROM` | `safeguarding-warehouse@localhost` | sender of these messages |
| `SAFEGUARDING_ALERT_SMTP` | `localhost:25` | mail server, `host:port` |
| `SAFEGUARDING_ALERT_WEBHOOK` | | address that a JSON object is posted to |
| `SAFEGUARDING_PUBLISH_BY_MINUTES` | `240` | a run that has not ended so long after it was due is late |

The keys of the restricted store are no settings: `warehouse/keys.py` reads them and hands them to
nobody. Without them returns are refused, and all else works.

| variable | what it is |
|---|---|
| `SAFEGUARDING_RESTRICTED_KEY_FILE` | its key encrypts rows about children (or `SAFEGUARDING_RESTRICTED_KEY`) |
| `SAFEGUARDING_HASH_KEY_FILE` | its key makes the hashes of identifiers (or `SAFEGUARDING_HASH_KEY`) |

Fetching from other services (`warehouse/fetch`). Nothing is asked of any of them while it is `off`.

| variable | default | what it is |
|---|---|---|
| `SAFEGUARDING_FETCH` | `off` | `off`, `on` for all sources, or names of sources: `ofsted`, `statistics` |
| `SAFEGUARDING_FETCH_OFSTED_URL` | Ofsted's site of reports | base address of search and provider pages |
| `SAFEGUARDING_FETCH_OFSTED_SEARCH` | local authorities' services | path and query of the first page of results |
| `SAFEGUARDING_FETCH_STATISTICS_URL` | Explore Education Statistics | base address of its content API |
| `SAFEGUARDING_FETCH_STATISTICS_API_URL` | its public data-set API | base address, or `off`: releases only |
| `SAFEGUARDING_FETCH_PUBLICATIONS` | four of children's social care | slugs of publications, commas between |
| `SAFEGUARDING_FETCH_HOSTS` | the two of Ofsted's files | more hosts, or `host:port`, to which links may lead |
| `SAFEGUARDING_FETCH_USER_AGENT` | `safeguarding-warehouse/0.1` | what a request calls itself, to robots.txt too |
| `SAFEGUARDING_FETCH_DELAY_SECONDS` | `1` | least time between requests to a host; first wait |
| `SAFEGUARDING_FETCH_TIMEOUT_SECONDS` | `30` | how long a server may stay silent |
| `SAFEGUARDING_FETCH_ATTEMPTS` | `4` | tries at one address |
| `SAFEGUARDING_FETCH_WAIT_SECONDS` | `120` | longest wait before a retry; a server that asks for more is left alone |
| `SAFEGUARDING_FETCH_MB` | `256` | larger files are not fetched |
| `SAFEGUARDING_FETCH_MINUTES` | `60` | a run stops after this long, and the next one goes on |
| `SAFEGUARDING_FETCH_RECHECK_DAYS` | `7` | how long a fetched file is taken as unchanged without asking |

Relative places are taken from the working directory. An unusable value is a `UsageError`
(exit code 2) that names the variable, what was found and what was expected.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from transforms.errors import UsageError

PREFIX = "SAFEGUARDING_"

# Pool of one slot in which every task stands that writes the warehouse.
WRITER_POOL = "warehouse_writer"

# A nightly run has five other tasks; eight in all however many files there are.
MOST_BATCHES = 3

FETCHED_SOURCES = ("ofsted", "statistics")
PUBLICATIONS = (
    "characteristics-of-children-in-need",
    "children-looked-after-in-england-including-adoptions",
    "children-s-social-work-workforce",
    "outcomes-for-children-in-need-including-children-looked-after-by-local-authorities-in-england",
)
OFF = "off"


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
    return_memory_mb: int = 4096
    return_seconds: int = 1800
    retention_years: int = 15
    settle_seconds: float = 1.0
    poll_seconds: float = 1.0
    burst_seconds: float = 30.0
    reannounce_seconds: float = 60.0
    lock_seconds: float = 300.0
    duckdb_mb: int = 256
    landing_url: str = ""
    lineage: str = OFF
    service_host: str = "127.0.0.1"
    service_port: int = 8080
    service_database: str = ""
    alert_email: str = ""
    alert_from: str = "safeguarding-warehouse@localhost"
    alert_smtp: str = "localhost:25"
    alert_webhook: str = ""
    publish_by_minutes: int = 240
    fetch: str = OFF
    fetch_ofsted_url: str = "https://reports.ofsted.gov.uk/"
    fetch_ofsted_search: str = (
        "search?q=&location=&lat=&lon=&radius=&level_1_types=3&level_2_types%5B%5D=12&start=0&rows=100"
    )
    fetch_statistics_url: str = "https://content.explore-education-statistics.service.gov.uk/api/"
    fetch_statistics_api_url: str = "https://api.education.gov.uk/statistics/"
    fetch_publications: str = ",".join(PUBLICATIONS)
    fetch_hosts: str = "files.ofsted.gov.uk,files.api.ofsted.gov.uk"
    fetch_user_agent: str = "safeguarding-warehouse/0.1"
    fetch_delay_seconds: float = 1.0
    fetch_timeout_seconds: float = 30.0
    fetch_attempts: int = 4
    fetch_wait_seconds: float = 120.0
    fetch_mb: int = 256
    fetch_minutes: int = 60
    fetch_recheck_days: int = 7

    @property
    def fetch_sources(self) -> tuple[str, ...]:
        """Sources that may be fetched from; none where fetching is off."""
        return () if self.fetch == OFF else tuple(self.fetch.split(","))

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
        warehouse = read.place("WAREHOUSE", Path("var/warehouse"))
        landing_url = read.store("LANDING")
        settings = cls(
            landing=warehouse.parent / f"{warehouse.name}-landing"
            if landing_url
            else read.place("LANDING", Path("var/landing")),
            landing_url=landing_url,
            warehouse=warehouse,
            published=read.place("PUBLISHED", Path("var/published")),
            dags=read.place("DAGS", Path(__file__).resolve().parent.parent / "dags"),
            keep_versions=read.whole("KEEP_VERSIONS", 5, least=1, most=1000),
            processes=read.whole("PROCESSES", processors(), least=1, most=256),
            max_batches=read.whole("MAX_BATCHES", MOST_BATCHES, least=1, most=MOST_BATCHES),
            file_mb=read.whole("FILE_MB", 256, least=1),
            file_pages=read.whole("FILE_PAGES", 2000, least=1),
            file_memory_mb=read.whole("FILE_MEMORY_MB", 1024, least=128),
            file_seconds=read.whole("FILE_SECONDS", 60, least=1),
            return_memory_mb=read.whole("RETURN_MEMORY_MB", 4096, least=256),
            return_seconds=read.whole("RETURN_SECONDS", 1800, least=1),
            retention_years=read.whole("RETENTION_YEARS", 15, least=1, most=100),
            settle_seconds=read.seconds("SETTLE_SECONDS", 1.0),
            poll_seconds=read.seconds("POLL_SECONDS", 1.0),
            burst_seconds=read.seconds("BURST_SECONDS", 30.0),
            reannounce_seconds=read.seconds("REANNOUNCE_SECONDS", 60.0),
            lock_seconds=read.seconds("LOCK_SECONDS", 300.0),
            duckdb_mb=read.whole("DUCKDB_MB", 256, least=64),
            lineage=read.line("LINEAGE", OFF),
            **_serving(read),
            **_fetching(read, cls),
        )
        settings._require_apart()
        return settings

    def environ(self) -> dict[str, str]:
        """Return the variables that give a child process these same settings."""
        values = {PREFIX + name.upper(): str(getattr(self, name)) for name in self.__slots__}
        address = values.pop(f"{PREFIX}LANDING_URL")
        return {**values, f"{PREFIX}LANDING": address} if address else values

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


def _serving(read: _Reader) -> dict[str, Any]:
    """Read the settings of the stack that `safeguarding up` starts, and of whom it tells."""
    return {
        "service_host": read.names("SERVICE_HOST", "127.0.0.1", r"[A-Za-z0-9.:-]+"),
        "service_port": read.whole("SERVICE_PORT", 8080, least=1, most=65_535),
        "service_database": read.line("SERVICE_DATABASE", ""),
        "alert_email": read.names("ALERT_EMAIL", "", r"[^@\s,<>]+@[A-Za-z0-9.-]+"),
        "alert_from": read.line("ALERT_FROM", "safeguarding-warehouse@localhost"),
        "alert_smtp": read.names("ALERT_SMTP", "localhost:25", r"[A-Za-z0-9.-]+(:\d+)?"),
        "alert_webhook": read.address("ALERT_WEBHOOK", "", is_folder=False),
        "publish_by_minutes": read.whole("PUBLISH_BY_MINUTES", 240, least=1, most=10_080),
    }


def _fetching(read: _Reader, of: type[Settings]) -> dict[str, Any]:
    """Read the settings of `warehouse.fetch`, with the defaults that the class declares."""
    default: dict[str, Any] = {item.name: item.default for item in fields(of)}
    return {
        "fetch": read.switch("FETCH", FETCHED_SOURCES),
        "fetch_ofsted_url": read.address("FETCH_OFSTED_URL", default["fetch_ofsted_url"]),
        "fetch_ofsted_search": read.line("FETCH_OFSTED_SEARCH", default["fetch_ofsted_search"]),
        "fetch_statistics_url": read.address("FETCH_STATISTICS_URL", default["fetch_statistics_url"]),
        "fetch_statistics_api_url": read.address(
            "FETCH_STATISTICS_API_URL", default["fetch_statistics_api_url"], may_be_off=True
        ),
        "fetch_publications": read.names("FETCH_PUBLICATIONS", default["fetch_publications"], r"[a-z0-9-]+"),
        "fetch_hosts": read.names("FETCH_HOSTS", default["fetch_hosts"], r"[A-Za-z0-9.-]+(:\d+)?"),
        "fetch_user_agent": read.line("FETCH_USER_AGENT", default["fetch_user_agent"]),
        "fetch_delay_seconds": read.seconds("FETCH_DELAY_SECONDS", default["fetch_delay_seconds"]),
        "fetch_timeout_seconds": read.seconds("FETCH_TIMEOUT_SECONDS", default["fetch_timeout_seconds"]),
        "fetch_attempts": read.whole("FETCH_ATTEMPTS", default["fetch_attempts"], least=1, most=20),
        "fetch_wait_seconds": read.seconds("FETCH_WAIT_SECONDS", default["fetch_wait_seconds"]),
        "fetch_mb": read.whole("FETCH_MB", default["fetch_mb"], least=1),
        "fetch_minutes": read.whole("FETCH_MINUTES", default["fetch_minutes"], least=1, most=1440),
        "fetch_recheck_days": read.whole("FETCH_RECHECK_DAYS", default["fetch_recheck_days"], least=0, most=365),
    }


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

    def store(self, name: str) -> str:
        """Read an address of an object store; empty for a local folder. `file://` is one too."""
        found = self._text(name) or ""
        if "://" not in found:
            return ""
        if not re.fullmatch(r"[a-z][a-z0-9+.-]*://[^\s]+", found):
            raise UsageError(
                f"{PREFIX}{name}: found no such thing, expected a folder or an address such as s3://bucket/path"
            )
        return found

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

    def line(self, name: str, default: str) -> str:
        found = self._text(name)
        if found is None:
            return default
        if not (found.isascii() and found.isprintable()):
            raise UsageError(f"{PREFIX}{name}: found {found!r}, expected one line of ASCII text")
        return found

    def address(self, name: str, default: str, *, may_be_off: bool = False, is_folder: bool = True) -> str:
        found = self._text(name)
        if found is None or (may_be_off and found.lower() == OFF):
            return default if found is None else OFF
        query = "" if is_folder else r"(\?[^\s#]*)?"
        if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?" + query, found):
            # An address may carry a secret: what was found is not repeated.
            raise UsageError(f"{PREFIX}{name}: found no such thing, expected an address such as https://host/path/")
        return found if found.endswith("/") or not is_folder else f"{found}/"

    def names(self, name: str, default: str, pattern: str) -> str:
        found = self._text(name)
        if found is None:
            return default
        given = [part.strip() for part in found.split(",")]
        if wrong := [part for part in given if not re.fullmatch(pattern, part)]:
            raise UsageError(f"{PREFIX}{name}: found {wrong[0]!r}, expected names with commas between")
        return ",".join(dict.fromkeys(given))

    def switch(self, name: str, choices: tuple[str, ...]) -> str:
        found = self.names(name, OFF, r"[A-Za-z0-9]+").lower()
        if found in (OFF, "0", "false", "no"):
            return OFF
        if found in ("on", "1", "true", "yes"):
            return ",".join(choices)
        if wrong := [part for part in found.split(",") if part not in choices]:
            raise UsageError(f"{PREFIX}{name}: found {wrong[0]!r}, expected off, on or {', '.join(choices)}")
        return found
