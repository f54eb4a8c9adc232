"""Declared indicators: sound declarations, found by items whatever the columns are called."""

from __future__ import annotations

import csv
from importlib import resources
from pathlib import Path

import pytest

from tests.statistics_files import CAMDEN, NATIONAL, read, tidy
from transforms.authorities import Register, load_register
from transforms.statistics.indicators import canonical, find_publication, indicators, publications, unit_of
from transforms.statistics.releases import published_in, stem, without_years


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register()


def test_declarations_are_sound() -> None:
    codes = [e.indicator_code for e in indicators()]
    assert len(codes) == len(set(codes)) == 107
    slugs = {p.publication for p in publications()}
    for entry in indicators():
        assert entry.publication in slugs and entry.polarity in ("high", "low", "none") and entry.decimal_places >= 0
        assert entry.columns or entry.scale, entry.indicator_code
        assert {c for c in (entry.numerator_code, entry.denominator_code) if c} <= set(codes)
        assert bool(entry.scale) <= bool(entry.numerator_code and entry.denominator_code)


def test_every_indicator_is_defined_in_words() -> None:
    text = (resources.files("transforms") / "seeds" / "indicator_definition.csv").read_text("utf-8")
    rows = {row["indicator_code"]: row for row in csv.DictReader(text.splitlines())}
    assert set(rows) == {entry.indicator_code for entry in indicators()}
    for entry in indicators():
        row = rows[entry.indicator_code]
        assert row["definition"].endswith(".") and bool(row["numerator"]) == bool(row["denominator"])
        if entry.unit in ("percent", "rate_per_10k"):
            assert row["numerator"], entry.indicator_code


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Children looked after at 31 March each year", "Children looked after on 31 March each year"),
        ("Accommodation considered not suitable", "Accommodation considered unsuitable"),
        ("Aged 17 to 18", "17 to 18 years"),
        ("State-funded AP school", "State-funded alternative provision school"),
        ("Six half terms", "six half terms"),
        ("CLA at  31 March", "CLA on 31 March"),
    ],
)
def test_changed_labels_are_one(old: str, new: str) -> None:
    assert canonical(old) == canonical(new)
    assert canonical(canonical(old)) == canonical(old)


HEALTH = "Health assessments: Children looked after all ages"
ITEM = "Had their annual health assessment"


@pytest.mark.parametrize(
    ("columns", "items"),
    [
        (("characteristic", "breakdown", "children_count", "children_percent"), (HEALTH, ITEM)),
        (("cla_group", "characteristic", "number", "percentage"), (HEALTH, ITEM)),
        (("characteristic", "cla_group", "Number", "Percentage"), (ITEM, HEALTH)),
    ],
)
def test_topic_and_item_may_trade_columns(
    columns: tuple[str, ...], items: tuple[str, str], tmp_path: Path, register: Register
) -> None:
    rows = [["2024", "Reporting year", *place, *items, n * 100, "90"] for n, place in enumerate((NATIONAL, CAMDEN), 1)]
    other = [row[:10] + ["Something else", "Nobody asked", 5, "c"] for row in rows]
    found, frame = read(tidy([*rows, *other], columns), tmp_path, register)
    conformed = frame.filter("is_conformed").sort("source_row")
    assert conformed.select("indicator_code", "unit", "breakdown", "value", "numerator", "la_code").rows() == [
        ("lachealth", "percent", "Total", 90.0, 100.0, None), ("lachealth", "percent", "Total", 90.0, 200.0, "202"),
    ]  # fmt: skip
    assert found.tables[0].publication == "children_looked_after" and found.tables[0].conformed == 2
    assert frame.filter(~frame["is_conformed"]).height == 6


def test_filters_that_an_entry_does_not_name_stay_in_the_breakdown(tmp_path: Path, register: Register) -> None:
    group = "Children looked after on 31 March each year"
    rows = [["2024", "Reporting year", *CAMDEN, group, sex, 5000, n, 60] for n, sex in enumerate(("Total", "Girls"), 9)]
    columns = ("population_type", "sex", "population_estimate", "children_count", "rate_per_10000")
    frame = read(tidy(rows, columns), tmp_path, register)[1]
    lac = frame.filter(indicator_code="lac").select("breakdown", "numerator", "denominator").rows()
    assert lac == [("Total", 9.0, 5000.0), ("sex=Girls", 10.0, 5000.0)]


