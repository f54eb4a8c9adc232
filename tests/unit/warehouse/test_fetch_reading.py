"""What fetching reads: robots.txt, names, days, and files by their first bytes."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import pytest

from transforms.errors import FetchError, UsageError
from warehouse.fetch import content, listing
from warehouse.fetch.robots import read_robots
from warehouse.settings import OFF, Settings

ROBOTS = """
# rules
User-agent: OtherBot
Disallow: /

User-Agent: *
Disallow: /private
Allow: /private/open   # but these
Disallow: /*.xls$
Crawl-delay: 5
Sitemap: https://example.org/sitemap.xml

User-agent: Named
User-agent: also-named
Disallow: /only/for/named
"""


@pytest.mark.parametrize(
    ("agent", "path", "allowed"),
    [
        ("safeguarding-warehouse/0.1", "/search?q=", True),
        ("safeguarding-warehouse/0.1", "/private/x", False),
        ("safeguarding-warehouse/0.1", "/private/open/x", True),
        ("safeguarding-warehouse/0.1", "/a/b.xls", False),
        ("safeguarding-warehouse/0.1", "/a/b.xls?x", True),
        ("otherbot 2.0", "/", False),
        ("named/1", "/private/x", True),
        ("Also-Named/1", "/only/for/named", False),
    ],
)
def test_robots_allow_the_paths_that_their_rules_say(agent: str, path: str, allowed: bool) -> None:
    assert read_robots(ROBOTS, agent).allows(f"https://example.org{path}") is allowed


@pytest.mark.parametrize("text", ["", "\x00\xff nothing", "Disallow: /", "User-agent: *\nDisallow:\n", "User-agent"])
def test_robots_that_say_nothing_allow_all(text: str) -> None:
    assert read_robots(text, "x").allows("https://example.org/anything")


def test_a_pattern_of_many_wildcards_takes_no_time() -> None:
    """Time a pattern needs may not grow with a power of its wildcards: this one would take longer than any test."""
    found = read_robots("User-agent: *\nDisallow: /" + "*a" * 40 + "*b$\n", "x")
    assert found.allows("https://example.org/" + "a" * 2_000)


def test_a_delay_is_kept_within_reason() -> None:
    assert read_robots(ROBOTS, "x").delay == 5
    assert read_robots("User-agent: *\nCrawl-delay: 86400", "x").delay == 60
    assert read_robots("User-agent: *\nCrawl-delay: long", "x").delay == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Published 5 May 2022", date(2022, 5, 5)),
        ("05/05/2022", date(2022, 5, 5)),
        ("05-05-2022", date(2022, 5, 5)),
        ("Published 5.5.2022", date(2022, 5, 5)),
        ("version 1.5.5.2022", None),
        ("05/05-2022", None),
        ("2022-05-05T09:30:00Z", date(2022, 5, 5)),
        ("1st Sept 2019", date(2019, 9, 1)),
        ("5 May 2022 and again 05/05/2022", date(2022, 5, 5)),
        ("5 May 2022 or 6 May 2022", None),
        ("31 February 2022", None),
        ("5 Ju 2022", None),
        ("page 12/05/20221", None),
        ("", None),
    ],
)
def test_a_printed_day_is_read(text: str, expected: date | None) -> None:
    assert listing.read_date(text) == expected


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("Report.PDF", "pdf", "Report.pdf"),
        ("../../etc/passwd", "csv", "passwd.csv"),
        ("..\\x\\..", "csv", "file.csv"),
        (".hidden", "csv", "hidden.csv"),
        ("~$open.xlsx", "xlsx", "open.xlsx"),
        ("a\n b\t<c>.csv", "csv", "a b c.csv"),
        ("x" * 500, "pdf", "x" * 120 + ".pdf"),
        ("", "pdf", "file.pdf"),
    ],
)
def test_names_are_made_safe(name: str, kind: str, expected: str) -> None:
    assert listing.safe_name(name, kind) == expected


def test_a_name_makes_a_slug() -> None:
    assert listing.slug("Stoke-on-Trent City Council") == "stoke-on-trent-city-council"
    assert listing.slug("Hammersmith & Fulham") == "hammersmith-and-fulham"
    assert listing.slug("  ") == ""


@pytest.mark.parametrize(
    ("data", "kind", "found"),
    [
        (b"a,b\n1,2\n", "csv", None),
        (b"\xef\xbb\xbf\"a\",b\n", "csv", None),
        ("a,b\n".encode("utf-16"), "csv", None),
        (b"\x89PNG\r\n\x1a\n\x00", "csv", "data of no known kind"),
        (b" \n", "csv", "nothing"),
        (b"<table>", "csv", "an HTML page"),
        (b"junk before %PDF-1.4 ... %%EOF", "pdf", None),
        (b"PK\x03\x04 cut off", "xlsx", "a file that breaks off"),
        (b"a,b\n", "ods", "text .CSV."),
    ],
)  # fmt: skip
def test_a_body_of_another_kind_is_refused(tmp_path: Path, data: bytes, kind: str, found: str | None) -> None:
    part = tmp_path / "x"
    part.write_bytes(data)
    if found is None:
        content.require_kind(part, kind)
        return
    with pytest.raises(FetchError, match=f"found {found}"):
        content.require_kind(part, kind)


def test_archives_are_alike_by_their_members(tmp_path: Path) -> None:
    keys = []
    for number, data in enumerate(("x", "x", "y")):
        path = tmp_path / f"{number}.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(zipfile.ZipInfo("a.csv", (2000 + number, 1, 1, 0, 0, 0)), data)
        keys.append(content.content_key(path, f"sha of {number}"))
    assert keys[0] == keys[1] != keys[2]


def test_broken_gzip_is_told(tmp_path: Path) -> None:
    part = tmp_path / "x"
    for data in (b"\x1f\x8bnothing", b"\x1f\x8b"):
        part.write_bytes(data)
        with pytest.raises(FetchError, match="found gzip data"):
            content.unpack(part, 100)
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def load(**values: str) -> Settings:
    return Settings.load({f"SAFEGUARDING_{name.upper()}": value for name, value in values.items()})


def test_fetching_is_off_by_default() -> None:
    assert load().fetch_sources == ()
    assert load(fetch="off").fetch_sources == ()
    assert load(fetch="on").fetch_sources == ("ofsted", "statistics")
    assert load(fetch="statistics").fetch_sources == ("statistics",)
    assert load(fetch="on", fetch_statistics_api_url="off").fetch_statistics_api_url == OFF
    assert load(fetch_ofsted_url="http://127.0.0.1:80/x").fetch_ofsted_url == "http://127.0.0.1:80/x/"


@pytest.mark.parametrize(
    "values",
    [
        {"fetch": "everything"},
        {"fetch": "on,off"},
        {"fetch_ofsted_url": "reports.ofsted.gov.uk"},
        {"fetch_ofsted_url": "off"},
        {"fetch_ofsted_url": "https://user@host/"},
        {"fetch_statistics_url": "file:///etc"},
        {"fetch_hosts": "a b"},
        {"fetch_publications": "../x"},
        {"fetch_user_agent": "two\nlines"},
        {"fetch_attempts": "0"},
    ],
)
def test_settings_that_cannot_be_used_are_named(values: dict[str, str]) -> None:
    (name,) = values
    with pytest.raises(UsageError, match=f"SAFEGUARDING_{name.upper()}: found .* expected"):
        load(**values)
