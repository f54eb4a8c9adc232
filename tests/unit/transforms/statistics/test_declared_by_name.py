"""Indicators declared from the publisher's own descriptions: made-up rows in the layouts those describe."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import polars as pl
import pytest

from tests.statistics_files import CAMDEN, HARTLEPOOL, NATIONAL, read, text_of, tidy
from transforms.authorities import Register, load_register
from transforms.reports.model import Problem
from transforms.statistics import indicators as registry
from transforms.statistics.indicators import canonical, find_claims, find_publication, indicators, publications

ENQUIRIES = "Section 47s and Initial Child Protection Conferences"
BANDS = ("Duration_0-10_days", "Duration_11-15_days", "Duration_16-20_days", "Duration_21+_days")
SPREAD = ("Duration_25th_Percentile", "Duration_median", "Duration_75th_Percentile")
C4_2025 = ("category", "Section47", "Section47_child", "ICPC", "ICPC_child", *BANDS, *SPREAD)
C4_2023 = (
    "category", "Section47", "Section47_rate", "Section47_child", "Section47_child_rate",
    "ICPC", "ICPC_rate", "ICPC_child", "ICPC_child_rate", *BANDS, *SPREAD,
)  # fmt: skip
COUNTS = [("10_icpc", 11.0), ("15_icpc", 60.0), ("20_icpc", 7.0), ("21_icpc", 8.0), ("icpc_num", 90.0),
          ("section_47_num", 300.0)]  # fmt: skip


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register()


def conformed(frame: pl.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    return frame.filter("is_conformed").sort("indicator_code").select("indicator_code", *columns).rows()


def test_enquiries_and_conferences_as_counts(tmp_path: Path, register: Register) -> None:
    row = ["2025", "Reporting year", *CAMDEN, ENQUIRIES, 300, 250, 90, 85, 11, 60, 7, 8, 12, 14, 15]
    found, frame = read(tidy([row], C4_2025), tmp_path, register)
    assert found.tables[0].publication == "children_in_need" and not found.problems
    assert conformed(frame, "value") == COUNTS
    assert set(conformed(frame, "unit", "breakdown", "period_kind", "numerator")) == {
        (code, "count", "Total", "financial_year", None) for code, _ in COUNTS
    }
    own = dict(frame.filter(~pl.col("is_conformed")).select("source_column", "unit").iter_rows())
    assert own == dict.fromkeys(SPREAD, "days") | dict.fromkeys(("Section47_child", "ICPC_child"), "count")


def test_enquiries_and_conferences_with_printed_rates(tmp_path: Path, register: Register) -> None:
    row = ["2023", "Reporting year", *CAMDEN, ENQUIRIES, 300, "75.5", 250, "62.9", 90, "22.6", 85, "c",
           11, 60, 7, 8, 12, 14, 15]  # fmt: skip
    frame = read(tidy([row], C4_2023), tmp_path, register)[1]
    rates = frame.filter("is_conformed", unit="rate_per_10k").sort("indicator_code")
    assert rates.select("indicator_code", "value", "numerator", "breakdown").rows() == [
        ("iscp_conf", 22.6, 90.0, "Total"), ("section_47", 75.5, 300.0, "Total"),
    ]  # fmt: skip
    assert conformed(frame.filter(unit="count"), "value") == COUNTS
    children = frame.filter(pl.col("source_column").str.ends_with("child_rate"))
    assert set(children.select("is_conformed", "unit").iter_rows()) == {(False, "rate_per_10k")}


def test_symbols_of_a_new_authority_and_of_one_that_is_unreliable(tmp_path: Path, register: Register) -> None:
    """No rate of an authority without a population yet; a whole authority marked; none held, so no length of time."""
    rows = [
        ["2024", "Reporting year", *CAMDEN, ENQUIRIES, 300, "x", 250, "x", 90, "x", 85, "x", 11, 60, 7, 8, 12, 14, 15],
        ["2024", "Reporting year", *HARTLEPOOL, ENQUIRIES, *["u"] * 15],
        ["2023", "Reporting year", *CAMDEN, ENQUIRIES, *["c"] * 4, *[0] * 8, *["z"] * 3],
    ]
    found, frame = read(tidy(rows, C4_2023), tmp_path, register)
    assert not found.problems and frame.height == 3 * 15
    by_status = {
        (year, la_code, status): count
        for year, la_code, status, count in frame.group_by("period_code", "la_code", "value_status").len().iter_rows()
    }
    assert by_status == {
        ("2024", "202", "reported"): 11, ("2024", "202", "not_available"): 4, ("2024", "805", "unreliable"): 15,
        ("2023", "202", "suppressed"): 4, ("2023", "202", "reported"): 8, ("2023", "202", "not_applicable"): 3,
    }  # fmt: skip
    rates = frame.filter("is_conformed", unit="rate_per_10k", period_code="2024", la_code="202")
    assert rates.sort("indicator_code").select("indicator_code", "value", "numerator").rows() == [
        ("iscp_conf", None, 90.0), ("section_47", None, 300.0),
    ]  # fmt: skip


def test_filters_that_metadata_name_as_groupings_only(tmp_path: Path, register: Register) -> None:
    """The publisher's metadata leave out a filter of one item, and one that only groups another."""
    row = ["2025", "Reporting year", *CAMDEN, ENQUIRIES, 300, 250, 90, 85, 11, 60, 7, 8, 12, 14, 15]
    head = ("col_name", "col_type", "label", "filter_grouping_column")
    meta = text_of(head, [(name, "Indicator", f"Made up {name}", "") for name in C4_2025[1:]]).encode()
    assert conformed(read(tidy([row], C4_2025), tmp_path, register, meta=meta)[1], "value") == COUNTS
    columns = ("cla_group", "sw_stability", "children_count", "children_percent")
    items = (("CLA on 31 March", "the year", 24), ("CLA 2 years on 31 March", "the previous 2 years", 53))
    rows = [["2025", "Reporting year", *CAMDEN, g, f"3 or more social workers during {s}", 9, n] for g, s, n in items]
    meta = text_of(head, [
        ("sw_stability", "Filter", "Number of social workers", "cla_group"),
        ("children_count", "Indicator", "Number", ""), ("children_percent", "Indicator", "Percentage", ""),
    ]).encode()  # fmt: skip
    frame = read(tidy(rows, columns), tmp_path, register, meta=meta)[1]
    assert conformed(frame, "value", "numerator", "breakdown") == [("stability_socialworker", 24.0, 9.0, "Total")]


