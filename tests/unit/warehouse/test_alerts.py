"""People are told once, in every way that is set, and told again only where a way failed."""

import errno
import json
import logging
import smtplib
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from transforms.errors import CheckError, WarehouseError
from warehouse import alerts
from warehouse.settings import Settings

FILES = [{"file": "reports/a.pdf", "reason": "file: found no PDF, expected one"}]


@pytest.fixture
def heard():
    """A webhook on this machine: what it was sent, and the answers it is to give."""

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = server.answers.pop(0) if server.answers else 200
            if status == 200:
                server.bodies.append(json.loads(body))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_):
            return

    server = HTTPServer(("127.0.0.1", 0), Hook)
    server.bodies, server.answers = [], []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def mails(monkeypatch):
    """A mail server that keeps what it is given."""
    sent = []

    class Server:
        def __init__(self, host, port, timeout):
            self.place = (host, port)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def ehlo(self):
            return 250, b"8BITMIME"

        def send_message(self, message):
            sent.append((self.place, message))

    monkeypatch.setattr(smtplib, "SMTP", Server)
    return sent


@pytest.fixture
def settings(tmp_path, heard):
    return Settings.load(
        {
            "SAFEGUARDING_LANDING": str(tmp_path / "landing"),
            "SAFEGUARDING_WAREHOUSE": str(tmp_path / "warehouse"),
            "SAFEGUARDING_PUBLISHED": str(tmp_path / "published"),
            "SAFEGUARDING_ALERT_EMAIL": "duty@council.example,data@council.example",
            "SAFEGUARDING_ALERT_SMTP": "mail.council.example:2525",
            "SAFEGUARDING_ALERT_WEBHOOK": f"http://127.0.0.1:{heard.server_port}/hook?key=x",
        }
    )


def test_a_refused_file_is_told_once_with_what_to_do(settings, heard, mails, caplog):
    with caplog.at_level(logging.WARNING):
        alerts.tell_quarantined(settings, "L1", FILES)
        alerts.tell_quarantined(settings, "L2", FILES)
    assert len(heard.bodies) == len(mails) == 1
    assert heard.bodies[0]["kind"] == "quarantined" and "reports/a.pdf" in heard.bodies[0]["text"]
    place, message = mails[0]
    assert place == ("mail.council.example", 2525)
    assert message["To"] == "duty@council.example, data@council.example"
    assert "Mend each file" in message.get_content()
    assert "reports/a.pdf" in caplog.text


def test_another_reason_for_the_same_file_is_news(settings, heard, mails):
    alerts.tell_quarantined(settings, "L1", FILES)
    alerts.tell_quarantined(settings, "L2", [{**FILES[0], "reason": "another"}])
    assert len(heard.bodies) == 2


def test_nothing_to_tell_tells_nothing(settings, heard, mails):
    alerts.tell_quarantined(settings, "L1", [])
    assert heard.bodies == mails == []


def test_what_a_way_did_not_take_comes_again(settings, heard, mails):
    heard.answers = [503, 503, 503]
    alerts.tell_quarantined(settings, "L1", FILES)
    assert heard.bodies == []
    alerts.tell_quarantined(settings, "L2", FILES)
    assert len(heard.bodies) == 1


def test_a_failure_is_news_again_after_a_load_went_well(settings, heard, mails):
    for _ in range(3):
        alerts.tell_failed(settings, "L1", WarehouseError("disk: found it full"))
    assert len(heard.bodies) == 1
    alerts.all_well(settings)
    alerts.tell_failed(settings, "L9", WarehouseError("disk: found it full"))
    assert len(heard.bodies) == 2


@pytest.mark.parametrize(
    ("error", "what_to_do"),
    [
        (CheckError("blocked by dates_in_order"), "page of check results"),
        (OSError(errno.ENOSPC, "No space left on device"), "See to the disk"),
        (KeyError("a fault in code"), "See the log of the load"),
    ],
)
def test_the_kind_of_failure_says_what_to_do(settings, heard, mails, error, what_to_do):
    alerts.tell_failed(settings, "L1", error)
    assert what_to_do in heard.bodies[0]["what_to_do"]


def test_text_of_a_foreign_error_is_not_sent_round(settings, heard, mails):
    alerts.tell_failed(settings, "L1", KeyError("CHILD-4711"))
    assert "4711" not in json.dumps(heard.bodies) + str(mails[0][1])


def test_a_broken_way_fails_no_load_and_not_the_other_way(settings, heard, monkeypatch):
    def no_server(*_, **__):
        raise ConnectionRefusedError

    monkeypatch.setattr(smtplib, "SMTP", no_server)
    alerts.tell_late(settings, "scheduled__2026-11-26")
    assert len(heard.bodies) == 1
