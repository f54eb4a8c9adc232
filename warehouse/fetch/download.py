"""Getting one file whole: to a place of its own, checked, and continued where it broke off.

The bytes gather in a `.part` file below the warehouse, never in the landing zone. A body that ends
early is asked for again from where it broke off, if the server can do that and still has the same
file, else from the start. What is left after a failed run is continued by the next one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx

from transforms.errors import FetchError
from warehouse.fetch.client import Client, TransientError, is_measured, shown, validators_of
from warehouse.fetch.record import Validators

# Header, how its value is written, algorithm: RFC 9530 and its two forerunners.
DIGESTS = (
    ("repr-digest", r"sha-256=:([A-Za-z0-9+/=]+):", "sha256"),
    ("digest", r"sha-256=([A-Za-z0-9+/=]+)", "sha256"),
    ("content-md5", r"([A-Za-z0-9+/=]+)", "md5"),
)


PLAIN = {"", "identity", "gzip", "x-gzip"}  # gzip is told by its bytes, and unpacked when it is whole


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file that arrived whole.

    Attributes:
        part: where its bytes are.
        url: where redirects ended, without anything secret.
        is_measured: whether it would have been noticed if the body had been cut off.
    """

    part: Path
    url: str
    validators: Validators
    is_measured: bool


def download(client: Client, url: str, folder: Path, known: Validators | None = None) -> Downloaded | None:
    """Get a file unless it is unchanged.

    Args:
        client: of this run.
        url: of the file.
        folder: for the unfinished file; made if absent.
        known: what the server gave when the file was got before.

    Returns:
        The file, or None if the server says that it did not change.

    Raises:
        ForbiddenError: it leads where nothing may be asked.
        FetchError: it could not be got whole; the message says why.
    """
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.part"
    return client.trying(url, lambda: _attempt(client, url, part, known))


def drop(part: Path) -> None:
    """Delete an unfinished file and what is known of it."""
    part.unlink(missing_ok=True)
    _notes(part).unlink(missing_ok=True)


def _attempt(client: Client, url: str, part: Path, known: Validators | None) -> Downloaded | None:
    """Ask for the file once: for the rest of it where a part is there, else for all of it."""
    # Packed on the way, neither its length nor a range of it would say anything of the file.
    headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
    start, before = _resumable(part)
    if start:
        headers |= {"Range": f"bytes={start}-", "If-Range": before.etag or before.last_modified or ""}
    else:
        headers |= known.headers() if known else {}
    with client.answer(url, headers) as response:
        if response.status_code == 304 and not start:
            return None
        if response.status_code in (304, 416) or (
            response.status_code == 206 and not _continues(response, start, before)
        ):
            drop(part)
            raise TransientError(f"{url}: found status {response.status_code} to a part, expected the rest of the file")
        begun = start if response.status_code == 206 else 0
        _write(client, response, part, begun)
        _require_whole(response, part, begun)
        return Downloaded(part, shown(response.url), validators_of(response), is_measured(response))


def _resumable(part: Path) -> tuple[int, Validators]:
    """Return the size of an unfinished file that can be continued, and what it is part of; drop any other."""
    try:
        size = part.stat().st_size
        before = Validators(**json.loads(_notes(part).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):  # not there, or a run died while it was written
        size, before = 0, Validators()
    if not size or not before.headers():
        drop(part)
        return 0, Validators()
    return size, before


def _notes(part: Path) -> Path:
    return part.with_suffix(".json")


def _continues(response: httpx.Response, start: int, before: Validators) -> bool:
    """Whether a partial answer begins where the file breaks off, and is of that very file.

    Some servers send the rest whatever `If-Range` says.
    """
    said = re.match(r"bytes (\d+)-\d+/(\d+|\*)$", response.headers.get("content-range", "").strip(), re.ASCII)
    now = validators_of(response)
    told = [(now.etag, before.etag), (now.last_modified, before.last_modified)]
    is_same = all(one == other for one, other in told if one and other)
    return bool(said and start and int(said.group(1)) == start and is_same)


def _write(client: Client, response: httpx.Response, part: Path, begun: int) -> None:
    """Write the body behind what is there, and beside it what the rest can be asked for with."""
    most = client.settings.fetch_mb << 20
    packed = response.headers.get("content-encoding", "").strip().lower()
    if packed not in PLAIN:
        raise FetchError(f"found a body packed as {packed[:40]!r}, which was not asked for, expected it as it is")
    declared = response.headers.get("content-length", "")
    if declared.isdigit() and begun + int(declared) > most:
        drop(part)
        raise FetchError(f"found {begun + int(declared)} bytes, expected at most {most} (SAFEGUARDING_FETCH_MB)")
    _notes(part).unlink(missing_ok=True)
    validators = validators_of(response)
    # Only a strong validator promises the same bytes; a date alone does if nothing better is there.
    strong = validators.last_modified if validators.etag is None else not validators.etag.startswith("W/")
    if strong and (response.headers.get("accept-ranges", "").lower() == "bytes" or response.status_code == 206):
        _notes(part).write_text(json.dumps(asdict(validators)), encoding="utf-8")
    size = begun
    with part.open("ab" if begun else "wb") as file:
        for chunk in client.guarded(response.iter_raw()):
            size += len(chunk)
            if size > most:
                break
            file.write(chunk)
    if size > most:
        drop(part)
        raise FetchError(f"found more than {most} bytes, expected fewer (SAFEGUARDING_FETCH_MB)")


def _require_whole(response: httpx.Response, part: Path, begun: int) -> None:
    """Compare what arrived with what was declared: length, and checksum where one is given."""
    size = part.stat().st_size
    declared = response.headers.get("content-length", "")
    if declared.isdigit() and size != begun + int(declared):
        raise TransientError(f"found {size} bytes, expected {begun + int(declared)}")
    total = response.headers.get("content-range", "").rpartition("/")[2]
    if total.isdecimal() and size != int(total):
        raise TransientError(f"found {size} bytes, expected {total}")
    for header, written, algorithm in DIGESTS:
        # Those of a partial answer may be of the part alone; only RFC 9530's is of the whole file.
        if begun and header != "repr-digest":
            continue
        said = re.search(written, response.headers.get(header, ""), re.IGNORECASE)
        if said and _digest(part, algorithm) != _decoded(said.group(1)):
            drop(part)
            raise TransientError(f"found bytes that do not agree with the header {header}, expected the file it is of")


def _digest(part: Path, algorithm: str) -> bytes:
    with part.open("rb") as file:
        return hashlib.file_digest(file, algorithm).digest()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""
