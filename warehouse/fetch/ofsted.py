"""Ofsted's report pages: search results, the page of each provider, its reports.

The site has no interface for programs, so its pages are read. What is assumed of them:

- a page of search results links to providers by `/provider/<type>/<URN>` (44 for a local
  authority's services for children) and to its next page, or states how many results there are
  (`Showing 1 to 10 of 153`), in which case `start` in its address counts on;
- a provider's page has its name as heading and one link a publication, which leads to
  `files.ofsted.gov.uk/v1/file/<number>` or an older address of a file, and carries the title and
  the day of publication in its text (`..., - 05 May 2022, pdf`) or in the entry around it.

What is looked for is declared below, most telling first, so that a changed page needs a new
line there and no new code. A first page of results without any provider is an error: it means
that the pages changed, not that nothing was published.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import httpx
from lxml import etree, html

from transforms.errors import FetchError
from warehouse.fetch.client import OutOfTimeError
from warehouse.fetch.listing import GetPage, Listed, Missing, dates_in, read_date, safe_name, slug
from warehouse.fetch.record import Page
from warehouse.settings import Settings

MOST_RESULT_PAGES = 200


def _has_class(name: str) -> str:
    return f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')"


# XPath, each tried in turn; `all` of them together for publications, since eras differ on one page.
PROVIDER = re.compile(r"/provider/[A-Za-z0-9]+/(?P<urn>\d{4,10})/?$")
NEXT_PAGE = (
    "//a[@rel='next']/@href",
    "//link[@rel='next']/@href",
    f"//a[{_has_class('pagination__next')}]/@href",
    f"//*[{_has_class('next')} or {_has_class('pagination__item--next')}]/descendant-or-self::a/@href",
    "//a[starts-with(translate(normalize-space(), 'NEXT', 'next'), 'next')]/@href",
)
COUNT = re.compile(
    r"\bshowing\b[^.]{0,40}?\bof\s+(?P<of>\d[\d,]*)|\b(?P<all>\d[\d,]*)\s+(?:results|providers)\b", re.IGNORECASE
)
NAME = (
    f"//h1[{_has_class('title-block__title')} or {_has_class('heading--title')}]",
    "//main//h1",
    "//h1",
    "//meta[@property='og:title']/@content",
    "//title",
)
PUBLICATIONS = (
    f"//a[{_has_class('publication-link')}]",
    "//a[contains(@href, '/v1/file/') or contains(@href, '/provider/files/')]",
    "//main//a[contains(translate(@href, 'PDF', 'pdf'), '.pdf')]",
)
FILE = re.compile(r"/v1/file/\d+|/provider/files/|\.pdf$|/download/", re.IGNORECASE)
ENTRY = ("li", "tr", "article", "dd")  # what a publication's link stands in, with its date
PUBLISHED = re.compile(r"publi\w*(?:\s+(?:on|date))?\W*([^;|\n]{6,24})", re.IGNORECASE)


def listed(get: GetPage, settings: Settings) -> Iterator[Listed | Missing]:
    """Yield every report that the search leads to, provider by provider.

    Args:
        get: gives the page of an address.
        settings: base address and search.

    Yields:
        Reports, with URN, title and day of publication as far as the page tells; and what could
        not be read.
    """
    for urn, url in _providers(get, settings):
        if isinstance(url, Missing):
            yield url
            continue
        try:
            found = list(_reports(get(url), urn))
            yield from found
        except OutOfTimeError:
            raise
        except FetchError as error:
            yield Missing(url, str(error))


def _providers(get: GetPage, settings: Settings) -> Iterator[tuple[str, str | Missing]]:
    """Yield URN and page of every provider, from all pages of results."""
    base = httpx.URL(settings.fetch_ofsted_url)
    url, seen, visited = str(base.join(settings.fetch_ofsted_search.lstrip("/"))), set[str](), set[str]()
    while url and url not in visited:
        if len(visited) == MOST_RESULT_PAGES:
            yield "", Missing(url, f"found more than {MOST_RESULT_PAGES} pages of results, expected fewer")
            return
        visited.add(url)
        try:
            page = get(url)
            tree = _tree(page)
        except OutOfTimeError:
            raise
        except FetchError as error:
            yield "", Missing(url, str(error))
            return
        linked = dict(_provider_links(tree, page.url))
        if not linked:  # not on a later page either: another page led here because there is more
            yield "", Missing(url, "found no link to a provider, expected search results; has the site changed?")
            return
        found = {urn: there for urn, there in linked.items() if urn not in seen}
        seen |= set(found)
        yield from found.items()
        url = _next_page(tree, page.url, len(seen)) if found else ""


def _provider_links(tree: Any, at: str) -> Iterator[tuple[str, str]]:
    """Yield URN and page of each provider of this site that a page links to; what is elsewhere is none of its own."""
    for href in tree.xpath("//a/@href"):
        there = _joined(at, href)
        if there and there.host == httpx.URL(at).host and (known := PROVIDER.search(there.path)):
            yield known["urn"], str(there.copy_with(fragment=None))


def _next_page(tree: Any, at: str, seen: int) -> str:
    """Return the next page of results, by its link or by counting on; empty if this is the last."""
    for path in NEXT_PAGE:
        for href in tree.xpath(path):
            if (there := _joined(at, href)) is not None and there.path == httpx.URL(at).path:
                return str(there.copy_with(fragment=None))
    counted = COUNT.search(" ".join(tree.xpath("//body//text()[not(ancestor::script)]")))
    if counted and seen < int((counted["of"] or counted["all"]).replace(",", "")):
        return str(httpx.URL(at).copy_set_param("start", seen))
    return ""


def _reports(page: Page, urn: str) -> Iterator[Listed | Missing]:
    """Yield the reports that a provider's page links to, in its order."""
    tree = _tree(page)
    name = next((text for path in NAME for node in tree.xpath(path) if (text := _text(node))), "")
    folder = f"reports/{urn}_{slug(name.split(' - ')[0]) or 'provider'}"
    links = {link: None for path in PUBLICATIONS for link in tree.xpath(path)}
    if not links and urn not in _text(tree):
        raise FetchError(f"{page.url}: found neither a report nor the URN {urn}, expected the page of a provider")
    seen: set[str] = set()
    for link in links:
        there = _joined(page.url, link.get("href") or "")
        if there is None or str(there) in seen:
            continue
        seen.add(str(there))
        if not FILE.search(there.path):
            yield Missing(str(there), "leads to a page, not to a file", is_failure=False)
            continue
        title, published = _title(link), _published(link)
        about = {
            "provider_urn": urn,
            "published_date": published.isoformat() if published else None,
            "provider_name": name or None,
            "title": title,
            "publisher": "Ofsted",
        }
        dated = f" - {published:%d %B %Y}".lower() if published else ""
        yield Listed(str(there), folder, safe_name(f"{title.lower()}{dated}", "pdf"), "pdf", about)


