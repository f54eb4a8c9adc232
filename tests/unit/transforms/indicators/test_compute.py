"""The engine of indicators, and rules at the days where they turn. Rows are made up."""

from __future__ import annotations

import dataclasses
import re
from datetime import date
from typing import Any

import polars as pl
import pytest

from tests.made_returns import made
from transforms.indicators import indicators, indicators_of
from transforms.indicators.compute import RESULT, compute, mid_year
from transforms.indicators.model import COUNT, MEAN, PERCENT, RATE, Indicator, Measured, Scope
from transforms.returns.reading import entry_of
from transforms.statistics.indicators import indicators as published

E, S = date(2026, 3, 31), date(2025, 4, 1)


def only(code: str) -> list[Indicator]:
    return [entry for entry in indicators() if entry.code == code]


def total(found: pl.DataFrame, code: str, breakdown: str = "Total") -> dict[str, Any]:
    return found.filter((pl.col("indicator_code") == code) & (pl.col("breakdown") == breakdown)).row(-1, named=True)


def care(code: str, episodes: list[dict[str, Any]], header: list[dict[str, Any]] | None = None, **more: Any) -> Any:
    tables = {"Episodes": episodes, "Header": header or [], **more}
    return total(compute([made("ssda903", 2026, tables)], {2025: 1000}, only(code)), code)


def episode(child: str, start: date | None, end: date | None = None, **more: Any) -> dict[str, Any]:
    return {
        "CHILD": child,
        "DECOM": start,
        "DEC": end,
        "RNE": "S",
        "LS": "C2",
        "PLACE": "U6",
        "REC": "X1" if end else None,
        **more,
    }


def made_up(unit: str, decimals: int, above: float, below: float | None, **more: Any) -> Indicator:
    columns = {"numerator": [above]} | ({} if below is None else {"denominator": [below]})
    return dataclasses.replace(
        only("CLA5")[0],
        code="X",
        unit=unit,
        decimals=decimals,
        dimensions=(),
        measure=lambda scope: pl.LazyFrame(columns),
        **more,
    )


def value_of(entry: Indicator, population: dict[int, float] | None = None) -> dict[str, Any]:
    return total(compute([made("ssda903", 2026, {"Episodes": []})], population or {}, [entry]), "X")


@pytest.mark.parametrize(
    ("unit", "decimals", "above", "below", "value"),
    [
        (PERCENT, 0, 1, 8, 13),
        (PERCENT, 0, 3, 8, 38),
        (PERCENT, 1, 1, 2000, 0.1),
        (PERCENT, 1, 1, 3, 33.3),
        (MEAN, 1, 1, 4, 0.3),
        (MEAN, 1, 2.25, 1, 2.3),
        (PERCENT, 0, 5, 1000, 1),
        (PERCENT, 0, 249, 20_000, 1),
        (MEAN, 1, 0.35, 1, 0.4),
        (COUNT, 0, 7, None, 7),
    ],
)
def test_halves_round_up_once_at_the_end(
    unit: str, decimals: int, above: float, below: float | None, value: float
) -> None:
    row = value_of(made_up(unit, decimals, above, below))
    assert row["value"] == value
    assert row["value_unrounded"] == pytest.approx(above * (100 if unit == PERCENT else 1) / (below or 1))


def test_values_of_many_breakdowns_are_the_rounded_numbers_themselves() -> None:
    """A value is 33.3, not 33.300000000000004, however many are worked out together."""
    case = {"CINreferralDate": date(2025, 6, 10)}
    sources = [("1A", 3), ("2A", 9), ("3A", 7), ("6", 11), ("7", 13)]
    rows = [
        {**case, "LAchildID": f"{code}{n}", "CINdetailsID": 1, "ReferralSource": code, "ReferralNFA": n == 0}
        for code, count in sources
        for n in range(count)
    ]
    found = compute([made("cin_census", 2026, {"CINdetails": rows, "ChildIdentifiers": []})], {}, only("CIN3"))
    by_source = found.filter(pl.col("breakdown").str.starts_with("Referral source") & (pl.col("denominator") > 0))
    assert sorted(by_source["value"].to_list()) == [7.7, 9.1, 11.1, 14.3, 33.3]


