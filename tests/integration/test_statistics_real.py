"""Every real file of statistics: as many values as a slow reading finds, all of them in the right place."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest

from tests.statistics_files import read, slow_reading
from transforms.authorities import Register, load_register
from transforms.statistics.indicators import indicators
from transforms.statistics.layout import TIME_AND_PLACE_NAMES, normal
from transforms.statistics.reading import recognise


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register()


@pytest.fixture(scope="module")
def tidy_files(test_data: Path) -> list[Path]:
    own = {"inventory.csv", "la_hospital_admissions_2324.csv"}
    found = [p for p in sorted((test_data / "statistics").rglob("*.csv")) if p.name not in own]
    found += sorted((test_data / "reference").glob("ons_mid-year_population_estimates_*.csv"))
    if not found:
        pytest.skip(f"no statistics in {test_data}")
    return found


@pytest.fixture(scope="module")
def loaded(tidy_files: list[Path], register: Register, tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    frames = []
    for path in tidy_files:
        _, frame = read(path.read_bytes(), tmp_path_factory.mktemp("read"), register, path.name)
        frames.append(frame.with_columns(path=pl.lit(path.relative_to(path.parents[1]).as_posix())))
    return pl.concat(frames)


@pytest.mark.slow
def test_every_value_of_every_file_is_loaded_once(
    tidy_files: list[Path], register: Register, tmp_path: Path, test_data: Path
) -> None:
    for path in tidy_files:
        data = path.read_bytes()
        assert recognise(data) is None
        found, frame = read(data, tmp_path, register, path.name)
        header = next(csv.reader([data.decode("utf-8-sig").splitlines()[0]]))
        named = set(frame["source_column"])
        statuses, total, cells = slow_reading(data, [name for name in header if name in named])
        assert found.tables[0].by_status == dict(statuses), path
        assert frame.height == found.observations == sum(statuses.values())
        assert frame["value"].sum() == pytest.approx(total, rel=1e-12)
        assert {(row, column): cell for row, column, cell in frame.select(
            "source_row", "source_column", "value_as_printed"
        ).iter_rows()} == cells  # fmt: skip
        others = [n for n in header if n not in named and normal(n) not in TIME_AND_PLACE_NAMES]
        assert {normal(n) for n in others} - {"version"} == set(found.tables[0].filters)
        assert not [p for p in found.problems if p.severity == "blocking"]
        assert found.problems == [], (path, found.problems)


@pytest.mark.slow
def test_column_roles_agree_with_the_inventory(
    tidy_files: list[Path], register: Register, tmp_path: Path, test_data: Path
) -> None:
    inventory = test_data / "statistics" / "inventory.csv"
    if not inventory.is_file():
        pytest.skip("no inventory")
    known = {row["file"]: row for row in csv.DictReader(inventory.open(encoding="utf-8"))}
    for path in tidy_files:
        name = path.relative_to(test_data / "statistics").as_posix() if "reference" not in path.parts else ""
        if name not in known:
            continue
        found, frame = read(path.read_bytes(), tmp_path, register, path.name)
        assert frame.height == int(known[name]["observations"])
        assert len(found.tables[0].indicators) == int(known[name]["indicator_columns"])
        assert found.tables[0].row_count == int(known[name]["rows"])


@pytest.mark.slow
def test_every_conformed_indicator_is_found(loaded: pl.DataFrame, test_data: Path) -> None:
    found = set(loaded.filter("is_conformed")["indicator_code"])
    listed = test_data / "reference" / "conformed_indicators.csv"
    if not listed.is_file():
        pytest.skip("no list of conformed indicators")
    wanted = {row["indicator_id"] for row in csv.DictReader(listed.open(encoding="utf-8-sig"))}
    # Two rates are printed nowhere in these files: they are worked out from the counts.
    assert wanted - found == {"cpp_rate", "cpp_abuse_rate"}
    assert wanted <= {entry.indicator_code for entry in indicators()}
    assert loaded.filter("is_conformed", pl.col("breakdown") != "Total").is_empty()
    assert loaded.filter(pl.struct("sha256", "indicator_code", "period_code", "geographic_level", "la_code", "gss_code",
                                   "breakdown").is_duplicated()).is_empty()  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "code", "period", "la_code", "value"),
    [
        ("earlier_releases/2024-11-14", "lacnum", "2024", None, 83630.0),
        ("statistics", "lacnum", "2024", None, 83530.0),
        ("earlier_releases/2024-11-01", "cin_num", "2024", None, 399460.0),
        ("statistics", "lac", "2025", None, 67.0),
        ("statistics", "cin_num", "2025", None, 402400.0),
        ("statistics", "rereferral", "2025", None, 22.6),
        ("statistics", "lacstable_2016on", "2025", None, 10.0),
        ("statistics", "careleaveracc", "2025", None, 89.0),
        ("statistics", "emotional_lac", "2025", None, 14.9),
        ("statistics", "work_force_avgnumcase_sw", "2025", None, 15.2),
    ],
)
def test_a_published_figure_is_the_value_loaded(
    loaded: pl.DataFrame, path: str, code: str, period: str, la_code: str | None, value: float
) -> None:
    place = pl.col("geographic_level") == "country" if la_code is None else pl.col("la_code") == la_code
    rows = loaded.filter(
        pl.col("path").str.contains(path.rsplit("/", 1)[-1]), pl.col("indicator_code") == code,
        pl.col("period_code") == period, place,
    )  # fmt: skip
    assert value in rows["value"].to_list()


@pytest.mark.slow
def test_rates_come_from_their_numerators(loaded: pl.DataFrame) -> None:
    rates = loaded.filter(
        pl.col("indicator_code").is_in(
            ["lac", "lac_start_rate", "lac_cease_rate", "rereferral", "cinpermabsent_3term"]
        ),
        pl.col("geographic_level") == "authority",
        *(pl.col(name).is_not_null() for name in ("value", "numerator", "denominator")),
    ).with_columns(
        computed=pl.col("numerator")
        / pl.col("denominator")
        * pl.when(pl.col("unit") == "percent").then(100).otherwise(10_000)
    )
    assert rates.height > 5_000
    assert rates.filter((pl.col("computed") - pl.col("value")).abs() > 0.5001).is_empty()


@pytest.mark.slow
def test_adding_up_regions_counts_london_twice(loaded: pl.DataFrame) -> None:
    regions = loaded.filter(
        pl.col("path").str.starts_with("statistics"), pl.col("indicator_code") == "lacnum",
        pl.col("period_code") == "2024", pl.col("geographic_level") == "region",
    )  # fmt: skip
    assert regions.height == 11 and regions["value"].sum() == 93170.0


@pytest.mark.slow
def test_durations_are_years_and_kept_as_printed(loaded: pl.DataFrame) -> None:
    rows = loaded.filter(pl.col("value_as_printed") == "00:10")
    assert rows.height and set(rows["unit"]) == {"years"}
    assert rows["value"].to_list() == pytest.approx([10 / 12] * rows.height)


def test_hospital_admissions_are_loaded_row_by_row(test_data: Path, register: Register, tmp_path: Path) -> None:
    path = test_data / "statistics" / "la_hospital_admissions_2324.csv"
    if not path.is_file():
        pytest.skip("no file of the public health explorer")
    found, frame = read(path.read_bytes(), tmp_path, register, path.name)
    rows = list(csv.DictReader(path.open(encoding="utf-8-sig")))
    wanted = {(r["Area Code"], r["Sex"], r["Time period"], r["Category Type"], r["Category"]): r["Value"] for r in rows}
    values = frame.filter(pl.col("source_column") == "value")
    assert values.height == len(wanted) == found.tables[0].rows_loaded
    assert values["value"].drop_nulls().sum() == pytest.approx(sum(float(v) for v in wanted.values() if v), rel=1e-12)
    suppressed = sum("suppressed" in row["Value note"] and row["Value"] == "" for row in rows)
    assert (values["value_status"] == "suppressed").sum() == suppressed == 1
    assert (values["value_status"] == "not_available").sum() == sum(v == "" for v in wanted.values()) - suppressed
    assert set(values["unit"]) == {"rate_per_10k"} and frame["value"].min() is not None and frame["value"].min() >= 0
    england = values.filter(
        pl.col("geographic_level") == "country", pl.col("period_code") == "201011", pl.col("breakdown") == "Total"
    )
    assert england.select("value", "numerator", "denominator").rows() == [(115.2166797, 107429.0, 9324084.0)]
