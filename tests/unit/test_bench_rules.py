"""The returns on which the rules are timed are returns, and say nothing of anybody."""

from pathlib import Path

from bench.returns import make_census
from bench.rules import limits, make_looked_after
from transforms.returns import rules_of
from transforms.returns.assembling import assemble
from transforms.returns.reading import read_file
from transforms.returns.rule import BROKEN, FAILED, run_rules


def test_a_made_up_return_of_two_years_is_read_whole_and_breaks_many_rules(tmp_path: Path) -> None:
    make_looked_after(tmp_path, 200)
    data = None
    for year in (2025, 2026):
        files = [read_file(path, path.name) for path in sorted((tmp_path / str(year)).glob("*.csv"))]
        data = assemble("ssda903", files, year, "999", data)
    assert data is not None
    assert len(data.typed) == 11
    assert (data.typed["Header"].height, data.last.typed["Header"].height) == (200, 160)
    assert set(data.problems["problem_code"]) <= {"invalid_code", "unreadable_date", "blank_required", "out_of_range"}
    states = [verdict.state for verdict in run_rules(data, rules_of("ssda903")).verdicts]
    assert len(states) == 311
    assert BROKEN not in states
    assert states.count(FAILED) > 100


def test_a_census_may_be_asked_for_by_number_of_children(tmp_path: Path) -> None:
    assert make_census(tmp_path / "census.xml", children=7) == 7
    assert read_file(tmp_path / "census.xml").tables["ChildIdentifiers"].height == 7


def test_limits_grow_with_the_number_of_children() -> None:
    figures = {"rule_seconds": 1.0, "peak_mb": 100}
    small, large = (
        limits({"children": children, "ssda903": figures, "cin_census": figures}) for children in (1_000, 267_500)
    )
    assert [round(limit, 1) for _, _, limit, _ in large[:2]] == [17.3, 2000]
    assert all(less[2] < more[2] for less, more in zip(small, large, strict=True))