def test_no_plan_of_care_leavers_puts_text_together() -> None:
    """Polars 2.1 panicked on it about once in twenty times, by how its threads ran."""
    leaver = {"CHILD": "L", "DOB": date(2006, 6, 1), "IN_TOUCH": "YES", "ACTIV": "F1", "ACCOM": "B1"}
    data = made("ssda903", 2026, {"OC3": [leaver], "Header": [], "Episodes": []})
    scope = Scope(data, {2026: data}, data.start, data.end)
    for code in ("CL1", "CL2", "CL2N", "CLN", "CL3", "CL4", "CL5", "CL6"):
        measured = only(code)[0].measure(scope)
        rows = measured.rows if isinstance(measured, Measured) else measured
        assert "format" not in rows.explain(optimized=False)


def test_a_birth_after_the_year_is_no_age() -> None:
    born = {"CHILD": "A", "DOB": date(2027, 5, 1)}
    assert care("CLA6", [episode("A", date(2020, 1, 1))], [born])["denominator"] == 0
    found = compute([made("ssda903", 2026, {"Episodes": [episode("A", S)], "Header": [born]})], {}, only("CLA1N"))
    assert total(found, "CLA1N", "Age | Not known")["numerator"] == 1


def test_a_share_that_rounds_to_nought_is_low_and_one_that_is_nought_is_not() -> None:
    assert value_of(made_up(PERCENT, 0, 1, 1000))["value_status"] == "low"
    assert value_of(made_up(PERCENT, 0, 0, 1000))["value_status"] == "reported"
    assert value_of(made_up(PERCENT, 1, 1, 1000))["value_status"] == "reported"


def test_nothing_below_the_line_is_not_applicable() -> None:
    row = value_of(made_up(PERCENT, 0, 0, 0))
    assert (row["value"], row["value_status"]) == (None, "not_applicable")


def test_a_rate_takes_the_mid_year_inside_the_year() -> None:
    entry = made_up(RATE, 0, 25, None, has_population=True)
    assert value_of(entry, {2024: 1, 2025: 5000})["value"] == 50
    missing = value_of(entry, {2024: 5000})
    assert (missing["value_status"], missing["numerator"]) == ("not_available", None)
    assert "mid-2025" in missing["note"]


def test_the_mid_year_before_a_day() -> None:
    assert [mid_year(day) for day in (date(2025, 3, 31), date(2025, 4, 1), date(2024, 12, 31))] == [2024, 2025, 2024]


def test_a_missing_table_is_not_available_and_says_what_it_needs() -> None:
    found = compute([made("ssda903", 2026, {"Episodes": [], "Header": []})], {2025: 1000})
    assert total(found, "H1")["value_status"] == "not_available"
    assert total(found, "H1")["note"] == "Not computed: needs table OC2."
    assert total(found, "CLA1")["value_status"] == "reported"


def test_a_missing_column_is_named() -> None:
    data = made("ssda903", 2026, {"Episodes": [episode("A", S)], "Header": []})
    data.typed["Episodes"].drop_in_place("PLACE")
    found = compute([data], {2025: 1000}, only("CLA5"))
    assert total(found, "CLA5")["note"] == "Not computed: needs column PLACE."


def test_the_frame_has_its_columns_even_where_nothing_was_given() -> None:
    assert dict(compute([]).schema) == RESULT
    assert dict(compute([made("ssda903", 2026, {"Episodes": []})]).schema) == RESULT