def test_rates_are_worked_out_from_counts_and_the_population() -> None:
    codes = {entry.indicator_code: entry for entry in indicators()}
    for rate, count in (("section_47", "section_47_num"), ("iscp_conf", "icpc_num")):
        entry = codes[rate]
        assert (entry.numerator_code, entry.denominator_code, entry.scale) == (count, "population_0_17", 10_000)
        assert entry.unit == "rate_per_10k" and codes[count].unit == "count" and entry.decimal_places == 1


KS4_OLD = ("social_care_group", "version", "t_pupils", "t_att8", "avg_att8", "t_l2basics_95", "pt_l2basics_95",
           "t_l2basics_94", "pt_l2basics_94", "t_ebacc_e_ptq_ee", "pt_ebacc_e_ptq_ee", "t_ebaccaps", "avg_ebaccaps",
           "t_inp8calc", "t_p8score", "avg_p8score", "p8score_CI_low", "p8score_CI_upp")  # fmt: skip
KS4_NEW = ("social_care_group", "version", "pupil_count", "attainment8_sum", "attainment8_average",
           "engmath_95_total", "engmath_95_percent", "engmath_94_total", "engmath_94_percent",
           "ebacc_entering_total", "ebacc_entering_percent", "ebacc_aps_sum", "ebacc_aps_average",
           "progress8_pupil_count", "progress8_sum", "progress8_average", "progress8_lower_95_ci",
           "progress8_upper_95_ci")  # fmt: skip
GROUPS = {
    "CINO at 31 March": {
        "cin_avg_attain8_ks4": "attainment", "cin_engbacaps": "points", "cin_engbacentries": "entered",
        "cin_engmaths9_4": "four", "cin_engmaths9_5": "five", "cinprogks2_4_avg_prog8": "progress",
    },
    "CPPO at 31 March": {"cppo_ks4_a8": "attainment"},
    "CLA 12 months at 31 March": {
        "lac_engmaths9_4": "four", "lac_ks4_avg_attain8": "attainment", "lac_ks4_avg_prog8": "progress",
    },
}  # fmt: skip
KS4_VALUES = {  # value, unit, numerator, denominator
    "attainment": (18.2, "score", 3640.0, 200.0), "five": (9.5, "percent", 19.0, 200.0),
    "four": (20.5, "percent", 41.0, 200.0), "entered": (12.0, "percent", 24.0, 200.0),
    "points": (1.55, "score", 310.0, 200.0), "progress": (-1.25, "score", -225.0, 180.0),
}  # fmt: skip


