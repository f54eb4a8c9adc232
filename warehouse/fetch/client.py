"""Asking other services, politely: one request at a time, and never more often than allowed.

Only what can succeed on a retry is tried again (silence, broken connections, 408, 429, 5xx), with
waits that double and vary; a server that says when to come back is obeyed or left alone. A host
that goes on failing is left alone for the rest of the run. Redirects and links are followed to
allowed hosts only, and to no path that the site's `robots.txt` forbids.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from transforms.errors import FetchError, UsageError
from warehouse.fetch.record import Page, Validators
from warehouse.fetch.robots import Robots, read_robots
from warehouse.settings import OFF, Settings

log = logging.getLogger("safeguarding.fetch")

MOST_REDIRECTS = 5
MOST_PAGE_BYTES = 16 << 20
MOST_ROBOTS_BYTES = 512 << 10  # of a robots.txt, RFC 9309 asks for no more to be read
FAILURES_TO_LEAVE = 5  # in a row at one host
LONGEST_VALIDATOR = 1024
# A body that drips keeps a connection from ever falling silent: slower than this for so long, it is given up.
SLOW_SECONDS, LEAST_BYTES_PER_SECOND = 60.0, 1024
SECRET = re.compile(r"sig|token|key|secret|credential|password", re.IGNORECASE)  # names in a query
REDIRECTS = {301, 302, 303, 307, 308}
PORTS = {"http": 80, "https": 443}

Got = TypeVar("Got")


class TransientError(FetchError):
    """A failure that another try may not meet.

    Attributes:
        retry_after: seconds that the server asked to wait, or None.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        """Keep what the server asked for."""
        super().__init__(message)
        self.retry_after = retry_after


class ForbiddenError(FetchError):
    """An address that may not be asked: another host, or forbidden to programs by the site."""


class ElsewhereError(ForbiddenError):
    """An address of a host that is not among those that may be asked."""


class AbsentError(FetchError):
    """An address at which the server has nothing (404, 410)."""


class OutOfTimeError(FetchError):
    """The time of the run is over."""


@dataclass(slots=True)
class Host:
    """What is known of one host in this run."""

    asked_at: float | None = None
    not_before: float = 0.0  # by the run's clock, where the server said when to come back
    failures: int = 0
    robots: Robots | None = None
    why_left: str = ""


