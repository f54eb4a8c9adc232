"""Local returns end to end: loaded, checked, published suppressed, sent again, forgotten; in any order."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import World, empty_world
from tests.statistics_files import tidy
from transforms.errors import InputError
from warehouse import findings, forget, pipeline, restricted, vault
from warehouse.keys import Keys, load_keys
from warehouse.restricted import Access
from warehouse.samples.returns import as_csv, make_ssda903

pytestmark = pytest.mark.slow

LA = "990"  # Brackenshire, made up


def set_keys(patch: pytest.MonkeyPatch) -> None:
    patch.setenv("SAFEGUARDING_RESTRICTED_KEY", "made-up key of the tests 0123456789 abcdef")
    patch.setenv("SAFEGUARDING_HASH_KEY", "another made-up key of the tests 9876543210")


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> Keys:
    set_keys(monkeypatch)
    found = load_keys()
    assert found is not None
    return found


def deposit(world: World, when: str, year: int, children: int = 60, la_code: str = LA) -> None:
    for module, rows in make_ssda903(year, children).items():
        world.deposit(f"returns/{la_code}/ssda903/{when}/{module}.csv", as_csv(rows))


@pytest.fixture(scope="module")
def once_loaded(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Return the world that tests take a copy of; nobody changes this one."""
    made = empty_world(tmp_path_factory.mktemp("once"))
    deposit(made, "2025", 2025)
    deposit(made, "2026", 2026)
    with pytest.MonkeyPatch.context() as patch:
        set_keys(patch)
        made.load()
    return made


@pytest.fixture
def two_years(once_loaded: World, tmp_path: Path) -> World:
    """A world of its own in which two returns are loaded."""
    return once_loaded.copy(tmp_path)


def values(world: World) -> list[tuple[Any, ...]]:
    return world.query(
        "SELECT la_code, indicator_code, period_code, breakdown, value, numerator, value_status, is_latest "
        "FROM bi.indicator_value WHERE source_collection = 'ssda903' ORDER BY ALL"
    )


def fostered(world: World) -> float | None:
    """Return how many children in care were fostered at the end of 2025/26."""
    ((count,),) = world.query(
        "SELECT local_numerator FROM bi.local_indicator_comparison "
        "WHERE breakdown = 'Total' AND period_code = '2026' AND indicator_code = 'CLA8'"
    )
    return count


def test_returns_are_loaded_sent_again_and_compared(world: World, keys: Keys) -> None:
    deposit(world, "2025", 2025)
    deposit(world, "2026", 2026)
    summary = world.load()
    assert summary.exit_code == 0, summary.quarantined
    assert world.query("SELECT count(*) FROM meta.return_submission WHERE is_current") == [(2,)]
    first = fostered(world)
    assert first is not None
    assert first > 10
    assert world.query("SELECT count(*) FROM bi.indicator_value WHERE unit = 'count' AND value BETWEEN 1 AND 5") == [
        (0,)
    ]
    # No benchmark is made of one authority's own figures.
    assert world.query("SELECT count(*) FROM bi.indicator_benchmark WHERE source_collection = 'ssda903'") == [(0,)]
    # A rule's verdict is a check like every other; one that was not run has not passed.
    checks = world.query(
        "SELECT check_id, success, failing_rows FROM meta.check_result WHERE table_name = 'staged.return_rule'"
    )
    assert len(checks) > 100
    not_run = {r[0] for r in world.query("SELECT rule_code FROM meta.return_rule WHERE state = 'not_run'")}
    assert not_run
    assert not [check_id for check_id, success, _ in checks if success and check_id.removeprefix("ssda903_") in not_run]
    page = world.settings.checks_page.read_text()
    assert not [check_id for check_id, *_ in checks if check_id not in page]

    # Nothing new: no store is opened, no version made.
    log = _log(world, keys)
    assert world.load().state == "unchanged"
    assert len(_log(world, keys)) == len(log) + 1  # the look at the log itself

    # Sent again with fewer children: the later submission stands whole, the earlier one is kept.
    deposit(world, "2026", 2026, children=45)
    again = world.load()
    assert again.files_superseded == 1
    states = world.query(
        "SELECT state, count(*) FROM meta.source_file WHERE source_kind = 'return' GROUP BY ALL ORDER BY ALL"
    )
    assert states == [("loaded", 2), ("superseded", 1)]
    now = fostered(world)
    assert now is None or now < first
    assert world.query(
        "SELECT count(DISTINCT document_sha256) FROM bi.indicator_value WHERE source_collection = 'ssda903' "
        "AND period_code = '2026' AND is_latest"
    ) == [(1,)]