@pytest.mark.parametrize("columns", [KS4_OLD, KS4_NEW])
@pytest.mark.parametrize("group", GROUPS)
def test_key_stage_4(columns: tuple[str, ...], group: str, tmp_path: Path, register: Register) -> None:
    cells = [200, 3640, "18.2", 19, "9.5", 41, "20.5", 24, 12, 310, "1.55", 180, -225, "-1.25", "-1.4", "-1.1"]
    others = [["202425", "Academic year", *CAMDEN, other, "Revised", *["c"] * 16] for other in GROUPS if other != group]
    rows = [["202425", "Academic year", *CAMDEN, group, "Revised", *cells], *others]
    found, frame = read(tidy(rows, columns), tmp_path, register)
    assert found.tables[0].publication == "outcomes_for_children_in_need" and not found.problems
    seen = conformed(frame.filter(source_row=1), "value", "unit", "numerator", "denominator", "breakdown")
    assert seen == [(code, *KS4_VALUES[what], "Total") for code, what in sorted(GROUPS[group].items())]
    assert {code for code, *_ in conformed(frame)} == {code for codes in GROUPS.values() for code in codes}


KS4_UNITS = {
    "pupil_count": "count", "attainment8_sum": "score", "attainment8_average": "score", "engmath_95_total": "count",
    "engmath_95_percent": "percent", "engmath_94_total": "count", "engmath_94_percent": "percent",
    "ebacc_entering_total": "count", "ebacc_entering_percent": "percent", "ebacc_aps_sum": "score",
    "ebacc_aps_average": "score", "progress8_pupil_count": "count", "progress8_sum": "score",
    "progress8_average": "score", "progress8_lower_95_ci": "score", "progress8_upper_95_ci": "score",
}  # fmt: skip


@pytest.mark.parametrize("columns", [KS4_OLD, KS4_NEW])
@pytest.mark.parametrize("pupils", [200, 200.5])
def test_what_key_stage_4_has_beside_the_measures(
    columns: tuple[str, ...], pupils: float, tmp_path: Path, register: Register
) -> None:
    """Under the names of today, with the units and fractions that the measures of other groups tell."""
    cells = [200, 36.5 * pupils, "36.5", 19, "9.5", 41, "20.5", 24, 12, 310, "1.55", 180, -225, "-1.25", "-1.4", "-1.1"]
    rows = [["202425", "Academic year", *CAMDEN, group, "Revised", *cells] for group in GROUPS]
    frame = read(tidy(rows, columns), tmp_path, register, "ks4_la.csv")[1]
    own = frame.filter(~pl.col("is_conformed"))
    assert {code: unit for code, unit in own.select("indicator_code", "unit").iter_rows()} == {
        f"ks4_la.{name}": unit for name, unit in KS4_UNITS.items() if name != "attainment8_average"
    }
    assert own.height == len(GROUPS) * 16 - 10
    child_protection = own.filter(pl.col("breakdown") == "social_care_group=CPPO at 31 March")
    fractions = {
        code.removeprefix("ks4_la."): tuple(rest)
        for code, *rest in child_protection.select("indicator_code", "value", "numerator", "denominator").iter_rows()
    }
    assert {name: found for name, found in fractions.items() if found[1:] != (None, None)} == {
        "engmath_95_percent": (9.5, 19.0, 200.0), "engmath_94_percent": (20.5, 41.0, 200.0),
        "ebacc_entering_percent": (12.0, 24.0, 200.0), "ebacc_aps_average": (1.55, 310.0, 200.0),
        "progress8_average": (-1.25, -225.0, 180.0),
    }  # fmt: skip


