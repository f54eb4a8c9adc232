"""The whole stack on one machine: scheduler, DAG processor, triggerer and API server, kept running.

`supervisord` (of the package `supervisor`) starts the four and starts again what dies: Airflow's own
`standalone` leaves a dead triggerer dead. Authentication is on; the server listens on this machine
only unless told otherwise; the log servers of Airflow, which would listen on every network, stay off.
Passwords and keys are made once, in files that only this user can read.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import secrets
import shlex
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import metadata, resources
from pathlib import Path
from typing import NoReturn

from transforms.errors import UsageError, WarehouseError
from warehouse.keys import write_private
from warehouse.settings import WRITER_POOL, Settings

log = logging.getLogger("safeguarding.service")

PARTS = ("scheduler", "dag-processor", "triggerer", "api-server")
USER = "admin"
_THIS_MACHINE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what listens everywhere is reached there
WORKERS = 4  # processes of the executor; Airflow's default of 32 costs gigabytes
_SOCKET_BYTES = 90
_START_SECONDS = 180.0
_DETACH_SECONDS = 5.0  # in which a supervisor that was started writes its number
_PART_SECONDS = 30  # a part that was told to end may take, before it is ended
_STOP_SECONDS = len(PARTS) * _PART_SECONDS + 10.0  # supervisord ends one part after the other


def home(settings: Settings) -> Path:
    """Return where the stack keeps its metadata, keys, passwords and logs."""
    return settings.warehouse / "service"


def address(settings: Settings) -> str:
    """Return where this machine reaches the API server, which may listen on one address alone."""
    host = _THIS_MACHINE.get(settings.service_host, settings.service_host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.service_port}"


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment of the stack's processes; makes its keys on first use.

    Settings that begin with `AIRFLOW__` in the caller's environment win over those given here, but
    for the keys, and for host and port, which have settings of our own that `up` relies on.
    """
    place = home(settings)
    place.mkdir(parents=True, exist_ok=True)
    place.chmod(0o700)
    ours = {
        "AIRFLOW__CORE__DAGS_FOLDER": str(settings.dags),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": str(WORKERS),
        "AIRFLOW__CORE__DEFAULT_TIMEZONE": "utc",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(place / "passwords.json"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{address(settings)}/execution/",
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__EXPOSE_CONFIG": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": settings.service_database or f"sqlite:///{place / 'metadata.db'}",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(place / "logs"),
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": "False",
        "GX_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }
    given = {name: value for name, value in os.environ.items() if name.startswith("AIRFLOW__")}
    fixed = {
        "AIRFLOW_HOME": str(place),
        "AIRFLOW__API__HOST": settings.service_host,
        "AIRFLOW__API__PORT": str(settings.service_port),
        "AIRFLOW__API_AUTH__JWT_SECRET": _secret(place / "jwt.key"),
        "AIRFLOW__API__SECRET_KEY": _secret(place / "session.key"),
        "AIRFLOW__CORE__FERNET_KEY": _secret(place / "fernet.key", _fernet_key),
    }
    return {**os.environ, **settings.environ(), **ours, **given, **fixed}


def up(settings: Settings, say: Callable[[str], None] = lambda _: None) -> dict[str, str]:
    """Start the stack and wait until the API server answers.

    Args:
        settings: places, port, host, metadata database.
        say: told what is being waited for.

    Returns:
        Address, user, and the file that holds the password.

    Raises:
        UsageError: it runs already.
        WarehouseError: a part does not start.
    """
    if is_running(settings):
        raise UsageError(f"{home(settings)}: the stack runs already; `safeguarding down` stops it")
    if _end(left_behind(settings)):
        say("ended what a stack had left behind whose supervisor died")
    environ = environment(settings)
    place = home(settings)
    (place / "logs").mkdir(exist_ok=True)
    settings.landing.mkdir(parents=True, exist_ok=True)
    _password(place / "passwords.json")
    _make_ready(settings, environ, say)
    write_private(_configuration_file(settings), _configuration(settings))
    say("starting scheduler, DAG processor, triggerer and API server")
    _run(_supervisor(settings, "supervisord"), environ, "supervisord")
    _wait(settings)
    return {"address": address(settings), "user": USER, "password_file": str(place / "passwords.json")}


def down(settings: Settings) -> bool:
    """Stop the stack and wait until it is gone; a load that is under way is told to end first.

    Returns:
        Whether it was running.

    Raises:
        WarehouseError: it does not stop.
    """
    if not is_running(settings):
        return _end(left_behind(settings))
    place = home(settings)
    session = left_behind(settings)
    _run([*_supervisor(settings, "supervisorctl"), "shutdown"], dict(os.environ), "down")
    until = time.monotonic() + _STOP_SECONDS
    while is_running(settings):
        if time.monotonic() > until:
            raise WarehouseError(f"{place}: found the stack still running, expected it to stop")
        time.sleep(0.2)
    _end([(number, since) for number, since in session if _since(number) == since])
    return True


def airflow(settings: Settings, arguments: Sequence[str]) -> NoReturn:
    """Become Airflow's own command line, with the environment of the stack; ends as that does.

    Raises:
        UsageError: the stack was never started, so that there is nothing to speak to.
    """
    if not (home(settings) / "metadata.version").exists():
        raise UsageError(f"{home(settings)}: found no stack, expected one that `safeguarding up` has made")
    environ = environment(settings)
    os.execve(sys.executable, [sys.executable, "-m", "airflow", *arguments], environ)  # noqa: S606 - our own program


def parts(settings: Settings) -> dict[str, str]:
    """Return the state of each part, as supervisord names it; empty if the stack does not run."""
    if not is_running(settings):
        return {}
    asked = subprocess.run(  # noqa: S603 - our own program and file
        [*_supervisor(settings, "supervisorctl"), "status"],
        capture_output=True,
        text=True,
        check=False,
    )
    told = (line.split() for line in asked.stdout.splitlines())
    return {words[0]: words[1] for words in told if len(words) > 1 and words[0] in PARTS}


def is_running(settings: Settings) -> bool:
    """Whether this stack's supervisor lives; a file left by a dead one does not count."""
    try:
        number = int((home(settings) / "supervisord.pid").read_text(encoding="ascii"))
        command = Path(f"/proc/{number}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return False
    return os.fsencode(_configuration_file(settings)) in command


def _configuration_file(settings: Settings) -> Path:
    return home(settings) / "supervisord.conf"


def left_behind(settings: Settings) -> list[tuple[int, str]]:
    """Return the processes of this stack's session, as number and time of start, whether its supervisor lives or not.

    The supervisor leads a session of its own, and its number stays in its file when it is killed. The
    processes of that session count only if one of them says that it works for this place: a number may
    long have been given to something else.
    """
    try:
        session = int((home(settings) / "supervisord.pid").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return []
    found, is_ours = [], False
    mark = b"AIRFLOW_HOME=" + os.fsencode(home(settings))
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(place.name)) != session:
                continue
            is_ours = is_ours or mark in (place / "environ").read_bytes().split(b"\0")
        except OSError:
            continue  # ended meanwhile, or of another user
        found.append((int(place.name), _since(int(place.name))))
    return found if is_ours else []


def _since(number: int) -> str:
    """Return when a process started, in ticks since the machine did; empty if it is gone or dead."""
    try:
        told = Path(f"/proc/{number}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if told[0] == "Z" else told[19]


def _end(processes: list[tuple[int, str]]) -> bool:
    """End processes, kindly at first; return whether there were any."""
    for sent, patience in ((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0)):
        alive = [number for number, since in processes if since and _since(number) == since]
        for number in alive:
            with suppress(ProcessLookupError):
                os.kill(number, sent)
        until = time.monotonic() + patience
        while time.monotonic() < until and any(since and _since(number) == since for number, since in processes):
            time.sleep(0.1)
    return bool(processes)


def _configuration(settings: Settings) -> str:
    """Lay out supervisord's file from the template beside the code."""
    import jinja2

    template = resources.files("warehouse").joinpath("supervisord.conf.j2").read_text(encoding="utf-8")
    # In that format a % is an escape.
    lines = jinja2.Environment(autoescape=False, undefined=jinja2.StrictUndefined).from_string(template)  # noqa: S701
    return lines.render(
        home=str(home(settings)).replace("%", "%%"),
        socket=str(_socket(settings)).replace("%", "%%"),
        patience=_PART_SECONDS,
        umask=f"{_umask():03o}",  # who may read what is published is decided by whoever starts the stack
        airflow=shlex.join([sys.executable, "-m", "airflow"]).replace("%", "%%"),
        python=shlex.quote(sys.executable).replace("%", "%%"),
        parts={part: part not in ("api-server", "dag-processor") for part in PARTS},
    )


def _umask() -> int:
    """Return this process's mask of permissions, which can be read only by setting it."""
    found = os.umask(0o077)
    os.umask(found)
    return found


def _socket(settings: Settings) -> Path:
    """Return where supervisord is spoken to; the system allows names of sockets some 100 bytes only."""
    beside = home(settings) / "supervisor.sock"
    if len(os.fsencode(beside)) <= _SOCKET_BYTES:
        return beside
    name = hashlib.sha256(os.fsencode(home(settings))).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"safeguarding-{name}"
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    there = folder.lstat()
    if not stat.S_ISDIR(there.st_mode) or there.st_uid != os.getuid() or there.st_mode & 0o077:
        raise WarehouseError(f"{folder}: found what others may use or no folder, expected a folder of this user alone")
    return folder / "supervisor.sock"


def _make_ready(settings: Settings, environ: dict[str, str], say: Callable[[str], None]) -> None:
    """Make or migrate the metadata database, and the pool of one writer."""
    mark, version = home(settings) / "metadata.version", metadata.version("apache-airflow")
    wanted = json.dumps([version, environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].rpartition("@")[2]])
    if mark.exists() and mark.read_text(encoding="utf-8") == wanted:
        return
    say("making Airflow's metadata database, once")
    _airflow(["db", "migrate"], environ)
    _airflow(["pools", "set", WRITER_POOL, "1", "one writer of the warehouse"], environ)
    mark.write_text(wanted, encoding="utf-8")


def _airflow(arguments: list[str], environ: dict[str, str]) -> None:
    _run([sys.executable, "-m", "airflow", *arguments], environ, f"airflow {arguments[0]}")


def _supervisor(settings: Settings, program: str) -> list[str]:
    return [sys.executable, "-m", f"supervisor.{program}", "-c", str(_configuration_file(settings))]


def _run(command: list[str], environ: dict[str, str], what: str) -> None:
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        raise WarehouseError(f"{what}: found exit code {done.returncode} ({_reason(done)}), expected 0")


def _reason(done: subprocess.CompletedProcess[str]) -> str:
    """Return the line in which a program said why it failed: that of its last exception, else the last of all."""
    said = (done.stderr or done.stdout).strip().splitlines() or ["no word"]
    return next((line for line in reversed(said) if re.match(r"[\w.]+: ", line)), said[-1])


def _wait(settings: Settings) -> None:
    """Wait until the API server says that scheduler and triggerer are well."""
    import httpx

    began = time.monotonic()
    while (waited := time.monotonic() - began) < _START_SECONDS:
        try:
            health = httpx.get(f"{address(settings)}/api/v2/monitor/health", timeout=5, trust_env=False).json()
            if all(health.get(part, {}).get("status") == "healthy" for part in ("scheduler", "triggerer")):
                return
        except (httpx.HTTPError, ValueError):
            log.debug("the API server does not answer yet")
        if waited > _DETACH_SECONDS and not is_running(settings):
            break
        time.sleep(0.5)
    found = "still starting" if is_running(settings) else "ended"
    raise WarehouseError(
        f"{home(settings) / 'logs'}: found the stack {found} after {waited:.0f} s, expected its parts to be well; "
        "the logs there say why, and `safeguarding down` stops what runs"
    )


def _password(path: Path) -> None:
    if not path.exists():
        write_private(path, json.dumps({USER: secrets.token_urlsafe(16)}))
    path.chmod(0o600)


def _secret(path: Path, make: Callable[[], str] = lambda: secrets.token_urlsafe(48)) -> str:
    if not path.exists():
        write_private(path, make())
    return path.read_text(encoding="ascii")


def _fernet_key() -> str:
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode("ascii")