def _log(world: World, keys: Keys) -> list[dict[str, Any]]:
    with restricted.opened(world.settings, keys, Access("open", "test")) as kept:
        return kept.log()


def test_the_order_of_loads_leaves_no_trace(world: World, keys: Keys, tmp_path: Path) -> None:
    for when in ("2026", "2025", "2024"):
        deposit(world, when, int(when), children=50)
        assert world.load().exit_code == 0
    backwards = values(world)
    from dataclasses import replace

    other = World(tmp_path, replace(world.settings, warehouse=tmp_path / "w2", published=tmp_path / "p2"))
    assert other.load().exit_code == 0
    at_once = values(other)
    # What was published before stays as it was: only what is withheld may differ, never a number.
    assert len(backwards) == len(at_once)
    both = [(a, b) for a, b in zip(backwards, at_once, strict=True) if None not in (a[4], b[4])]
    assert all(a[:5] == b[:5] for a, b in both)
    assert len(both) > 20
    assert {r[:4] for r in backwards} == {r[:4] for r in at_once}
    rules = "SELECT year, rule_code, state, findings_shown FROM meta.return_rule ORDER BY ALL"
    assert world.query(rules) == other.query(rules)


def people(count: int) -> bytes:
    """Return a release of the population of the middle of the year 2025/26."""
    place = ("Local authority", "E92000001", "England", "X12900001", "Made-up North", LA, "X09900001", "Brackenshire")
    row = ["2025", "Reporting year", *place, "Children aged 0 to 17 years", count]
    return tidy([row], ("age_group", "population_estimate"))


def test_rates_follow_the_population_of_the_same_load(world: World, keys: Keys) -> None:
    """Whether a return comes with the population, before it, or is there when a newer one comes."""

    def rates() -> list[tuple[Any, ...]]:
        return world.query(
            "SELECT indicator_code, value, denominator FROM bi.indicator_value "
            "WHERE source_collection = 'ssda903' AND indicator_code IN ('CLA1', 'CLA1N') AND breakdown = 'Total' "
            "AND period_code = '2026' AND is_latest ORDER BY ALL"
        )

    deposit(world, "2026", 2026)
    world.deposit("statistics/2026-06-25/people.csv", people(20000))
    assert world.load().exit_code == 0
    (_, rate, population), (_, children, _) = rates()
    assert population == 20000
    assert rate == round(children / 2)
    assert world.load().state == "unchanged"

    world.deposit("statistics/2026-09-25/people.csv", people(10000))
    deposit(world, "2025", 2025)
    summary = world.load()
    assert (summary.exit_code, summary.files_new) == (0, 2)
    assert rates() == [("CLA1", children, 10000), ("CLA1N", children, None)]
    assert world.query("SELECT count(*), count(*) FILTER (is_current) FROM meta.return_submission") == [(2, 2)]
    assert world.load().state == "unchanged"


