"""Made-up rows in layouts the publisher describes: the earliest releases, 2025, and its dictionary of harmonised names.

Header and wordings are those of the publisher's pages and screener; every value is made up.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.statistics_files import CAMDEN, read, tidy
from transforms.authorities import Register, load_register

LEAVERS = "19 to 21 years"
LONG = "Children looked after continuously for at least 2.5 years on 31 March aged under 16 years"
HEALTH = "Health assessments: Children looked after all ages"
CLA_2025 = ("children_count", "children_percent")
MOVES = "With one or more mid-year moves during"
WORKERS = "3 or more social workers during"


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register()


def conformed(frame: pl.DataFrame) -> dict[str, float]:
    rows = frame.filter("is_conformed", breakdown="Total").select("indicator_code", "value").rows()
    assert len(dict(rows)) == len(rows)
    return dict(rows)


# Columns, rows as items and values, and what they are.
LAYOUTS = [
    (("population_type", "population_estimate", *CLA_2025[:1], "rate_per_10000"),
     [("Children ceasing to be looked after each year", 1000, 30, 27),
      ("Children looked after on 31 March each year", 1000, 50, 71),
      ("Children starting to be looked after each year", 1000, 40, 29)],
     {"lacceased": 30, "lac_cease_rate": 27, "lacnum": 50, "lac": 71, "lacnum_start": 40, "lac_start_rate": 29}),
    (("cla_group", "population_estimate", *CLA_2025[:1], "rate_per_10000"),
     [("CLA ceasing during the year", 1000, 30, 27), ("CLA on 31 March", 1000, 50, 71),
      ("CLA starting during the year", 1000, 40, 29), ("CLA during the year", 1000, 90, 99)],
     {"lacceased": 30, "lac_cease_rate": 27, "lacnum": 50, "lac": 71, "lacnum_start": 40, "lac_start_rate": 29}),
    (("cla_group", "placement_stability", *CLA_2025),
     [(LONG, "Living with the same carer for at least 2 years", 20, 69), (LONG, "Total children", 29, 100),
      ("CLA 2 years on 31 March", "With 3 or more placements during the previous 2 years", 13, 23),
      ("CLA on 31 March", "With 3 or more placements during the year", 8, 10),
      ("CLA on 31 March", "Total children", 80, 100)],
     {"lac_longstablenum": 20, "lac_longstable": 69, "lacstablenum_2016on": 8, "lacstable_2016on": 10}),
    (("cla_group", "characteristic", "number", "percent"),
     [(LONG.replace("on 31", "at 31"), "Living in the same placement for at least 2 years", 20, 69),
      ("Children looked after at 31 March", "With 3 or more placements during the year", 8, 10)],
     {"lac_longstablenum": 20, "lac_longstable": 69, "lacstablenum_2016on": 8, "lacstable_2016on": 10}),
    (("characteristic", "breakdown", *CLA_2025),
     [("Development assessments: Children looked after ages 0 to 4 years", "Total ages 0 to 4 years", 6, 100),
      (HEALTH, "Had their annual health assessment", 9, 90), (HEALTH, "Had their teeth checked by a dentist", 8, 80)],
     {"lachealth": 90, "lacdental": 80}),
    (("cla_group", "move_measure", "school_stability", *CLA_2025),
     [("CLA 2 years on 31 March", "Mid-year moves", f"{MOVES} the previous 2 years", 6, 15),
      ("CLA on 31 March", "Any moves", "Total children", 52, 100),
      ("CLA on 31 March", "Any moves", "With one or more moves during the year", 9, 11),
      ("CLA on 31 March", "Mid-year moves", f"{MOVES} the year", 5, 7)], {"stability_school": 7}),
    (("cla_group", "sw_stability", *CLA_2025),
     [("CLA 2 years on 31 March", f"{WORKERS} the previous 2 years", 31, 53),
      ("CLA on 31 March", f"{WORKERS} the year", 19, 24), ("CLA on 31 March", "Total children", 81, 100)],
     {"stability_socialworker": 24}),
    (("care_leaver_age", "breakdown", "care_leaver_count", "care_leaver_percent"),
     [(LEAVERS, "Accommodation considered suitable", 30, 88), (LEAVERS, "Suitability total", 34, 100),
      ("17 to 18 years", "Suitability total", 12, 100)],
     {"nocareleaveracc": 30, "careleaveracc": 88, "nocareleavers": 34}),
    (("age", "accommodation_suitability", "number", "percentage"),
     [(LEAVERS, "Accommodation considered suitable", 30, 88), (LEAVERS, "Accommodation considered not suitable", 3, 9),
      (LEAVERS, "No information", 1, 3), (LEAVERS, "Total", 34, 100), ("17 to 18 years", "Total", 12, 100)],
     {"nocareleaveracc": 30, "careleaveracc": 88, "nocareleavers": 34}),
    (("age", "activity", "number", "percentage"),
     [(LEAVERS, "Total in education, employment or training", 20, 60), (LEAVERS, "Total", 35, 100)],
     {"careleavereetnum": 20, "careleavereet": 60}),
    (("age_end", "accommodation_suitability", "number_of_leavers", "percentage_of_leavers"),
     [("Aged 19to21", "Accommodation considered suitable", 30, 88), ("Aged 19to21", "Suitability total", 34, 100),
      ("Aged 17 to 18", "Accommodation considered suitable", 12, 100)],
     {"nocareleaveracc": 30, "careleaveracc": 88, "nocareleavers": 34}),
]  # fmt: skip


@pytest.mark.parametrize(("columns", "rows", "expected"), LAYOUTS)
def test_children_looked_after(
    columns: tuple[str, ...],
    rows: list[tuple[object, ...]],
    expected: dict[str, float],
    tmp_path: Path,
    register: Register,
) -> None:
    lines = [["2025", "Reporting year", *CAMDEN, *row] for row in rows]
    found, frame = read(tidy(lines, columns), tmp_path, register)
    assert not found.problems and frame.height == sum(len(row) for row in rows) - len(rows) * sum(
        isinstance(cell, str) for cell in rows[0]
    )
    assert conformed(frame) == expected


@pytest.mark.parametrize("names", [("2_years+", "2_years+_percent"), ("2_years_or_more", "2_years_or_more_percent")])
def test_plans_of_two_years_and_more(names: tuple[str, str], tmp_path: Path, register: Register) -> None:
    row = ["2020", "Reporting year", *CAMDEN, "Child Protection Plans by length of time", 50, 10, 20, 3, 6]
    columns = ("category", "CPP_At31", "1_2_years", "1_2_years_percent", *names)
    frame = read(tidy([row], columns), tmp_path, register)[1]
    assert conformed(frame) == {"cpp_num": 50, "cpplans2yrsactive": 6}
    assert frame.filter(indicator_code="cpplans2yrsactive").select("numerator", "denominator").rows() == [(3, 50)]


SUBJECTS = {"Grammar, punctuation and spelling": "gps", "Maths": "m", "Reading": "r", "Reading, writing and maths":
            "rwm", "Writing": "w", "Science": None}  # fmt: skip
GROUPS = {"CINO at 31 March": "cin", "CPPO at 31 March": "cppo", "CLA 12 months at 31 March": "lac"}
ATTAINMENT = ("eligible_pupil_count", "expected_standard_pupil_count", "expected_standard_pupil_percent",
              "higher_standard_pupil_count", "higher_standard_pupil_percent", "progress_measure_eligible_pupil_count",
              "progress_measure_total_score", "progress_measure_score", "progress_measure_lower_conf_interval",
              )  # fmt: skip


@pytest.mark.parametrize("more", [(), ("sex",), ("breakdown_topic", "breakdown")])
def test_key_stage_2_by_subject(more: tuple[str, ...], tmp_path: Path, register: Register) -> None:
    """Each subject is a row of its own; rows of one sex only are parts, those of all stand."""
    year = ("202526", "Academic year")
    cells = [[*year, *CAMDEN, group, *kind, subject, 200, 80 + n, 40 + n, 9, 4, 150, -30, -2 - n, -3]
             for n, subject in enumerate(SUBJECTS) for group in GROUPS
             for kind in ([["Total"] * len(more), ["Sex", "Female"][-len(more):]] if more else [[]])]  # fmt: skip
    found, frame = read(tidy(cells, ("social_care_group", *more, "subject", *ATTAINMENT)), tmp_path, register)
    assert found.tables[0].publication == "outcomes_for_children_in_need" and not found.problems
    expected = {f"{g}_ks2_expstd_{s}": 40 + n for n, s in enumerate(SUBJECTS.values()) for g in ("cin", "lac") if s}
    expected |= {f"lac_ks2_avg_prog8_{s}": -2 - list(SUBJECTS.values()).index(s) for s in "mrw"}
    assert conformed(frame) == expected | {"cppo_ks2_rwm": 43}
    one = frame.filter(breakdown="Total", indicator_code="cin_ks2_expstd_rwm")
    assert one.select("numerator", "denominator", "unit").rows() == [(83.0, 200.0, "percent")]
    one = frame.filter(breakdown="Total", indicator_code="lac_ks2_avg_prog8_m")
    assert one.select("numerator", "denominator", "unit").rows() == [(-30.0, 150.0, "score")]
