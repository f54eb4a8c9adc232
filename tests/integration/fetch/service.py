"""A server on this machine that behaves like the services that are fetched from, faults included."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Answer:
    """What the server says of one path.

    Attributes:
        etag: quoted; empty for none. `modified`: seconds since 1970; None for none.
        cut: close the connection after so many bytes of the body, once for each entry, then no more.
        ranges: whether parts can be asked for.
        silent: seconds before the answer.
        declared: whether the length is declared.
    """

    body: bytes = b""
    kind: str = "text/html; charset=utf-8"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    etag: str = ""
    modified: float | None = None
    cut: list[int] = field(default_factory=list)
    ranges: bool = False
    silent: float = 0.0
    declared: bool = True


@dataclass
class Asked:
    """A request that the server got."""

    path: str
    headers: dict[str, str]
    at: float
    status: int = 0


class Service:
    """One server: `answers` by path with query; a list of answers is used up one by one, the last stays."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer | list[Answer]] = {}
        self.asked: list[Asked] = []
        self.unanswered = 0
        self.most_unanswered = 0
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: object) -> None:
                pass

            def do_GET(self) -> None:
                try:
                    service.serve(self)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server.server_address[1]}"

    def url(self, path: str = "/") -> str:
        return f"http://{self.place}{path}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def file(self, path: str, body: bytes, kind: str = "application/pdf", **more: object) -> Answer:
        """Publish a file with an entity tag."""
        answer = Answer(body, kind, etag=f'"{hashlib.md5(body).hexdigest()}"', **more)  # type: ignore[arg-type]
        self.answers[path] = answer
        return answer

    def page(self, path: str, text: str, kind: str = "text/html; charset=utf-8") -> Answer:
        answer = Answer(text.encode(), kind)
        self.answers[path] = answer
        return answer

    def times(self, path: str) -> int:
        return sum(asked.path == path for asked in self.asked)

    def last(self, path: str) -> Asked:
        return [asked for asked in self.asked if asked.path == path][-1]

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        asked = Asked(handler.path, {name.lower(): value for name, value in handler.headers.items()}, time.monotonic())
        self.asked.append(asked)
        self.unanswered += 1
        self.most_unanswered = max(self.most_unanswered, self.unanswered)
        found = self.answers.get(handler.path, Answer(b"<html><body>Not found</body></html>", status=404))
        answer = (found.pop(0) if len(found) > 1 else found[0]) if isinstance(found, list) else found
        time.sleep(answer.silent)
        status, body, extra = _conditional(answer, asked.headers)
        asked.status = status
        handler.send_response(status)
        cut = answer.cut.pop(0) if answer.cut and status in (200, 206) else None
        headers = {"Content-Type": answer.kind, **extra, **answer.headers}
        if answer.declared:
            headers["Content-Length"] = str(len(body))
        else:
            handler.close_connection = True
            headers["Connection"] = "close"
        if status == 304:
            headers.pop("Content-Length", None)
        for name, value in headers.items():
            handler.send_header(name, value)
        self.unanswered -= 1
        handler.end_headers()
        handler.wfile.write(body[:cut])
        handler.wfile.flush()
        if cut is not None:
            handler.close_connection = True


def _conditional(answer: Answer, headers: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
    """Answer conditional and partial requests as servers do."""
    extra: dict[str, str] = {}
    modified = formatdate(answer.modified, usegmt=True) if answer.modified is not None else ""
    if answer.etag:
        extra["ETag"] = answer.etag
    if modified:
        extra["Last-Modified"] = modified
    if answer.ranges:
        extra["Accept-Ranges"] = "bytes"
    if answer.status == 200:
        if answer.etag and headers.get("if-none-match") == answer.etag:
            return 304, b"", extra
        if modified and "if-none-match" not in headers and headers.get("if-modified-since") == modified:
            return 304, b"", extra
        part = re.match(r"bytes=(\d+)-$", headers.get("range", ""))
        same = headers.get("if-range") in (answer.etag or None, modified or None)
        if answer.ranges and part and same:
            start = int(part.group(1))
            if start >= len(answer.body):
                return 416, b"", {**extra, "Content-Range": f"bytes */{len(answer.body)}"}
            extra["Content-Range"] = f"bytes {start}-{len(answer.body) - 1}/{len(answer.body)}"
            return 206, answer.body[start:], extra
    return answer.status, answer.body, extra


def pdf(text: str = "made up", size: int = 0) -> bytes:
    """Return bytes that pass for a PDF."""
    return b"%PDF-1.4\n% " + text.encode() + b"\n" + b"x" * size + b"\n%%EOF\n"


def search_page(providers: dict[str, str], after: str = "", kind: int = 44) -> str:
    """Return a page of search results, as the site of reports lays it out."""
    items = "".join(
        f'<li class="search-result"><h3 class="search-result__title heading--sub">'
        f'<a href="/provider/{kind}/{urn}">{name}</a></h3><ul><li>URN: <strong>{urn}</strong></li></ul></li>'
        for urn, name in providers.items()
    )
    return (
        "<!DOCTYPE html><html lang='en'><head><title>Search results</title></head><body>"
        "<nav><a href='/'>Home</a><a href='/provider/register'>Register</a></nav>"
        f"<main><ul class='results-list list-unstyled'>{items}</ul>{after}</main></body></html>"
    )


def provider_page(name: str, urn: str, entries: str) -> str:
    """Return the page of one provider."""
    return (
        f"<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>{name} - Ofsted</title></head><body>"
        f"<main><div class='title-block'><h1 class='heading--title title-block__title'>{name}</h1><ul>"
        f"<li>URN: {urn}</li></ul></div><ol class='timeline'>{entries}</ol></main></body></html>"
    )


def entry(url: str, title: str, day: str) -> str:
    """Return one entry of a provider's timeline, as it is written now."""
    return (
        f"<li class='timeline__day'><p class='timeline__date'><time>{day}</time></p>"
        f"<a class='publication-link' href='{url}' target='_blank'>{title}"
        f"<span class='nonvisual'>{title.lower()} - {day}, pdf</span></a></li>"
    )
