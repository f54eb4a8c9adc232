"""Explore Education Statistics: publications, releases, files and data sets, as the service gives them."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from typing import Any

import pytest

from tests.integration.fetch.conftest import Fetching
from tests.integration.fetch.service import Answer

CSV = b"time_period,time_identifier,geographic_level\n2024,Reporting year,National\n"
JSON = "application/json; charset=utf-8"
RELEASES = "/api/publications/children-in-need/release-entries?page={}&pageSize=20"
OLDER = "/api/publications/children-in-need/releases?page={}&pageSize=20"
RELEASE = "/api/publications/children-in-need/releases/{}"
API = "/statistics/v1"


def give(fetching: Fetching, path: str, told: Any) -> None:
    fetching.site.page(path, json.dumps(told), JSON)


def pages(*results: dict[str, Any], page: int = 1, of: int = 1) -> dict[str, Any]:
    return {"results": list(results), "paging": {"page": page, "pageSize": 50, "totalPages": of, "totalResults": 9}}


def listing(slug: str, published: str = "2024-11-14T09:30:00Z") -> dict[str, Any]:
    return {"id": f"listed-{slug}", "slug": slug, "title": f"Reporting year {slug}", "published": published}


def file(number: str, name: str, kind: str = "Data") -> dict[str, Any]:
    ending = name.rpartition(".")[2]
    return {
        "id": number,
        "extension": ending,
        "fileName": name,
        "name": f"Title of {number}",
        "size": "1 Kb",
        "type": kind,
    }


def release(fetching: Fetching, slug: str, published: str, *files: dict[str, Any], version: str = "") -> str:
    """Publish a release; returns the id of its version."""
    version = version or f"version-{slug}"
    told = {"id": version, "slug": slug, "published": f"{published}T09:30:00Z", "downloadFiles": list(files)}
    give(fetching, RELEASE.format(slug), told)
    for item in (item for item in files if "id" in item):
        fetching.site.file(f"/api/releases/{version}/files/{item['id']}", CSV + item["id"].encode(), "text/csv")
    return version


@pytest.fixture
def one(fetching: Fetching) -> Fetching:
    """One publication with one release of one file; nothing in the public interface."""
    give(fetching, RELEASES.format(1), pages(listing("2024")))
    release(fetching, "2024", "2024-11-14", file("f1", "b1_children_in_need_2013_to_2024.csv"))
    give(fetching, f"{API}/publications?page=1&pageSize=40", pages())
    return fetching


PATH = "statistics/children-in-need/2024-11-14/b1_children_in_need_2013_to_2024.csv"


def test_a_release_lands_below_its_day(one: Fetching) -> None:
    summary = one.run("statistics")
    assert (summary.files_new, summary.files_failed, summary.exit_code) == (1, 0, 0)
    assert one.landed() == {PATH: CSV + b"f1"}
    beside = one.beside(PATH)
    assert beside["published_date"] == "2024-11-14"
    assert beside["publication"] == "children-in-need"
    assert beside["release"] == "2024"
    assert beside["title"] == "Title of f1"
    assert beside["source_url"] == one.site.url("/api/releases/version-2024/files/f1")


def test_every_release_is_fetched_page_by_page_and_links_to_older_sites_are_not(one: Fetching) -> None:
    older = {"id": "x", "title": "2012", "url": "https://www.gov.uk/older", "isLegacyLink": True}
    give(one, RELEASES.format(1), pages(listing("2024"), of=2))
    give(one, RELEASES.format(2), pages(listing("2023"), older, page=2, of=2))
    release(one, "2023", "2023-10-26", file("f0", "b1.csv"))
    one.run("statistics")
    assert sorted(one.landed()) == ["statistics/children-in-need/2023-10-26/b1.csv", PATH]


def test_a_list_that_is_not_divided_is_read_too(one: Fetching) -> None:
    del one.site.answers[RELEASES.format(1)]
    give(one, OLDER.format(1), [listing("2024")])
    assert one.run("statistics").files_new == 1


def test_only_data_is_fetched(one: Fetching) -> None:
    files = [
        file("f1", "b1.csv"), file("f2", "tables.ods", "Ancillary"), file("f3", "notes.pdf", "Ancillary"),
        file("f4", "all.zip", "AllFilesZip"), file("f5", "picture.png", "Image"), {"name": "no id", "type": "Data"},
    ]  # fmt: skip
    release(one, "2024", "2024-11-14", *files)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("content.xml", "<x/>")
    one.site.file("/api/releases/version-2024/files/f2", packed.getvalue(), "application/octet-stream")
    summary = one.run("statistics")
    assert (summary.files_new, summary.files_failed) == (2, 0)
    assert [path.rpartition("/")[2] for path in one.landed()] == ["b1.csv", "tables.ods"]


@pytest.mark.parametrize("older", [404, 200])
def test_the_newer_description_of_a_release(one: Fetching, older: int) -> None:
    give(one, RELEASE.format("2024"), {"id": "release", "slug": "2024", "title": "No files told here"})
    if older == 404:
        one.site.answers[RELEASE.format("2024")] = Answer(status=404)
    told = {
        "releaseId": "release", "releaseVersionId": "version-9",
        "dataSets": [{"dataSetFileId": "set-1", "fileId": "f7", "title": "Children in need"}],
        "supportingFiles": [{"fileId": "f8", "extension": "zip", "filename": "more.zip", "title": "More"}],
    }  # fmt: skip
    give(one, RELEASE.format("2024") + "/data-content", told)
    summed = {"id": "version-9", "published": "2024-11-14T09:30:00Z", "slug": "2024"}
    give(one, RELEASE.format("2024") + "/version-summary", summed)
    one.site.file("/api/releases/version-9/files/f7", CSV, "text/csv")
    one.site.file("/api/releases/version-9/files/f8", zipped(("a.csv", CSV)), "application/zip")
    one.run("statistics")
    assert [path.rpartition("/")[2] for path in one.landed()] == ["children-in-need.csv", "more.zip"]


def zipped(*members: tuple[str, bytes], day: int = 1) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, day, 0, 0, 0)), data)
    return out.getvalue()


def test_a_release_that_lists_no_file_is_fetched_whole_and_known_again(one: Fetching) -> None:
    version = release(one, "2024", "2024-11-14")
    path = f"/api/releases/{version}/files"
    one.site.answers[path] = Answer(zipped(("data/a.csv", CSV)), "application/octet-stream", declared=False)
    assert one.run("statistics").files_new == 1
    # Packed anew for each visitor: other bytes, same members.
    one.site.answers[path] = Answer(zipped(("data/a.csv", CSV), day=2), "application/octet-stream", declared=False)
    summary = one.run("statistics")
    assert (summary.files_new, summary.files_changed, summary.files_unchanged) == (0, 0, 1)
    assert list(one.landed()) == ["statistics/children-in-need/2024-11-14/children-in-need_2024.zip"]
    # The same with other content is another version, and the first one stays as it is.
    one.site.answers[path] = Answer(zipped(("data/a.csv", CSV + b"x")), "application/octet-stream", declared=False)
    assert one.run("statistics").files_changed == 1
    assert len(one.landed()) == 2


def test_an_amended_release_is_a_later_vintage(one: Fetching) -> None:
    one.run("statistics")
    version = release(one, "2024", "2025-01-20", file("f1", "b1_children_in_need_2013_to_2024.csv"), version="v2")
    one.site.file(f"/api/releases/{version}/files/f1", CSV + b"amended", "text/csv")
    one.run("statistics")
    assert sorted(one.landed()) == [PATH, PATH.replace("2024-11-14", "2025-01-20")]


def test_an_amendment_of_the_same_day_lies_beside_the_first(one: Fetching) -> None:
    one.run("statistics")
    version = release(one, "2024", "2024-11-14", file("f1", "b1_children_in_need_2013_to_2024.csv"), version="v2")
    one.site.file(f"/api/releases/{version}/files/f1", CSV + b"amended", "text/csv")
    assert one.run("statistics").files_new == 1
    landed = one.landed()
    assert landed.pop(PATH) == CSV + b"f1"
    ((path, data),) = landed.items()
    assert (path.rpartition("/")[0], data) == (PATH.rpartition("/")[0], CSV + b"amended")


@pytest.mark.parametrize("odd", [{"downloadFiles": 5}, {"downloadFiles": {"a": 1}}, {"downloadFiles": ["x", None]}])
def test_odd_descriptions_are_passed_over(one: Fetching, odd: dict[str, Any]) -> None:
    give(one, RELEASE.format("2024"), {"id": "v", "published": "2024-11-14", **odd})
    give(one, f"{API}/publications?page=1&pageSize=40", pages({"id": "p", "slug": "children-in-need"}))
    odd_set = {"id": "s", "title": "T", "latestVersion": "1.0"}
    give(one, f"{API}/publications/p/data-sets?page=1&pageSize=20", pages(odd_set, {"latestVersion": {"file": []}}))
    one.site.file("/api/releases/v/files", zipped(("a.csv", CSV)), "application/zip")
    assert one.run("statistics").files_new == 1


def test_what_was_not_amended_is_unchanged_under_its_new_address(one: Fetching) -> None:
    one.run("statistics")
    version = release(one, "2024", "2025-01-20", file("f1", "renamed.csv"), version="v2")
    one.site.file(f"/api/releases/{version}/files/f1", CSV + b"f1", "text/csv")
    summary = one.run("statistics")
    assert (summary.files_new, summary.files_unchanged) == (0, 1)
    assert list(one.landed()) == [PATH]


def data_set(number: str, title: str, file_id: str = "") -> dict[str, Any]:
    latest = {"version": "1.1", "published": "2025-03-01T09:30:00Z", "file": {"id": file_id}, "totalResults": 1}
    return {"id": number, "title": title, "status": "Published", "latestVersion": latest}


def test_only_what_no_release_gave_is_taken_from_the_data_set_interface(one: Fetching) -> None:
    give(one, f"{API}/publications?page=1&pageSize=40", pages({"id": "p0", "slug": "other"}, of=2))
    cin = {"id": "p1", "slug": "children-in-need"}
    give(one, f"{API}/publications?page=2&pageSize=40", pages(cin, page=2, of=2))
    sets = [
        data_set("s1", "Title of f1"),
        data_set("s2", "Only here"),
        {**data_set("s3", "Gone"), "status": "Withdrawn"},
    ]
    give(one, f"{API}/publications/p1/data-sets?page=1&pageSize=20", pages(*sets))
    path = f"{API}/data-sets/s2/csv?dataSetVersion=1.1"
    one.site.answers[path] = Answer(gzip.compress(CSV + b"s2"), "text/csv", headers={"Content-Encoding": "gzip"})
    summary = one.run("statistics")
    assert (summary.files_new, summary.files_failed) == (2, 0)
    there = "statistics/children-in-need/2025-03-01/only-here_v1.1.csv"
    assert one.landed()[there] == CSV + b"s2"
    assert one.beside(there)["data_set"] == "s2"


def test_the_data_set_interface_can_be_left_alone(one: Fetching) -> None:
    one.run("statistics", fetch_statistics_api_url="off")
    assert not [asked for asked in one.site.asked if asked.path.startswith("/statistics")]


@pytest.mark.parametrize("body", ["", "<html></html>", '"text"', '{"results": 1}', "[" * 100_000])
def test_an_answer_that_is_no_list_is_a_failure_of_its_own(one: Fetching, body: str) -> None:
    one.site.page(RELEASES.format(1), body, JSON)
    summary = one.run("statistics")
    assert (summary.files_failed, summary.exit_code) == (1, 14)


def test_one_release_that_fails_does_not_hide_the_others(one: Fetching) -> None:
    give(one, RELEASES.format(1), pages(listing("2025"), listing("2024")))
    summary = one.run("statistics")
    assert (summary.files_new, summary.files_failed) == (1, 1)


def test_a_description_that_fails_is_not_taken_for_a_release_without_files(one: Fetching) -> None:
    one.site.answers[RELEASE.format("2024")] = Answer(status=500)
    summed = {"id": "version-2024", "published": "2024-11-14T09:30:00Z", "slug": "2024"}
    give(one, RELEASE.format("2024") + "/version-summary", summed)
    one.site.answers["/api/releases/version-2024/files"] = Answer(zipped(("a.csv", CSV)), "application/zip")
    summary = one.run("statistics")
    assert (summary.files_failed, one.landed()) == (1, {})


def test_an_error_page_is_no_csv(one: Fetching) -> None:
    one.site.page("/api/releases/version-2024/files/f1", "<!DOCTYPE html><title>Sorry</title>")
    summary = one.run("statistics")
    assert "an HTML page, expected text (CSV)" in summary.outcomes[0]["reason"]
    assert one.landed() == {}


def test_names_from_the_service_lead_nowhere_else(one: Fetching) -> None:
    release(one, "2024", "2024-11-14", file("../../f1", "..\\../evil/.hidden.csv"), version="../v")
    one.site.answers.clear()
    give(one, RELEASES.format(1), pages(listing("../2024")))
    told = {"id": "../../v", "published": "2024-11-14", "downloadFiles": [file("../f1", "..\\../evil/.hidden.csv")]}
    give(one, RELEASE.format("2024"), told)
    one.site.file("/api/releases/v/files/f1", CSV, "text/csv")
    give(one, f"{API}/publications?page=1&pageSize=40", pages())
    one.run("statistics")
    assert list(one.landed()) == ["statistics/children-in-need/2024-11-14/hidden.csv"]
