"""Data sets of the official tool of which there is no file: their layouts by the publisher's descriptions, made up.

Every value is made up; places are real, so that regions and neighbours are. What stands in a cell is what a measure
must show, so that a reading of it is compared with nothing but the cells.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from tests.official_tool import Measure
from tests.statistics_files import NATIONAL, TIME_AND_PLACE

ENQUIRIES = "Section 47s and Initial Child Protection Conferences"
GROUPS = ("CINO at 31 March", "CPPO at 31 March", "CLA 12 months at 31 March")
ACTIVITIES = (
    "Education other than higher education", "In an apprenticeship", "In training or employment",
    "In training or employment (excl. apprenticeship)",
    "Not in education, training or employment, owing to illness or disability",
    "Not in education, training or employment, owing to other reasons",
    "Not in education, training or employment, owing to pregnancy or parenting",
    "Total", "Total in education, employment or training", "Total information not known",
    "Total not in education, employment or training",
)  # fmt: skip
NOW, TWO = "CLA on 31 March", "CLA 2 years on 31 March"
BANDS = (
    "Duration_0-10_days", "Duration_11-15_days", "Duration_16-20_days", "Duration_21+_days",
    "Duration_25th_Percentile", "Duration_median", "Duration_75th_Percentile",
)  # fmt: skip
SYMBOLS = {
    "c": "suppressed", "z": "not_applicable", "x": "not_available", "k": "low", "low": "low", "u": "unreliable",
}  # fmt: skip
REGIONS = (
    "North East", "North West", "Yorkshire and The Humber", "East Midlands", "West Midlands", "East of England",
    "London", "South East", "South West",
)  # fmt: skip


@dataclass(frozen=True)
class DataSet:
    """One release of one data set.

    Attributes:
        filters: names of its filter columns, `version` last where it has one.
        items: of the filters, one tuple a combination.
        values: names of its columns of values.
        measures: indicator to the items of its rows and its column.
    """

    name: str
    identifier: str
    years: tuple[str, ...]
    filters: tuple[str, ...]
    items: tuple[tuple[str, ...], ...]
    values: tuple[str, ...]
    measures: Mapping[str, tuple[tuple[str, ...], str]]

    @property
    def header(self) -> list[str]:
        return [*TIME_AND_PLACE, *self.filters, *self.values]

    def as_measures(self, judged: Mapping[str, tuple[str, bool]]) -> Iterator[Measure]:
        """Its measures as the tool's list has them; polarity and whether there are bands by indicator."""
        for code, (items, column) in self.measures.items():
            polarity, has_bands = judged[code]
            yield Measure(code, frozenset(zip(self.filters, items, strict=True)), column, polarity, has_bands)


def enquiries(year: int, *, rates: bool) -> DataSet:
    counts = ("Section47", "Section47_child", "ICPC", "ICPC_child")
    with_rates = tuple(name for count in counts for name in (count, f"{count}_rate"))
    found = dict(zip(("10_icpc", "15_icpc", "20_icpc", "21_icpc"), BANDS, strict=False))
    found |= {"section_47_num": "Section47", "icpc_num": "ICPC"}
    found |= {"section_47": "Section47_rate", "iscp_conf": "ICPC_rate"} if rates else {}
    return DataSet(
        f"c4_children_in_need_section_47s_and_icpcs_2013_to_{year}.csv", "Reporting year",
        tuple(str(y) for y in range(year - 1, year + 1)), ("category",), ((ENQUIRIES,),),
        (*(with_rates if rates else counts), *BANDS), {code: ((ENQUIRIES,), name) for code, name in found.items()},
    )  # fmt: skip


def key_stage_4(first: int, *, old: bool) -> DataSet:
    names = {
        "pupils": ("t_pupils", "pupil_count"), "points": ("t_att8", "attainment8_sum"),
        "attainment": ("avg_att8", "attainment8_average"), "five": ("pt_l2basics_95", "engmath_95_percent"),
        "four": ("pt_l2basics_94", "engmath_94_percent"), "entered": ("pt_ebacc_e_ptq_ee", "ebacc_entering_percent"),
        "average": ("avg_ebaccaps", "ebacc_aps_average"), "progress": ("avg_p8score", "progress8_average"),
    }  # fmt: skip
    wanted = {
        "cin_avg_attain8_ks4": (0, "attainment"), "cin_engbacaps": (0, "average"), "cin_engbacentries": (0, "entered"),
        "cin_engmaths9_4": (0, "four"), "cin_engmaths9_5": (0, "five"), "cinprogks2_4_avg_prog8": (0, "progress"),
        "cppo_ks4_a8": (1, "attainment"), "lac_engmaths9_4": (2, "four"), "lac_ks4_avg_attain8": (2, "attainment"),
        "lac_ks4_avg_prog8": (2, "progress"),
    }  # fmt: skip
    at = 0 if old else 1
    return DataSet(
        "ks4_la.csv", "Academic year", tuple(f"{y}{(y + 1) % 100:02d}" for y in (first, first + 1)),
        ("social_care_group", "version"), tuple((group, "Revised") for group in GROUPS),
        tuple(pair[at] for pair in names.values()),
        {code: ((GROUPS[group], "Revised"), names[what][at]) for code, (group, what) in wanted.items()},
    )  # fmt: skip


