"""What the system does to a load ends as an error of ours; a fault in code keeps its own."""

from pathlib import Path

import duckdb
import polars as pl
import pytest

from transforms.errors import UsageError, WarehouseError
from warehouse.faults import as_ours, exit_code_of


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_disk_that_is_full_when_rows_are_staged_is_the_systems_fault():
    with pytest.raises(pl.exceptions.ComputeError) as raised:
        pl.DataFrame({"a": range(100)}).write_parquet("/dev/full")
    assert isinstance(as_ours(raised.value), WarehouseError)
    assert exit_code_of(raised.value) == 13


FOOTER = pl.exceptions.ComputeError("parquet: File out of specification: Invalid thrift: transport error")


@pytest.mark.parametrize("error", [OSError(28, "full"), MemoryError(), duckdb.IOException("full"), FOOTER])
def test_other_faults_of_the_system_too(error):
    assert exit_code_of(error) == 13


@pytest.mark.parametrize("error", [ValueError("x"), pl.exceptions.ComputeError("bad"), duckdb.BinderException("x")])
def test_a_fault_in_code_stays_one(error):
    assert as_ours(error) is None
    assert exit_code_of(error) == 1


def test_an_error_of_ours_is_itself():
    error = UsageError("x")
    assert as_ours(error) is error