def test_several_authorities_or_one_year_twice_are_refused() -> None:
    with pytest.raises(ValueError, match="authorities"):
        compute([made("ssda903", 2025, {"Episodes": []}), made("ssda903", 2026, {"Episodes": []}, la_code="998")])
    with pytest.raises(ValueError, match="twice"):
        compute([made("ssda903", 2026, {"Episodes": []}), made("ssda903", 2026, {"Episodes": []})])


def test_a_child_in_two_authorities_counts_in_each() -> None:
    tables = {"Episodes": [episode("A", S)], "Header": []}
    for code in ("998", "999"):
        found = compute([made("ssda903", 2026, tables, la_code=code)], {}, only("CLA1N"))
        assert (found["la_code"][0], found["numerator"][0]) == (code, 1)


def test_a_later_year_corrects_what_an_earlier_one_said_of_an_episode() -> None:
    before = made("ssda903", 2025, {"Episodes": [episode("A", date(2024, 6, 1))], "Header": []})
    tables = {"Episodes": [episode("A", date(2024, 6, 1), date(2025, 2, 1), REC="E4A"), episode("A", date(2025, 5, 1))]}
    found = compute([before, made("ssda903", 2026, {**tables, "Header": []})], {}, only("CLA2N"))
    assert found.filter(pl.col("breakdown") == "Total")["numerator"].to_list() == [1, 1]


def test_what_an_older_return_left_open_is_not_still_looked_after() -> None:
    before = made("ssda903", 2025, {"Episodes": [episode("A", date(2024, 6, 1))], "Header": []})
    found = compute([before, made("ssda903", 2026, {"Episodes": [], "Header": []})], {}, only("CLA1N"))
    assert found.filter(pl.col("breakdown") == "Total")["numerator"].to_list() == [1, 0]


def test_the_year_before_is_looked_back_to_but_not_published() -> None:
    before = made("ssda903", 2025, {"Episodes": [], "Header": []})
    found = compute([made("ssda903", 2026, {"Episodes": [], "Header": []}, previous=before)], {}, only("CLA1N"))
    assert found["period_code"].unique().to_list() == ["2026"]


@pytest.mark.parametrize(
    ("end", "count"), [(date(2026, 3, 31), 0), (date(2026, 4, 1), 1), (None, 1)], ids=["31 March", "1 April", "open"]
)
def test_looked_after_on_31_march(end: date | None, count: int) -> None:
    assert care("CLA1N", [episode("A", S, end)])["numerator"] == count


@pytest.mark.parametrize(("day", "count"), [(date(2025, 3, 31), 0), (S, 1), (E, 1), (date(2026, 4, 1), 0)])
def test_starts_and_ends_of_the_year_count(day: date, count: int) -> None:
    assert care("CLA2N", [episode("A", day)])["numerator"] == count
    assert care("CLA3N", [episode("A", date(2024, 5, 1), day, REC="E4A")])["numerator"] == count


def test_duplicates_blank_dates_and_short_breaks_count_nobody_twice() -> None:
    rows = [episode("A", S), episode("A", S), episode("A", None), episode(None, S), episode("B", S, LS="V4")]  # type: ignore[arg-type]
    assert care("CLA1N", rows)["numerator"] == 1


def test_born_on_29_february_is_a_year_older_on_1_march() -> None:
    born = date(2012, 2, 29)
    bands = compute(
        [
            made(
                "ssda903", 2013, {"Episodes": [episode("A", date(2012, 5, 1))], "Header": [{"CHILD": "A", "DOB": born}]}
            )
        ],
        {},
        only("CLA1N"),
    )
    assert total(bands, "CLA1N", "Age | 1 to 4 years")["numerator"] == 1


PLACED = {"PL_POST": "A1 1AA", "URN": "1234567"}


def _moves(*rows: dict[str, Any]) -> float:
    data = made("ssda903", 2026, {"Episodes": list(rows), "Header": []})
    scope = Scope(data, {2026: data}, S, E)
    from transforms.indicators.placements import placements_in_year

    found = placements_in_year(scope).collect()["placements"]
    return float(found[0])


