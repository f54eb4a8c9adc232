"""What is new in the landing zone: the watch that event-driven loads stand on.

The folder is the truth, never the event: the watch compares what lies there with what the ledger
knows, deletes nothing, and tells of new content once it has settled. What it has told is kept in the
ledger, so that a restart neither repeats nor forgets it; what no load took up within a set time is
told again, so that nothing is lost when a process dies between telling and being heard.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from warehouse.landing import Lying, is_ready, lying
from warehouse.ledger import Ledger, utc_now
from warehouse.remote import bring
from warehouse.settings import Settings

BEHIND_A_LOAD = 10  # times as long an event may go unanswered


@dataclass(slots=True)
class Watch:
    """One watch over one landing zone.

    Attributes:
        settings: places, and how long a file must keep still (`settle_seconds`), a burst may last
            (`burst_seconds`) and a load may take to answer (`reannounce_seconds`).
        clock: a clock that never goes back, for what settles.
    """

    settings: Settings
    clock: Callable[[], float] = time.monotonic
    _since: dict[str, tuple[str, float]] = field(default_factory=dict)
    _loaded: dict[str, str] = field(default_factory=dict)  # signature by path, of what loads are known to have read

    def look(self) -> tuple[str, ...]:
        """Return the landing paths of new content that has settled; nothing while a burst goes on.

        A file touched, or copied under another name, is no new content.

        Raises:
            WarehouseError: the landing zone or the ledger cannot be read.
        """
        bring(self.settings)
        there = {found.path: found for found in lying(self.settings)}
        if len(self._loaded) > len(there):
            self._loaded = {path: signature for path, signature in self._loaded.items() if path in there}
        open_paths = [path for path, found in there.items() if self._loaded.get(path) != found.signature]
        if not open_paths:
            self._since = {}
            return ()
        with Ledger(self.settings.warehouse / "ledger.sqlite") as ledger:
            waiting = self._not_told(ledger, {path: there[path] for path in open_paths})
            now = self.clock()
            self._since = {path: self._still_since(path, found, now) for path, found in waiting.items()}
            settled = [path for path, found in waiting.items() if self._is_settled(path, found, now)]
            if not settled:
                return ()
            oldest = min(since for _, since in self._since.values())
            if len(settled) < len(waiting) and now - oldest < self.settings.burst_seconds:
                return ()
            new = self._new_content(ledger, {path: waiting[path] for path in settled})
            ledger.record_announced(((p, waiting[p].signature) for p in settled if p not in new), utc_now())
            return tuple(sorted(new))

    def told(self, paths: Iterable[str]) -> None:
        """Record that an event told of these paths; to be called once it was handed on."""
        with Ledger(self.settings.warehouse / "ledger.sqlite") as ledger:
            ledger.record_announced(((p, self._since[p][0]) for p in paths if p in self._since), utc_now())

    def _not_told(self, ledger: Ledger, lying_there: dict[str, Lying]) -> dict[str, Lying]:
        """What of it neither a load has read nor an event told of lately."""
        known, told, now = ledger.landing(), ledger.announced(), utc_now()
        # While a load runs, the next one waits for it: it has most likely heard. A DAG that was paused has not.
        patience = self.settings.reannounce_seconds * (BEHIND_A_LOAD if ledger.running() else 1)
        waiting = {}
        for found in lying_there.values():
            before = known.get(found.path)
            if before is not None and before.signature == found.signature:
                self._loaded[found.path] = found.signature
                continue
            signature, at = told.get(found.path, ("", now))
            # A clock that was set back makes an event come again; none is ever kept back by it.
            if signature == found.signature and 0 <= (now - at).total_seconds() < patience:
                continue
            waiting[found.path] = found
        return waiting

    def _still_since(self, path: str, found: Lying, now: float) -> tuple[str, float]:
        before = self._since.get(path)
        return before if before and before[0] == found.signature else (found.signature, now)

    def _is_settled(self, path: str, found: Lying, now: float) -> bool:
        return is_ready(found.real) or now - self._since[path][1] >= self.settings.settle_seconds

    def _new_content(self, ledger: Ledger, settled: dict[str, Lying]) -> set[str]:
        """Of settled files, those whose bytes no load has seen; each content once."""
        seen = {sha for sha, _ in ledger.first_seen()}
        new, told = set(), set()
        for path, found in settled.items():
            sha256 = _hash(Path(found.real)) if found.is_file else found.signature
            if sha256 is None or sha256 in seen:
                continue
            if sha256 not in told:
                new.add(path)
            told.add(sha256)
        return new


def _hash(path: Path) -> str | None:
    """Return the hash of a file's bytes; None if it is gone, its name if it may not be read: a load says why."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None
    except OSError:
        return str(path)
