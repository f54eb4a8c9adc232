"""What people must know, told once: refused files, failed loads, a warehouse that is late.

Every matter goes to the log, and to e-mail and a webhook where these are set. A matter is recorded as
told only when every way that is set has taken it, so that what a broken mail server swallowed comes
again with the next load; nothing here ever fails a load. Messages name files, rules and loads, and say
what to do; they hold no value from any file.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from transforms.errors import SafeguardingError
from warehouse.faults import as_ours
from warehouse.ledger import Ledger, utc_now
from warehouse.settings import Settings

log = logging.getLogger("safeguarding.alerts")

QUARANTINED, FAILED, LATE, FETCH = "quarantined", "failed", "late", "fetch"
MOST_NAMED = 50  # files in one message; `safeguarding status` names all
_SECONDS = 20.0
WHAT_TO_DO = {
    QUARANTINED: "Mend each file and drop it again, or leave it: it is kept, and tried again when the code changes. "
    "`safeguarding status` names them all with their reasons.",
    "CheckError": "Nothing was published; the last good version stands. The page of check results names what failed.",
    "CheckEngineError": "Nothing was published; the checks themselves broke. See the log of the load.",
    "WarehouseBusyError": "Another load was writing all the while, the one named; run it again once that has ended.",
    "WarehouseError": "Nothing was published. See to the disk, folder or key it speaks of; the next load begins anew.",
    FAILED: "Nothing was published; the last good version stands. See the log of the load.",
    FETCH: "What lies in the landing zone is loaded all the same. The next run tries again, `safeguarding fetch` at "
    "once. Where it goes on, see whether the address has moved and whether this machine may reach it.",
    LATE: "No run has ended by the set hour. See whether scheduler and triggerer run, and `safeguarding status`.",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """One message about one or more matters of a kind.

    Attributes:
        kind: `quarantined`, `failed`, `late` or `fetch`.
        keys: the matters; each is told once.
        subject: one line.
        lines: what is to be said of them.
        what_to_do: in plain words.
    """

    kind: str
    keys: tuple[str, ...]
    subject: str
    lines: tuple[str, ...]
    what_to_do: str

    @property
    def text(self) -> str:
        """The message as plain text."""
        return "\n".join([self.subject, "", *self.lines, "", self.what_to_do, ""])


def tell_quarantined(settings: Settings, load_id: str, files: Sequence[Mapping[str, str]]) -> None:
    """Tell of the files that a load refused.

    Args:
        settings: ways to tell.
        load_id: of the load.
        files: each with `file` and `reason`.
    """
    by_key = {_key(file["file"], file["reason"]): file for file in files}
    new = _not_told(settings, QUARANTINED, by_key)
    if not new:
        return
    lines = [_line(f"{by_key[key]['file']}: {by_key[key]['reason']}") for key in new[:MOST_NAMED]]
    if len(new) > MOST_NAMED:
        lines.append(f"and {len(new) - MOST_NAMED} more")
    counted = "1 file was" if len(new) == 1 else f"{len(new)} files were"
    subject = f"safeguarding-warehouse: {counted} refused by load {load_id}; the rest is loaded"
    _send(settings, Notice(QUARANTINED, tuple(new), subject, tuple(lines), WHAT_TO_DO[QUARANTINED]))


def tell_failed(settings: Settings, load_id: str, error: BaseException) -> None:
    """Tell of a load that published nothing; the same fault again is told only after a load went well."""
    kind = type(error).__name__
    # What no error of ours says may quote anything; its kind is enough to find it in the log.
    said = _line(" ".join(str(error).split()))[:1000] if isinstance(error, SafeguardingError) else "see the log"
    new = _not_told(settings, FAILED, [_key(kind, said)])
    if new:
        subject = f"safeguarding-warehouse: load {load_id} published nothing"
        what_to_do = WHAT_TO_DO.get(type(as_ours(error)).__name__, WHAT_TO_DO[FAILED])
        _send(settings, Notice(FAILED, tuple(new), subject, (f"{kind}: {said}",), what_to_do))


def tell_late(settings: Settings, run: str) -> None:
    """Tell that a run had not ended by the set hour."""
    new = _not_told(settings, LATE, [run])
    if new:
        subject = "safeguarding-warehouse: not published by the set hour"
        _send(settings, Notice(LATE, tuple(new), subject, (_line(f"run {run} has not ended"),), WHAT_TO_DO[LATE]))


def tell_fetch(settings: Settings, run_id: str, failures: Mapping[str, str]) -> None:
    """Tell of what could not be fetched; each address once, until a run fetches all.

    Args:
        settings: ways to tell.
        run_id: of the run of fetching.
        failures: why, by address; empty where all went well.
    """
    if not failures:
        _forget(settings, FETCH)
        return
    by_key = {_key(address): address for address in failures}
    new = _not_told(settings, FETCH, by_key)
    if new:
        lines = [_line(f"{by_key[key]}: {failures[by_key[key]]}") for key in new[:MOST_NAMED]]
        if len(new) > MOST_NAMED:
            lines.append(f"and {len(new) - MOST_NAMED} more")
        subject = f"safeguarding-warehouse: run {run_id} of fetching is incomplete"
        _send(settings, Notice(FETCH, tuple(new), subject, tuple(lines), WHAT_TO_DO[FETCH]))


def all_well(settings: Settings) -> None:
    """Forget failures told of: a load went well, and the next failure is news again."""
    _forget(settings, FAILED)


async def missed_deadline(**context: Any) -> None:
    """Tell that a run missed its deadline; Airflow's triggerer calls it."""
    import asyncio

    run = context.get("context", {}).get("dag_run", {})
    name = run.get("dag_run_id") or run.get("run_id") if isinstance(run, Mapping) else getattr(run, "run_id", None)
    await asyncio.to_thread(tell_late, Settings.load(), str(name or "of today"))