def test_a_temporary_placement_between_two_sides_of_one_is_no_move() -> None:
    assert (
        _moves(
            episode("A", S, date(2025, 6, 1), **PLACED),
            episode("A", date(2025, 6, 1), date(2025, 6, 2), RNE="P", PL_POST="B2 2BB"),
            episode("A", date(2025, 6, 2), date(2025, 6, 9), RNE="P", PLACE="T1"),
            episode("A", date(2025, 6, 9), None, RNE="P", PL_POST="B2 2BB"),
        )
        == 2
    )


@pytest.mark.parametrize(
    ("rows", "count"),
    [
        ([("L", {}), ("L", {})], 1),  # legal changes only
        ([("T", {}), ("U", {})], 3),  # other places with the same carers
        ([("T", {"PLACE": "A3"}), ("L", {})], 1),  # adopted by the carers
        ([("P", {"PLACE": "A4"}), ("L", {})], 2),
        ([("S", {}), ("S", {})], 3),
    ],
)
def test_what_begins_a_placement(rows: list[tuple[str, dict[str, Any]]], count: int) -> None:
    days = [date(2025, 6, 1), date(2025, 7, 1), date(2025, 8, 1)]
    later = [
        episode("A", day, until, RNE=rne, **more)
        for (rne, more), day, until in zip(rows, days[1:], [days[2], None], strict=True)
    ]
    assert _moves(episode("A", days[0], days[1]), *later) == count


def test_a_placement_of_less_than_a_day_is_none() -> None:
    day = date(2025, 6, 1)
    assert _moves(episode("A", S, day), episode("A", day, day, RNE="P"), episode("A", day, None, RNE="P")) == 2


@pytest.mark.parametrize(("since", "count"), [(date(2024, 3, 31), 1), (date(2024, 4, 1), 0)])
def test_two_years_in_a_placement(since: date, count: int) -> None:
    rows = [episode("A", date(2023, 9, 30), since, **PLACED), episode("A", since, None, RNE="P", PL_POST="C3 3CC")]
    row = care("CLA6", rows, [{"CHILD": "A", "DOB": date(2010, 4, 1)}])
    assert (row["numerator"], row["denominator"], row["value_status"]) == (count, 1, "reported")


def test_sixteen_on_31_march_is_too_old_for_stability() -> None:
    row = care("CLA6", [episode("A", date(2023, 9, 30))], [{"CHILD": "A", "DOB": date(2010, 3, 31)}])
    assert row["denominator"] == 0


def test_a_start_of_care_that_is_not_at_hand_makes_stability_unreliable() -> None:
    row = care("CLA6", [episode("A", date(2024, 6, 1), RNE="P")], [{"CHILD": "A", "DOB": date(2015, 1, 1)}])
    assert row["note"].startswith("For some children the returns at hand do not reach back")
    long = care(
        "CLA6",
        [episode("A", date(2024, 6, 1), RNE="P"), episode("B", date(2020, 1, 1))],
        [{"CHILD": "A", "DOB": date(2015, 1, 1)}, {"CHILD": "B", "DOB": date(2015, 1, 1)}],
    )
    assert (long["value"], long["value_status"]) == (100, "unreliable")


def test_referrals_again_without_the_year_before_are_unreliable() -> None:
    case = {"LAchildID": "P", "CINdetailsID": 1, "CINreferralDate": date(2025, 6, 10), "ReferralNFA": False}
    tables = {"CINdetails": [case], "ChildIdentifiers": []}
    alone = total(compute([made("cin_census", 2026, tables)], {}, only("CIN5")), "CIN5")
    assert (alone["value_status"], alone["numerator"]) == ("unreliable", 0)
    assert "year before" in alone["note"]


