"""Faults that real servers and networks have: whole bytes or none, waits that are kept, no secret told."""

from __future__ import annotations

import gzip
import json
import logging
import sqlite3
import time
import zlib
from collections.abc import Callable
from email.utils import formatdate
from itertools import count
from typing import Any

import pytest

from tests.integration.fetch.conftest import Fetching
from tests.integration.fetch.service import Answer, Service, pdf, provider_page, search_page
from tests.integration.fetch.test_ofsted import FIRST, publish
from tests.integration.fetch.test_statistics import CSV, JSON, RELEASES, file, give, listing, pages, release
from transforms.errors import UsageError, WarehouseError
from warehouse.fetch import client
from warehouse.fetch.record import RECORD, folder_of, last_runs

FILE, OTHER = "/v1/file/50000001", "/v1/file/50000002"
PROVIDER = "/provider/44/80001"
BIG = pdf(size=300_000)
TABLE = "/api/releases/version-2024/files/f1"


@pytest.fixture
def two(fetching: Fetching) -> Fetching:
    """One provider with two reports."""
    publish(fetching, ("50000001", "Visit", "5 May 2022", BIG), ("50000002", "Letter", "6 May 2022", pdf()))
    return fetching


@pytest.fixture
def table(fetching: Fetching) -> Fetching:
    """One release with one file of figures."""
    give(fetching, RELEASES.format(1), pages(listing("2024")))
    release(fetching, "2024", "2024-11-14", file("f1", "b1.csv"))
    give(fetching, "/statistics/v1/publications?page=1&pageSize=40", pages())
    return fetching


def test_the_rest_of_another_version_is_not_added_to_the_first(two: Fetching) -> None:
    """Some servers send the range that was asked for whatever `If-Range` says."""
    other = BIG.replace(b"x", b"y")
    part = {"Content-Range": f"bytes 100000-{len(other) - 1}/{len(other)}"}
    two.files.answers[FILE] = [
        Answer(BIG, etag='"a"', ranges=True, cut=[100_000]),
        Answer(other[100_000:], status=206, etag='"b"', headers=part),
        Answer(other, etag='"b"'),
    ]
    two.run("ofsted")
    assert other in two.landed().values()
    assert len(two.landed()) == 2


@pytest.mark.parametrize("notes", ["", "{", "[]", '{"unknown": 1}', "{}"])
def test_notes_that_a_dying_run_left_unfinished_stop_nothing(two: Fetching, notes: str) -> None:
    answer = two.files.file(FILE, BIG, ranges=True, cut=[100_000])
    two.run("ofsted", fetch_attempts=1)
    answer.cut = []
    (kept,) = (folder_of(two.settings) / "partial").glob("*.json")
    kept.write_text(notes)
    assert two.run("ofsted").files_new == 1
    assert BIG in two.landed().values()


def test_validators_that_cannot_be_sent_back_are_not_kept(two: Fetching) -> None:
    two.files.answers[FILE] = Answer(BIG, headers={"ETag": '"\xfc"', "Last-Modified": "x" * 5000})
    assert two.run("ofsted").files_new == 2
    assert two.run("ofsted").files_unchanged == 2


@pytest.mark.parametrize("packing", ["br", "deflate", "zstd", "gzip, br"])
def test_a_body_packed_unasked_does_not_land(table: Fetching, packing: str) -> None:
    body = zlib.compress(CSV) if packing == "deflate" else bytes(range(128, 240)) + b","
    table.site.answers[TABLE] = Answer(body, "text/csv", headers={"Content-Encoding": packing})
    summary = table.run("statistics")
    assert f"packed as '{packing}'" in summary.outcomes[0]["reason"]
    assert table.landed() == {}


def test_gzip_of_several_members_is_unpacked_to_its_end(table: Fetching) -> None:
    packed = gzip.compress(CSV) + gzip.compress(b"2025,Reporting year,National\n")
    table.site.answers[TABLE] = Answer(packed, "text/csv", headers={"Content-Encoding": "gzip"})
    table.run("statistics")
    assert list(table.landed().values()) == [CSV + b"2025,Reporting year,National\n"]


