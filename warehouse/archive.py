"""Where the bytes of a landing file are kept for good: plain, or, of returns, encrypted.

Returns are about single children. Their originals go into the vault; where there is no key they are
refused unopened, with a reason that tells what to set.
"""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import IO, Protocol

from transforms.errors import UsageError
from warehouse import vault
from warehouse.keys import Keys, load_keys
from warehouse.settings import Settings

RETURNS = "returns"  # first folder of their landing paths
CHUNK = 1 << 20
NO_KEY = (
    "found a return but no key, expected SAFEGUARDING_RESTRICTED_KEY_FILE and SAFEGUARDING_HASH_KEY_FILE "
    "(or the keys themselves): rows about children are kept encrypted or not at all"
)
FORGOTTEN = "forgotten: take it out of the landing zone, or put a corrected file in its place"


class Archive(Protocol):
    """A place that keeps files by the hash of their bytes."""

    def has(self, sha256: str) -> bool:
        """Whether those bytes need not be taken again."""

    def take(self, source: IO[bytes]) -> tuple[str, int, Path]:
        """Copy a file to a private place while hashing it; returns its sha256, size and that place."""

    def keep(self, temporary: Path, sha256: str) -> None:
        """Give a private copy its name."""


def plain_path(settings: Settings, sha256: str) -> Path:
    """Return where the plain archive keeps the bytes of that hash."""
    return settings.warehouse / "archive" / sha256[:2] / sha256


class PlainArchive:
    """The archive of public files."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def has(self, sha256: str) -> bool:
        """Whether those bytes are kept."""
        # Asked of every file of every scan, so without making any `Path`; laid out as `plain_path` says.
        return os.path.exists(f"{self._settings.warehouse}/archive/{sha256[:2]}/{sha256}")  # noqa: PTH110

    def take(self, source: IO[bytes]) -> tuple[str, int, Path]:
        """Copy a file while hashing it."""
        folder = self._settings.warehouse / "archive"
        folder.mkdir(parents=True, exist_ok=True)
        temporary = folder / f".incoming-{os.getpid()}-{time.monotonic_ns()}"
        digest, size = hashlib.sha256(), 0
        try:
            with temporary.open("wb") as copy:
                while chunk := source.read(CHUNK):
                    digest.update(chunk)
                    size += len(chunk)
                    copy.write(chunk)
                copy.flush()
                os.fsync(copy.fileno())
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        return digest.hexdigest(), size, temporary

    def keep(self, temporary: Path, sha256: str) -> None:
        """Move a finished copy to its place, read-only; an equal one may lie there."""
        final = plain_path(self._settings, sha256)
        if final.exists():
            temporary.unlink()
            return
        final.parent.mkdir(parents=True, exist_ok=True)
        temporary.chmod(0o444)
        temporary.rename(final)


class VaultArchive:
    """The archive of returns: encrypted, and closed to what was forgotten."""

    def __init__(self, settings: Settings, keys: Keys) -> None:
        self._settings = settings
        self._keys = keys
        self._forgotten = vault.forgotten(settings)

    def has(self, sha256: str) -> bool:
        """Whether those bytes are kept, or were forgotten and must not be."""
        return self.is_forgotten(sha256) or vault.original_path(self._settings, self._keys, sha256).exists()

    def is_forgotten(self, sha256: str) -> bool:
        """Whether those bytes were forgotten."""
        return self._keys.file_name(sha256) in self._forgotten

    def take(self, source: IO[bytes]) -> tuple[str, int, Path]:
        """Encrypt a file while hashing it."""
        return vault.take(self._settings, self._keys, source)

    def keep(self, temporary: Path, sha256: str) -> None:
        """Keep an encrypted copy, unless its bytes were forgotten."""
        if self.is_forgotten(sha256):
            temporary.unlink()
        else:
            vault.keep(self._settings, self._keys, temporary, sha256)


class Archives:
    """The archives of one scan; the vault is opened when the first return is met."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._plain = PlainArchive(settings)
        self._vault: VaultArchive | None = None
        self._reason: str | None = None

    def of(self, folder: str) -> Archive | None:
        """Return the archive of a landing folder, or None where there is no usable key."""
        return self._plain if folder != RETURNS else self.vault

    @property
    def vault(self) -> VaultArchive | None:
        """The archive of returns, or None where there is no usable key."""
        if self._vault is None and self._reason is None:
            try:
                keys = load_keys()
                self._reason = NO_KEY if keys is None else None
            except UsageError as error:
                keys, self._reason = None, str(error)
            if keys is not None:
                self._vault = VaultArchive(self._settings, keys)
        return self._vault

    @property
    def reason(self) -> str:
        """Why there is no archive of returns."""
        return self._reason or ""
