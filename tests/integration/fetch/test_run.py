"""What a run decides: new, changed, unchanged, renamed; what it records; and the command that starts it."""

from __future__ import annotations

import time
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock

from tests.conftest import CommandLine
from tests.integration.fetch.conftest import Fetching
from tests.integration.fetch.service import Answer, pdf
from tests.integration.fetch.test_ofsted import publish
from transforms.errors import UsageError, WarehouseBusyError, WarehouseError
from warehouse import alerts, operations
from warehouse.fetch.record import RECORD, Record, folder_of, last_runs
from warehouse.landing import scan
from warehouse.ledger import Ledger
from warehouse.samples.content import authority_named, draw_truth
from warehouse.samples.landing import make_landing
from warehouse.samples.render import render_pdf
from warehouse.settings import PREFIX

FILE = "/v1/file/50000001"
PATH = "reports/80001_made-up-borough/visit - 05 may 2022.pdf"


@pytest.fixture
def one(fetching: Fetching) -> Fetching:
    publish(fetching, ("50000001", "Visit", "5 May 2022", pdf()))
    return fetching


def counts(one: Fetching, **settings: object) -> tuple[int, int, int]:
    summary = one.run("ofsted", **settings)  # type: ignore[arg-type]
    assert summary.files_failed == 0
    return summary.files_new, summary.files_changed, summary.files_unchanged


@pytest.mark.parametrize("validator", ["etag", "date"])
def test_what_did_not_change_is_not_sent_again(one: Fetching, validator: str) -> None:
    answer = one.files.answers[FILE]
    assert isinstance(answer, Answer)
    if validator == "date":
        answer.etag, answer.modified = "", 1_600_000_000
    assert counts(one) == (1, 0, 0)
    assert counts(one) == (0, 0, 1)
    assert one.files.last(FILE).status == 304
    assert one.log() == [("50000001", "new"), ("50000001", "unchanged")]


def test_pages_that_did_not_change_are_not_sent_again(one: Fetching) -> None:
    for answer in one.site.answers.values():
        assert isinstance(answer, Answer)
        answer.etag = 'W/"page"'
    assert counts(one) == (1, 0, 0)
    assert counts(one) == (0, 0, 1)
    assert {asked.status for asked in one.site.asked[-2:]} == {304}


def test_a_server_without_validators_is_told_by_content(one: Fetching) -> None:
    one.files.answers[FILE] = Answer(pdf(), "application/pdf")
    assert counts(one) == (1, 0, 0)
    assert counts(one) == (0, 0, 1)
    assert one.files.last(FILE).status == 200
    assert list(one.landed()) == [PATH]


def test_a_known_file_is_not_asked_for_within_its_days(one: Fetching) -> None:
    assert counts(one, fetch_recheck_days=7) == (1, 0, 0)
    assert counts(one, fetch_recheck_days=7) == (0, 0, 1)
    assert one.files.times(FILE) == 1


def test_a_corrected_file_lies_beside_the_first_one(one: Fetching) -> None:
    counts(one)
    one.files.file(FILE, pdf("corrected"))
    assert counts(one) == (0, 1, 0)
    landed = one.landed()
    assert landed.pop(PATH) == pdf()
    assert list(landed.values()) == [pdf("corrected")]
    assert one.beside(next(iter(landed)))["published_date"] == "2022-05-05"
    assert counts(one) == (0, 0, 1)


def test_the_same_content_under_another_address_or_name_is_unchanged(one: Fetching) -> None:
    counts(one)
    publish(one, ("50000009", "Visit renamed", "6 May 2022", pdf()))
    assert counts(one) == (0, 0, 1)
    assert list(one.landed()) == [PATH]
    with Record(folder_of(one.settings) / RECORD) as record:
        found = record.resource(one.files.url("/v1/file/50000009"))
    assert found is not None
    assert found.path == PATH