def test_entries_without_items_hold_in_tables_without_filters_only(tmp_path: Path, register: Register) -> None:
    plain = read(
        tidy([["2024", "Reporting year", *CAMDEN, 10, "12.5"]], ("inpost_fte", "turnover_rate_fte")), tmp_path, register
    )
    assert set(plain[1]["indicator_code"]) == {"work_force_nosw", "work_force_to_rate"}
    assert set(plain[1]["period_kind"]) == {"year_to_september"}
    rows = [["2024", "Reporting year", *CAMDEN, role, 10, "12.5"] for role in ("Manager", "Total")]
    by_role = read(tidy(rows, ("role", "inpost_fte", "turnover_rate_fte")), tmp_path, register)[1]
    assert not by_role["is_conformed"].any() and set(by_role["breakdown"]) == {"role=Manager", "Total"}


def test_publication_by_marks_then_by_name() -> None:
    def slug(columns: list[str], items: list[str], name: str = "x") -> str | None:
        found = find_publication(columns, items, name)
        return found.publication if found else None

    assert slug(["social_care_group", "pt_overall"], ["CLA 12 months at 31 March"]) == "outcomes_for_children_in_need"
    assert slug(["headcount"], [], "csww_role_by_age") == "childrens_social_work_workforce"
    assert slug(["headcount"], [], "library_loans") is None
    assert slug(["category", "enrolments"], ["Made-up schools"]) is None
    assert slug(["neet_percent"], ["Not in education, employment or training (NEET)"]) is None


@pytest.mark.parametrize("item", ["Section 47", "Children in Need"])
def test_a_column_that_others_have_too_is_no_mark(item: str) -> None:
    """National summaries of children in need divide by `category_type`, as downloads of health indicators do."""
    columns = ["category", "category_type", "number", "rate", "percent"]
    found = find_publication(columns, [item, "Made up in the year"], "x")
    assert found is not None and found.publication == "children_in_need"
    health = ["sex", "category_type", "category", "value", "lower_ci_95_0_limit", "upper_ci_95_0_limit"]
    found = find_publication(health, ["Persons", "Made-up tenths"], "x")
    assert found is not None and found.publication == "public_health_data"


def test_the_name_decides_between_publications_told_alike() -> None:
    alike = (["cla_group", "sw_stability"], ["Made up"])
    assert find_publication(*alike, "x") is None
    assert find_publication(*alike, "csww_made_up") is None
    for name, slug in (
        ("a_swcount", "stability_of_children_looked_after"),
        ("la_cla_made_up", "children_looked_after"),
    ):
        found = find_publication(*alike, name)
        assert found is not None and found.publication == slug
    plainly = find_publication([*alike[0], "school_stability"], alike[1], "la_cla_made_up")
    assert plainly is not None and plainly.publication == "stability_of_children_looked_after"


@pytest.mark.parametrize(
    ("column", "described", "unit"),
    [
        ("made_up_percent", "", "percent"), ("pt_overall", "", "percent"), ("children_count", "", "count"),
        ("rate_per_10000", "", "rate_per_10k"), ("something_rate", "", "rate_per_10k"), ("agency_fte", "", "fte"),
        ("working_days_lost_fte", "", "days"), ("share", "%", "percent"), ("cost", "£m", "gbp_million"),
        ("anything", "", "count"), ("rate_per_1000", "", "rate_per_1k"), ("rate_per_1_000", "", "rate_per_1k"),
        ("rate_per_100000", "", "rate_per_100k"), ("rate_per_100", "", "unknown"), ("total_cost", "", "unknown"),
        ("mean_months", "", "unknown"), ("average_sdq_score", "", "score"), ("median_days", "", "days"),
        ("duration_0_10_days", "", "count"), ("share_of_pupils", "", "unknown"),
        ("made_up_upper_95_ci", "", "score"), ("made_up_lower_95_ci", "", "score"), ("upper_10000", "", "count"),
        ("total_in_care_pc", "", "percent"), ("n7_low_income", "", "count"), ("made_up_income", "", "unknown"),
    ],
)  # fmt: skip
def test_the_unit_of_a_column_is_what_its_name_and_label_say(column: str, described: str, unit: str) -> None:
    assert unit_of(column, described, "rate_per_10k", is_whole=True) == unit
    assert unit_of("anything", "", "rate", is_whole=False) == "unknown"