@dataclass(slots=True)
class Client:
    """One run's requests. Use as a context manager.

    Attributes:
        settings: rates, limits, allowed hosts, name.
        sleep, clock: seconds; replaced where time must not pass.
    """

    settings: Settings
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    requests: int = 0
    _hosts: dict[tuple[str, int], Host] = field(default_factory=dict)
    _http: httpx.Client = field(init=False)
    _end: float = field(init=False)
    _allowed: frozenset[tuple[str, int]] = field(init=False)

    def __post_init__(self) -> None:
        """Open no connection yet; the time of the run starts."""
        self._http = _connections(self.settings)
        self._allowed = allowed_places(self.settings)
        self._end = self.clock() + 60.0 * self.settings.fetch_minutes

    def __enter__(self) -> Client:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close all connections."""
        self._http.close()

    def page(self, url: str, known: Page | None = None) -> Page:
        """Get a page, or the known one if it did not change.

        Args:
            url: its address.
            known: what it gave before.

        Returns:
            The page as it is now, with the address at which redirects ended.

        Raises:
            ForbiddenError: it leads where nothing may be asked.
            FetchError: it could not be got; the message says why.
        """

        def get() -> Page:
            asked = known.validators.headers() if known else {}
            with self.answer(url, {**asked, "Accept": "text/html,application/json;q=0.9,*/*;q=0.5"}) as response:
                if response.status_code == 304 and known:
                    return known
                if response.status_code != 200:
                    raise FetchError(f"{url}: found status {response.status_code} to a plain request, expected 200")
                body = bytearray()
                for chunk in self.guarded(response.iter_bytes()):
                    body += chunk
                    if len(body) > MOST_PAGE_BYTES:
                        raise FetchError(f"{url}: found a page of more than {MOST_PAGE_BYTES} bytes, expected fewer")
                # One that may have been cut off is asked for anew each time, never taken as unchanged.
                validators = validators_of(response) if is_measured(response) else Validators()
                return Page(str(response.url), bytes(body), validators)

        return self.trying(url, get)

    def trying(self, url: str, attempt: Callable[[], Got]) -> Got:
        """Run one attempt until it succeeds, cannot succeed, or was made often enough.

        Raises:
            FetchError: its host is left alone, or the last attempt failed.
        """
        host = self._host(httpx.URL(url))
        if host.why_left:
            raise FetchError(f"{url}: not asked, since {host.why_left}")
        retrying = Retrying(
            stop=stop_after_attempt(self.settings.fetch_attempts),
            wait=self._wait,
            retry=retry_if_exception_type(TransientError),
            sleep=self.sleep,
            before_sleep=_tell,
            reraise=True,
        )
        try:
            got = retrying(attempt)
        except TransientError as error:
            host.failures += 1
            if host.failures >= FAILURES_TO_LEAVE:
                host.why_left = f"its host failed {host.failures} times in a row, last with: {error}"
            raise
        host.failures = 0
        return got

    @contextmanager
    def answer(self, url: str, headers: dict[str, str]) -> Iterator[httpx.Response]:
        """Ask once, follow redirects, and give the answer with its body still unread.

        Yields:
            An answer of status 200, 206, 304 or 416.

        Raises:
            TransientError: another try may end otherwise.
            ForbiddenError: the address itself may not be asked.
            FetchError: any other answer, or a redirect that may not be followed.
        """
        here = httpx.URL(url)
        for hop in range(MOST_REDIRECTS + 1):
            try:
                self._require_allowed(here)
            except ForbiddenError as error:
                if not hop:
                    raise
                # A link to elsewhere is none of ours; a file that moved elsewhere should be noticed.
                raise FetchError(f"{url}: found a redirect that may not be followed: {error}") from error
            with self._send(here, headers) as response:
                if response.status_code in REDIRECTS and "location" in response.headers:
                    here = self._next(here, response.headers["location"])
                    continue
                self._require_good(here, response)
                yield response
                return
        raise FetchError(f"{url}: found more than {MOST_REDIRECTS} redirects, expected a file or page")

    def guarded(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Hand on the chunks of a body; what breaks them is told as an error of ours.

        Raises:
            TransientError: the body breaks off, or comes too slowly.
        """
        begun, size = self.clock(), 0
        try:
            for chunk in chunks:
                self._require_time()
                size, took = size + len(chunk), self.clock() - begun
                if took > SLOW_SECONDS and size < took * LEAST_BYTES_PER_SECOND:
                    raise TransientError(f"found {size} bytes in {took:.0f} seconds, expected a body that comes faster")
                yield chunk
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise TransientError(f"found a body that breaks off ({_said(error)}), expected all of it") from error

    @contextmanager
    def _send(self, url: httpx.URL, headers: dict[str, str]) -> Iterator[httpx.Response]:
        """Send one request when its turn has come."""
        self._require_time()
        host = self._host(url)
        if host.why_left:
            raise FetchError(f"{shown(url)}: not asked, since {host.why_left}")
        delay = max(self.settings.fetch_delay_seconds, host.robots.delay if host.robots else 0.0)
        turn = max(host.not_before, host.asked_at + delay if host.asked_at is not None else 0.0)
        if (wait := turn - self.clock()) > 0:
            self.sleep(wait)
        host.asked_at, host.not_before = self.clock(), 0.0
        self.requests += 1
        try:
            response = self._http.send(self._http.build_request("GET", url, headers=headers), stream=True)
        except httpx.TransportError as error:
            raise TransientError(f"{shown(url)}: found {_said(error)}, expected an answer") from error
        except UnicodeError as error:  # of the name of a host
            raise FetchError(f"{shown(url)}: found {_said(error)}, expected an address") from error
        try:
            yield response
        finally:
            response.close()

    def _require_allowed(self, url: httpx.URL) -> None:
        """Refuse addresses of other hosts and those that programs are asked not to visit."""
        if url.scheme not in PORTS or _place(url) not in self._allowed:
            raise ElsewhereError(
                f"{shown(url)}: found an address of another host, expected one of the base addresses or "
                "SAFEGUARDING_FETCH_HOSTS"
            )
        host = self._host(url)
        if host.robots is None:
            host.robots = self._robots(url)
        if not host.robots.allows(str(url)):
            raise ForbiddenError(f"{shown(url)}: its site's robots.txt asks programs not to visit it")

    def _robots(self, url: httpx.URL) -> Robots:
        """Read the robots.txt of a host; one that is not there, or is kept from us, allows all.

        Raises:
            TransientError: the host fails to say what it allows, so nothing may be asked yet.
        """
        place = url.copy_with(raw_path=b"/robots.txt", fragment=None)
        for _ in range(MOST_REDIRECTS + 1):
            if _place(place) not in self._allowed:
                break
            with self._send(place, {"Accept": "text/plain"}) as response:
                status = response.status_code
                if status >= 500 or status == 429:
                    raise self._later(place, response, "rules")
                if status in REDIRECTS and "location" in response.headers:
                    place = self._next(place, response.headers["location"])
                    continue
                if status != 200:
                    break
                body = bytearray()
                for chunk in self.guarded(response.iter_bytes()):
                    body += chunk
                    if len(body) > MOST_ROBOTS_BYTES:
                        break
            text = body[:MOST_ROBOTS_BYTES].decode("utf-8", "replace")
            return read_robots(text, self.settings.fetch_user_agent)
        return read_robots("", self.settings.fetch_user_agent)

    def _next(self, here: httpx.URL, location: str) -> httpx.URL:
        """Return where a redirect leads; from a safe connection to none that is not."""
        try:
            there = here.join(location)
        except (httpx.InvalidURL, ValueError) as error:
            raise FetchError(f"{shown(here)}: found a redirect that is no address, expected one") from error
        if here.scheme == "https" and there.scheme == "http":
            raise FetchError(f"{shown(here)}: found a redirect to {shown(there)}, expected to stay with https")
        return there.copy_with(userinfo=b"")

    def _require_good(self, url: httpx.URL, response: httpx.Response) -> None:
        status = response.status_code
        if status in (200, 206, 304, 416):
            return
        if status in (408, 429) or status >= 500:
            raise self._later(url, response, "200")
        kind = AbsentError if status in (404, 410) else FetchError
        raise kind(f"{shown(url)}: found status {status}, expected 200")

    def _later(self, url: httpx.URL, response: httpx.Response, expected: str) -> FetchError:
        """Return the error of a server that cannot answer now, and keep when it may be asked again."""
        message = f"{shown(url)}: found status {response.status_code}, expected {expected}"
        asked, host = _asked(response), self._host(url)
        if asked is None:
            return TransientError(message)
        if asked > self.settings.fetch_wait_seconds:
            host.why_left = f"its host asked to be left alone for {asked:.0f} seconds"
            return FetchError(f"{message}; {host.why_left}")
        host.not_before = self.clock() + asked  # for whatever is asked of it next
        return TransientError(message, asked)

    def _wait(self, state: RetryCallState) -> float:
        """Return the seconds before the next try: what the server asked for, else more each time."""
        error = state.outcome.exception() if state.outcome else None
        most = self.settings.fetch_wait_seconds
        if isinstance(error, TransientError) and error.retry_after is not None:
            return min(error.retry_after, most)
        first = self.settings.fetch_delay_seconds
        return min(wait_exponential_jitter(multiplier=first, max=max(first, most), jitter=first)(state), most)

    def _require_time(self) -> None:
        if self.clock() > self._end:
            raise OutOfTimeError(f"stopped after {self.settings.fetch_minutes} minutes; the next run goes on")

    def _host(self, url: httpx.URL) -> Host:
        return self._hosts.setdefault(_place(url), Host())