@pytest.mark.parametrize(("before", "count"), [(date(2024, 6, 10), 1), (date(2024, 6, 9), 0), (date(2025, 6, 10), 0)])
def test_referred_again_within_twelve_months(before: date, count: int) -> None:
    def case(day: date) -> dict[str, Any]:
        return {"LAchildID": "P", "CINdetailsID": 1, "CINreferralDate": day, "ReferralNFA": False}

    years = [made("cin_census", 2025, {"CINdetails": [case(before)], "ChildIdentifiers": []})]
    years.append(made("cin_census", 2026, {"CINdetails": [case(date(2025, 6, 10))], "ChildIdentifiers": []}))
    assert total(compute(years, {}, only("CIN5")), "CIN5")["numerator"] == count


def test_29_february_counts_as_twelve_months_back_from_28_february() -> None:
    def case(day: date) -> dict[str, Any]:
        return {"LAchildID": "P", "CINdetailsID": 1, "CINreferralDate": day, "ReferralNFA": False}

    years = [made("cin_census", 2024, {"CINdetails": [case(date(2024, 2, 29))], "ChildIdentifiers": []})]
    years.append(made("cin_census", 2025, {"CINdetails": [case(date(2025, 2, 28))], "ChildIdentifiers": []}))
    assert total(compute(years, {}, only("CIN5")), "CIN5")["numerator"] == 1


@pytest.mark.parametrize(("end", "count"), [(date(2026, 4, 1), 1), (date(2026, 3, 31), 0)])
def test_two_years_of_a_plan(end: date, count: int) -> None:
    year = 2027 if end > E else 2026
    plan = {"LAchildID": "P", "CINdetailsID": 1, "CPPID": 1, "CPPstartDate": date(2024, 4, 1), "CPPendDate": end}
    found = compute(
        [made("cin_census", year, {"ChildProtectionPlans": [plan], "ChildIdentifiers": []})], {}, only("CPP4")
    )
    assert total(found, "CPP4")["numerator"] == count


def test_dates_that_run_backwards_are_left_out_and_said() -> None:
    row = {"LAchildID": "P", "CINdetailsID": 1, "AssessmentID": 1}
    dates = [(date(2025, 6, 2), date(2025, 6, 1)), (date(2025, 6, 1), date(2025, 6, 2)), (None, date(2025, 6, 2))]
    dates.append((date(2025, 6, 7), date(2025, 6, 6)))  # from Saturday back to Friday: no working day between
    rows = [{**row, "AssessmentActualStartDate": start, "AssessmentAuthorisationDate": end} for start, end in dates]
    found = total(
        compute([made("cin_census", 2026, {"Assessments": rows, "ChildIdentifiers": []})], {}, only("CIN6")), "CIN6"
    )
    assert (found["numerator"], found["denominator"]) == (1, 2)
    assert found["note"] == "Rows whose dates run backwards are left out."


def test_the_annex_that_counts_the_referral_itself_is_unreliable() -> None:
    def lists(*numbers: int) -> dict[str, Any]:
        rows = [
            {"Child Unique ID": "P", "Date of referral": date(2026, 3, 1), "Number of Referrals in Last 12 Months": n}
            for n in numbers
        ]
        return total(compute([made("annex_a", 2026, {"list_3": rows})], {}, only("AX3R")), "AX3R")

    assert lists(1, 2)["value_status"] == "unreliable"
    assert lists(0, 2)["value_status"] == "reported"


def test_doubted_indicators_are_marked() -> None:
    data = made("ssda903", 2026, {"Episodes": [episode("A", S)], "Header": []})
    found = compute([data], {}, indicators_of("ssda903"), {2026: {"CLA1N"}})
    row = total(found, "CLA1N")
    assert (row["value_status"], row["value"]) == ("unreliable", 1)
    assert total(found, "CLA3N")["value_status"] == "reported"


def test_notes_hold_no_numbers_of_children() -> None:
    measured = Measured(pl.LazyFrame({"numerator": [1]}))
    assert (measured.note, measured.is_unreliable) == ("", False)