@pytest.mark.parametrize("group", ["CLA 12 months at 31 March", "CPPO at 31 March"])
def test_progress_at_key_stage_2_has_its_sum_and_its_pupils(group: str, tmp_path: Path, register: Register) -> None:
    names, cells = ["social_care_group", "version"], []
    for n, subject in enumerate(("read", "writta", "mat"), 1):
        names += [f"t_{subject}_progress_eligible_pupils", f"t_{subject}_progress_score"]
        names += [f"avg_{subject}_progress_score", f"avg_{subject}_progress_score_lower_CI"]
        cells += [20 * n, f"{-10.5 * n}", "-0.53", "-0.9"]
    groups = ("CLA 12 months at 31 March", "CPPO at 31 March")
    rows = [["202425", "Academic year", *CAMDEN, each, "Revised", *cells] for each in groups]
    frame = read(tidy(rows, names), tmp_path, register, "ks2_la.csv")[1]
    means = frame.filter(
        pl.col("source_column").str.starts_with("avg"), ~pl.col("source_column").str.ends_with("CI"),
        source_row=1 + groups.index(group),
    )  # fmt: skip
    assert means["is_conformed"].to_list() == [group == groups[0]] * 3
    assert set(means.select("source_column", "value", "numerator", "denominator", "unit").iter_rows()) == {
        (f"avg_{subject}_progress_score", -0.53, -10.5 * n, 20.0 * n, "score")
        for n, subject in enumerate(("read", "writta", "mat"), 1)
    }


@pytest.mark.parametrize(
    ("columns", "age", "higher"),
    [
        (("age", "activity", "number", "percentage"), "Aged 19 to 21", "Higher education i.e. studies beyond A level"),
        (
            ("care_leaver_age", "breakdown", "care_leaver_count", "care_leaver_percent"),
            "19 to 21 years", "Higher education, i.e. studies beyond A level",
        ),
    ],
)  # fmt: skip
def test_activity_of_care_leavers(
    columns: tuple[str, ...], age: str, higher: str, tmp_path: Path, register: Register
) -> None:
    items = {
        "Total in education, employment or training": (55, 50),
        "Total not in education, employment or training": (44, 40),
        higher: (8, 7),
        "Education other than higher education": (20, 18),
        "Not in education, training or employment, owing to other reasons": (9, 8),
        "Total": (110, 100),
    }
    young = "Aged 17 to 18" if age.startswith("Aged") else "17 to 18 years"
    pairs = [(one, item, *shown) for one in (age, young) for item, shown in items.items()]
    rows = [["2025", "Reporting year", *CAMDEN, *pair] for pair in pairs]
    found, frame = read(tidy(rows, columns), tmp_path, register)
    assert found.tables[0].publication == "children_looked_after" and not found.problems
    assert conformed(frame, "value", "unit", "numerator", "breakdown") == [
        ("careleavereet", 50.0, "percent", 55.0, "Total"), ("careleavereetnum", 55.0, "count", None, "Total"),
        ("careleaversneet", 40.0, "percent", 44.0, "Total"), ("lac_19_he", 7.0, "percent", 8.0, "Total"),
        ("lac_19_he_num", 8.0, "count", None, "Total"),
    ]  # fmt: skip


MOVES = ("cla_group", "move_measure", "school_stability")
NOW, TWO = "CLA on 31 March", "CLA 2 years on 31 March"


@pytest.mark.parametrize(
    ("values", "rows"),
    [
        (("number", "percentage"), [(NOW, "Any moves", "At least one move"), (NOW, "Any moves", "Total children"),
                                    (NOW, "Mid-year moves", "At least one mid-year move"),
                                    (NOW, "Mid-year moves", "Total children")]),
        (("children_count", "children_percent"), [
            (TWO, "Any moves", "With one or more moves during the previous 2 years"),
            (NOW, "Any moves", "With one or more moves during the year"),
            (NOW, "Mid-year moves", "With one or more mid-year moves during the year"),
            (TWO, "Mid-year moves", "With one or more mid-year moves during the previous 2 years"),
        ]),
    ],
)  # fmt: skip
def test_school_moves_are_conformed_with_their_counts(
    values: tuple[str, str], rows: list[tuple[str, ...]], tmp_path: Path, register: Register
) -> None:
    made = [["2025", "Reporting year", *CAMDEN, *items, 20 + n, 8 + n] for n, items in enumerate(rows)]
    found, frame = read(tidy(made, (*MOVES, *values)), tmp_path, register, "la_cla_school_moves.csv")
    assert found.tables[0].publication == "stability_of_children_looked_after" and not found.problems
    assert conformed(frame, "value", "unit", "numerator", "breakdown") == [
        ("stability_school", 10.0, "percent", 22.0, "Total")
    ]


