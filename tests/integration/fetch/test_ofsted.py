"""Ofsted's pages, from search results to files with what is known of them, in all their variants."""

from __future__ import annotations

import pytest

from tests.integration.fetch.conftest import Fetching
from tests.integration.fetch.service import entry, pdf, provider_page, search_page
from warehouse.fetch import ofsted
from warehouse.fetch.listing import Listed, Missing
from warehouse.fetch.record import Page
from warehouse.settings import Settings

FIRST = "/search?q=&start=0"


def publish(fetching: Fetching, *reports: tuple[str, str, str, bytes]) -> None:
    """Publish one provider with reports: number, title, day, content."""
    fetching.site.page(FIRST, search_page({"80001": "Made-up Borough"}))
    entries = "".join(entry(fetching.files.url(f"/v1/file/{number}"), *said) for number, *said, _ in reports)
    fetching.site.page("/provider/44/80001", provider_page("Made-up Borough", "80001", entries))
    for number, _, _, content in reports:
        fetching.files.file(f"/v1/file/{number}", content)


def test_a_report_lands_with_what_is_known_of_it(fetching: Fetching) -> None:
    publish(fetching, ("50000001", "Children's services inspection", "05 May 2022", pdf()))
    summary = fetching.run("ofsted")
    path = "reports/80001_made-up-borough/children's services inspection - 05 may 2022.pdf"
    assert fetching.landed() == {path: pdf()}
    beside = fetching.beside(path)
    assert beside["source_url"] == fetching.files.url("/v1/file/50000001")
    assert beside["provider_urn"] == "80001"
    assert beside["published_date"] == "2022-05-05"
    assert beside["retrieved_at"].endswith("+00:00")
    assert (summary.files_new, summary.files_failed, summary.exit_code, summary.state) == (1, 0, 0, "fetched")
    assert fetching.partial() == []


def test_the_load_reads_what_is_beside_a_fetched_report(fetching: Fetching) -> None:
    from warehouse.landing import scan
    from warehouse.ledger import Ledger

    publish(fetching, ("50000001", "Children's services inspection", "05 May 2022", pdf()))
    fetching.run("ofsted")
    with Ledger(fetching.settings.warehouse / "ledger.sqlite") as ledger:
        found = scan(fetching.settings, ledger)
    assert found.waiting == []
    (version,) = found.files
    assert version.sidecar is not None
    assert version.sidecar.problems == []
    assert (version.sidecar.published_date, version.sidecar.provider_urn) == ("2022-05-05", "80001")


NEXT_PAGES = {
    "rel": "<ul class='pagination'><li><a rel='next' href='/search?q=&start=1'>2</a></li></ul>",
    "class on the entry": "<ul class='pagination'><li class='x next'><a href='?q=&start=1'>&raquo;</a></li></ul>",
    "class on the link": "<nav><a class='pagination__next' href='search?q=&start=1'>&gt;</a></nav>",
    "word": "<nav><a href='/search?q=&start=1'> Next <span>page</span></a></nav>",
    "count": "<p>Showing 1 to 1 of 2</p>",
}


@pytest.mark.parametrize("variant", NEXT_PAGES)
def test_all_pages_of_results_are_read(fetching: Fetching, variant: str) -> None:
    fetching.site.page(FIRST, search_page({"80001": "A"}, NEXT_PAGES[variant]))
    fetching.site.page("/search?q=&start=1", search_page({"80002": "B"}, "<p>Showing 2 to 2 of 2</p>"))
    for urn in ("80001", "80002"):
        there = fetching.files.url(f"/v1/file/{urn}")
        fetching.site.page(f"/provider/44/{urn}", provider_page("A", urn, entry(there, "Visit", "1 June 2023")))
        fetching.files.file(f"/v1/file/{urn}", pdf(urn))
    summary = fetching.run("ofsted")
    assert (summary.files_new, summary.files_failed) == (2, 0)


def test_a_next_page_that_leads_back_ends_the_search(fetching: Fetching) -> None:
    again = f"<a rel='next' href='{FIRST}'>Next</a>"
    fetching.site.page(FIRST, search_page({"80001": "A"}, again))
    fetching.site.page("/provider/44/80001", provider_page("A", "80001", ""))
    assert fetching.run("ofsted").exit_code == 0
    assert fetching.site.times(FIRST) == 1