def test_every_indicator_declares_what_is_there() -> None:
    codes = {entry.indicator_code: entry for entry in published()}
    tables = {
        code: {t.name: {c.name for c in t.columns} for t in entry_of(code).tables}
        for code in {e.return_code for e in indicators()}
    }
    assert len({entry.code for entry in indicators()}) == len(indicators())
    for entry in indicators():
        assert not re.search(r"\b[a-z][A-Z]{2}", entry.definition), entry.definition
        assert entry.polarity in ("high", "low", "none") and entry.source and entry.definition and entry.numerator, (
            entry.code
        )
        assert entry.fields, entry.code
        for field in entry.fields:
            table, _, column = field.partition(".")
            assert column in tables[entry.return_code][table], (entry.code, field)
        if entry.published_code is not None:
            assert entry.published_code in codes, entry.code
            assert entry.decimals <= codes[entry.published_code].decimal_places, entry.code
            unit = {"mean": ("score", "cases_per_fte")}.get(entry.unit, (entry.unit,))
            assert codes[entry.published_code].unit in unit, entry.code
        if entry.years_of:
            assert entry.years_of in {other.code for other in indicators()}
        for dimension in entry.dimensions:
            assert len(set(dimension.values)) == len(dimension.values), (entry.code, dimension.name)


def test_inferred_rules_say_so() -> None:
    assert {entry.code for entry in indicators() if "INF" not in entry.source} >= {"CLA2", "H1", "CIN6", "CPP4", "A1"}
    assert {entry.code for entry in indicators() if "INF" in entry.source} >= {"CLA14", "R1", "AX1", "CIN6B", "W6"}


def _near_home(la_code: str | None, **tables: Any) -> pl.DataFrame:
    """Two children 20 and 21 miles from home, the first in another authority, the second at home."""
    rows = [
        episode("A", S, HOME_POST="EC1A 1AA", PL_POST="ZZ9 9ZZ"),
        episode("B", S, HOME_POST="EC1A 1AA", PL_POST="EC2A 2AA"),
        episode("C", S, HOME_POST="EC1A 1AA", PL_POST="XX1 1XX"),  # no such postcode
        episode("D", S, HOME_POST="EC1A 1AA", PL_POST="YY1 1YY"),
    ]
    places = pl.DataFrame(
        {
            "postcode": ["EC1A1AA", "ZZ99ZZ", "EC2A2AA", "YY11YY"],
            "district_gss": ["E09000001", "E09000007", "E09000001", "E09000007"],
            "area": ["E09000001", "E09000007", "E09000001", "E09000007"],
            "easting": [0.0, 20 * 1609.3, 21 * 1609.3, 30 * 1609.3],
            "northing": [0.0, 0.0, 0.0, 0.0],
        }
    )
    data = made("ssda903", 2026, {"Episodes": rows, "Header": [], **tables})
    data = dataclasses.replace(data, la_code=la_code, references={"postcodes": places}, _derived={})
    return compute([data], {}, [*only("CLA7"), *only("CLA7b")])


def test_distance_comes_from_postcodes_where_the_return_has_none() -> None:
    found = _near_home("201")
    assert (total(found, "CLA7")["numerator"], total(found, "CLA7")["denominator"]) == (1, 4)  # D; B is inside
    assert total(found, "CLA7b")["numerator"] == 2  # B and D: 20 miles are not over 20


def test_an_unaccompanied_child_has_no_distance() -> None:
    assert total(_near_home("201", UASC=[{"CHILD": "D"}]), "CLA7b")["numerator"] == 1


def test_without_the_code_of_the_authority_inside_or_outside_is_not_known() -> None:
    found = _near_home(None)
    assert total(found, "CLA7")["value_status"] == "not_available"
    assert total(found, "CLA7b")["numerator"] == 2