def test_a_file_that_somebody_renamed_or_took_away_stays_so(one: Fetching) -> None:
    counts(one)
    landed = one.settings.landing / PATH
    landed.rename(landed.with_name("mine.pdf"))
    assert counts(one) == (0, 0, 1)
    landed.with_name("mine.pdf").unlink()
    one.files.answers[FILE] = Answer(pdf(), "application/pdf")
    assert counts(one) == (0, 0, 1)
    assert one.landed() == {}


def test_what_somebody_else_laid_down_is_not_laid_down_again(one: Fetching) -> None:
    mine = one.settings.landing / "reports" / "mine.pdf"
    mine.parent.mkdir()
    mine.write_bytes(pdf())
    with Ledger(one.settings.warehouse / "ledger.sqlite") as ledger:
        scan(one.settings, ledger)
    assert counts(one) == (0, 0, 1)
    assert list(one.landed()) == ["reports/mine.pdf"]


def test_a_file_of_the_same_name_is_not_written_over(one: Fetching) -> None:
    mine = one.settings.landing / PATH
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"mine")
    assert counts(one) == (1, 0, 0)
    assert mine.read_bytes() == b"mine"
    assert len(one.landed()) == 2


def test_a_run_that_died_before_it_was_recorded_lays_nothing_down_twice(one: Fetching) -> None:
    counts(one)
    (folder_of(one.settings) / RECORD).unlink()
    counts(one)
    assert list(one.landed()) == [PATH]


def test_two_reports_of_one_day_and_title_both_land(one: Fetching) -> None:
    publish(one, ("50000001", "Visit", "5 May 2022", pdf("a")), ("50000002", "Visit", "5 May 2022", pdf("b")))
    assert counts(one) == (2, 0, 0)
    assert len(one.landed()) == 2


def test_a_dry_run_reads_lists_only(one: Fetching) -> None:
    summary = one.run("ofsted", dry_run=True)
    assert [told["status"] for told in summary.outcomes] == ["would_fetch"]
    assert summary.outcomes[0]["path"] == PATH
    assert one.files.asked == []
    assert one.landed() == {}
    assert last_runs(one.settings) == []
    counts(one)
    assert [told["status"] for told in one.run("ofsted", dry_run=True).outcomes] == ["would_check"]


def test_one_source_that_fails_does_not_stop_the_other(one: Fetching) -> None:
    summary = one.run()
    assert summary.sources == ["ofsted", "statistics"]
    assert (summary.files_new, summary.exit_code) == (1, 14)
    assert {told["source"] for told in summary.outcomes if told["status"] == "failed"} == {"statistics"}


def test_runs_are_recorded_and_shown(one: Fetching) -> None:
    one.run()
    (run,) = last_runs(one.settings)
    assert (run["state"], run["files_new"]) == ("incomplete", 1)
    assert run["finished_at"] > run["started_at"]
    assert operations.status(one.settings)["fetches"][0]["files_new"] == 1


def test_two_runs_take_turns(one: Fetching) -> None:
    place = folder_of(one.settings)
    place.mkdir(parents=True)
    with FileLock(place / "fetch.lock"), pytest.raises(WarehouseBusyError):
        one.run("ofsted", lock_seconds=0)


def test_a_landing_zone_that_cannot_be_written_is_told(one: Fetching) -> None:
    (one.settings.landing / "reports").write_text("a file where a folder should be")
    with pytest.raises(WarehouseError, match="expected to lay down"):
        one.run("ofsted")


def test_nothing_is_asked_while_it_is_off(one: Fetching) -> None:
    with pytest.raises(UsageError, match="SAFEGUARDING_FETCH: found off"):
        one.run(fetch="off")
    with pytest.raises(UsageError, match="expected it to name statistics"):
        one.run("statistics", fetch="ofsted")
    assert one.site.asked == one.files.asked == []


