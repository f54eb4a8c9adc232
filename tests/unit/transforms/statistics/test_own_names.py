"""A table may name its columns as it likes: none is taken for a key of ours."""

import polars as pl
import pytest

from transforms.authorities import load_register
from transforms.statistics.reading import read_statistics

OURS = ("source_row", "period", "place", "place_key", "combination", "named_in", "column", "value", "line", "cells")
START = "time_period,time_identifier,geographic_level,country_code,country_name"
ROW = "202425,Financial year,National,E92000001,England"


def read(tmp_path, header, *rows):
    data = "\n".join([f"{START},{header}", *(f"{ROW},{row}" for row in rows), ""]).encode()
    read_statistics(data, tmp_path / "out", sha256="0" * 64, register=load_register(()), name="made up.csv")
    return pl.read_parquet(tmp_path / "out").sort("value")


@pytest.mark.parametrize("name", OURS)
def test_a_filter_may_have_the_name_of_a_key(tmp_path, name):
    found = read(tmp_path, f"{name},rate", "May,1", "Total,2")
    assert found["value"].to_list() == [1, 2]
    assert found["breakdown"].to_list() == [found["breakdown"][0], "Total"]
    assert found["breakdown"][0].startswith(name) and found["breakdown"][0].endswith("=May")


@pytest.mark.parametrize("name", OURS)
def test_an_indicator_may_have_the_name_of_a_key(tmp_path, name):
    found = read(tmp_path, f"category,{name}", "May,1", "Total,2")
    assert found["value"].to_list() == [1, 2]