@pytest.mark.parametrize("values", [("number", "percentage"), ("children_count", "children_percent")])
def test_social_workers_in_the_year(values: tuple[str, str], tmp_path: Path, register: Register) -> None:
    rows = [
        ["2025", "Reporting year", *place, group, item, 40, share]
        for place in (NATIONAL, CAMDEN)
        for group, item, share in (
            (NOW, "Total children", 100), (NOW, "3 or more social workers during the year", 24),
            (TWO, "Total children", 100), (TWO, "3 or more social workers during the previous 2 years", 53),
        )
    ]  # fmt: skip
    found, frame = read(tidy(rows, ("cla_group", "sw_stability", *values)), tmp_path, register, "la_cla_swcount.csv")
    assert found.tables[0].publication == "stability_of_children_looked_after"
    assert (
        conformed(frame, "value", "unit", "numerator", "breakdown")
        == [("stability_socialworker", 24.0, "percent", 40.0, "Total")] * 2
    )


def test_social_workers_by_characteristic_stay_a_breakdown(tmp_path: Path, register: Register) -> None:
    columns = ("cla_group", "characteristic", "breakdown", "social_worker_stability", "children_count",
               "children_percent")  # fmt: skip
    rows = [
        ["2025", "Reporting year", *NATIONAL, NOW, "Age group", age, f"With {n} social workers during the year", 40, 24]
        for age in ("1 to 4 years", "10 to 15 years")
        for n in ("1", "3 or more")
    ]
    frame = read(tidy(rows, columns), tmp_path, register)[1]
    assert conformed(frame, "breakdown") == [
        ("stability_socialworker", f"breakdown={age} | characteristic=Age group")
        for age in ("1 to 4 years", "10 to 15 years")
    ]


def test_changes_of_social_worker_are_not_social_workers(tmp_path: Path, register: Register) -> None:
    """The table of 2020 counts changes; two or more of them are not the same as three workers."""
    columns = ("change_measure", "social_worker_stability", "number", "percentage")
    items = ("With no social worker change", "With two or more social worker changes")
    rows = [["2020", "Reporting year", *CAMDEN, "Social worker changes across 12 months", i, 9, 27] for i in items]
    found, frame = read(tidy(rows, columns), tmp_path, register, "la_cco_sw_stability.csv")
    assert not frame["is_conformed"].any() and not found.problems


def test_placement_stability_stays_with_its_publication() -> None:
    items = ["CLA on 31 March", "With 3 or more placements during the year", "Total children"]
    known = find_publication(["cla_group", "placement_stability", "children_count"], items, "x")
    assert known is not None and known.publication == "children_looked_after"


# --- labels and doubts


def metadata(*labels: tuple[str, str, str]) -> bytes:
    return text_of(("col_name", "col_type", "label"), labels).encode()


def test_a_column_with_a_new_name_is_known_by_its_label(tmp_path: Path, register: Register) -> None:
    data = tidy([["2026", "Reporting year", *CAMDEN, ENQUIRIES, 300, 250, 11]], ("category", "s47", "s47_kids", "d1"))
    meta = metadata(
        ("category", "Filter", "Category"), ("s47", "Indicator", "Number of section 47s"),
        ("s47_kids", "Indicator", "Number of children undergoing a Section 47"),
        ("d1", "Indicator", "Duration between start of Section 47 enquiry and ICPC (0\u201310 working days)"),
    )  # fmt: skip
    frame = read(data, tmp_path, register, meta=meta)[1]
    assert conformed(frame, "value", "source_column") == [
        ("10_icpc", 11.0, "d1"), ("section_47_num", 300.0, "s47"),
    ]  # fmt: skip
    assert not read(data, tmp_path, register)[1]["is_conformed"].any()


def test_a_name_goes_before_a_label(tmp_path: Path, register: Register) -> None:
    data = tidy([["2026", "Reporting year", *CAMDEN, ENQUIRIES, 300, 250]], ("category", "section47", "other"))
    meta = metadata(("section47", "Indicator", "Enquiries"), ("other", "Indicator", "Number of Section 47s"))
    found, frame = read(data, tmp_path, register, meta=meta)
    assert conformed(frame, "value") == [("section_47_num", 300.0)] and not found.problems