def test_the_command(one: Fetching, safeguarding: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert safeguarding("fetch", "--json").json == {
        "exit_code": 2,
        "error": "UsageError",
        "message": "SAFEGUARDING_FETCH: found off, expected on or names of sources: ofsted, statistics",
    }
    for name, value in one.settings.environ().items():
        if name.startswith(f"{PREFIX}FETCH"):
            monkeypatch.setenv(name, value)
    assert safeguarding("fetch", "--source", "nobody").code == 2
    dry = safeguarding("fetch", "--source", "ofsted", "--dry-run", "--json")
    assert (dry.code, dry.json["outcomes"][0]["status"]) == (0, "would_fetch")
    said = safeguarding("fetch", "--source", "ofsted", "--json")
    assert (said.code, said.json["files_new"], said.out.count("\n")) == (0, 1, 1)
    assert "1" in safeguarding("fetch", "--source", "ofsted").out
    assert safeguarding("fetch", "--json").code == 14
    assert "fetches" in safeguarding("status").out


def test_a_fetched_file_is_whole_whenever_it_can_be_seen(one: Fetching, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    rename = Path.replace

    def watched(self: Path, target: Path) -> Path:
        if one.settings.landing in self.parents:
            seen.extend(path.name for path in self.parent.iterdir())
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", watched)
    counts(one)
    # The file that describes it first, each under a name that no load takes up, then in one step.
    name = PATH.rpartition("/")[2]
    assert seen[0] == f".{name}.json.part"
    assert sorted(seen[1:]) == sorted([f"{name}.json", f".{name}.part"])


def test_time_is_kept_in_utc(one: Fetching) -> None:
    before = time.time()
    counts(one)
    at = datetime.fromisoformat(one.beside(PATH)["retrieved_at"])
    assert before - 2 <= at.timestamp() <= time.time() + 1


@pytest.mark.airflow
@pytest.mark.thorough
def test_the_nightly_run_loads_what_it_fetched(
    one: Fetching, in_child: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_landing(one.settings.landing.parent / "sample")
    (one.settings.landing.parent / "sample/reference").rename(one.settings.landing / "reference")
    truth = draw_truth("ilacs_2023", 1, authority_named("Brackenshire"), date(2024, 1, 8))
    report = ("50000001", "Inspection", "18 March 2024", render_pdf(truth))
    publish(one, report, ("50000002", "Visit", "6 May 2022", b"<html><body>Report not found</body></html>"))
    for name, value in one.settings.environ().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv(f"{PREFIX}FETCH", "ofsted")
    monkeypatch.setenv(f"{PREFIX}FETCH_TIMEOUT_SECONDS", "30")
    said = in_child("from warehouse.cli import main; main()", "nightly", "--json")
    assert said.code == 0, said.err
    assert said.json["files_loaded"] == 1 + len(list((one.settings.landing / "reference").iterdir()))
    stage = said.json["run"]["stages"]["fetch"]
    assert (stage["files_new"], stage["files_failed"], stage["exit_code"]) == (1, 1, 14)
    assert len(said.json["run"]["tasks"]) <= 8
    with duckdb.connect(str(one.settings.published_file), read_only=True) as connection:
        found = connection.execute("SELECT DISTINCT published_date, published_date_source FROM bi.judgement_history")
        assert found.fetchall() == [(date(2024, 3, 18), "metadata")]


def test_what_cannot_be_fetched_is_told_once_until_all_is_fetched(
    one: Fetching, caplog: pytest.LogCaptureFixture
) -> None:
    def told() -> int:
        found = sum("alert kind=fetch" in line for line in caplog.messages)
        caplog.clear()
        return found

    assert one.run().exit_code == 14
    assert told() == 1
    assert one.run().exit_code == 14
    assert told() == 0
    alerts.tell_fetch(one.settings, "a run that fetched all", {})
    one.run()
    assert told() == 1
    one.run(dry_run=True)
    assert told() == 0


def test_a_run_of_fetching_that_breaks_is_told(one: Fetching, caplog: pytest.LogCaptureFixture) -> None:
    (one.settings.landing / "reports").write_text("a file where a folder should be")
    for times in (1, 0):
        caplog.clear()
        with pytest.raises(WarehouseError):
            one.run("ofsted")
        assert sum("alert kind=fetch" in line for line in caplog.messages) == times
