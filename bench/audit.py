"""`make audit`: the locked versions against a list of known vulnerabilities, told apart by how it ends.

| exit | means |
|---|---|
| 0 | every locked version was looked up, and nothing is known of any |
| 1 | something is known of at least one |
| 3 | they could not all be looked up: no network, or an index that does not carry the list |

pip-audit does the work and ends with 1 for the last two alike. The list is the package index's own unless
`-s osv` asks osv.dev; arguments are handed on. (`make` itself ends with 2 and names the number.)
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

LOCK = Path(__file__).resolve().parent.parent / "requirements.lock"
KNOWN, NOT_LOOKED_UP = 1, 3


def audit(arguments: Sequence[str] = (), lock: Path = LOCK) -> int:
    """Look the locked versions up, say what was found, and return the exit code.

    Args:
        arguments: for pip-audit.
        lock: requirements with hashes.
    """
    with tempfile.TemporaryDirectory(prefix="safeguarding-audit-") as folder:
        told = Path(folder) / "found.json"
        done = subprocess.run(  # noqa: S603 - our own program, as its user asked for it
            [
                sys.executable, "-m", "pip_audit", "--strict", "--require-hashes", "--disable-pip",
                "--progress-spinner", "off", *arguments, "-f", "json", "-o", str(told), "-r", str(lock),
            ],
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )  # fmt: skip
        if not told.exists():
            return _not_looked_up(done.stderr)
        found = json.loads(told.read_text("utf-8"))["dependencies"]
    known = [(entry, vulnerability) for entry in found for vulnerability in entry["vulns"]]
    for entry, vulnerability in known:
        mended = ", ".join(vulnerability["fix_versions"]) or "none yet"
        sys.stdout.write(f"{entry['name']} {entry['version']}: {vulnerability['id']}, mended in: {mended}\n")
    sys.stdout.write(f"audit: {len(found)} locked versions looked up, {len(known)} known vulnerabilities\n")
    return KNOWN if known else 0


def _not_looked_up(said: str) -> int:
    """Say why the versions could not be looked up, and what to do."""
    lines = [line for line in said.strip().splitlines() if line.strip()]
    why = lines[-1].removeprefix("ERROR:pip_audit._cli:") if lines else "no word"
    sys.stderr.write(
        f"audit: the locked versions could not all be looked up: {why}\n"
        "audit: this says nothing about them. Without a network, run it where there is one; where the package index "
        'does not carry the list, ask osv.dev: make audit ARGS="-s osv"\n'
    )
    return NOT_LOOKED_UP


if __name__ == "__main__":
    sys.exit(audit(sys.argv[1:]))
