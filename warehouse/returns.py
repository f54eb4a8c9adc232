"""Submissions of returns, from the vault to staged rows: planned here, read in children, kept encrypted.

What one submission gives depends on the submissions of earlier years and on the population of the
authority. `based_on` is a hash of all that: where it changes, the submission is worked out anew, so
that the order in which returns come leaves no trace. Of two submissions of one year the one of the
later day stands, then the one received later; earlier ones are kept.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from transforms.errors import UsageError
from transforms.reports.model import Problem
from warehouse import restricted, vault
from warehouse.archive import NO_KEY
from warehouse.extract import Fault, Job, Limits, read_many
from warehouse.keys import Keys, load_keys, usable_keys
from warehouse.landing import FileVersion, archive_path
from warehouse.ledger import utc_now
from warehouse.local_values import write_values
from warehouse.restricted import Access, Submission
from warehouse.settings import Settings
from warehouse.sources import RETURN
from warehouse.standing import Known, Populations, basis, known_of, populations, published, standing, vintage_of
from warehouse.submissions import Named, named_by

log = logging.getLogger("safeguarding")

READ = "warehouse.returns_worker:read_submission"
TELL_YEAR = "warehouse.returns_worker:tell_year"
SUPPRESSED, NOT_COUNTED = "c", "-"

Outcome = tuple[str, Any, Fault | None]
Rows = dict[str, list[dict[str, Any]]]


def to_work_out_again(
    settings: Settings, wanted: Sequence[FileVersion], providers: Sequence[str] = ()
) -> list[FileVersion]:
    """Return submissions loaded before that must be worked out anew.

    Args:
        settings: places.
        wanted: what this load reads anyway.
        providers: hashes of the lists of providers in use.

    Returns:
        Those of the authorities and returns of `wanted`, to be looked at while it is read, and
        those whose population or lists of providers changed.
    """
    known = published(settings)
    if not known or (keys := usable_keys()) is None:
        return []
    reading = {file.sha256 for file in wanted}
    groups = {
        (n.la_code, n.return_code) for f in wanted if f.kind == RETURN if isinstance(n := named_by(f.path), Named)
    }
    stands, people = standing(known), populations(settings)
    due = {
        one.sha256
        for one in known
        if one.sha256 not in reading
        and ((one.la_code, one.return_code) in groups or _is_due(one, stands, people, providers))
    }
    return _kept_files(settings, keys, due)


def _is_due(
    one: Known, stands: Mapping[tuple[str, str, int], Known], people: Populations, providers: Sequence[str]
) -> bool:
    """Whether a published submission is to be worked out anew: it stands, and rests on something else by now."""
    is_standing = stands[(one.la_code, one.return_code, one.year)].sha256 == one.sha256
    return is_standing and basis(one, stands, people, providers) != one.based_on


def with_new_population(settings: Settings, manifest: Mapping[str, Any], build: Path) -> list[FileVersion]:
    """Return submissions in a merged version that rest on another population than it holds.

    Returns are read beside the statistics of their load, so they are computed from the population
    published before it; where the load itself brings another, they are worked out once more.

    Args:
        settings: places.
        manifest: the plan.
        build: the private file of the load.
    """
    before, now = populations(settings), populations(settings, build)
    changed = {la_code for la_code in before.keys() | now.keys() if before.get(la_code) != now.get(la_code)}
    if not changed or manifest.get("is_dry_run") or (keys := usable_keys()) is None:
        return []
    known, providers = published(settings, build), manifest.get("providers", [])
    stands = standing(known)
    due = {o.sha256 for o in known if o.la_code in changed if _is_due(o, stands, now, providers)}
    return _kept_files(settings, keys, due)


def _kept_files(settings: Settings, keys: Keys, due: Collection[str]) -> list[FileVersion]:
    """Return those submissions whose originals are kept, as they lay in the landing zone."""
    if not due:
        return []
    with restricted.opened(settings, keys, Access("load", "to see which returns are worked out anew")) as kept:
        files = [FileVersion.from_dict(json.loads(s.file)) for s in kept.submissions() if s.sha256 in due]
    return [file for file in files if _has_originals(settings, keys, file)]


def archived_submissions(settings: Settings) -> list[FileVersion]:
    """Return every submission whose originals are kept, as it lay in the landing zone.

    Raises:
        UsageError: there is a restricted store and no key.
        WarehouseError: the store cannot be opened.
    """
    if not restricted.store_path(settings).exists():
        return []
    keys = load_keys()
    if keys is None:
        raise UsageError(NO_KEY)
    with restricted.opened(settings, keys, Access("load", "to read all returns again")) as kept:
        files = [FileVersion.from_dict(json.loads(s.file)) for s in (*kept.submissions(), *kept.quarantined())]
    return [file for file in files if _has_originals(settings, keys, file)]


def _has_originals(settings: Settings, keys: Keys, file: FileVersion) -> bool:
    return all(vault.original_path(settings, keys, part["sha256"]).exists() for part in file.parts)


def limits_of(settings: Settings) -> Limits:
    """Return what the reading of one submission may use."""
    return Limits(
        memory_bytes=settings.return_memory_mb << 20,
        cpu_seconds=settings.return_seconds,
        wall_seconds=2.0 * settings.return_seconds,
    )


def read_submissions(settings: Settings, manifest: dict[str, Any], files: Sequence[FileVersion]) -> Iterator[Outcome]:
    """Read submissions and keep their rows; what `documents` calls for files of this source.

    Args:
        settings: places and limits.
        manifest: the plan.
        files: submissions, those to be worked out anew among them.

    Yields:
        sha256, a `Returned`, and a fault. Nothing for one loaded before that need not change.
    """
    from warehouse.documents import register_of

    keys = usable_keys()
    if keys is None:
        for file in files:
            yield file.sha256, None, Fault("refused", "file: found no key any more, expected the one of the plan")
        return
    authorities = register_of(settings, manifest).authorities
    known_codes = {a.la_code for a in authorities if a.la_code and a.geographic_level == "authority"}
    with restricted.opened(settings, keys, Access("load", f"load {manifest['load_id']}: what is kept")) as kept:
        before = {submission.sha256: submission for submission in kept.submissions()}
    reading = _Reading(settings, keys, before, manifest)
    due = []
    for file in files:
        fault = reading.take(file, known_codes)
        if fault is None:
            due.append(file)
        else:
            yield file.sha256, None, fault
    yield from reading.run(manifest["load_id"], due)


class _Reading:
    """The submissions of one batch, beside those kept from loads before."""

    def __init__(
        self, settings: Settings, keys: Keys, before: Mapping[str, Submission], manifest: Mapping[str, Any]
    ) -> None:
        self._settings, self._keys = settings, keys
        self._is_anew = bool(manifest.get("is_replay"))
        # A dry run leaves the restricted store as it is: what it would put there is held until it ends.
        self._is_dry = bool(manifest.get("is_dry_run"))
        self._held: dict[str, Any] = {}
        self._providers: list[str] = manifest.get("providers", [])
        merged = manifest.get("population_of")  # the version that a load is building, where it brings another
        self._populations = populations(settings, Path(merged) if merged else None)
        self._parts = {sha: submission.parts for sha, submission in before.items()}
        # What is published counts also where its rows were forgotten since: it was computed from.
        self._published = {one.sha256: one for one in published(settings)}
        self._known = {**self._published, **{s.sha256: known_of(s) for s in before.values()}}
        self._files: dict[str, FileVersion] = {}

    def take(self, file: FileVersion, known_codes: set[str]) -> Fault | None:
        """Take a submission in, or say why it may not be read."""
        named = named_by(file.path)
        if isinstance(named, str):
            return Fault("layout", f"folder: {named}")
        if named.la_code not in known_codes:
            expected = "the DfE code of an authority of the register"
            return Fault("unknown_authority", f"folder: found {named.la_code}, expected {expected}")
        day, received = vintage_of(file, named)
        # A slip of the pen in a year would stand above every later submission for as long.
        if (last := max(named.year or 0, day.year)) > received.year + 1:
            return Fault("layout", f"folder: found {last}, received in {received.year}, expected a year that has begun")
        self._files[file.sha256], self._parts[file.sha256] = file, tuple(file.parts)
        if file.sha256 not in self._known:
            year = named.year if named.year is not None else 0
            self._known[file.sha256] = Known(
                file.sha256, named.la_code, named.return_code, year, *vintage_of(file, named)
            )
        return None

    def run(self, load_id: str, files: Sequence[FileVersion]) -> Iterator[Outcome]:
        """Read submissions in children: first the years that no folder names, then all else."""
        unnamed = [f for f in files if self._known[f.sha256].year == 0]
        for outcome in self._children(TELL_YEAR, unnamed, {}):
            if outcome.fault is None:
                self._known[outcome.id] = replace(self._known[outcome.id], year=int(outcome.value))
            else:
                self._set_aside(load_id, outcome.id)
                del self._known[outcome.id]
                yield outcome.id, None, outcome.fault
        read: dict[str, Any] = {}
        # Year by year: what an earlier year turned out to be, refused or not, the later ones build upon.
        for year in sorted({one.year for one in self._known.values()}):
            for outcome in self._read_year(load_id, [f for f in files if self._year_of(f) == year]):
                if outcome[2] is None:
                    read[outcome[0]] = outcome[1]
                else:
                    yield outcome
        # What may be published of an authority is decided over all its returns together.
        write_values(self._settings, self._keys, load_id, [self._known[sha256] for sha256 in read], self._held)
        for sha256, value in read.items():
            yield sha256, value, None

    def _year_of(self, file: FileVersion) -> int | None:
        one = self._known.get(file.sha256)
        return one.year if one else None

    def _read_year(self, load_id: str, files: Sequence[FileVersion]) -> Iterator[Outcome]:
        """Read the submissions of one year that are new or no longer as they were worked out."""
        due = []
        stands = standing(self._known.values())
        # One that stands is weighed again when another of its year comes late, as if that had come before it.
        new = (self._known[file.sha256] for file in files if file.sha256 not in self._published)
        joined = {(one.la_code, one.return_code, one.year) for one in new}
        for file in files:
            one = self._known[file.sha256]
            if self._is_expired(one):
                yield file.sha256, None, self._refuse_expired(file, one)
                continue
            rests_on = basis(one, stands, self._populations, self._providers)
            published_as = self._published.get(file.sha256)
            # What was sent again is withheld, whatever it would be worked out from now.
            place = (one.la_code, one.return_code, one.year)
            is_other = published_as is not None and (published_as.based_on != rests_on or place in joined)
            is_standing = stands[place].sha256 == one.sha256
            if self._is_anew or published_as is None or (is_standing and is_other):
                self._known[file.sha256] = replace(one, based_on=rests_on)
                due.append(file)
        for outcome in self._children(READ, due, stands):
            if outcome.fault is None:
                self._keep(load_id, outcome.value)
            else:
                self._set_aside(load_id, outcome.id)
                del self._known[outcome.id]
            yield outcome.id, outcome.value, outcome.fault

    def _children(
        self, work: str, files: Sequence[FileVersion], stands: Mapping[tuple[str, str, int], Known]
    ) -> Iterator[Any]:
        jobs = [Job(file.sha256, None, (self._task(file, stands),)) for file in files]
        return read_many(jobs, work, limits_of(self._settings), self._settings.processes)

    def _task(self, file: FileVersion, stands: Mapping[tuple[str, str, int], Known]) -> Any:
        from warehouse.returns_worker import Task

        one, named = self._known[file.sha256], named_by(file.path)
        earlier = {
            year: self._sealed(self._parts[other.sha256])
            for (la_code, return_code, year), other in stands.items()
            if (la_code, return_code) == (one.la_code, one.return_code) and year < one.year
            if self._is_there(other.sha256)
        }
        return Task(
            file.sha256,
            one.la_code,
            one.return_code,
            one.year or None,
            named.day if isinstance(named, Named) else None,
            self._sealed(file.parts),
            earlier,
            self._keys.hash_key(one.la_code),
            dict(self._populations.get(one.la_code, {})),
            tuple(str(archive_path(self._settings, sha256)) for sha256 in self._providers),
        )

    def _sealed(self, parts: Iterable[Mapping[str, Any]]) -> tuple[Any, ...]:
        """Return where encrypted files are, with the key of each."""
        from warehouse.returns_worker import Part

        return tuple(
            Part(
                part["name"],
                str(vault.original_path(self._settings, self._keys, part["sha256"])),
                self._keys.file_key(part["sha256"]),
            )
            for part in parts
        )

    def _is_there(self, sha256: str) -> bool:
        """Whether the originals of a submission are kept still: some may have been forgotten."""
        parts = self._parts.get(sha256, ())
        paths = [vault.original_path(self._settings, self._keys, part["sha256"]) for part in parts]
        return bool(paths) and all(path.exists() for path in paths)

    def _is_expired(self, one: Known) -> bool:
        return one.year < oldest_year(self._settings, utc_now().date())

    def _refuse_expired(self, file: FileVersion, one: Known) -> Fault:
        del self._known[file.sha256]
        for part in file.parts:
            vault.discard(self._settings, self._keys, part["sha256"])
        years = self._settings.retention_years
        return Fault(
            "retention",
            f"submission: found the collection year {one.year}, expected one within the {years} years "
            "that rows about children are kept (SAFEGUARDING_RETENTION_YEARS)",
        )

    def _keep(self, load_id: str, found: Any) -> None:
        """Put the rows of a submission into the restricted store; in a dry run hold its values only."""
        from transforms.returns.reading import unpacked

        one = self._known[found.sha256]
        if self._is_dry:
            self._held[found.sha256] = unpacked(found.results)
        else:
            with restricted.opened(self._settings, self._keys, self._access(load_id, one)) as kept:
                kept.write(
                    self._submission(one, found.period_end),
                    {name: unpacked(stream) for name, stream in found.tables.items()},
                    unpacked(found.verdicts),
                    unpacked(found.findings),
                    unpacked(found.results),
                    unpacked(found.hashes)["hash"],
                )
        found.tables, found.findings, found.results, found.hashes = {}, b"", b"", b""
        found.based_on = one.based_on

    def _set_aside(self, load_id: str, sha256: str) -> None:
        """Note a submission that cannot be read, under the year its folder tells of."""
        if self._is_dry:
            return
        one = self._known[sha256]
        dated = replace(one, year=one.year or one.vintage_date.year)
        with restricted.opened(self._settings, self._keys, self._access(load_id, dated)) as kept:
            kept.set_aside(self._submission(dated, date(dated.year, 12, 31)))

    def _access(self, load_id: str, one: Known) -> Access:
        return Access("load", f"load {load_id}", one.la_code, one.return_code, one.year)

    def _submission(self, one: Known, period_end: date) -> Submission:
        file = self._files[one.sha256]
        return Submission(
            one.sha256,
            one.la_code,
            one.return_code,
            one.year,
            file.path,
            one.vintage_date,
            one.received_at,
            period_end,
            tuple(file.parts),
            json.dumps(file.as_dict()),
            one.based_on,
        )


def oldest_year(settings: Settings, today: date) -> int:
    """Return the oldest collection year whose rows may still be kept.

    A collection year is over at the latest at the end of September of its number (workforce), and
    counts from the end of that year.
    """
    return today.year - settings.retention_years


def lay_out(file: FileVersion, parsed: Any, row: dict[str, Any]) -> tuple[Rows, list[Problem]]:
    """Lay what a submission gave into rows that anyone may see.

    Returns:
        Rows by shape name: the submission, and how its rules ended without small numbers; and all problems.
    """
    from transforms.returns.reading import entry_of, unpacked

    named = named_by(file.path)
    if isinstance(named, str):
        return {}, [Problem("layout", "blocking", f"folder: {named}")]
    title = f"{entry_of(named.return_code).title}, {parsed.year} ({named.la_code})"
    row |= {
        "media_type": "application/octet-stream",
        "title": title,
        "publication": named.return_code,
        "published_date": named.day,
        "published_date_source": "folder" if named.day else None,
    }
    common = {
        "sha256": file.sha256,
        "la_code": named.la_code,
        "return_code": named.return_code,
        "year": parsed.year,
    }
    rules = [{**common, **_shown(verdict)} for verdict in unpacked(parsed.verdicts).iter_rows(named=True)]
    submission = {
        **common,
        "period_start": parsed.period_start,
        "period_end": parsed.period_end,
        "file_count": len(file.parts),
        "based_on": parsed.based_on,
    }
    return {"return_submission": [submission], "return_rule": rules}, list(parsed.problems)


def _shown(verdict: Mapping[str, Any]) -> dict[str, Any]:
    """Return a verdict as anyone may see it: no count of one to five."""
    from warehouse.returns_worker import SMALLEST

    count = int(verdict["findings"])
    is_counted = verdict["state"] in ("passed", "failed")
    is_small = 0 < count < SMALLEST
    return {
        "rule_code": verdict["rule_code"],
        "severity": verdict["severity"],
        "state": verdict["state"],
        "findings": count if is_counted and not is_small else None,
        "findings_shown": NOT_COUNTED if not is_counted else SUPPRESSED if is_small else str(count),
        "needs": verdict["needs"] or None,
        "fields": verdict["fields"] or None,
        "message": verdict["message"],
    }
