"""Whatever goes wrong in the child that reads a submission, the outcome is of that submission alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.returns_made_up import EPISODE_ROW, EPISODES, module
from warehouse import restricted, returns
from warehouse.keys import load_keys
from warehouse.landing import scan
from warehouse.ledger import Ledger
from warehouse.restricted import Access
from warehouse.settings import Settings


def test_a_panic_is_the_outcome_of_its_submission(places: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAFEGUARDING_RESTRICTED_KEY", "made-up key of the tests 0123456789 abcdef")
    monkeypatch.setenv("SAFEGUARDING_HASH_KEY", "another made-up key of the tests 9876543210")
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    monkeypatch.setattr(returns, "READ", "failing_work:panic")
    for year in (2025, 2026):
        path = places.landing / "returns" / "301" / "ssda903" / str(year) / "episodes.csv"
        path.parent.mkdir(parents=True)
        path.write_bytes(module(EPISODES, EPISODE_ROW.replace("2025", str(year - 1))))
    with Ledger(places.warehouse / "ledger.sqlite") as ledger:
        files = scan(places, ledger).files
    found = list(returns.read_submissions(places, {"load_id": "L1", "references": {}}, files))
    assert [(value, fault and fault.code) for _, value, fault in found] == [(None, "parser_fault")] * 2
    assert all("PanicException" in fault.message and "Joe" not in fault.message for _, _, fault in found if fault)
    keys = load_keys()
    assert keys is not None
    with restricted.opened(places, keys, Access("open", "test")) as kept:
        assert [s.year for s in kept.quarantined()] == [2025, 2026] and kept.submissions() == []
