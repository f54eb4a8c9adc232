"""Memory of whole process trees, as the system counts it: sampled from /proc while they run (Linux)."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path

INTERVAL = 0.1


def tree(root: int) -> list[int]:
    """Return the numbers of a process and of all that descend from it; empty if it is gone."""
    children: dict[int, list[int]] = {}
    there = set()
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError, ValueError):
            told = (place / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2]
            state, parent = told.split()[:2]
            if state != "Z":
                there.add(int(place.name))
                children.setdefault(int(parent), []).append(int(place.name))
    found = [root] if root in there else []
    for number in found:
        found.extend(children.get(number, ()))
    return found


def resident(number: int) -> tuple[int, int]:
    """Return KB that a process holds: its share where pages are shared (PSS), and all it maps (RSS)."""
    with suppress(OSError, ValueError, KeyError):
        lines = Path(f"/proc/{number}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
        held = {name: int(value.split()[0]) for name, _, value in (line.partition(":") for line in lines)}
        return held["Pss"], held["Rss"]
    return 0, 0


class Meter(threading.Thread):
    """Samples what named process trees hold, each and together, until it is stopped."""

    def __init__(self) -> None:
        """Begin with nothing to watch."""
        super().__init__(daemon=True)
        self.samples: dict[str, list[tuple[float, float]]] = {}
        self.most_processes: dict[str, int] = {}
        self.rss_mb: dict[str, float] = {}
        self.together_mb = 0.0
        self._roots: dict[str, int] = {}
        self._lock, self._over = threading.Lock(), threading.Event()

    def watch(self, name: str, root: int) -> None:
        """Count this process and its descendants under this name from now on."""
        with self._lock:
            self._roots[name] = root

    def forget(self, name: str) -> None:
        """Stop counting a name, whose process has ended."""
        with self._lock:
            self._roots.pop(name, None)

    def run(self) -> None:
        """Sample until told to stop."""
        while not self._over.wait(INTERVAL):
            with self._lock:
                roots = dict(self._roots)
            together = 0.0
            for name, root in roots.items():
                numbers = tree(root)
                held = [resident(number) for number in numbers]
                pss, rss = sum(p for p, _ in held) / 1024, sum(r for _, r in held) / 1024
                if pss:
                    self.samples.setdefault(name, []).append((time.monotonic(), pss))
                    self.rss_mb[name] = max(rss, self.rss_mb.get(name, 0.0))
                    self.most_processes[name] = max(len(numbers), self.most_processes.get(name, 0))
                together += pss
            self.together_mb = max(self.together_mb, together)

    def stop(self) -> None:
        """End the sampling."""
        self._over.set()
        self.join()

    def peak_mb(self, name: str) -> float:
        """Return the most MB (PSS) a tree of this name held at once."""
        return max((held for _, held in self.samples.get(name, ())), default=0.0)