def test_names_of_tables_outlive_their_years() -> None:
    assert stem("data/b1_children_in_need_2013_to_2025.csv") == "b1_children_in_need"
    assert stem("CSWW indicators 2017 to 2024.CSV") == "csww_indicators"
    assert stem("la_hospital_admissions_2324.csv") == "la_hospital_admissions_2324"
    assert stem("made-up-table-2024-25.csv") == stem("made_up_table_202526.csv") == "made_up_table"
    assert stem("made_up_2024_12.csv") == "made_up_2024_12"
    assert stem("202425.csv") == "202425"


@pytest.mark.parametrize(
    "name",
    [
        "made_up_2013_to_2025 (1).csv", "made up(12).CSV", "made_up - Copy.csv", "made_up - Copy (2).csv",
        "Copy of made_up.csv", "copy (3) of made-up_2024.csv", "made_up_2013_to_2025_v2.csv", "made_up-v1.10.csv",
        "deep/er/Made up (1).csv.gz",
    ],
)  # fmt: skip
def test_copies_and_corrections_of_a_table_are_that_table(name: str) -> None:
    assert stem(name) == "made_up"


def test_marks_that_are_names_of_their_own_stay() -> None:
    assert stem("made_up_1.csv") == "made_up_1"
    assert stem("(1).csv") == "1" and stem("v2.csv") == "v2"
    assert stem("made_up_v2_children.csv") == "made_up_v2_children"


@pytest.mark.parametrize(
    ("name", "periods", "plain"),
    [
        ("made_2022_up", ("2018", "2022"), "made_up"), ("made_2018_to_2022_up", ("2018", "2020", "2022"), "made_up"),
        ("2022_made_up", ("2022",), "made_up"), ("made_1994_2022_up", ("1994", "2022"), "made_up"),
        ("made_202122_up", ("201819", "202122"), "made_up"), ("made_2022_up", ("202021", "202122"), "made_up"),
        ("made_2019_and_2022_up", ("2019/20", "2021/22", "a note"), "made_up"), ("2022", ("2022",), "2022"),
        # What is not a year of the data, or not the one in which they begin or end, tells tables apart.
        ("made_2011_up", ("2018", "2022"), "made_2011_up"), ("over_2000_pupils", ("2018", "2022"), "over_2000_pupils"),
        ("made_2020_up", ("2018", "2020", "2022"), "made_2020_up"), ("made_202_up", ("2022",), "made_202_up"),
        ("made_2022_12_up", ("2022",), "made_2022_12_up"), ("made_202212_up", ("2022",), "made_202212_up"),
        ("made_2021_to_2022_up", ("2022",), "made_2021_to_2022_up"), ("made_2122_up", ("202122",), "made_2122_up"),
        ("made_20222_up", ("2022",), "made_20222_up"), ("made_2022_up", ("a note", ""), "made_2022_up"),
    ],
)  # fmt: skip
def test_years_within_a_name_go_where_the_data_begin_or_end_in_them(
    name: str, periods: tuple[str, ...], plain: str
) -> None:
    assert without_years(name, periods) == plain


def test_published_dates() -> None:
    assert published_in(b"no day here") is None and published_in(b"Published: 2024-11-14") is not None


def test_key_stage_4_and_activity_of_care_leavers(tmp_path: Path, register: Register) -> None:
    """As their tables are named by the publisher; no file of them was at hand."""
    ks4 = [["202425", "Academic year", *NATIONAL, "CLA 12 months at 31 March", "Final", "18.1", "-1.2", "20.5"]]
    names = ("social_care_group", "version", "avg_att8", "avg_p8score", "pt_l2basics_94")
    frame = read(tidy(ks4, names), tmp_path, register)[1]
    assert dict(frame.select("indicator_code", "value").iter_rows()) == {
        "lac_ks4_avg_attain8": 18.1, "lac_ks4_avg_prog8": -1.2, "lac_engmaths9_4": 20.5,
    }  # fmt: skip
    eet = [["2025", "Reporting year", *NATIONAL, "19 to 21 years", "Total in education, employment or training", 9, 54]]
    frame = read(tidy(eet, ("age", "activity", "number", "percentage")), tmp_path, register)[1]
    assert dict(frame.select("indicator_code", "value").iter_rows()) == {"careleavereet": 54.0, "careleavereetnum": 9.0}