def activity(year: int, *, old: bool) -> DataSet:
    ages = ("Aged 17 to 18", "Aged 19 to 21") if old else ("17 to 18 years", "19 to 21 years")
    higher = f"Higher education{'' if old else ','} i.e. studies beyond A level"
    count, share = ("number", "percentage") if old else ("care_leaver_count", "care_leaver_percent")
    wanted = {
        "careleavereet": (ACTIVITIES[8], share), "careleavereetnum": (ACTIVITIES[8], count),
        "careleaversneet": (ACTIVITIES[10], share), "lac_19_he": (higher, share), "lac_19_he_num": (higher, count),
    }  # fmt: skip
    return DataSet(
        "la_care_leavers_activity.csv", "Reporting year", (str(year - 1), str(year)),
        ("age", "activity") if old else ("care_leaver_age", "breakdown"),
        tuple((age, item) for age in ages for item in (*ACTIVITIES, higher)), (count, share),
        {code: ((ages[1], item), column) for code, (item, column) in wanted.items()},
    )  # fmt: skip


def school_moves(year: int, *, old: bool) -> DataSet:
    one = "At least one move" if old else "With one or more moves during the year"
    mid_year = "At least one mid-year move" if old else "With one or more mid-year moves during the year"
    items = [
        (NOW, "Any moves", one),
        (NOW, "Any moves", "Total children"),
        (NOW, "Mid-year moves", mid_year),
        (NOW, "Mid-year moves", "Total children"),
    ]
    if not old:
        items.append((TWO, "Mid-year moves", "With one or more mid-year moves during the previous 2 years"))
    count, share = ("number", "percentage") if old else ("children_count", "children_percent")
    return DataSet(
        "official_statistics_la_cla_school_moves.csv", "Reporting year", (str(year - 1), str(year)),
        ("cla_group", "move_measure", "school_stability"), tuple(items), (count, share),
        {"stability_school": (items[2], share)},
    )  # fmt: skip


def social_workers(year: int, *, old: bool) -> DataSet:
    items = tuple(
        (group, item) for group, span in ((NOW, "the year"), (TWO, "the previous 2 years"))[: 1 if old else 2]
        for item in ("Total children", f"3 or more social workers during {span}")
    )  # fmt: skip
    count, share = ("number", "percentage") if old else ("children_count", "children_percent")
    return DataSet(
        "official_statistics_la_cla_swcount.csv", "Reporting year", (str(year - 1), str(year)),
        ("cla_group", "sw_stability"), items, (count, share), {"stability_socialworker": (items[1], share)},
    )  # fmt: skip


FORMER = (
    enquiries(2023, rates=True), key_stage_4(2021, old=True), activity(2023, old=True), school_moves(2022, old=True),
    social_workers(2023, old=True),
)  # fmt: skip
TODAY = (
    enquiries(2025, rates=False), key_stage_4(2023, old=False), activity(2025, old=False),
    school_moves(2025, old=False), social_workers(2025, old=False),
)  # fmt: skip


def places() -> list[tuple[str, ...]]:
    """England, the nine regions, both parts of London and every authority of today, as the files have them."""
    text = (resources.files("transforms") / "seeds" / "authority.csv").read_text("utf-8")
    areas = [(f"E1200000{n}", name) for n, name in enumerate(REGIONS, 1)]
    areas += [("E13000001", "Inner London"), ("E13000002", "Outer London")]
    found = [NATIONAL, *(("Regional", *NATIONAL[1:3], code, name, "", "", "") for code, name in areas)]
    for row in csv.DictReader(text.splitlines()):
        if not row["valid_to"]:
            region = row["subregion_code"] or row["region_code"], row["subregion_name"] or row["region_name"]
            found.append(("Local authority", *NATIONAL[1:3], *region, row["la_code"], row["gss_code"], row["name"]))
    return found


def rows_of(made: DataSet, where: Iterable[Sequence[str]], seed: int = 1) -> list[list[str]]:
    """Rows of a data set: counts, shares and scores, some cells symbols, many values tied."""
    draw = random.Random(f"{made.name}{seed}")  # noqa: S311 - made-up values
    return [
        [year, made.identifier, *place, *items, *(_cell(name, draw) for name in made.values)]
        for year in made.years
        for place in where
        for items in made.items
    ]


def _cell(name: str, draw: random.Random) -> str:
    if draw.random() < 0.12:
        return draw.choice(sorted(SYMBOLS))
    if "p8" in name or "progress8" in name:
        return f"{draw.randint(-20, 8) / 10:.2f}"
    is_whole = not any(word in name.lower() for word in ("perc", "pt_", "avg", "average", "rate"))
    return str(draw.randint(0, 90)) if is_whole else f"{draw.randint(0, 1000) / 10:.1f}"