def test_text_without_length_that_ends_within_a_line_does_not_land(table: Fetching) -> None:
    table.site.answers[TABLE] = Answer(CSV, "text/csv", cut=[len(CSV) - 5], declared=False)
    summary = table.run("statistics")
    assert "ends within a line" in summary.outcomes[0]["reason"]
    assert table.landed() == {}
    assert table.run("statistics").files_new == 1


def test_a_sentence_is_no_table(table: Fetching) -> None:
    table.site.page(TABLE, "The service is unavailable.\n", "text/csv")
    assert "text without columns, expected text (CSV)" in table.run("statistics").outcomes[0]["reason"]
    assert table.landed() == {}


def test_a_page_that_may_have_been_cut_off_is_not_kept(two: Fetching) -> None:
    page = two.site.answers[PROVIDER]
    assert isinstance(page, Answer)
    page.etag, page.declared, page.cut = '"p"', False, [page.body.index(b"<ol")]
    assert two.run("ofsted").files_new == 0
    assert two.run("ofsted").files_new == 2


def test_a_page_that_was_not_understood_is_asked_for_anew(table: Fetching) -> None:
    path = "/api/publications/children-in-need/releases/2024"
    good = table.site.answers[path]
    assert isinstance(good, Answer)
    table.site.answers[path] = Answer(b"<html>sorry</html>", JSON, etag='"same"')
    assert table.run("statistics").files_failed == 1
    good.etag = '"same"'
    table.site.answers[path] = good
    assert table.run("statistics").files_new == 1


def test_a_kept_page_that_is_damaged_is_asked_for_anew(two: Fetching) -> None:
    page = two.site.answers[PROVIDER]
    assert isinstance(page, Answer)
    page.etag = '"p"'
    two.run("ofsted")
    with sqlite3.connect(folder_of(two.settings) / RECORD) as record:
        record.execute("UPDATE page SET body = x'00'")
    assert two.run("ofsted").files_unchanged == 2
    two.run("ofsted")
    assert [asked.status for asked in two.site.asked if asked.path == PROVIDER] == [200, 200, 304]


def test_unchanged_is_no_answer_to_a_plain_request(two: Fetching) -> None:
    two.site.answers[PROVIDER] = Answer(status=304, etag='"p"')
    assert "status 304 to a plain request" in two.run("ofsted").outcomes[0]["reason"]
    publish(two, ("50000001", "Visit", "5 May 2022", BIG))
    assert two.run("ofsted").files_new == 1


def test_the_wait_a_server_asks_for_holds_for_its_other_addresses(two: Fetching) -> None:
    two.files.answers[FILE] = Answer(status=429, headers={"Retry-After": "90"})
    two.run("ofsted", fetch_attempts=1)
    assert two.slept == [pytest.approx(90, abs=2)]


def test_a_server_that_keeps_its_rules_for_long_is_left_alone(two: Fetching) -> None:
    two.files.answers["/robots.txt"] = Answer(status=429, headers={"Retry-After": "86400"})
    assert two.run("ofsted").files_failed == 2
    assert len(two.files.asked) == 1


def test_a_server_behind_redirects_is_left_alone_too(two: Fetching, make_service: Callable[[], Service]) -> None:
    behind = make_service()
    for path in (FILE, OTHER):
        two.files.answers[path] = Answer(status=302, headers={"Location": behind.url(path)})
        behind.answers[path] = Answer(status=503, headers={"Retry-After": "7200"})
    hosts = f"{two.files.place},{behind.place}"
    assert two.run("ofsted", fetch_hosts=hosts).files_failed == 2
    assert [asked.path for asked in behind.asked] == ["/robots.txt", FILE]


def test_a_day_to_come_back_on_is_read_by_the_servers_clock(two: Fetching, monkeypatch: pytest.MonkeyPatch) -> None:
    there = time.time() - 400 * 86_400
    monkeypatch.setattr("http.server.BaseHTTPRequestHandler.date_time_string", lambda self: formatdate(there))
    after = {"Retry-After": formatdate(there + 30, usegmt=True)}
    two.files.answers[FILE] = [Answer(status=429, headers=after), Answer(BIG)]
    assert two.run("ofsted").files_new == 2
    assert two.slept[0] == pytest.approx(30, abs=2)


