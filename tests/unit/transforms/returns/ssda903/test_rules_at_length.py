"""Rules on neighbouring episodes against plain loops on generated rows, and all rules on the sample returns."""

import os
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.returns import rules_of
from transforms.returns.entry import is_valid
from transforms.returns.model import CHILDREN, ROW, ReturnData
from transforms.returns.rule import BROKEN, NOT_RUN, run_rules

SAMPLES = Path(os.environ.get("SAFEGUARDING_TEST_DATA", "../shared/data")) / "returns/ssda903"
START, END = date(2025, 4, 1), date(2026, 3, 31)
DATES = ("DECOM", "DEC", "DOB", "MC_DOB", "DUC")
OURS = [e for e in rules_of("ssda903") if {*e.tables} <= {"Episodes", "Header", "UASC"} and is_valid(e, 2026)]

DAYS = st.integers(0, 12).map(lambda days: START + timedelta(days))
EPISODES = st.lists(
    st.fixed_dictionaries(
        {
            "CHILD": st.sampled_from(["a", "b", "c"]),
            "DECOM": st.none() | DAYS,
            "DEC": st.none() | DAYS,
            "LS": st.sampled_from(["L1", "L3", "C2", None]),
            "REC": st.sampled_from(["X1", "E3", "E11", None]),
            "RNE": st.sampled_from(["S", "P", None]),
        }
    ),
    max_size=8,
)


def in_order(rows, undated=date.max):
    """Episodes of each child by start, those of one day as in the file; `number` is the row."""
    numbered = [{**row, "number": number} for number, row in enumerate(rows)]
    children = {row["CHILD"]: None for row in rows}
    return [
        sorted((row for row in numbered if row["CHILD"] == child), key=lambda row: row["DECOM"] or undated)
        for child in children
    ]


def pairs(rows, undated=date.max):
    return [(one, two) for own in in_order(rows, undated) for one, two in zip(own, own[1:], strict=False)]


def open_though_followed(rows):
    found = []
    for own in in_order(rows):
        dated = sorted((row for row in own if row["DECOM"]), key=lambda row: (row["DECOM"], row["DEC"] or date.max))
        found += [row["number"] for row in dated[:-1] if not (row["DEC"] and row["REC"])]
    return found


def begun_too_soon(rows):
    return [two["number"] for one, two in pairs(rows) if two["DECOM"] and one["DEC"] and two["DECOM"] < one["DEC"]]


def not_started_again(rows):
    return [two["number"] for one, two in pairs(rows) if one["REC"] in ("E3", "E11") and two["RNE"] != "S"]


def wrong_reason_to_end(rows):
    found = []
    for own in in_order(rows, date.min):
        for place, row in enumerate(own):
            after = own[place + 1]["DECOM"] if place + 1 < len(own) else None
            if row["DEC"] and after and row["REC"] and (row["REC"] == "X1") != (row["DEC"] == after):
                found.append(row["number"])
            if row["DEC"] and not after and row["REC"] == "X1":
                found.append(row["number"])
    return found


def police_protection(rows):
    found = []
    for own in in_order(rows):
        chains = []
        for place, row in enumerate(own):
            before = own[place - 1] if place else None
            if row["LS"] != "L1":
                continue
            if before and before["LS"] == "L1" and row["DECOM"] and (before["DEC"] or END) == row["DECOM"]:
                chains[-1].append(row)
            else:
                chains.append([row])
        for chain in chains:
            starts, ends = [r["DECOM"] for r in chain if r["DECOM"]], [r["DEC"] or END for r in chain]
            if starts and (max(ends) - min(starts)).days > 3:
                found += [row["number"] for row in chain]
    return found


def assessment_order(rows):
    found = []
    for own in in_order(rows):
        periods = []
        for row in (row for row in own if row["LS"] == "L3" and row["DECOM"]):
            if periods and row["DECOM"] <= max(earlier["DEC"] or END for period in periods for earlier in period):
                periods[-1].append(row)
            else:
                periods.append([row])
        for period in periods:
            if (max(row["DEC"] or END for row in period) - period[0]["DECOM"]).days > 7:
                found += [row["number"] for row in period]
    return found


def adopted_before(rows):
    found = []
    for own in in_order(rows):
        adoptions = 0
        for row in (row for row in own if row["DECOM"]):
            found += [row["number"]] if adoptions else []
            adoptions += row["REC"] == "E11"
    return found


ORACLES = {
    "142": open_though_followed,
    "199": adopted_before,
    "361": police_protection,
    "363": assessment_order,
    "388": wrong_reason_to_end,
    "432": not_started_again,
    "501": begun_too_soon,
}


def episodes_of(rows):
    text = dict.fromkeys(("CHILD", "LS", "REC", "RNE"), pl.String)
    frame = pl.DataFrame(rows, schema=text | {"DECOM": pl.Date, "DEC": pl.Date})
    return frame.with_columns(pl.col("CHILD").cast(pl.Categorical(CHILDREN))).with_row_index(ROW)


@given(EPISODES)
@settings(max_examples=150, deadline=None)
def test_rules_on_neighbours_find_what_plain_loops_find(rows):
    data = ReturnData("ssda903", 2026, START, END, {"Episodes": episodes_of(rows)})
    found = run_rules(data, [entry for entry in OURS if entry.code in ORACLES])
    assert [verdict.state for verdict in found.verdicts if verdict.state in (BROKEN, NOT_RUN)] == []
    for code, oracle in ORACLES.items():
        cited = found.findings.filter(pl.col("rule_code") == code).get_column(ROW).to_list()
        assert cited == sorted(set(oracle(rows))), code


def sample(folder, year, previous=None):
    typed, raw = {}, {}
    for name, table in {"header": "Header", "episodes": "Episodes", "uasc": "UASC"}.items():
        text = pl.read_csv(folder / f"{name}.csv", infer_schema=False)
        raw[table] = text.with_row_index(ROW)
        days = [pl.col(column).str.to_date("%d/%m/%Y", strict=False) for column in DATES if column in text.columns]
        child = pl.col("CHILD").cast(pl.Categorical(CHILDREN))
        typed[table] = text.with_columns(*days, child).with_row_index(ROW)
    return ReturnData(
        "ssda903", year, date(year - 1, 4, 1), date(year, 3, 31), typed, raw, la_code="845", previous=previous
    )


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="sample returns are not here")
@pytest.mark.parametrize("name", ["synthetic_2025_26", "synthetic_2025_26_dirty"])
def test_all_rules_run_alone_on_the_sample_returns(name):
    data = sample(SAMPLES / name / "this_year", 2026, sample(SAMPLES / name / "previous_year", 2025))
    outcome = run_rules(data, OURS)
    assert [verdict.rule.code for verdict in outcome.verdicts if verdict.state == BROKEN] == []
    unmet = {verdict.rule.code: verdict.needs for verdict in outcome.verdicts if verdict.state == NOT_RUN}
    needy = {entry.code for entry in OURS if {"postcodes", "providers"} & {*entry.needs}}
    assert {*unmet} <= needy | {"105"}, unmet
    heights = pl.DataFrame({"table_name": list(data.typed), "rows": [frame.height for frame in data.typed.values()]})
    assert outcome.findings.join(heights, on="table_name").filter(pl.col(ROW) >= pl.col("rows")).is_empty()
    again = run_rules(sample(SAMPLES / name / "this_year", 2026, data.previous), OURS[::-1])
    assert sorted(again.findings.rows()) == sorted(outcome.findings.rows())
