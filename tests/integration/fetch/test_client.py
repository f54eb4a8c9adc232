"""Politeness and faults: what is tried again, what is refused, and that nothing half-done ever lands."""

from __future__ import annotations

import base64
import gzip
import hashlib
import time
from collections.abc import Callable
from email.utils import formatdate
from itertools import count

import pytest

from tests.integration.fetch.conftest import Fetching
from tests.integration.fetch.service import Answer, Service, pdf
from tests.integration.fetch.test_ofsted import publish
from warehouse.fetch.client import MOST_REDIRECTS, Client

FILE = "/v1/file/50000001"
BIG = pdf(size=300_000)


@pytest.fixture
def one(fetching: Fetching) -> Fetching:
    """One provider with one report."""
    publish(fetching, ("50000001", "Visit", "5 May 2022", BIG))
    return fetching


def test_the_guard_holds(fetching: Fetching) -> None:
    with Client(fetching.settings) as client, pytest.raises(AssertionError, match="a test asked for"):
        client._http.get("http://example.org/")


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(one: Fetching, status: int) -> None:
    one.files.answers[FILE] = [Answer(status=status), Answer(status=status), Answer(BIG, "application/pdf")]
    assert one.run("ofsted").files_new == 1
    assert one.files.times(FILE) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 418])
def test_what_will_not_pass_is_not_tried_again(one: Fetching, status: int) -> None:
    one.files.answers[FILE] = Answer(status=status)
    summary = one.run("ofsted")
    assert (summary.files_failed, summary.exit_code) == (1, 14)
    assert f"status {status}" in summary.outcomes[0]["reason"]
    assert one.files.times(FILE) == 1
    assert one.landed() == {}


def test_waits_double_and_vary(one: Fetching) -> None:
    one.files.answers[FILE] = Answer(status=503)
    one.run("ofsted", fetch_delay_seconds=10, fetch_attempts=5)
    assert one.files.times(FILE) == 5
    waits = one.slept[-8::2]  # between them, those that any two requests to a host keep
    assert all(10 * 2**n <= wait <= 10 * 2**n + 10 for n, wait in enumerate(waits))


@pytest.mark.parametrize("asked", ["7", "date"])
def test_a_server_that_says_when_is_obeyed(one: Fetching, asked: str) -> None:
    after = formatdate(time.time() + 7.5, usegmt=True) if asked == "date" else asked
    one.files.answers[FILE] = [Answer(status=429, headers={"Retry-After": after}), Answer(BIG, "application/pdf")]
    assert one.run("ofsted").files_new == 1
    assert one.slept[-1] == pytest.approx(7, abs=1)


def test_a_server_that_asks_for_long_is_left_alone(one: Fetching) -> None:
    publish(one, ("50000001", "Visit", "5 May 2022", BIG), ("50000002", "Visit", "6 May 2022", pdf()))
    one.files.answers[FILE] = Answer(status=429, headers={"Retry-After": "86400"})
    summary = one.run("ofsted")
    assert (summary.files_failed, one.files.times(FILE), one.files.times("/v1/file/50000002")) == (2, 1, 0)


def test_a_host_that_goes_on_failing_is_left_alone(one: Fetching) -> None:
    publish(one, *((str(n), f"Visit {n}", "5 May 2022", pdf(str(n))) for n in range(50000001, 50000009)))
    for path in list(one.files.answers):
        one.files.answers[path] = Answer(status=500)
    summary = one.run("ofsted", fetch_attempts=2)
    assert summary.files_failed == 8
    assert sum(asked.path.startswith("/v1") for asked in one.files.asked) == 10  # five files, two tries each


def test_a_silent_server_is_tried_again(one: Fetching) -> None:
    one.files.answers[FILE] = [Answer(BIG, silent=1.5), Answer(BIG, "application/pdf")]
    assert one.run("ofsted", fetch_timeout_seconds=0.5).files_new == 1


def test_a_server_that_is_not_there(one: Fetching) -> None:
    one.files.close()
    summary = one.run("ofsted")
    assert (summary.files_failed, summary.exit_code) == (1, 14)


def test_the_time_of_a_run_ends_it(one: Fetching) -> None:
    clock = count(0.0, 10.0)
    summary = one.run("ofsted", clock=lambda: next(clock), fetch_minutes=1)
    assert (summary.state, summary.exit_code) == ("incomplete", 14)
    assert "stopped after 1 minutes" in (summary.message or "")


