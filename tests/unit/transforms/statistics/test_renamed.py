"""Names that change between releases: a declared change joins a series, and nothing else does."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.statistics_files import CAMDEN, NATIONAL, read, tidy
from transforms.authorities import Register, load_register
from transforms.statistics.indicators import canonical, indicators, label_patterns
from transforms.statistics.renamed import KINDS, items_today, names_today, renamed, table_today

YEAR = ("2024", "Reporting year")
# The same made-up values as an earlier release names them, and as today's does: name of the file, columns, items.
CARE_LEAVERS = (
    ("la_care_leavers_accommodation_suitability.csv", ("age", "accommodation_suitability", "number", "percentage"),
     (("Aged 17 to 18", "Accommodation considered not suitable"), ("Aged 17 to 18", "Suitability total"))),
    ("la_care_leavers_accommodation_suitability.csv",
     ("care_leaver_age", "breakdown", "care_leaver_count", "care_leaver_percent"),
     (("17 to 18 years", "Accommodation considered unsuitable"), ("17 to 18 years", "Suitability total"))),
)  # fmt: skip
ACTIVITY = (
    ("la_care_leavers_activity.csv", ("age", "activity", "number", "percentage"),
     (("Aged 19 to 21", "In an apprenticeship"), ("Aged 19 to 21", "Total information not known"),
      ("Aged 19 to 21", "Total in education, employment or training"), ("Aged 19 to 21", "Total"))),
    ("la_care_leavers_activity.csv", ("care_leaver_age", "breakdown", "care_leaver_count", "care_leaver_percent"),
     (("19 to 21 years", "In an apprenticeship"), ("19 to 21 years", "Total information not known"),
      ("19 to 21 years", "Total in education, employment or training"), ("19 to 21 years", "Total"))),
)  # fmt: skip
IN_TOUCH = (
    ("la_care_leavers_intouch_22to25.csv", ("age", "in_touch", "number", "percentage"),
     (("Aged 22", "Made-up item"), ("Aged 22", "Total"), ("Aged 22 to 25", "Made-up item"))),
    ("la_care_leavers_intouch_22to25.csv",
     ("care_leaver_age", "breakdown", "care_leaver_count", "care_leaver_percent"),
     (("22 years", "Made-up item"), ("22 years", "Total"), ("22 to 25 years", "Made-up item"))),
)  # fmt: skip
MOVED = ("cla_group", "move_measure", "school_stability")
SCHOOL_MOVES = (
    ("official_statistics_la_cla_school_moves.csv", (*MOVED, "number", "percentage"),
     (("CLA on 31 March", "Any moves", "At least one move"), ("CLA on 31 March", "Any moves", "Total children"),
      ("CLA on 31 March", "Mid-year moves", "At least one mid-year move"))),
    ("official_statistics_la_cla_school_moves.csv", (*MOVED, "children_count", "children_percent"),
     (("CLA on 31 March", "Any moves", "With one or more moves during the year"),
      ("CLA on 31 March", "Any moves", "Total children"),
      ("CLA on 31 March", "Mid-year moves", "With one or more mid-year moves during the year"))),
)  # fmt: skip
WORKERS = tuple(
    ("official_statistics_la_cla_swcount.csv", ("cla_group", "sw_stability", *values),
     (("CLA on 31 March", "3 or more social workers during the year"), ("CLA on 31 March", "Total children")))
    for values in (("number", "percentage"), ("children_count", "children_percent"))
)  # fmt: skip
HEALTH = (
    ("la_conviction_health_outcome_cla.csv", ("cla_group", "characteristic", "number", "percentage"),
     (("Made-up topic at 31 March", "Made-up item"), ("Made-up topic at 31 March", "Total"))),
    ("la_conviction_health_outcome_cla.csv", ("characteristic", "breakdown", "children_count", "children_percent"),
     (("Made-up topic on 31 March", "Made-up item"), ("Made-up topic on 31 March", "Total"))),
)  # fmt: skip
REFERRALS = (
    ("c1_children_in_need_referrals_and_rereferrals_2013_to_2024.csv",
     ("category", "number_of_nothing", "Re_referrals", "Referrals"), (("Something", "1"),)),
    ("c1_children_in_need_referrals_and_rereferrals_2013_to_2025.csv",
     ("category", "number_of_nothing", "rereferral_count", "referral_count"), (("Something", "1"),)),
)  # fmt: skip
ABSENCE = (
    ("absence_six_half_terms_la.csv", ("year_breakdown", "school_type", "t_pupils", "made_up"),
     (("Six half terms", "Pupil referral unit"), ("Six half terms", "Special"))),
    ("absence_six_half_terms_la.csv", ("absence_terms", "phase_type_grouping", "t_pupils", "made_up"),
     (("Six half terms", "State-funded AP school"), ("Six half terms", "Special"))),
    ("absence_la.csv", ("absence_terms", "phase_type_grouping", "t_pupils", "made_up"),
     (("six half terms", "State-funded alternative provision school"), ("six half terms", "Special"))),
)  # fmt: skip
# As above, of tables whose own name changed with the wording of what they tell.
STABILITY = (
    ("la_cla_at_31_march_placement_stability_indicator.csv", ("cla_group", "characteristic", "number", "percentage"),
     (("Children looked after continuously for at least 2.5 years at 31 March aged under 16 years",
       "Living in the same placement for at least 2 years, or are placed for adoption and their adoption and their "
       "adoptive placement together with their previous placement, last for at least 2 years"),
      ("Children looked after at 31 March", "Total children"),
      ("Children looked after at 31 March", "With 3 or more placements during the year"))),
    ("la_cla_placement_stability.csv", ("cla_group", "placement_stability", "children_count", "children_percent"),
     (("Children looked after continuously for at least 2.5 years on 31 March aged under 16 years",
       "Living with the same carer for at least 2 years"),
      ("CLA on 31 March", "Total children"),
      ("CLA on 31 March", "With 3 or more placements during the year"))),
)  # fmt: skip
NEW_PLACEMENTS = (
    ("la_cla_during_year_new_placements.csv", ("cla_group", "characteristic", "number", "percentage"),
     (("Made up", "Carer requests an end due to childs behaviour"),)),
    ("la_cla_during_year_new_placements.csv", ("cla_group", "characteristic", "children_count", "children_percent"),
     (("Made up", "Carer requests an end due to child's behaviour"),)),
)  # fmt: skip
CEASED = (
    ("la_children_who_ceased_during_year.csv", ("cla_group", "characteristic", "number", "percentage"),
     (("Made up", "Aged 3"), ("Made up", "Total"))),
    ("la_children_who_ceased_during_the_year.csv", ("cla_group", "characteristic", "number", "percentage"),
     (("Made up", "Aged 3"), ("Made up", "Total"))),
)  # fmt: skip

# The publisher's columns and wordings of 2022 or 2024 and of 2025.
MOVED_2024 = ("cla_group", "characteristic", "number", "percentage")
MOVED_2025 = ("characteristic", "breakdown", "children_count", "children_percent")
STARTED = tuple(
    (name, columns, ((topic, "1 to 4 years"), (topic, "Total"), (sex, "Made up"), (sex, "Total"), ("Else", "Total")))
    for name, columns, topic, sex in (
        ("la_cla_who_started_to_be_looked_after.csv", MOVED_2024, "Age group", "Gender"),
        ("la_children_who_started_to_be_looked_after_during_the_year.csv", MOVED_2025, "Age on starting", "Sex"),
    )
)
CEASED_2025 = tuple(
    (name, columns, (("Age on ceasing", "16 years"), (sex, "Made up")))
    for name, columns, sex in (
        ("la_children_who_ceased_during_year.csv", MOVED_2024, "Gender"),
        ("la_children_who_ceased_during_the_year.csv", MOVED_2025, "Sex"),
    )
)
PLACED_2025 = tuple(
    ("la_cla_during_year_new_placements.csv", columns, (("Made-up location", "Inside"), ("Made-up location", "Total")))
    for columns in (MOVED_2024, MOVED_2025)
)
PERIODS_OF_CARE = tuple(
    ("national_cla_ceased_during_year_placements_care_periods.csv",
     ("cla_group", "periods_or_placements", "age_on_ceasing", *values), (("Number of periods of care", "1", "Total"),))
    for values in (("number", "percentage"), ("children_count", "children_percent"))
)  # fmt: skip
LEAVERS_2020 = (
    ("la_care_leavers_accommodation.csv", ("age_end", "accommodation_type", "number_of_leavers",
     "percentage_of_leavers"), (("Aged 19to21", "Made up"), ("Aged 17 to 18", "Made up"))),
    ("la_care_leavers_accommodation.csv", ("care_leaver_age", "accommodation_type", "care_leaver_count",
     "care_leaver_percent"), (("19 to 21 years", "Made up"), ("17 to 18 years", "Made up"))),
)  # fmt: skip
PROVISION = tuple(
    ("ks2_national.csv", ("social_care_group", name, "ethnicity_major", "made_up_pupils", "other_pupils"),
     (("CIN at 31 March", "Made-up provision", group), ("CIN at 31 March", "All pupils", group)))
    for name, group in (("pupil_sen_status", "Asian/Asian British"), ("sen_provision", "Asian / Asian British"))
)  # fmt: skip
ORDERS_2025 = tuple(
    (name, columns, (("Adopted", "Made up"), ("Adopted", "Total")))
    for name, columns in (
        ("la_children_who_ceased_during_the_year_sgo_adoptions.csv", MOVED_2024),
        ("la_children_who_ceased_during_the_year_sgo_adoption.csv", MOVED_2025),
    )
)
MISSING_LOCAL = tuple(
    ("la_children_who_were_missing_or_away_from_placement_without_authorisation.csv", (name, "number", "other"),
     (("Children missing at 31 March",), ("Children looked after during the year",)))
    for name in ("CLA_group", "missing_status")
)  # fmt: skip
MISSING_2025 = (
    ("official_statistics_national_cla_missing.csv", ("missing_status", "characteristic", "number", "made_up_number"),
     (("Age of child missing from placement", "1 to 4 years"),)),
    ("national_statistics_official_statistics_cla_who_were_missing.csv",
     ("missing_status", "breakdown", "number", "made_up_number"),
     (("Age of children missing from placement", "1 to 4 years"),)),
)  # fmt: skip
PLANS_2020 = tuple(
    (f"d7_cpps_ending_by_duration_2013_to_{year}.csv", ("category", "CPP_End", name), (("Made up",),))
    for year, name in ((2020, "2_years+"), (2025, "2_years_or_more"))
)
SUMMARY = tuple(
    (name, ("category", "category_type", "number", "rate"), (("Children in Need", "1"), ("Made up", "2")))
    for name in ("a1_cin_referrals_assessments_2013_to_2021.csv",
                 "a1_cin_assessments_episodes_referrals_2013_to_2024.csv")
)  # fmt: skip
FACTORS = tuple(
    (name, ("category", "made_up", "other"), (("Factors identified at the end of assessment",),))
    for name in ("c3_children_in_need_factors_identified_at_end_of_assessment_2018_to_2021.csv",
                 "c3_factors_identified_at_end_of_assessment_2018_to_2025.csv")
)  # fmt: skip
DISABILITY = tuple(
    ("b2_children_in_need_recorded_disability_2013_to_2024.csv", ("category", "At31_episodes", name),
     (("Recorded disability",),))
    for name in ("At31episodes_disability_recorded_percent", "At31_episodes_disability_recorded_percent")
)  # fmt: skip


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register()


@pytest.mark.parametrize(
    "releases",
    [CARE_LEAVERS, ACTIVITY, IN_TOUCH, SCHOOL_MOVES, WORKERS, HEALTH, REFERRALS, ABSENCE, SUMMARY, FACTORS, STABILITY,
     NEW_PLACEMENTS, CEASED, DISABILITY, STARTED, CEASED_2025, PLACED_2025, PERIODS_OF_CARE, LEAVERS_2020, PLANS_2020,
     ORDERS_2025, MISSING_LOCAL, MISSING_2025, PROVISION],
)  # fmt: skip
def test_a_series_with_a_changed_name_is_one(
    releases: tuple[tuple[str, tuple[str, ...], tuple[tuple[str, ...], ...]], ...], tmp_path: Path, register: Register
) -> None:
    seen = []
    for name, columns, items in releases:
        rows = [
            [*YEAR, *place, *item, 10 * n + m, 5 + m]
            for n, place in enumerate((NATIONAL, CAMDEN))
            for m, item in enumerate(items)
        ]
        found, frame = read(tidy(rows, columns), tmp_path, register, name)
        assert not [p for p in found.problems if p.code != "year_assumed"]
        about = ("indicator_code", "breakdown", "period_code", "geographic_level", "la_code", "value")
        seen.append(sorted(frame.select(about).rows(), key=str))
    assert all(one == seen[-1] for one in seen)


def test_the_former_wording_of_long_term_stability_is_conformed(tmp_path: Path, register: Register) -> None:
    name, columns, items = STABILITY[0]
    rows = [[*YEAR, *CAMDEN, *item, 10 + m, 50 + m] for m, item in enumerate(items)]
    frame = read(tidy(rows, columns), tmp_path, register, name)[1].filter("is_conformed")
    assert dict(frame.select("indicator_code", "value").iter_rows()) == {
        "lac_longstablenum": 10, "lac_longstable": 50, "lacstablenum_2016on": 12, "lacstable_2016on": 52,
    }  # fmt: skip


def test_a_table_that_has_the_name_of_today_keeps_its_own(tmp_path: Path, register: Register) -> None:
    columns = ("characteristic", "breakdown", "number", "children_count")
    rows = [[*YEAR, *CAMDEN, "Topic", "Item", 3, 4]]
    frame = read(tidy(rows, columns), tmp_path, register, "la_conviction_health_outcome_cla.csv")[1]
    assert dict(frame.select("source_column", "indicator_code").iter_rows()) == {
        name: f"la_conviction_health_outcome_cla.{name}" for name in ("number", "children_count")
    }
    assert set(frame["breakdown"]) == {"breakdown=Item | characteristic=Topic"}


def test_two_wordings_in_one_filter_stay_apart() -> None:
    both = ("Aged 17 to 18", "17 to 18 years")
    assert items_today("la_care_leavers_activity", both) == dict(zip(both, both, strict=True))
    assert items_today("some_other_table", both[:1]) == {both[0]: both[0]}


@pytest.mark.parametrize("order", [1, -1])
def test_names_that_trade_places_do_so_at_once(order: int) -> None:
    table = "la_conviction_health_outcome_cla"
    assert names_today("filter", table, ("cla_group", "characteristic")[::order]) == {
        "cla_group": "characteristic", "characteristic": "breakdown",
    }  # fmt: skip
    assert names_today("filter", table, ("characteristic", "breakdown")[::order]) == {
        "characteristic": "characteristic", "breakdown": "breakdown",
    }  # fmt: skip


def test_other_tables_keep_their_names() -> None:
    assert names_today("column", "made_up", ("number",)) == {"number": "number"}
    assert table_today("made_up") == "made_up"


def test_declarations_are_sound() -> None:
    for change in renamed():
        assert change.kind in KINDS and change.former != change.current and change.current, change
        assert change.former not in {r.current for r in renamed() if r.kind == change.kind == "table"}, change
        assert (change.kind == "table") == (change.tables == ("",)), change
    for pattern, wording, _ in label_patterns():
        assert canonical(wording) == canonical(pattern.sub(wording, wording)), wording
    for entry in indicators():  # what declared columns were called before is declared with them
        for change in (r for r in renamed() if r.kind == "column" and r.tables[0].startswith("c1")):
            if entry.publication == "children_in_need" and change.former in entry.columns:
                assert change.current in entry.columns, (entry, change)


@pytest.mark.parametrize(
    "change",
    [str.strip, lambda t: f" {t}  ", lambda t: t.replace(" ", "\u00a0"), lambda t: t.replace(" ", "  "),
     lambda t: f"{t}\u200b", str.upper],
)  # fmt: skip
def test_items_that_look_alike_are_one_item(change: object, tmp_path: Path, register: Register) -> None:
    """Some rows word an item in another way: the wording of most stands, and nothing is lost."""
    assert callable(change)
    rows = [
        [year, "Reporting year", *place, change(item) if year == "2023" and place == CAMDEN else item, n + m]
        for year in ("2022", "2023", "2024")
        for n, place in enumerate((NATIONAL, CAMDEN))
        for m, item in enumerate(("One made-up item", "Another item", "Total"))
    ]
    found, frame = read(tidy(rows, ("kind", "made_up_count")), tmp_path, register)
    assert [p.code for p in found.problems] == ["year_assumed"]
    assert frame.height == len(rows)
    assert set(frame["breakdown"]) == {"kind=One made-up item", "kind=Another item", "Total"}
    series = frame.filter(pl.col("breakdown") == "kind=Another item", pl.col("la_code") == "202")
    assert sorted(series["period_code"]) == ["2022", "2023", "2024"]


@pytest.mark.parametrize(
    ("time_period", "identifier"),
    [("2024", "Reporting year"), ("2024", "Calendar year"), ("202324", "Financial year"),
     ("2023/24", "financial year")],
)  # fmt: skip
def test_a_year_by_another_name_is_the_year_of_the_collection(
    time_period: str, identifier: str, tmp_path: Path, register: Register
) -> None:
    rows = [[time_period, identifier, *CAMDEN, "Children in Need", 300]]
    found, frame = read(tidy(rows, ("category", "At31_episodes")), tmp_path, register)
    about = ("indicator_code", "period_code", "period_kind", "period_start", "period_end")
    assert [[str(cell) for cell in row] for row in frame.select(about).rows()] == [
        ["cin_num", "2024", "financial_year", "2023-04-01", "2024-03-31"]
    ]
    assert [p.code for p in found.problems] == ([] if identifier == "Reporting year" else ["year_assumed"])


def test_a_financial_year_of_four_digits_is_not_guessed(tmp_path: Path, register: Register) -> None:
    rows = [["2024", year, *CAMDEN, "Children in Need", 300] for year in ("Financial year", "Reporting year")]
    found, frame = read(tidy(rows, ("category", "At31_episodes")), tmp_path, register)
    assert frame.height == 1 and [p.code for p in found.problems] == ["not_a_period"]


def test_a_table_with_its_year_within_its_name_is_one_series(tmp_path: Path, register: Register) -> None:
    columns = ("cla_31_march", "made_up_starting")
    codes = set()
    for year in (2021, 2022):
        rows = [[str(year - n), "Reporting year", *NATIONAL, 40 + n, 7 + n] for n in range(3)]
        frame = read(tidy(rows, columns), tmp_path, register, f"cla_{year}_made_up_headline.csv")[1]
        codes.add(tuple(frame["indicator_code"].unique().sort()))
    assert codes == {("cla_made_up_headline.cla_31_march", "cla_made_up_headline.made_up_starting")}
    frame = read(tidy(rows, columns), tmp_path, register, "over_2000_made_up.csv")[1]
    assert set(frame["indicator_code"]) == {"over_2000_made_up.cla_31_march", "over_2000_made_up.made_up_starting"}
