"""Forgetting: rows about children deleted for good, when asked for and when their time is over.

What is forgotten leaves the restricted store, whose file is then written anew so that no freed page
keeps it; its originals are deleted, the keys of their blocks overwritten first; and keyed names keep
it from coming back while it still lies in the landing zone, which belongs to those who deposit.
Values already published stay: they tell of no single child.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from transforms.errors import InputError, UsageError
from transforms.returns.reduction import normal
from warehouse import restricted, vault
from warehouse.keys import Keys, load_keys
from warehouse.restricted import Access, Submission
from warehouse.settings import Settings

log = logging.getLogger("safeguarding")


@dataclass(slots=True)
class Forgotten:
    """What was deleted, in counts; nothing about whom."""

    submissions: int = 0
    rows: int = 0
    originals: int = 0
    stay_out: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return asdict(self)


def forget_submissions(
    settings: Settings, keys: Keys, la_code: str, year: int, return_code: str | None, why: str
) -> Forgotten:
    """Forget all submissions of an authority and year, earlier ones too.

    Args:
        settings: places.
        keys: both secrets.
        la_code: of the authority.
        year: collection year.
        return_code: of one return only, or None for all of them.
        why: for the access log.

    Raises:
        InputError: there is none.
        WarehouseError: store or originals cannot be written.
    """
    access = Access("forget", why, la_code, return_code, year)
    _require_store(settings)
    with restricted.opened(settings, keys, access) as kept:
        due = [
            s
            for s in (*kept.submissions(), *kept.quarantined())
            if s.la_code == la_code and s.year == year and return_code in (None, s.return_code)
        ]
        if not due:
            raise InputError(f"{return_code or 'returns'} {year} of {la_code}: found none kept, expected a submission")
        found = _forget(settings, keys, kept, due)
    restricted.compact(settings, keys)
    return found


def _forget(settings: Settings, keys: Keys, kept: restricted.Store, due: Iterable[Submission]) -> Forgotten:
    """Delete submissions whole. Their originals go first: rows can be made of them, not they of rows."""
    found = Forgotten()
    for submission in due:
        found.originals += _discard(settings, keys, submission)
        names = [keys.file_name(part["sha256"]) for part in submission.parts]
        vault.mark_forgotten(settings, [*names, keys.file_name(submission.sha256)])
        found.rows += kept.forget_submission(submission)
        found.submissions += 1
        found.stay_out += len(names)
    return found


def _discard(settings: Settings, keys: Keys, submission: Submission) -> int:
    return sum(vault.discard(settings, keys, part["sha256"]) for part in submission.parts)


def forget_children(settings: Settings, keys: Keys, la_code: str, identifiers: Iterable[str], why: str) -> Forgotten:
    """Forget children by the identifiers an authority knows them by.

    Their rows go, with findings about them, and the originals of every submission they stood in.
    Files that held them are kept out from then on; a corrected file without them is taken as new.

    Args:
        settings: places.
        keys: both secrets.
        la_code: of the authority.
        identifiers: as they stood in the files; blank ones are passed over.
        why: for the access log; must not hold an identifier.

    Raises:
        InputError: no identifier was given, or none of them is known.
        WarehouseError: store or originals cannot be written.
    """
    from warehouse.returns_worker import digest_of

    wanted = sorted({normal(text) for text in identifiers} - {""})
    if not wanted:
        raise InputError("identifiers: found none, expected one a line")
    _require_store(settings)
    found, stood_in = Forgotten(), set()
    with restricted.opened(settings, keys, Access("forget", why, la_code)) as kept:
        by_sha = {submission.sha256: submission for submission in kept.submissions()}
        for text in wanted:
            gone, held = kept.forget_hash(digest_of(keys.hash_key(la_code), text))
            found.rows += gone
            for sha256, files in held.items():
                stood_in.add(sha256)
                found.stay_out += _keep_out(settings, keys, by_sha[sha256], files)
        for sha256 in stood_in:
            found.originals += _discard(settings, keys, by_sha[sha256])
    if not stood_in:
        raise InputError(f"identifiers: found none of them in the returns of {la_code}, expected at least one")
    restricted.compact(settings, keys)
    found.submissions = len(stood_in)
    return found


def _keep_out(settings: Settings, keys: Keys, submission: Submission, files: Iterable[str | None]) -> int:
    """Keep out the files that held a child: all of the submission where that is not known."""
    named = set(files)
    held = [p for p in submission.parts if None in named or not named or p["name"] in named]
    vault.mark_forgotten(settings, [keys.file_name(part["sha256"]) for part in held])
    return len(held)


def enforce_retention(settings: Settings, today: date) -> Forgotten | None:
    """Forget every submission whose time is over; what each load does first.

    Returns:
        What was deleted, or None where there was nothing to do, or no key to do it with.
    """
    from warehouse.returns import oldest_year
    from warehouse.standing import published

    if not restricted.store_path(settings).exists():
        return None
    try:
        keys = load_keys()
    except UsageError:
        keys = None  # the scan tells why
    oldest = oldest_year(settings, today)
    if keys is None:
        return None
    gone = vault.forgotten(settings)
    if all(one.year >= oldest or keys.file_name(one.sha256) in gone for one in published(settings)):
        return None
    why = f"kept for {settings.retention_years} years (SAFEGUARDING_RETENTION_YEARS)"
    with restricted.opened(settings, keys, Access("forget", why)) as kept:
        due = [s for s in (*kept.submissions(), *kept.quarantined()) if s.year < oldest]
        found = _forget(settings, keys, kept, due)
    restricted.compact(settings, keys)
    log.info("stage=retention submissions=%d rows=%d originals=%d", found.submissions, found.rows, found.originals)
    return found


def _require_store(settings: Settings) -> None:
    if not restricted.store_path(settings).exists():
        raise InputError(
            f"{restricted.store_path(settings)}: found no restricted store, expected a return to be loaded"
        )
