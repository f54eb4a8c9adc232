"""Explore Education Statistics: releases of publications, their files, and the data-set API.

What is assumed of the service's content interface (base address `.../api/`):

- `publications/<slug>/release-entries` lists releases, newest first, as pages of `results` with
  `paging`, and in older versions of the service `.../releases` does as a plain list; each has
  `slug` and `published`; links to older sites have neither;
- `publications/<slug>/releases/<release>` describes one: `id` of its version, `published`, and its
  files as `downloadFiles` (`id`, `name`, `fileName`, `extension`, `type`); newer versions of the
  service tell the same at `.../data-content` and `.../version-summary` under other names;
- `releases/<version id>/files/<file id>` is a file, `releases/<version id>/files` all of them in a
  ZIP that is made anew for each visitor, without a length.

And of the public one: `v1/publications`, `v1/publications/<id>/data-sets` (pages of `results`), and
`v1/data-sets/<id>/csv`, which sends gzip. Few data sets are in it, and most of those are files of
a release as well: only what no release gave is taken from it.

A release can be amended in place: it then has another version id, so its files have other
addresses. Changed ones land below the day of publication that the service then says, or beside the
first ones where it says the same day; the day of the latest note is no vintage, since notes are
added for other reasons too, even after the next release. Names are declared below, most likely
first; whatever else the service says is passed over.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from transforms.errors import FetchError
from warehouse.fetch.client import AbsentError, OutOfTimeError
from warehouse.fetch.content import KINDS
from warehouse.fetch.listing import GetPage, Listed, Missing, read_date, safe_name, slug
from warehouse.settings import OFF, Settings

MOST_PAGES = 200
RELEASES = (
    "publications/{publication}/release-entries?page={page}&pageSize=20",
    "publications/{publication}/releases?page={page}&pageSize=20",
)
RELEASE = (
    "publications/{publication}/releases/{release}",
    "publications/{publication}/releases/{release}/data-content",
    "publications/{publication}/releases/{release}/version-summary",
)
FILE = "releases/{version}/files/{file}"
ALL_FILES = "releases/{version}/files"
API_PUBLICATIONS = "v1/publications?page={page}&pageSize=40"
API_DATA_SETS = "v1/publications/{publication}/data-sets?page={page}&pageSize=20"
API_CSV = "v1/data-sets/{data_set}/csv?dataSetVersion={version}"

RELEASE_SLUG = ("slug", "releaseSlug")
VERSION_ID = ("releaseVersionId", "id")
PUBLISHED = ("published", "publishedDate", "lastUpdated")
FILES = ("downloadFiles", "dataSets", "supportingFiles")
FILE_ID = ("fileId", "id")
FILE_NAME = ("fileName", "filename")
FILE_TITLE = ("name", "title")
DATA_SET_ID = ("dataSetFileId",)
LICENCE = "Open Government Licence v3.0"
PUBLISHER = "Department for Education"

# Kinds of file that a release may name and that are never data.
NO_DATA = {"allfileszip", "metadata", "image", "chart", "datazip"}


@dataclass(slots=True)
class Release:
    """One release of a publication, with what it gave."""

    publication: str
    name: str
    version: str
    published: str

    @property
    def folder(self) -> str:
        """Where its files land."""
        return f"statistics/{self.publication}/{self.published}"

    def about(self, **more: Any) -> dict[str, Any]:
        """Return what the JSON file beside a file of it says."""
        told = {"publication": self.publication, "release": self.name, "published_date": self.published}
        return {**told, "publisher": PUBLISHER, "licence": LICENCE, **more}


def listed(get: GetPage, settings: Settings) -> Iterator[Listed | Missing]:
    """Yield the data files of every release of the publications that are wanted.

    Args:
        get: gives the page of an address.
        settings: base addresses and publications.

    Yields:
        Files, and what could not be read.
    """
    given: set[tuple[str, str]] = set()  # publication and title or data set, that releases gave
    for publication in settings.fetch_publications.split(","):
        yield from _publication(get, settings.fetch_statistics_url, publication, given)
    if settings.fetch_statistics_api_url != OFF:
        yield from _data_sets(get, settings, given)


def _publication(get: GetPage, base: str, publication: str, given: set[tuple[str, str]]) -> Iterator[Listed | Missing]:
    """Yield the files of one publication; one release that cannot be read does not hide the others."""
    try:
        releases = _releases(get, base, publication)
    except OutOfTimeError:
        raise
    except FetchError as error:
        yield Missing(f"{base}publications/{publication}", str(error))
        return
    if not releases:
        yield Missing(f"{base}publications/{publication}", "found no release, expected at least one")
    for item in releases:
        name = _id(item, RELEASE_SLUG)
        try:
            yield from _release(get, base, publication, name, given)
        except OutOfTimeError:
            raise
        except FetchError as error:
            yield Missing(f"{base}publications/{publication}/releases/{name}", str(error))


def _releases(get: GetPage, base: str, publication: str) -> list[dict[str, Any]]:
    """Return the releases of a publication, listed in one of the ways the service has."""
    for place in RELEASES:
        try:
            return [item for item in _results(get, base + place, publication=publication) if _id(item, RELEASE_SLUG)]
        except AbsentError as error:
            absent = error
    raise absent


def _release(
    get: GetPage, base: str, publication: str, name: str, given: set[tuple[str, str]]
) -> Iterator[Listed | Missing]:
    """Yield the files of one release, described in one of the ways the service has."""
    version, published, files = "", None, list[dict[str, Any]]()
    absent: FetchError | None = None
    for place in RELEASE:
        url = base + place.format(publication=publication, release=name)
        try:
            told = _json(get, url)
        except AbsentError as error:  # any other failure may hide files, and ends this release
            absent = error
            continue
        version = _id(told, VERSION_ID[:1]) or version or _id(told, VERSION_ID)
        published = published or read_date(_text(told, PUBLISHED)[:10])
        files = files or [entry for key in FILES for entry in _objects(told.get(key))]
        if version and published and files:
            break
    if not version or published is None:
        raise absent or FetchError(f"{base}...{name}: found no version id or no day, expected a published release")
    release = Release(publication, name, version, published.isoformat())
    found = [made for entry in files if (made := _file(base, release, entry)) is not None]
    for made in found:
        given |= {(publication, str(made.about[key])) for key in ("title", "data_set") if made.about.get(key)}
    if found:
        yield from found
    else:
        address = base + ALL_FILES.format(version=version)
        name = f"{publication}_{name}"
        yield Listed(address, release.folder, safe_name(name, "zip"), "zip", release.about(title=name))


def _file(base: str, release: Release, entry: dict[str, Any]) -> Listed | None:
    """Return one file of a release, or None if it holds no data."""
    file = _id(entry, FILE_ID)
    name = _text(entry, FILE_NAME)
    title = _text(entry, FILE_TITLE)
    ending = (_text(entry, ("extension",)) or name.rpartition(".")[2] or "csv").lower().lstrip(".")
    if not name and "dataSetFileId" in entry:
        ending = "csv"  # newer answers name data sets by title alone
    if not file or ending not in KINDS - {"pdf"} or _text(entry, ("type",)).lower() in NO_DATA:
        return None
    about = release.about(title=title or None, data_set=_text(entry, DATA_SET_ID) or None)
    url = base + FILE.format(version=release.version, file=file)
    return Listed(url, release.folder, safe_name(name or slug(title), ending), ending, about)


def _data_sets(get: GetPage, settings: Settings, given: set[tuple[str, str]]) -> Iterator[Listed | Missing]:
    """Yield the latest version of each data set that only the public interface has."""
    base = settings.fetch_statistics_api_url
    wanted = set(settings.fetch_publications.split(","))
    try:
        known = {_text(item, ("slug",)): _id(item, ("id",)) for item in _results(get, base + API_PUBLICATIONS)}
    except OutOfTimeError:
        raise
    except FetchError as error:
        yield Missing(f"{base}v1/publications", str(error))
        return
    for publication in sorted(wanted & set(known)):
        try:
            for item in _results(get, base + API_DATA_SETS, publication=known[publication]):
                if (made := _data_set(base, publication, item, given)) is not None:
                    yield made
        except OutOfTimeError:
            raise
        except FetchError as error:
            yield Missing(f"{base}v1/publications/{known[publication]}/data-sets", str(error))


def _data_set(base: str, publication: str, item: dict[str, Any], given: set[tuple[str, str]]) -> Listed | None:
    """Return the latest version of a data set, or None if a release gave it or it is withdrawn."""
    latest = next(_objects([item.get("latestVersion")]), {})
    file = next(_objects([latest.get("file")]), {})
    of_release = next(_objects([latest.get("release")]), {})
    title, version = _text(item, FILE_TITLE), _id(latest, ("version",))
    published = read_date(_text(latest, PUBLISHED)[:10])
    if not version or published is None or _text(item, ("status",)).lower() not in ("", "published"):
        return None
    if {(publication, title), (publication, _id(file, ("id",)))} & given:
        return None
    data_set = _id(item, ("id",))
    release = Release(publication, _text(of_release, ("slug", "title")), version, str(published))
    url = base + API_CSV.format(data_set=data_set, version=version)
    about = release.about(title=title, data_set=data_set, data_set_version=version)
    return Listed(url, release.folder, safe_name(f"{slug(title)}_v{version}", "csv"), "csv", about)


def _results(get: GetPage, address: str, **names: str) -> Iterator[dict[str, Any]]:
    """Yield the entries of a list, page by page where the service divides it."""
    given, before = 0, None
    for page in range(1, MOST_PAGES + 1):
        told = _read(get, address.format(page=page, **names))
        entries = told if isinstance(told, list) else told.get("results") if isinstance(told, dict) else None
        if not isinstance(entries, list):
            raise FetchError(f"{address.format(page=page, **names)}: found no list of results, expected one")
        if not entries or entries == before:  # beyond the last page, which some services give again
            return
        yield from _objects(entries)
        given, before = given + len(entries), entries
        paging = told.get("paging") if isinstance(told, dict) else None
        if not isinstance(paging, dict) or _is_last(paging, page, given):
            return
    raise FetchError(f"{address.format(page=1, **names)}: found more than {MOST_PAGES} pages, expected fewer")


def _is_last(paging: dict[str, Any], page: int, given: int) -> bool:
    """Whether a page of results is the last; where the service does not tell how many there are, it is not."""
    pages, results = _text(paging, ("totalPages",)), _text(paging, ("totalResults",))
    if pages.isdecimal():
        return page >= int(pages)
    return results.isdecimal() and given >= int(results)


def _json(get: GetPage, url: str) -> dict[str, Any]:
    told = _read(get, url)
    if not isinstance(told, dict):
        raise FetchError(f"{url}: found a {type(told).__name__}, expected a JSON object")
    return told


def _read(get: GetPage, url: str) -> Any:
    """Return what a page of JSON says.

    Raises:
        FetchError: it could not be got or is no JSON.
    """
    page = get(url)
    try:
        return json.loads(page.body)
    except (ValueError, RecursionError) as error:
        raise FetchError(f"{url}: found no JSON ({error}), expected some") from error


def _objects(values: Any) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of a list; nothing of what is no list."""
    if isinstance(values, list):
        yield from (value for value in values if isinstance(value, dict))


def _text(values: dict[str, Any], names: tuple[str, ...]) -> str:
    """Return the first of these that is there, as text; empty if none is."""
    for name in names:
        value = values.get(name)
        if isinstance(value, (str, int)) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()
    return ""


def _id(values: dict[str, Any], names: tuple[str, ...]) -> str:
    """Return an id with nothing in it that could lead to another address."""
    return re.sub(r"[^A-Za-z0-9._-]", "", _text(values, names)).strip(".")