LINK = "https://files.example/v1/file/50000001"
VARIANTS = {
    "now": (entry(LINK, "Children's services inspection", "05 May 2022"), "children's services inspection"),
    "day beside the link": (
        f"<li><time datetime='2022-05-05T00:00:00Z'>5 May</time><div><a class='publication-link' href='{LINK}'>"
        "Focused visit</a></div></li>",
        "focused visit",
    ),
    "table": (f"<table><tr><td>Visit</td><td>05/05/2022</td><td><a href='{LINK}'>PDF</a></td></tr></table>", ""),
    "several days in an entry": (
        f"<li><p>Inspection date: 1 March 2022</p><p>Published: 5 May 2022</p><a href='{LINK}'>Focused visit</a></li>",
        "focused visit",
    ),
    "markup that is not closed": (f"<ul><li><p>Published 5th May 2022<p><a href={LINK}>A visit, PDF", "a visit"),
    "words for screen readers elsewhere": (
        f"<li><a href='{LINK}'><span class='visually-hidden'>Joint area inspection, 5 May 2022 (opens in a new tab)"
        "</span><b>Report</b></a></li>",
        "joint area inspection",
    ),
}  # fmt: skip


def read(body: str, urn: str = "80001") -> list[Listed | Missing]:
    page = Page(f"https://reports.example/provider/44/{urn}", body.encode())
    return list(ofsted._reports(page, urn))


@pytest.mark.parametrize("variant", VARIANTS)
def test_variants_of_an_entry(variant: str) -> None:
    markup, title = VARIANTS[variant]
    (found,) = read(provider_page("Made-up Borough", "80001", markup))
    assert isinstance(found, Listed)
    assert found.url == LINK
    assert found.about["published_date"] == "2022-05-05"
    assert found.folder == "reports/80001_made-up-borough"
    if title:
        assert found.name == f"{title} - 05 may 2022.pdf"


def test_a_day_that_is_not_certain_is_left_out() -> None:
    (found,) = read(f"<h1>A</h1><li>1 March 2022, 5 May 2022 <a href='{LINK}'>Visit</a></li>")
    assert isinstance(found, Listed)
    assert found.about["published_date"] is None
    assert found.name == "visit.pdf"


def test_one_address_twice_is_one_report_and_pages_are_no_reports() -> None:
    markup = f"<a class='publication-link' href='{LINK}'>A</a><a href='{LINK}'>B</a>"
    markup += (
        "<a class='publication-link' href='/provider/44/80001/letter'>Letter</a><a href='mailto:x@y.example'>x</a>"
    )
    found = read(f"<h1>A</h1>{markup}")
    assert [type(item) for item in found] == [Listed, Missing]
    assert isinstance(found[1], Missing)
    assert not found[1].is_failure


def test_names_from_a_page_lead_nowhere_else() -> None:
    (found,) = read(f"<h1>../../Ö &amp; Co’s</h1><a href='{LINK}'>../../../etc/passwd - 5 May 2022</a>")
    assert isinstance(found, Listed)
    assert found.folder == "reports/80001_o-and-cos"
    assert found.name == "passwd - 05 may 2022.pdf"


@pytest.mark.parametrize("body", ["", "<html><body><h1>Service unavailable</h1></body></html>", "{}"])
def test_results_without_any_provider_are_an_error(fetching: Fetching, body: str) -> None:
    fetching.site.page(FIRST, body)
    summary = fetching.run("ofsted")
    assert (summary.exit_code, summary.files_failed, summary.state) == (14, 1, "incomplete")


def test_one_provider_that_fails_does_not_hide_the_others(fetching: Fetching) -> None:
    publish(fetching, ("50000001", "Visit", "5 May 2022", pdf()))
    fetching.site.page(FIRST, search_page({"80000": "Gone", "80001": "Made-up Borough"}))
    summary = fetching.run("ofsted")
    assert (summary.files_new, summary.files_failed) == (1, 1)
    assert "status 404" in summary.outcomes[0]["reason"]


def test_defaults_lead_to_the_site_and_its_files() -> None:
    from warehouse.fetch.client import allowed_places

    places = allowed_places(Settings.load({}))
    assert {("reports.ofsted.gov.uk", 443), ("files.ofsted.gov.uk", 443)} <= places
