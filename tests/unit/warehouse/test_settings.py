"""Settings: defaults, places, and refusals that name the variable."""

from __future__ import annotations

from pathlib import Path

import pytest

from transforms.errors import UsageError
from warehouse import settings as module
from warehouse.settings import PREFIX, Settings


def test_defaults_lie_below_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = Settings.load({})
    assert found.landing == tmp_path / "var/landing"
    assert found.published_file == tmp_path / "var/published/safeguarding.duckdb"
    assert found.airflow_home == tmp_path / "var/warehouse/airflow"
    assert (found.dags / "ingest_reports.py").is_file()


def test_every_setting_survives_the_way_to_a_child_process(tmp_path: Path) -> None:
    given = {
        f"{PREFIX}LANDING": str(tmp_path / "a"),
        f"{PREFIX}KEEP_VERSIONS": "2",
        f"{PREFIX}SETTLE_SECONDS": "0.25",
        f"{PREFIX}MAX_BATCHES": "3",
    }
    found = Settings.load(given)
    assert (found.keep_versions, found.settle_seconds, found.max_batches) == (2, 0.25, 3)
    assert Settings.load(found.environ()) == found


def test_every_variable_is_in_the_table() -> None:
    table = module.__doc__ or ""
    for variable in Settings.load({}).environ():
        assert f"`{variable}`" in table


def test_an_empty_value_counts_as_not_set() -> None:
    assert Settings.load({f"{PREFIX}KEEP_VERSIONS": " "}).keep_versions == 5


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KEEP_VERSIONS", "0"),
        ("KEEP_VERSIONS", "many"),
        ("KEEP_VERSIONS", "-1"),
        ("KEEP_VERSIONS", "٣"),
        ("MAX_BATCHES", "5"),
        ("LOCK_SECONDS", "nan"),
        ("LOCK_SECONDS", "inf"),
        ("LOCK_SECONDS", "-1"),
        ("WAREHOUSE", "s3://bucket/warehouse"),
        ("LANDING", "s3://"),
    ],
)
def test_a_wrong_value_names_its_variable(name: str, value: str) -> None:
    with pytest.raises(UsageError, match=f"{PREFIX}{name}: found .*, expected") as refused:
        Settings.load({PREFIX + name: value})
    assert refused.value.exit_code == 2


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=f"{PREFIX}PUBLISHED"):
        Settings.load({f"{PREFIX}PUBLISHED": str(tmp_path / "file")})


@pytest.mark.parametrize("inside", ["same", "same/below"])
def test_a_load_cannot_read_its_own_output(tmp_path: Path, inside: str) -> None:
    with pytest.raises(UsageError, match="folders apart"):
        Settings.load({f"{PREFIX}LANDING": str(tmp_path / inside), f"{PREFIX}WAREHOUSE": str(tmp_path / "same")})