def doubts(problems: list[Problem]) -> list[tuple[str | None, ...]]:
    return [(p.place, p.found, p.expected) for p in problems if p.code == "indicator_in_doubt"]


def test_two_columns_with_the_label_are_told_and_not_picked(tmp_path: Path, register: Register) -> None:
    data = tidy([["2026", "Reporting year", *CAMDEN, ENQUIRIES, 300, 250]], ("category", "first", "second"))
    meta = metadata(*((name, "Indicator", "Number of Section 47s") for name in ("first", "second")))
    found, frame = read(data, tmp_path, register, meta=meta)
    assert not frame["is_conformed"].any() and frame.height == 2
    assert doubts(found.problems) == [
        ("columns first, second", "2 columns", "one for section_47_num, left under its own name")
    ]


def test_two_spellings_in_one_file_are_told_once_and_not_picked(tmp_path: Path, register: Register) -> None:
    items = ("19 to 21 years", "Total not in education, employment or training")
    rows = [["2025", "Reporting year", *place, *items, "41", "40"] for place in (NATIONAL, CAMDEN)]
    columns = ("care_leaver_age", "breakdown", "Percentage", "care_leaver_percent")
    found, frame = read(tidy(rows, columns), tmp_path, register)
    assert not frame["is_conformed"].any() and set(frame["value"]) == {40.0, 41.0}
    assert doubts(found.problems) == [
        ("columns Percentage, care_leaver_percent", "2 columns", "one for careleaversneet, left under its own name")
    ]


def test_a_choice_elsewhere_in_a_file_is_no_doubt(tmp_path: Path, register: Register) -> None:
    rows = [["2025", "Reporting year", *CAMDEN, "19 to 21 years", "Something nobody asked", "41", "40"]]
    columns = ("care_leaver_age", "breakdown", "percentage", "care_leaver_percent")
    assert not read(tidy(rows, columns), tmp_path, register)[0].problems


def test_a_column_for_two_indicators_is_told_and_neither_is_taken(
    tmp_path: Path, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = next(entry for entry in indicators() if entry.indicator_code == "section_47_num")
    declared = (*indicators(), replace(known, indicator_code="made_up", name="Made up"))
    monkeypatch.setattr(registry, "indicators", lambda: declared)
    data = tidy([["2025", "Reporting year", *CAMDEN, ENQUIRIES, 300, 90]], ("category", "Section47", "ICPC"))
    found, frame = read(data, tmp_path, register)
    assert conformed(frame, "value") == [("icpc_num", 90.0)]
    assert doubts(found.problems) == [
        ("column Section47", "2 indicators", "one for section_47_num, made_up, left under its own name")
    ]


def test_an_entry_that_names_more_items_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    known = next(entry for entry in indicators() if entry.indicator_code == "section_47_num")
    narrow = replace(known, indicator_code="made_up", items=(*known.items, "girls"))
    monkeypatch.setattr(registry, "indicators", lambda: (known, narrow))
    claims, left = find_claims("children_in_need", ["section47"], {1: (ENQUIRIES, "Girls"), 2: (ENQUIRIES, "Boys")})
    assert {key: claim.indicator.indicator_code for key, claim in claims.items()} == {
        (1, "section47"): "made_up", (2, "section47"): "section_47_num",
    }  # fmt: skip
    assert not left


def test_no_two_declarations_claim_the_same() -> None:
    for one, other in combinations(indicators(), 2):
        if one.publication == other.publication and set(one.items) == set(other.items):
            assert not set(one.columns) & set(other.columns), (one.indicator_code, other.indicator_code)
            assert not set(one.labels) & set(other.labels), (one.indicator_code, other.indicator_code)


def test_marks_do_not_tell_items_apart_but_numbers_do() -> None:
    assert canonical("Education, training (or employment)") == canonical("education training or employment")
    assert canonical("0\u201310 working days") == canonical("0-10 working days") != canonical("010 working days")
    assert canonical("at least 2.5 years") != canonical("at least 25 years")
    assert canonical("16-20") != canonical("1620")
    for known in publications():
        assert all(mark == mark.lower() and not set(mark) & set(",;:()\"'") for mark in known.marker_items), known
