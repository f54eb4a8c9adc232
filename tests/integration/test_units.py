"""The systemd units: what they name exists and agrees with the code, and it runs in their sandbox.

systemd itself is not needed: `systemd-analyze verify` is asked where it is installed, and the sandbox (user, empty
environment, everything read-only but one folder, no homes, a /tmp of its own) is made by hand.
"""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import pytest

from warehouse import cli, service
from warehouse.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "warehouse/examples"
UNITS = ("safeguarding.service", "safeguarding-nightly.service")
USER_NUMBER = 10_001


def values(unit: str) -> dict[str, list[str]]:
    """Return the values of a unit by name; a name may be given more than once."""
    found: dict[str, list[str]] = {}
    for line in (EXAMPLES / unit).read_text("utf-8").splitlines():
        if line and not line.startswith(("#", "[")):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def settings(unit: str) -> Settings:
    return Settings.load(dict(value.split("=", 1) for value in values(unit)["Environment"]))


@pytest.mark.parametrize("unit", UNITS)
def test_what_a_unit_names_is_there(unit: str) -> None:
    found = values(unit)
    names = {value.split("=", 1)[0] for value in found["Environment"]}
    assert names <= {f"SAFEGUARDING_{field.name.upper()}" for field in fields(Settings)}
    (writable,) = found["ReadWritePaths"]
    places = settings(unit)
    for place in (places.landing, places.warehouse, places.published, Path(found["WorkingDirectory"][0])):
        assert place.is_relative_to(writable)
    commands = {command.name or command.callback.__name__ for command in cli.app.registered_commands}
    for line in [*found["ExecStart"], *found.get("ExecStop", ())]:
        program, *words = line.split()
        assert program.endswith("/app/.venv/bin/safeguarding") and words[0] in commands
    if "PIDFile" in found:
        assert found["PIDFile"] == [str(service.home(places) / "supervisord.pid")]
        assert int(found["TimeoutStartSec"][0]) > service._START_SECONDS
        assert int(found["TimeoutStopSec"][0]) > service._STOP_SECONDS
    else:
        assert found["SuccessExitStatus"] == [f"10 {cli.TOLD_TO_END}"]


def test_the_timer_starts_the_nightly_unit_when_the_dag_would() -> None:
    (at,) = values("safeguarding-nightly.timer")["OnCalendar"]
    assert at == "*-*-* 02:00:00 Europe/London"
    assert (
        'CronTriggerTimetable("0 2 * * *", timezone="Europe/London")' in (ROOT / "dags/ingest_reports.py").read_text()
    )


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_finds_no_fault_in_them(tmp_path: Path) -> None:
    program = tmp_path / "app/.venv/bin/safeguarding"
    program.parent.mkdir(parents=True)
    program.touch(mode=0o755)
    for unit in (*UNITS, "safeguarding-nightly.timer"):
        text = (EXAMPLES / unit).read_text("utf-8").replace("/srv/safeguarding", str(tmp_path))
        (tmp_path / unit).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", *(str(tmp_path / unit) for unit in (*UNITS, "safeguarding-nightly.timer"))],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.thorough
@pytest.mark.stack
def test_what_they_start_runs_in_their_sandbox(tmp_path: Path) -> None:
    if os.geteuid() != 0 or shutil.which("unshare") is None or shutil.which("setpriv") is None:
        pytest.skip("a sandbox needs root, unshare and setpriv")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    sample = tmp_path / "sample"
    from warehouse.samples import make_landing

    make_landing(sample)
    script = sandbox(sample)
    for unit, lines in (
        ("safeguarding-nightly.service", ("ExecStart",)),
        ("safeguarding.service", ("ExecStart", "ExecStop")),
    ):
        for line in lines:
            script += by_unit(unit, values(unit)[line][0], port)
    script += "test -e /srv/safeguarding/published/safeguarding.duckdb; ls -l /srv/safeguarding/published\n"
    done = subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    assert "stopped" in done.stdout.splitlines()
    assert "it was not running" not in done.stdout


def sandbox(sample: Path) -> str:
    """Make a mount namespace what `ProtectSystem=strict`, `ProtectHome` and `PrivateTmp` make of it."""
    prefix, folder = shlex.quote(sys.base_prefix), "/srv/safeguarding"
    return f"""set -e
mount -t tmpfs tmpfs /srv
mkdir -p {folder}/app {folder}/warehouse {folder}/published /srv/python
mount --bind {ROOT} {folder}/app
mount --bind {prefix} /srv/python
cp -r {sample} {folder}/landing
chown -R {USER_NUMBER}:{USER_NUMBER} {folder}/landing {folder}/warehouse {folder}/published
chown {USER_NUMBER}:{USER_NUMBER} {folder}
# What `useradd` makes; Airflow refuses a user without a name.
{{ cat /etc/passwd; echo safeguarding:x:{USER_NUMBER}:{USER_NUMBER}::{folder}:/usr/sbin/nologin; }} > /srv/passwd
mount --bind /srv/passwd /etc/passwd
for home in /root /home; do mount -t tmpfs -o mode=755 tmpfs $home; done
# In the test an interpreter may lie in a home; it alone is let through.
mkdir -p {prefix}; mount --bind /srv/python {prefix}
case {ROOT} in /tmp/*) ;; *) mount -t tmpfs -o mode=1777 tmpfs /tmp;; esac
while read -r _ place _; do
    case $place in /srv*|/proc*|/sys*|/dev*|/tmp*) ;; *) mount -o remount,bind,ro "$place" || true;; esac
done < /proc/self/mounts
! touch /usr/made-up 2>/dev/null
"""


def by_unit(unit: str, command: str, port: int) -> str:
    """Run a command as a unit would: its user, its environment and no other, its mask of permissions."""
    found = values(unit)
    given: Sequence[str] = [
        "PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/srv/safeguarding", "LANG=C.UTF-8",
        *found["Environment"], f"SAFEGUARDING_SERVICE_PORT={port}",
    ]  # fmt: skip
    inner = f"umask {found['UMask'][0]}; cd {found['WorkingDirectory'][0]}; exec {command}"
    allowed = " || test $? = 10" if "SuccessExitStatus" in found else ""
    return (
        f"setpriv --reuid={USER_NUMBER} --regid={USER_NUMBER} --clear-groups --no-new-privs --bounding-set=-all "
        f"env -i {shlex.join(given)} sh -c {shlex.quote(inner)}{allowed}\n"
    )