def _forget(settings: Settings, kind: str) -> None:
    with suppress(SafeguardingError), Ledger(settings.warehouse / "ledger.sqlite") as ledger:
        ledger.forget_told(kind)


def _line(text: str) -> str:
    """Return text as one printable line: what a message quotes drives no terminal and forges no other line."""
    return "".join(c if c.isprintable() else " " for c in text)


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _not_told(settings: Settings, kind: str, keys: Any) -> list[str]:
    try:
        with Ledger(settings.warehouse / "ledger.sqlite") as ledger:
            return ledger.not_told(kind, keys)
    except SafeguardingError as error:
        log.error("alerts: found %s, telling again rather than not at all", error)
        return list(keys)


def _send(settings: Settings, notice: Notice) -> None:
    """Tell in every way that is set; record it as told if all of them took it."""
    log.warning("alert kind=%s %s | %s | %s", notice.kind, notice.subject, " | ".join(notice.lines), notice.what_to_do)
    failed = []
    for name, way in (("e-mail", _mail), ("webhook", _post)):
        try:
            way(settings, notice)
        except Exception as error:  # a way that fails must neither fail the load nor the other way
            failed.append(name)
            log.error("alerts: %s failed: %s; it is tried again with the next load", name, type(error).__name__)
    if not failed:
        with suppress(SafeguardingError), Ledger(settings.warehouse / "ledger.sqlite") as ledger:
            ledger.record_told(notice.kind, notice.keys, utc_now())


def _mail(settings: Settings, notice: Notice) -> None:
    if not settings.alert_email:
        return
    import smtplib
    from email.message import EmailMessage

    message = EmailMessage()
    message["Subject"], message["From"] = notice.subject, settings.alert_from
    message["To"] = settings.alert_email.replace(",", ", ")
    message.set_content(notice.text)
    host, _, port = settings.alert_smtp.partition(":")
    with smtplib.SMTP(host, int(port or 25), timeout=_SECONDS) as server:
        if "starttls" in server.ehlo()[1].decode("ascii", "replace").lower():
            server.starttls()
        server.send_message(message)


def _post(settings: Settings, notice: Notice) -> None:
    if not settings.alert_webhook:
        return
    import httpx
    from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

    tries = Retrying(
        stop=stop_after_attempt(3),
        wait=wait_exponential_jitter(multiplier=0.5, max=4),
        retry=retry_if_exception_type(httpx.HTTPError),
        reraise=True,
    )
    values = {**asdict(notice), "text": notice.text}
    for attempt in tries:
        with attempt:
            httpx.post(settings.alert_webhook, json=values, timeout=_SECONDS, trust_env=False).raise_for_status()