def test_a_body_that_drips_is_given_up(two: Fetching, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "SLOW_SECONDS", 0.0)
    monkeypatch.setattr(client, "LEAST_BYTES_PER_SECOND", 1 << 40)
    clock = count(0.0, 0.001)
    summary = two.run("ofsted", clock=lambda: next(clock))
    assert "expected a body that comes faster" in summary.outcomes[0]["reason"]
    assert two.landed() == {}


@pytest.mark.parametrize("status", [200, 403])
def test_a_signature_or_password_in_a_redirect_is_not_told(
    two: Fetching, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    path = "/blob?se=2026&sig=HUSH"
    two.files.answers[FILE] = Answer(status=302, headers={"Location": f"http://me:HUSH@{two.files.place}{path}"})
    two.files.answers[path] = Answer(BIG, status=status)
    with caplog.at_level(logging.DEBUG):
        summary = two.run("ofsted")
    assert two.files.times(path) == 1
    assert "authorization" not in two.files.last(path).headers
    told = [json.dumps(summary.as_dict()), *caplog.messages]
    told += [beside.read_text() for beside in two.settings.landing.rglob("*.json")]
    told += [str(row) for row in sqlite3.connect(folder_of(two.settings) / RECORD).execute("SELECT * FROM fetch")]
    assert not [text for text in told if "HUSH" in text]


@pytest.mark.parametrize(
    "proxy", ["http://me:HU/SH@127.0.0.1:9", "ftp://me:HUSH@127.0.0.1:9", "socks5://me:HUSH@127.0.0.1:9"]
)
def test_a_proxy_that_cannot_be_used_is_told_without_its_password(
    two: Fetching, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy)
    with pytest.raises(UsageError, match="HTTP_PROXY") as told:
        two.run("ofsted")
    assert "HU" not in str(told.value)
    assert told.value.__suppress_context__


def test_certificates_that_are_not_there_are_told(two: Fetching, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/no/such/file")
    with pytest.raises(UsageError, match="SSL_CERT_FILE"):
        two.run("ofsted")


def test_a_long_name_in_any_script_lands(table: Fetching) -> None:
    release(table, "2024", "2024-11-14", file("f1", "漢" * 130 + ".csv"), file("f2", "漢" * 131 + ".csv"))
    assert table.run("statistics").files_new == 2


def test_a_time_to_come_was_kept_by_a_wrong_clock(two: Fetching) -> None:
    two.run("ofsted")
    with sqlite3.connect(folder_of(two.settings) / RECORD) as record:
        record.execute("UPDATE resource SET checked_at = '2999-01-01T00:00:00+00:00'")
    two.files.file(FILE, pdf("corrected"))
    assert two.run("ofsted", fetch_recheck_days=7).files_changed == 1


def test_an_error_page_among_the_results_is_told(two: Fetching) -> None:
    two.site.page(FIRST, search_page({"80001": "A"}, "<p>Showing 1 to 1 of 153</p>"))
    two.site.page("/search?q=&start=1", "<h1>Sorry, something went wrong</h1>")
    summary = two.run("ofsted")
    assert (summary.files_new, summary.files_failed, summary.exit_code) == (2, 1, 14)


def test_a_link_to_a_provider_elsewhere_hides_none(two: Fetching) -> None:
    elsewhere = "<a href='https://elsewhere.example/provider/44/80001'>The same, kept by others</a>"
    two.site.page(FIRST, search_page({"80001": "A"}, elsewhere))
    summary = two.run("ofsted")
    assert (summary.files_new, summary.files_failed) == (2, 0)


def test_results_without_end_are_told(fetching: Fetching, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("warehouse.fetch.ofsted.MOST_RESULT_PAGES", 3)
    for n in range(5):
        after = f"<a rel='next' href='/search?q=&start={n + 1}'>Next</a>"
        fetching.site.page(f"/search?q=&start={n}", search_page({f"8000{n}": "A"}, after))
        fetching.site.page(f"/provider/44/8000{n}", provider_page("A", f"8000{n}", ""))
    assert "more than 3 pages" in fetching.run("ofsted").outcomes[0]["reason"]


def test_a_page_that_is_none_of_a_provider_is_told(two: Fetching) -> None:
    two.site.page(PROVIDER, "<h1>We are sorry</h1><p>Planned work</p>")
    assert "found neither a report nor the URN 80001" in two.run("ofsted").outcomes[0]["reason"]


def test_reports_that_moved_to_a_host_not_named_are_told(two: Fetching) -> None:
    summary = two.run("ofsted", fetch_hosts="files.example")
    assert (summary.files_skipped, summary.files_failed, summary.exit_code) == (2, 1, 14)
    assert "SAFEGUARDING_FETCH_HOSTS" in summary.outcomes[0]["reason"]


@pytest.mark.parametrize("base", ["http://[bad", "", "mailto:x@y.example"])
def test_a_base_that_is_no_address_is_passed_over(two: Fetching, base: str) -> None:
    page = two.site.answers[FIRST]
    assert isinstance(page, Answer)
    page.body = page.body.replace(b"<head>", f"<head><base href='{base}'>".encode())
    assert two.run("ofsted").files_new == 2


def test_a_day_said_to_be_that_of_publication_goes_first(two: Fetching) -> None:
    entry = (
        f"<li><a class='publication-link' href='{two.files.url(FILE)}'>Report, inspected 1 March 2022</a>"
        "<p>Published: 5 May 2022</p></li>"
    )
    two.site.page(PROVIDER, provider_page("A", "80001", entry))
    two.run("ofsted")
    (path,) = two.landed()
    assert two.beside(path)["published_date"] == "2022-05-05"


@pytest.mark.parametrize(
    "paging",
    [{"totalPages": None, "totalResults": 2}, {"totalPages": "2"}, {"page": 1}, {"totalPages": None, "pages": 9}],
)
def test_pages_are_counted_by_what_the_service_tells(table: Fetching, paging: dict[str, Any]) -> None:
    give(table, RELEASES.format(1), {"results": [listing("2024")], "paging": paging})
    give(table, RELEASES.format(2), {"results": [listing("2023")], "paging": paging})
    give(table, RELEASES.format(3), {"results": [listing("2023")], "paging": paging})  # the last one again
    release(table, "2023", "2023-10-26", file("f0", "b0.csv"))
    summary = table.run("statistics")
    assert (summary.files_new, summary.files_failed) == (2, 0)


def test_pages_without_end_are_told(table: Fetching, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("warehouse.fetch.statistics.MOST_PAGES", 1)
    give(table, RELEASES.format(1), pages(listing("2024"), of=2))
    assert "more than 1 pages" in table.run("statistics").outcomes[0]["reason"]


def test_a_run_that_breaks_is_recorded(two: Fetching) -> None:
    (two.settings.landing / "reports").write_text("a file where a folder should be")
    with pytest.raises(WarehouseError):
        two.run("ofsted")
    (run,) = last_runs(two.settings)
    assert (run["state"], run["finished_at"] is None) == ("failed", False)


def test_a_run_that_was_interrupted_or_killed_is_recorded(two: Fetching, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("warehouse.fetch.run.deposit", interrupt)
        with pytest.raises(KeyboardInterrupt):
            two.run("ofsted")
    assert last_runs(two.settings)[0]["state"] == "interrupted"
    with sqlite3.connect(folder_of(two.settings) / RECORD) as record:  # as a run leaves it that is killed
        record.execute('UPDATE run SET finished_at = NULL, summary = \'{"state": "running"}\'')
    assert two.run("ofsted").files_new == 2
    assert [run["state"] for run in last_runs(two.settings)] == ["fetched", "broken off"]


@pytest.mark.parametrize("host", ["a..b", "x" * 70 + ".example"])
def test_a_host_that_has_no_possible_name_is_told(two: Fetching, monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.undo()  # the guard looks at names before the system does; nothing is asked of a name that cannot be
    summary = two.run("ofsted", fetch_ofsted_url=f"http://{host}/")
    assert summary.exit_code == 14
    assert host in summary.outcomes[0]["reason"]