def test_requests_to_a_host_keep_their_distance(one: Fetching) -> None:
    one.run("ofsted", fetch_delay_seconds=30)
    asked = len(one.site.asked) + len(one.files.asked)
    assert len(one.slept) == asked - 2  # all but the first to each host
    assert all(15 < wait <= 30 for wait in one.slept)
    assert one.site.most_unanswered == one.files.most_unanswered == 1
    assert {asked.headers["user-agent"] for asked in one.site.asked} == {"safeguarding-warehouse/0.1"}


def test_robots_are_asked_first_and_obeyed(one: Fetching) -> None:
    one.files.page("/robots.txt", "User-agent: *\nDisallow: /v1/\nCrawl-delay: 2\n", "text/plain")
    summary = one.run("ofsted")
    assert (summary.files_skipped, summary.files_failed) == (1, 0)
    assert one.files.times(FILE) == 0
    assert one.log()[-1] == ("50000001", "skipped")


def test_a_site_that_fails_to_say_what_it_allows_is_not_asked(one: Fetching) -> None:
    one.files.answers["/robots.txt"] = Answer(status=503)
    assert one.run("ofsted").files_failed == 1
    assert one.files.times(FILE) == 0


def test_redirects_within_the_allowed_hosts(one: Fetching) -> None:
    one.files.answers[FILE] = Answer(status=302, headers={"Location": "/v2/moved"})
    one.files.answers["/v2/moved"] = Answer(status=307, headers={"Location": one.site.url("/copy")})
    one.site.file("/copy", BIG)
    assert one.run("ofsted").files_new == 1
    (path,) = one.landed()
    assert one.beside(path)["source_url"] == one.files.url(FILE)
    assert one.beside(path)["fetched_from"] == one.site.url("/copy")


@pytest.mark.parametrize("where", ["elsewhere", "scheme", "userinfo"])
def test_redirects_out_of_the_allowed_hosts_are_not_followed(
    one: Fetching, make_service: Callable[[], Service], where: str
) -> None:
    elsewhere = make_service()
    elsewhere.file("/x", BIG)
    there = {
        "elsewhere": elsewhere.url("/x"),
        "scheme": "file:///etc/passwd",
        "userinfo": f"http://{one.files.place.split(':')[0]}@{elsewhere.place}/x",
    }[where]
    one.files.answers[FILE] = Answer(status=301, headers={"Location": there})
    summary = one.run("ofsted")
    assert summary.files_failed == 1
    assert "redirect that may not be followed" in summary.outcomes[0]["reason"]
    assert elsewhere.asked == []
    assert one.landed() == {}


def test_a_link_to_another_host_is_not_asked(one: Fetching, make_service: Callable[[], Service]) -> None:
    elsewhere = make_service()
    publish(one, ("50000001", "Visit", "5 May 2022", BIG))
    page = one.site.answers["/provider/44/80001"]
    assert isinstance(page, Answer)
    page.body = page.body.replace(one.files.place.encode(), elsewhere.place.encode())
    summary = one.run("ofsted")
    assert (summary.files_skipped, elsewhere.asked) == (1, [])


def test_redirects_in_a_ring_end(one: Fetching) -> None:
    one.files.answers[FILE] = Answer(status=302, headers={"Location": FILE})
    assert one.run("ofsted").files_failed == 1
    assert one.files.times(FILE) == MOST_REDIRECTS + 1


@pytest.mark.parametrize("ranges", [True, False])
def test_a_body_that_breaks_off_is_continued_or_asked_for_again(one: Fetching, ranges: bool) -> None:
    answer = one.files.file(FILE, BIG, ranges=ranges, cut=[100_000, 50_000])
    assert one.run("ofsted").files_new == 1
    assert list(one.landed().values()) == [BIG]
    asked = [a.headers.get("range") for a in one.files.asked if a.path == FILE]
    assert asked == ([None, "bytes=100000-", "bytes=150000-"] if ranges else [None, None, None])
    if ranges:
        assert one.files.last(FILE).headers["if-range"] == answer.etag
    assert one.partial() == []


def test_a_file_that_changes_while_it_is_got_is_asked_for_anew(one: Fetching) -> None:
    other = pdf("another", size=200_000)
    one.files.answers[FILE] = [
        Answer(BIG, etag='"a"', ranges=True, cut=[100_000]),
        Answer(other, etag='"b"', ranges=True),
    ]
    assert one.run("ofsted").files_new == 1
    assert list(one.landed().values()) == [other]
    assert one.files.last(FILE).status == 200