def _connections(settings: Settings) -> httpx.Client:
    """Return what sends requests, by the proxies and certificates that the environment names.

    Raises:
        UsageError: they cannot be used. What was found is not repeated: it may hold a password.
    """
    for library in ("httpx", "httpcore"):  # they tell every address and header, whatever secret is in it
        logging.getLogger(library).setLevel(logging.WARNING)
    try:
        return httpx.Client(
            timeout=httpx.Timeout(max(settings.fetch_timeout_seconds, 0.05)),
            follow_redirects=False,
            headers={"User-Agent": settings.fetch_user_agent, "Accept-Language": "en-GB,en;q=0.9"},
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=1),
        )
    except (httpx.InvalidURL, ValueError, ImportError):
        told = "HTTP_PROXY, HTTPS_PROXY, ALL_PROXY: found one that cannot be used, expected such as http://host:3128"
        raise UsageError(told) from None
    except OSError as error:
        told = f"SSL_CERT_FILE, SSL_CERT_DIR: found {error}, expected certificates that can be read"
        raise UsageError(told) from error


def allowed_places(settings: Settings) -> frozenset[tuple[str, int]]:
    """Return host and port of all that may be asked: the base addresses' and the hosts named besides."""
    bases = (settings.fetch_ofsted_url, settings.fetch_statistics_url, settings.fetch_statistics_api_url)
    places = {_place(httpx.URL(base)) for base in bases if base != OFF}
    for name in settings.fetch_hosts.split(","):
        host, _, port = name.partition(":")
        places |= {(host.lower(), int(port))} if port else {(host.lower(), known) for known in PORTS.values()}
    return frozenset(places)


def _place(url: httpx.URL) -> tuple[str, int]:
    return url.host.lower(), url.port or PORTS.get(url.scheme, 0)


def validators_of(response: httpx.Response) -> Validators:
    """Return what to ask with next time; nothing that could not be sent back."""
    told = (response.headers.get(name) for name in ("etag", "last-modified"))
    usable = (t if t and t.isascii() and t.isprintable() and len(t) <= LONGEST_VALIDATOR else None for t in told)
    return Validators(*usable)


def is_measured(response: httpx.Response) -> bool:
    """Whether a body that is cut off can be told: its length is declared, or it comes in chunks."""
    chunked = "chunked" in response.headers.get("transfer-encoding", "").lower()
    return chunked or "content-length" in response.headers


def shown(url: httpx.URL) -> str:
    """Return an address as it may be told and kept: without a password, and without a signature in its query."""
    plain = url.copy_with(userinfo=b"")
    if any(SECRET.search(name) for name in plain.params):
        return f"{plain.copy_with(query=None, fragment=None)}?..."
    return str(plain)


def _asked(response: httpx.Response) -> float | None:
    """Return the seconds that `Retry-After` asks for, given as seconds or as a date; None if neither."""
    said = response.headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return float(said)
    try:
        at = parsedate_to_datetime(said)
    except (TypeError, ValueError):
        return None
    # By the server's own clock where it says what that shows: ours may be wrong.
    try:
        now = parsedate_to_datetime(response.headers.get("date", ""))
    except (TypeError, ValueError):
        now = datetime.now(UTC)
    return max(0.0, (_utc(at) - _utc(now)).total_seconds())


def _utc(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _tell(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    log.info("retry attempt=%s reason=%s", state.attempt_number, error)


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