@pytest.mark.parametrize(
    ("reviews", "on_time"),
    [
        ([date(2025, 8, 1), date(2026, 2, 1)], 1),  # three months after the start, then six: on the last day due
        ([date(2025, 8, 2), date(2026, 2, 1)], 0),  # the first a day late
        ([date(2025, 8, 1), date(2026, 2, 2)], 0),  # the second a day late
        ([date(2025, 8, 1)], 0),  # none since: over six months by 31 March
        ([date(2025, 8, 1), date(2025, 10, 1)], 1),  # the next is due on 1 April
        ([date(2025, 8, 1), date(2025, 9, 30)], 0),  # the next was due on 30 March
        ([], 0),
        ([date(2025, 4, 30), date(2025, 8, 1), date(2026, 2, 1)], 1),  # one before the start is not of this plan
    ],
)
def test_reviews_of_a_plan(reviews: list[date], on_time: int) -> None:
    key = {"LAchildID": "P", "CINdetailsID": 1, "CPPID": 1}
    tables = {
        "ChildIdentifiers": [],
        "ChildProtectionPlans": [{**key, "CPPstartDate": date(2025, 5, 1)}],
        "Reviews": [{**key, "CPPreviewDate": day} for day in reviews],
    }
    row = total(compute([made("cin_census", 2026, tables)], {}, only("CPP6")), "CPP6")
    assert (row["numerator"], row["denominator"]) == (on_time, 1)


def test_a_plan_of_less_than_three_months_is_not_due() -> None:
    plan = {"LAchildID": "P", "CINdetailsID": 1, "CPPID": 1, "CPPstartDate": date(2026, 1, 1)}
    tables = {"ChildIdentifiers": [], "ChildProtectionPlans": [plan], "Reviews": []}
    assert total(compute([made("cin_census", 2026, tables)], {}, only("CPP6")), "CPP6")["denominator"] == 0


def test_reviews_before_the_returns_at_hand_are_not_held_against_a_plan() -> None:
    key = {"LAchildID": "P", "CINdetailsID": 1, "CPPID": 1}
    plan = {**key, "CPPstartDate": date(2024, 1, 1)}
    tables = {
        "ChildIdentifiers": [],
        "ChildProtectionPlans": [plan],
        "Reviews": [{**key, "CPPreviewDate": day} for day in (date(2025, 9, 1), date(2026, 3, 1))],
    }
    row = total(compute([made("cin_census", 2026, tables)], {}, only("CPP6")), "CPP6")
    assert (row["numerator"], row["note"].startswith("Reviews before the returns at hand")) == (1, True)


@pytest.mark.parametrize(
    ("reviews", "on_time"),
    [
        # Care began on Sunday 1 June 2025: the first is due on Friday 27 June.
        ([date(2025, 6, 27), date(2025, 9, 27), date(2026, 3, 27)], 1),
        ([date(2025, 6, 30), date(2025, 9, 27), date(2026, 3, 27)], 0),
        ([date(2025, 6, 27), date(2025, 9, 28), date(2026, 3, 27)], 0),
        ([date(2025, 6, 27), date(2025, 9, 27), date(2026, 3, 28)], 0),
        ([date(2025, 6, 27), date(2025, 9, 27)], 0),
        ([], 0),
    ],
)
def test_reviews_of_a_looked_after_child(reviews: list[date], on_time: int) -> None:
    rows = [{"CHILD": "A", "REVIEW": day, "REVIEW_CODE": "PN1"} for day in reviews]
    row = care("R1", [episode("A", date(2025, 6, 1))], Reviews=rows)
    assert (row["numerator"], row["denominator"]) == (on_time, 1)


@pytest.mark.parametrize(("start", "due"), [(date(2026, 3, 3), 1), (date(2026, 3, 4), 0)])
def test_twenty_working_days_in_care(start: date, due: int) -> None:
    assert care("R1", [episode("A", start)], Reviews=[])["denominator"] == due