def test_returns_worked_out_again_are_published_though_another_load_came_first(
    world: World, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    deposit(world, "2026", 2026)
    world.load()
    with monkeypatch.context() as patch:
        patch.setattr("warehouse.returns.basis", lambda *_: "made up: other lists of providers")
        planned = pipeline.discover(world.settings)
        pipeline.parse(world.settings, planned.load_id, 0)
    assert (planned.files_new, planned.batches) == (0, 1)
    pipeline.build(world.settings, planned.load_id)
    pipeline.check(world.settings, planned.load_id)
    world.deposit("statistics/2026-06-25/people.csv", people(20000))
    assert world.load().state == "published"
    assert pipeline.publish(world.settings, planned.load_id).state == "published"
    assert world.query("SELECT count(*) FROM meta.return_submission") == [(1,)]
    assert world.query("SELECT count(*) > 0 FROM bi.local_indicator_comparison") == [(True,)]


def test_two_submissions_of_one_year_in_one_load(world: World, keys: Keys) -> None:
    """Folders named by days tell their year by content; the later day stands, and both are kept."""
    deposit(world, "2026-06-20", 2026, children=60)
    deposit(world, "2026-05-02", 2026, children=45)
    summary = world.load()
    assert summary.exit_code == 0, summary.quarantined
    submissions = world.query("SELECT year, vintage_date::VARCHAR, is_current FROM meta.return_submission ORDER BY 2")
    assert submissions == [(2026, "2026-05-02", False), (2026, "2026-06-20", True)]
    vintages = world.query(
        "SELECT vintage_date::VARCHAR, is_latest, count(*) > 50 FROM bi.indicator_value "
        "WHERE source_collection = 'ssda903' GROUP BY ALL ORDER BY ALL"
    )
    assert vintages == [("2026-05-02", False, True), ("2026-06-20", True, True)]
    assert world.load().state == "unchanged"


def test_a_return_without_a_key_is_refused_and_taken_once_there_is_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    deposit(world, "2026", 2026)
    world.deposit("returns/990/csww/2026/x.xml", "<Message/>")
    refused = world.load()
    assert refused.exit_code == 10
    assert {q["file"] for q in refused.quarantined} == {"returns/990/ssda903/2026", "returns/990/csww/2026"}
    assert all("SAFEGUARDING_RESTRICTED_KEY_FILE" in q["reason"] for q in refused.quarantined)
    monkeypatch.setenv("SAFEGUARDING_RESTRICTED_KEY", "made-up key of the tests 0123456789 abcdef")
    monkeypatch.setenv("SAFEGUARDING_HASH_KEY", "another made-up key of the tests 9876543210")
    world.load()
    states = world.query(
        "SELECT landing_path, state, error_code FROM meta.source_file WHERE source_kind = 'return' ORDER BY 1"
    )
    assert states[1] == ("returns/990/ssda903/2026", "loaded", None)
    assert states[0][1] == "quarantined"
    assert states[0][2] != "refused"


def test_forgetting_and_findings(two_years: World, keys: Keys, tmp_path: Path) -> None:
    settings = two_years.settings
    published = values(two_years)
    found = findings.read_findings(settings, LA, "ssda903", 2026, "a test")
    assert found.rows
    assert {row[7] for row in found.rows} <= {f"{module}.csv" for module in make_ssda903(2026)}
    exact = dict(
        two_years.query("SELECT rule_code, findings FROM meta.return_rule WHERE year = 2026 AND findings IS NOT NULL")
    )
    assert {rule: n for rule, _, state, n, _, _ in found.rules if rule in exact and state != "not_run"} == exact
    findings.write_csv(found, tmp_path / "f.csv")
    findings.write_workbook(found, tmp_path / "f.xlsx")
    assert len((tmp_path / "f.csv").read_text("utf-8-sig").splitlines()) == len(found.rows) + 1

    # One child: its rows, the findings about them, and every original it stood in.
    child = make_ssda903(2026)["header"][0]["CHILD"]
    gone = forget.forget_children(settings, keys, LA, [f" {child} "], "a test")
    assert gone.rows >= 2
    assert gone.submissions >= 1
    with restricted.opened(settings, keys, Access("open", "test")) as kept:
        from warehouse.returns_worker import digest_of

        digest = digest_of(keys.hash_key(LA), child)
        for schema, table in kept.row_tables():
            assert digest not in str(kept.query(f'SELECT * FROM kept."{schema}"."{table}"'))
            assert kept.query(f'SELECT count(*) > 0 FROM kept."{schema}"."{table}"') == [(True,)]
        assert not kept.query("SELECT 1 FROM kept.identifier WHERE hash = ?", [digest])
        originals = {s.year: [p["sha256"] for p in s.parts] for s in kept.submissions()}
    assert not any(vault.original_path(settings, keys, sha).exists() for sha in originals[2026])
    with pytest.raises(InputError, match="none of them"):
        forget.forget_children(settings, keys, LA, [child], "again")
    # It still lies in the landing zone, and is not taken again; what is published stays.
    waiting = two_years.load()
    assert waiting.state == "unchanged"
    assert any("forgotten" in w["reason"] for w in waiting.waiting)
    assert values(two_years) == published

    # A corrected file without the child is a new submission.
    for module, rows in make_ssda903(2026).items():
        kept_rows = [row for row in rows if row["CHILD"] != child]
        two_years.deposit(f"returns/{LA}/ssda903/2026/{module}.csv", as_csv(kept_rows))
    for module, rows in make_ssda903(2025).items():
        two_years.deposit(f"returns/{LA}/ssda903/2025/{module}.csv", as_csv([r for r in rows if r["CHILD"] != child]))
    assert two_years.load().files_loaded >= 1

    # A whole year.
    whole = forget.forget_submissions(settings, keys, LA, 2026, None, "a test")
    assert whole.submissions == 2
    with restricted.opened(settings, keys, Access("open", "test")) as kept:
        assert {s.year for s in kept.submissions()} == {2025}
        assert [e["action"] for e in kept.log()].count("forget") == 3
        assert child not in str(kept.log())
    with pytest.raises(InputError):
        findings.read_findings(settings, LA, "ssda903", 2026, "gone")


def test_the_retention_period_is_enforced_by_every_load(two_years: World, keys: Keys) -> None:
    from dataclasses import replace

    before = values(two_years)
    today = date.today()
    short = replace(two_years.settings, retention_years=max(1, today.year - 2026))
    if today.year - short.retention_years <= 2025:
        assert (
            forget.enforce_retention(short, today + timedelta(days=366 * (2026 + short.retention_years - today.year)))
            is not None
        )
    else:
        two_years.settings = short
        two_years.load()
    with restricted.opened(two_years.settings, keys, Access("open", "test")) as kept:
        assert [s.year for s in kept.submissions()] == [2026]
        assert kept.query("SELECT DISTINCT year FROM kept.ssda903.header") == [(2026,)]
        assert "SAFEGUARDING_RETENTION_YEARS" in str(kept.log())
    assert two_years.load().state == "unchanged"
    assert values(two_years) == before


def test_returns_are_read_again_with_newer_code(two_years: World, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    from warehouse import replay

    before = values(two_years)
    span = (date(2020, 1, 1), date(2030, 1, 1))
    same = replay.reprocess(two_years.settings, *span)
    assert (same.documents, same.read, same.changed, same.loads) == (2, 2, 0, [])
    dry = replay.reprocess(two_years.settings, *span, is_dry_run=True)
    assert (dry.read, dry.changed, dry.left_out, dry.withdrawn) == (2, 0, [], [])
    monkeypatch.setattr(replay, "parser_version", lambda: "newer code")
    newer = replay.reprocess(two_years.settings, *span, sources=["return"])
    assert (newer.behind, newer.changed, len(newer.loads)) == (2, 0, 1)
    assert values(two_years) == before
    with monkeypatch.context() as without:
        without.delenv("SAFEGUARDING_RESTRICTED_KEY")
        without.delenv("SAFEGUARDING_HASH_KEY")
        assert "no key" in replay.reprocess(two_years.settings, *span).left_out[0]
    _dry_run_of_other_code(two_years, keys, monkeypatch, span)
    assert values(two_years) == before


def _dry_run_of_other_code(world: World, keys: Keys, patch: pytest.MonkeyPatch, span: tuple[date, date]) -> None:
    """Say what code that reads one year otherwise, and refuses the other, would change; change nothing."""
    from warehouse import extract, replay, returns

    allowed = extract._Unpacker("warehouse.returns_worker:read_submission")

    def kept_rows() -> list[Any]:
        with restricted.opened(world.settings, keys, Access("open", "test")) as kept:
            tables = [f'kept."{schema}"."{table}"' for schema, table in kept.row_tables()]
            tables += [f"kept.{name}" for name in ("submission", "quarantine", "verdict", "finding", "result")]
            return [kept.query(f"SELECT * FROM {table} ORDER BY ALL") for table in tables]

    published, rows = world.settings.published_file.resolve(), kept_rows()
    patch.setattr(returns, "READ", "tests.integration.made_up_rules:read_otherwise")
    patch.setattr(extract, "_Unpacker", lambda work: allowed)
    other = replay.reprocess(world.settings, *span, is_dry_run=True)
    assert (other.documents, other.read, other.changed, other.loads, other.left_out) == (2, 2, 2, [], [])
    assert [(w["file"], "made up" in w["reason"]) for w in other.withdrawn] == [("returns/990/ssda903/2025", True)]
    assert {change["table"] for change in other.changes} >= {"fact_indicator"}
    assert (world.settings.published_file.resolve(), kept_rows()) == (published, rows)


def test_one_child_more_is_not_told_by_what_was_sent_before(world: World, keys: Keys, tmp_path: Path) -> None:
    """A submission sent again with one child more, in three orders: the first one's numbers are nowhere in the file."""
    from dataclasses import replace

    found = []
    for n, order in enumerate(((0, 1), (1, 0), (None,))):
        place = tmp_path / f"order{n}"
        one = replace(
            world.settings, landing=place / "landing", warehouse=place / "warehouse", published=place / "published"
        )
        other = World(place, one)
        shutil.copytree(world.landing, other.landing)  # the register
        for first in order:
            for when, children in (("2026-05-01", 60), ("2026-06-01", 61)):
                if first is None or (first == 0) == (children == 60):
                    deposit(other, when, 2026, children)
            if first is not None:
                assert other.load().exit_code == 0
        if order == (None,):
            assert other.load().exit_code == 0
        told = "SELECT count(*), count(value), count(numerator), count(denominator) FROM bi.indicator_value "
        ((rows, *numbers),) = other.query(f"{told} WHERE source_collection = 'ssda903' AND NOT is_latest")
        assert rows > 500
        assert numbers == [0, 0, 0]
        assert other.query(
            "SELECT count(*) FROM bi.indicator_revision WHERE source_collection = 'ssda903' AND change IS NOT NULL"
        ) == [(0,)]
        assert other.query("SELECT count(*) FROM meta.return_rule WHERE findings > 0 AND sha256 IN "
                           "(SELECT sha256 FROM meta.return_submission WHERE NOT is_current)") == [(0,)]  # fmt: skip
        # What stands is as it was, and loading again changes nothing.
        found.append([row for row in values(other) if row[-1]])
        assert sum(row[4] is not None for row in found[-1]) > 100
        again = other.load()
        assert again.state == "unchanged", (order, again)
    # What was published before stays known: more may be withheld, but no number differs.
    for one in found[1:]:
        both = [(a, b) for a, b in zip(found[0], one, strict=True) if None not in (a[4], b[4])]
        assert len(both) > 100
        assert all(a[:5] == b[:5] for a, b in both)


def test_a_return_that_stands_again_is_told_again(world: World, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    """A later submission is refused by other code, taken again by today's, and followed by a third."""
    from warehouse import extract, replay, returns

    def told() -> dict[str, int]:
        rows = world.query(
            "SELECT landing_path, count(v.value) FROM meta.return_submission JOIN star.dim_source USING (source_key) "
            "JOIN bi.indicator_value AS v ON v.document_sha256 = dim_source.sha256 GROUP BY ALL"
        )
        return {path.rpartition("/")[2]: count for path, count in rows}

    for when, children in (("2026-05-01", 60), ("2026-06-01", 61)):
        deposit(world, when, 2026, children)
        assert world.load().exit_code == 0
    assert told()["2026-05-01"] == 0 < told()["2026-06-01"]
    allowed = extract._Unpacker("warehouse.returns_worker:read_submission")
    with monkeypatch.context() as other:
        other.setattr(returns, "READ", "tests.integration.made_up_rules:refuse_june")
        other.setattr(extract, "_Unpacker", lambda work: allowed)
        found = replay.reprocess(world.settings, date(2020, 1, 1), date(2030, 1, 1), sources=["return"])
        assert [w["file"] for w in found.withdrawn] == ["returns/990/ssda903/2026-06-01"]
        assert told() == {"2026-05-01": 0}
        assert world.load().exit_code == 0
        assert told()["2026-05-01"] > 50
    monkeypatch.setattr(replay, "parser_version", lambda: "newer code")
    assert replay.reprocess(world.settings, date(2020, 1, 1), date(2030, 1, 1), sources=["return"]).loads
    deposit(world, "2026-07-01", 2026, 62)
    summary = world.load()
    assert (summary.exit_code, summary.quarantined) == (0, [])
    assert told()["2026-05-01"] == 0 < told()["2026-07-01"]