def test_what_a_failed_run_left_is_continued_by_the_next(one: Fetching) -> None:
    answer = one.files.file(FILE, BIG, ranges=True, cut=[100_000])
    one.run("ofsted", fetch_attempts=1)
    assert (one.landed(), len(one.partial())) == ({}, 2)
    answer.cut = []
    assert one.run("ofsted").files_new == 1
    assert one.files.last(FILE).status == 206
    assert (list(one.landed().values()), one.partial()) == ([BIG], [])


def test_a_server_that_never_sends_all_leaves_nothing_in_the_landing_zone(one: Fetching) -> None:
    one.files.file(FILE, BIG, cut=[1000] * 10)
    summary = one.run("ofsted")
    assert summary.files_failed == 1
    assert list(one.settings.landing.rglob("*")) == []


def test_a_body_without_length_that_breaks_off_is_told_by_its_content(one: Fetching) -> None:
    one.files.answers[FILE] = Answer(BIG, cut=[1000], declared=False)
    summary = one.run("ofsted")
    assert "breaks off" in summary.outcomes[0]["reason"]
    assert one.landed() == {}


@pytest.mark.parametrize("header", ["Repr-Digest", "Digest", "Content-MD5"])
def test_checksums_that_do_not_agree(one: Fetching, header: str) -> None:
    def written(data: bytes) -> str:
        if header == "Content-MD5":
            return base64.b64encode(hashlib.md5(data).digest()).decode()
        sha = base64.b64encode(hashlib.sha256(data).digest()).decode()
        return f"sha-256=:{sha}:" if header == "Repr-Digest" else f"sha-256={sha}"

    damaged = BIG.replace(b"xxx", b"xyx", 1)
    right = {header: written(BIG)}
    one.files.answers[FILE] = [Answer(damaged, headers=right), Answer(BIG, headers=right)]
    assert one.run("ofsted").files_new == 1
    assert list(one.landed().values()) == [BIG]
    assert one.files.times(FILE) == 2


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"<!DOCTYPE html><html><body>Report not found</body></html>", "an HTML page"),
        (b"\n\n <html>", "an HTML page"),
        (b'{"message": "Not found"}', "a JSON document"),
        (b"<?xml version='1.0'?><Error/>", "an XML document"),
        (b"", "nothing"),
        (b"PK\x03\x04xx", "a ZIP file"),
        (b"%PDF-1.7 and then nothing", "breaks off"),
    ],
)
def test_what_is_no_report_does_not_land_as_one(one: Fetching, body: bytes, found: str) -> None:
    one.files.answers[FILE] = Answer(body, "application/pdf")
    summary = one.run("ofsted")
    assert found in summary.outcomes[0]["reason"]
    assert (one.files.times(FILE), list(one.settings.landing.rglob("*")), one.partial()) == (1, [], [])


@pytest.mark.parametrize("declared", [True, False])
def test_what_is_too_large_is_not_got(one: Fetching, declared: bool) -> None:
    one.files.answers[FILE] = Answer(pdf(size=2 << 20), declared=declared)
    summary = one.run("ofsted", fetch_mb=1)
    assert "SAFEGUARDING_FETCH_MB" in summary.outcomes[0]["reason"]
    assert (one.landed(), one.partial(), one.files.times(FILE)) == ({}, [], 1)


def test_what_unpacks_to_too_much_is_refused(one: Fetching) -> None:
    one.files.answers[FILE] = Answer(gzip.compress(pdf(size=8 << 20)), headers={"Content-Encoding": "gzip"})
    summary = one.run("ofsted", fetch_mb=1)
    assert "once unpacked" in summary.outcomes[0]["reason"]
    assert (one.landed(), one.partial()) == ({}, [])


def test_a_packed_body_is_unpacked(one: Fetching) -> None:
    one.files.answers[FILE] = Answer(gzip.compress(BIG), headers={"Content-Encoding": "gzip"})
    assert one.run("ofsted").files_new == 1
    assert list(one.landed().values()) == [BIG]


def test_a_part_beyond_the_end_is_asked_for_anew(one: Fetching) -> None:
    answer = one.files.file(FILE, BIG, ranges=True, cut=[100_000])
    one.run("ofsted", fetch_attempts=1)
    answer.body, answer.cut = pdf(), []  # shorter under the same tag
    assert one.run("ofsted").files_new == 1
    assert [asked.status for asked in one.files.asked if asked.path == FILE] == [200, 416, 200]
    assert list(one.landed().values()) == [pdf()]
