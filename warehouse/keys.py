"""The two secrets of the restricted store: read from the environment or from key files, kept nowhere.

| variable | what it is |
|---|---|
| `SAFEGUARDING_RESTRICTED_KEY` or `SAFEGUARDING_RESTRICTED_KEY_FILE` | encrypts the store and the originals |
| `SAFEGUARDING_HASH_KEY` or `SAFEGUARDING_HASH_KEY_FILE` | makes hashes of identifiers; another secret |

They are no settings: settings are handed to child processes and shown in messages. A key is text of
at least 32 characters (`openssl rand -base64 48`); what encrypts is derived from it, a different key
for each purpose. A key file must be a regular file that only its owner can read. No message
ever holds a key or a part of one.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from transforms.errors import UsageError
from warehouse.settings import PREFIX

RESTRICTED_KEY, HASH_KEY = "RESTRICTED_KEY", "HASH_KEY"
_SHORTEST = 32
_FEWEST_DIFFERENT = 10  # a key of few different characters was typed, not drawn


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """The secrets of one run. Its text shows none of them.

    Attributes:
        secret: what encryption keys are derived from.
        hash_secret: what keys of hashes are derived from.
    """

    secret: bytes
    hash_secret: bytes

    def __repr__(self) -> str:
        """Return a text without secrets."""
        return "Keys(...)"

    def __reduce__(self) -> str:
        """Refuse to be pickled: nothing that hands objects on may hand on these."""
        raise TypeError("keys are not handed on")

    def store_key(self) -> str:
        """Return the key of the encrypted database, as text that DuckDB takes."""
        return _derive(self.secret, "database").hex()

    def file_key(self, sha256: str) -> bytes:
        """Return the key of one archived original, 32 bytes: who reads a file needs no other."""
        return _derive(self.secret, f"original|{sha256}")

    def log_key(self) -> bytes:
        """Return the key that chains the entries of the access log."""
        return _derive(self.secret, "access log")

    def file_name(self, sha256: str) -> str:
        """Return the name under which an original is kept: tells nothing of its content."""
        return hmac.new(_derive(self.hash_secret, "name"), sha256.encode(), hashlib.sha256).hexdigest()

    def hash_key(self, la_code: str) -> bytes:
        """Return the key of the hashes of one authority: a child known to two has two hashes."""
        return _derive(self.hash_secret, f"identifier|{la_code}")


def _derive(secret: bytes, purpose: str) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), 32, b"safeguarding-warehouse", purpose.encode()).derive(secret)


def load_keys(environ: Mapping[str, str] | None = None) -> Keys | None:
    """Read both keys.

    Args:
        environ: variables to read, `os.environ` unless given.

    Returns:
        The keys, or None where neither is set.

    Raises:
        UsageError: only one is set, a key is too short, both are the same, or a key file is
            missing, unreadable or readable by others.
    """
    values = os.environ if environ is None else environ
    found = {name: _read(values, name) for name in (RESTRICTED_KEY, HASH_KEY)}
    secret, hash_secret = found[RESTRICTED_KEY], found[HASH_KEY]
    if secret is None and hash_secret is None:
        return None
    for name, value in found.items():
        if value is None:
            raise UsageError(f"{PREFIX}{name}: found none, expected a key or {PREFIX}{name}_FILE beside the other key")
    if secret is None or hash_secret is None or hmac.compare_digest(secret, hash_secret):
        raise UsageError(f"{PREFIX}{HASH_KEY}: found the same key as {PREFIX}{RESTRICTED_KEY}, expected another one")
    return Keys(secret, hash_secret)


def usable_keys() -> Keys | None:
    """Return the keys, or None where there are none that can be used; the scan refuses returns with the reason."""
    try:
        return load_keys()
    except UsageError:
        return None


def write_private(path: Path, text: str) -> None:
    """Write a file that only this user can read, whole or not at all: half a key would be taken for one."""
    beside = path.with_name(f".{path.name}.next")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    beside.replace(path)


def _read(environ: Mapping[str, str], name: str) -> bytes | None:
    text = environ.get(PREFIX + name, "").strip()
    file = environ.get(f"{PREFIX}{name}_FILE", "").strip()
    if text and file:
        raise UsageError(f"{PREFIX}{name}: found it and {PREFIX}{name}_FILE, expected one of them")
    if not text and not file:
        return None
    source = f"{PREFIX}{name}_FILE" if file else PREFIX + name
    key = _read_file(source, Path(file).expanduser()) if file else text.encode()
    if len(key) < _SHORTEST or len(set(key)) < _FEWEST_DIFFERENT:
        raise UsageError(f"{source}: found a key that is too weak, expected {_SHORTEST} or more random characters")
    return key


def _read_file(source: str, path: Path) -> bytes:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            found = os.fstat(handle)
            if not stat.S_ISREG(found.st_mode):
                raise UsageError(f"{source}: found no regular file at {path}, expected a key file")
            if found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise UsageError(
                    f"{source}: found {path} with mode {stat.S_IMODE(found.st_mode):04o}, "
                    "expected a file that only its owner can read (chmod 600)"
                )
            return file.read(1 << 16).strip()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(f"{source}: found {reason} at {path}, expected a key file") from None
