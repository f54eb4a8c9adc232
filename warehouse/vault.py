"""Originals of returns, kept encrypted: the raw archive of everything that is about single children.

A file is encrypted in blocks with AES-256-GCM under a key of its own, while it is hashed, so that
neither its size nor a crash ever puts plain bytes on the disk. Every block is bound to its place
and to whether it is the last: blocks cannot be swapped, dropped or cut off unseen. The name is a
keyed hash, so that a listing does not tell which files were received.
"""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import struct
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from transforms.errors import WarehouseError
from warehouse.keys import Keys
from warehouse.settings import Settings

MAGIC = b"SGV1"
BLOCK = 1 << 20
_TAG = 16
_SALT = 8
_NONCE = struct.Struct(">8sI")
_ABOUT = struct.Struct(">I?")
INCOMING = ".incoming-"


def place_of(settings: Settings) -> Path:
    """Return where everything restricted is kept, whether it is there or not."""
    return settings.warehouse / "restricted"


def folder(settings: Settings) -> Path:
    """Return the folder of everything restricted, made with mode 0700 if absent."""
    place = place_of(settings)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    place.chmod(0o700)
    return place


def original_path(settings: Settings, keys: Keys, sha256: str) -> Path:
    """Return where the original of that hash is kept."""
    name = keys.file_name(sha256)
    return place_of(settings) / "originals" / name[:2] / name


def take(settings: Settings, keys: Keys, source: IO[bytes]) -> tuple[str, int, Path]:
    """Encrypt a file into a private file while hashing it; `keep` gives it its name.

    The key of a file depends on its hash, which is known only at its end: the blocks are therefore
    encrypted under a random key, which the head of the file holds, itself encrypted under that key.

    Returns:
        Its sha256, its size, and the private file.
    """
    place = folder(settings) / "originals"
    place.mkdir(exist_ok=True, mode=0o700)
    temporary = place / f"{INCOMING}{os.getpid()}-{time.monotonic_ns()}"
    key, salt = secrets.token_bytes(32), secrets.token_bytes(_SALT)
    cipher, digest, size, number = AESGCM(key), hashlib.sha256(), 0, 0
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(MAGIC + salt + bytes(12 + 32 + _TAG))
            block = source.read(BLOCK)
            while True:
                following = source.read(BLOCK) if block else b""
                digest.update(block)
                size += len(block)
                out.write(cipher.encrypt(_NONCE.pack(salt, number), block, _ABOUT.pack(number, not following)))
                number += 1
                if not following:
                    break
                block = following
            sha256 = digest.hexdigest()
            nonce = secrets.token_bytes(12)
            out.seek(len(MAGIC) + _SALT)
            out.write(nonce + AESGCM(keys.file_key(sha256)).encrypt(nonce, key, MAGIC + salt))
            out.flush()
            os.fsync(out.fileno())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return sha256, size, temporary


def keep(settings: Settings, keys: Keys, temporary: Path, sha256: str) -> Path:
    """Give an encrypted file its name; an equal one may lie there already."""
    final = original_path(settings, keys, sha256)
    if final.exists():
        temporary.unlink()
        return final
    final.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary.rename(final)
    return final


def discard(settings: Settings, keys: Keys, sha256: str) -> bool:
    """Delete an original; return whether there was one.

    Its blocks are encrypted under a key that only its head holds: that is overwritten first, so
    that a copy of the blocks which the file system may keep cannot be decrypted any more.
    """
    path = original_path(settings, keys, sha256)
    try:
        with path.open("r+b") as file:
            file.write(secrets.token_bytes(len(MAGIC) + _SALT + 12 + 32 + _TAG))
            file.flush()
            os.fsync(file.fileno())
    except FileNotFoundError:
        return False
    path.unlink(missing_ok=True)
    return True


def forgotten(settings: Settings) -> set[str]:
    """Return the keyed names (`Keys.file_name`) of what was forgotten and is not to come back.

    Raises:
        WarehouseError: their list cannot be read.
    """
    path = place_of(settings) / "forgotten"
    try:
        return set(path.read_text("ascii").split())
    except FileNotFoundError:
        return set()
    except (OSError, ValueError) as error:
        raise WarehouseError(f"{path}: found {type(error).__name__}, expected a list of keyed names") from None


def mark_forgotten(settings: Settings, names: Iterable[str]) -> None:
    """Remember by their keyed names that files, or submissions, are not to come back."""
    path = folder(settings) / "forgotten"
    known = forgotten(settings)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write("".join(f"{name}\n" for name in sorted(set(names) - known)).encode("ascii"))
        file.flush()
        os.fsync(handle)


def blocks(path: Path, file_key: bytes) -> Iterator[bytes]:
    """Decrypt an original block by block, at most 1 MB at a time.

    Args:
        path: of the encrypted file.
        file_key: of that file (`Keys.file_key`).

    Raises:
        WarehouseError: it is gone, cut short, changed, or of another key.
    """
    try:
        with path.open("rb") as file:
            head = file.read(len(MAGIC) + _SALT + 12 + 32 + _TAG)
            salt, nonce = head[4:12], head[12:24]
            if not head.startswith(MAGIC):
                raise InvalidTag
            cipher = AESGCM(AESGCM(file_key).decrypt(nonce, head[24:], MAGIC + salt))
            number, block = 0, file.read(BLOCK + _TAG)
            while True:
                following = file.read(BLOCK + _TAG)
                yield cipher.decrypt(_NONCE.pack(salt, number), block, _ABOUT.pack(number, not following))
                if not following:
                    return
                number, block = number + 1, following
    except (InvalidTag, ValueError) as error:
        raise WarehouseError(
            f"{path}: found an original that cannot be decrypted ({type(error).__name__}), "
            "expected one kept under the present key and unchanged since"
        ) from None
    except OSError as error:
        raise WarehouseError(f"{path}: found {error.strerror}, expected a kept original") from None


def read(path: Path, file_key: bytes) -> bytes:
    """Decrypt a whole original into memory.

    Raises:
        WarehouseError: as `blocks`.
    """
    return b"".join(blocks(path, file_key))


class Decrypted(io.RawIOBase):
    """An original as a plain file to read from: decrypted a block at a time, in memory only."""

    def __init__(self, path: Path, file_key: bytes) -> None:
        super().__init__()
        self._path, self._key = path, file_key
        self._blocks = blocks(path, file_key)
        self._ready = b""
        self._at = 0

    def readable(self) -> bool:
        """It can be read."""
        return True

    def seekable(self) -> bool:
        """Its beginning can be gone back to."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go back to the beginning.

        Raises:
            io.UnsupportedOperation: any other place.
        """
        if (offset, whence) != (0, os.SEEK_SET):
            raise io.UnsupportedOperation("only the beginning can be gone to")
        if self._at:
            self._blocks, self._ready, self._at = blocks(self._path, self._key), b"", 0
        return 0

    def tell(self) -> int:
        """Return how many bytes were read."""
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer as far as there is something ready."""
        while not self._ready:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._ready = block
        view = memoryview(buffer).cast("B")
        taken = self._ready[: len(view)]
        view[: len(taken)] = taken
        self._ready = self._ready[len(taken) :]
        self._at += len(taken)
        return len(taken)


def plain(path: Path, file_key: bytes) -> IO[bytes]:
    """Open an original to be read from its beginning."""
    return io.BufferedReader(Decrypted(path, file_key), BLOCK)