def _title(link: Any) -> str:
    """Return what a link says it leads to: the longest of its lines, without day and file type."""
    said = [_text(node) for node in link.xpath(".//*[not(*)]")] + [" ".join(link.xpath("./text()")), _text(link)]
    hidden = [_text(node) for node in link.xpath(f".//*[{_has_class('nonvisual')} or {_has_class('visually-hidden')}]")]
    for text in [*hidden, *said]:
        text = re.sub(r",?\s*\(?\b(?:pdf|opens in (?:a )?new (?:tab|window))\b.*$", "", text, flags=re.IGNORECASE)
        text = re.sub(r"\W*\b\d{1,2}(?:st|nd|rd|th)?\s+[A-Za-z]{3,9}\s+\d{4}\b", "", text)
        text = re.sub(r"\W*\b\d{1,2}([/.-])\d{1,2}\1\d{4}\b", "", text)
        text = re.sub(r"\s+", " ", text).strip(" -–:,.")
        if re.search(r"[A-Za-z]{3}", text):
            return text
    return "report"


def _published(link: Any) -> date | None:
    """Return the day of publication: from the link's own words, else from the entry it stands in."""
    own = " ".join([_text(link), *link.xpath(".//time/@datetime"), link.get("title") or ""])
    entry = next((node for node in link.iterancestors() if node.tag in ENTRY), None)
    words = _text(entry) if entry is not None else ""
    # A day that is said to be that of publication goes before any other, which may be the inspection's.
    for text in (own, words):
        said = {told for after in PUBLISHED.findall(text) if (told := read_date(after)) is not None}
        if len(said) == 1:
            return said.pop()
    if (told := read_date(own)) is not None or entry is None:
        return told
    days = dates_in(" ".join([words, *entry.xpath(".//time/@datetime")]))
    return days.pop() if len(days) == 1 else None


def _tree(page: Page) -> Any:
    """Read a page; markup that is not closed is mended, as browsers do.

    Raises:
        FetchError: it is no HTML.
    """
    try:
        tree = html.document_fromstring(page.body, parser=html.HTMLParser(encoding=_encoding(page.body)))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, UnicodeError) as error:
        raise FetchError(f"{page.url}: found {error}, expected an HTML page") from error
    base = next(iter(tree.xpath("//base/@href")), None)
    there = _joined(page.url, base) if base else None  # a base that is no address is passed over, as browsers do
    for node in tree.xpath("//base"):  # lxml would fail on such a one
        node.attrib.pop("href", None)
    tree.make_links_absolute(str(there or page.url), handle_failures="ignore")
    return tree


def _encoding(body: bytes) -> str | None:
    """Return UTF-8 where it fits; else what the page declares decides."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return "utf-8"


def _joined(at: str, href: str) -> httpx.URL | None:
    """Return the address of a link, or None if it leads nowhere that can be asked."""
    try:
        there = httpx.URL(at).join(href.strip())
    except (httpx.InvalidURL, ValueError):
        return None
    is_web = there.scheme in ("http", "https") and re.fullmatch(r"[\w.:-]+", there.host)
    return there.copy_with(userinfo=b"") if is_web else None


def _text(node: Any) -> str:
    text = node if isinstance(node, str) else " ".join(node.itertext())
    return re.sub(r"\s+", " ", text).strip()
