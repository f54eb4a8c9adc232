"""The container file does what it says: its steps are run in their order, by their users, on a copy of this system.

No container engine is needed: the root of this machine is overlaid by an empty layer, in a mount namespace of its
own, and each step runs in there. What the base image brings (Python) is this machine's; `apt-get` is a stub that
tells what it was asked for, since tests ask no other machine for anything but what `make setup` needs.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from warehouse.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "warehouse/examples/Containerfile"
PATH = f"{sys.base_prefix}/bin:/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"  # as the base image has it


def steps() -> list[tuple[str, str]]:
    """Return the instructions of the container file: word and rest, continued lines joined."""
    lines = [line for line in FILE.read_text("utf-8").splitlines() if line.strip() and not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in joined.splitlines())]


def environment() -> dict[str, str]:
    (found,) = (rest for word, rest in steps() if word == "ENV")
    return dict(part.split("=", 1) for part in shlex.split(found))


def test_steps_stand_in_an_order_that_can_work() -> None:
    words = [word for word, _ in steps()]
    assert words[0] == "FROM" and "python:3.11" in steps()[0][1]
    assert words.index("USER") < words.index("WORKDIR") < words.index("COPY") < words.index("ENV") < words.index("CMD")
    by_root = [rest for word, rest in steps()[: words.index("USER")] if word == "RUN"]
    assert any("apt-get install" in step and "make" in step.split() for step in by_root)
    user = steps()[words.index("USER")][1]
    assert any(f"useradd --create-home --uid 10001 {user}" in step for step in by_root)


def test_what_is_set_are_settings_and_their_places_belong_to_the_user() -> None:
    known = {f"SAFEGUARDING_{field.name.upper()}" for field in fields(Settings)}
    found = environment()
    assert {name for name in found if name != "PATH"} <= known
    settings = Settings.load({name: value for name, value in found.items() if name != "PATH"})
    made = (
        next(rest for word, rest in steps() if "install -d -o safeguarding" in rest).split("install -d", 1)[1].split()
    )
    # A volume takes over the owner of the folder it is mounted on, and root's if there is none.
    assert {str(settings.landing), str(settings.warehouse), str(settings.published)} <= set(made)
    assert [rest for word, rest in steps() if word == "EXPOSE"] == [str(settings.service_port)]
    command = json.loads(next(rest for word, rest in steps() if word == "CMD"))[-1]
    assert f"{settings.warehouse}/service/logs/" in command


def test_only_what_the_software_is_made_of_is_copied() -> None:
    copied = {name for word, rest in steps() if word == "COPY" for name in rest.split()[1:-1]}
    packages = re.search(r"packages = (\[.*\])", (ROOT / "pyproject.toml").read_text("utf-8"))
    assert packages is not None
    assert copied == {"Makefile", "pyproject.toml", "requirements.lock", "dags", *json.loads(packages[1])}
    assert all((ROOT / name).exists() for name in copied)


@pytest.mark.thorough
@pytest.mark.stack
def test_the_steps_make_a_machine_that_loads(tmp_path: Path) -> None:
    if os.geteuid() != 0 or shutil.which("unshare") is None or shutil.which("useradd") is None:
        pytest.skip("overlaying the system needs root, unshare and useradd")
    script = tmp_path / "build.sh"
    script.write_text(build_script(tmp_path))
    done = subprocess.run(["unshare", "-m", "sh", str(script)], capture_output=True, text=True, check=False)
    if done.returncode == 77:
        pytest.skip(f"this system does not let its root be overlaid: {done.stderr[-200:]}")
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    assert "asked apt-get: install -y --no-install-recommends make" in done.stdout
    answer = json.loads(next(line for line in reversed(done.stdout.splitlines()) if line.startswith("{")))
    assert answer["state"] == "published"
    assert answer["published_file"] == "/data/published/safeguarding.duckdb"


def build_script(place: Path) -> str:
    """Lay the steps out as a shell script; what runs at the end is one load, not the whole stack."""
    top = place / "top"
    lines = [
        "set -e",
        f"mkdir {top}; mount -t tmpfs tmpfs {top}; cd {top}; mkdir upper work root",
        f"mount -t overlay overlay -o lowerdir=/,upperdir={top}/upper,workdir={top}/work root || exit 77",
        "mount --bind /proc root/proc; mount --bind /dev root/dev; rm -rf root/app root/data",
        # Where the interpreter lies in somebody's home, everybody may pass through, in this layer only.
        *(f"chmod a+x root{folder}" for folder in Path(sys.base_prefix).parents if folder != Path("/")),
        "printf '#!/bin/sh\\necho asked apt-get: \"$@\"\\n' > root/usr/local/bin/apt-get",
        "chmod 755 root/usr/local/bin/apt-get",
    ]
    user, folder, variables = "root", "/", f"PATH={PATH}"
    passed = " ".join(shlex.quote(f"{n}={v}") for n, v in os.environ.items() if n.startswith(("PIP_", "SSL_")))

    def run(command: str) -> str:
        inner = f"cd {folder} && {command}"
        by = f"setpriv --reuid={user} --regid={user} --init-groups " if user != "root" else ""
        home = "/root" if user == "root" else f"/home/{user}"
        return f"chroot root {by}env -i HOME={home} {passed} {variables} sh -ec {shlex.quote(inner)}"

    for word, rest in steps():
        if word == "RUN":
            lines.append(run(rest))
        elif word == "USER":
            user = rest
        elif word == "WORKDIR":
            folder = rest
        elif word == "COPY":
            *names, target = rest.split()[1:]
            into = f"root{folder}/{target}"
            copy = "cp -rT" if (ROOT / names[0]).is_dir() else "cp -t"
            sources = " ".join(str(ROOT / name) for name in names)
            lines.append(f"{copy} {sources} {into}" if copy.endswith("T") else f"{copy} {into} {sources}")
            lines.append(f"chroot root chown -R {user} {folder}")
        elif word == "ENV":
            given = environment()
            path = given.pop("PATH").replace("$PATH", PATH)
            variables = " ".join([f"PATH={path}", *(f"{name}={value}" for name, value in given.items())])
    sample = "from pathlib import Path; from warehouse.samples import make_landing; make_landing(Path('/data/landing'))"
    lines.append(run(f'python -c "{sample}"'))
    lines.append(run("safeguarding nightly --json || test $? = 10"))
    return "\n".join([*lines, ""])
