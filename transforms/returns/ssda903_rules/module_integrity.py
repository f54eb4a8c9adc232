"""Checks that every module speaks of the same children: each in the header, born on one day, where due once only."""

from __future__ import annotations

import polars as pl

from transforms.returns.model import ReturnData
from transforms.returns.rule import Found, Rule, rule
from transforms.returns.ssda903_rules.module_frames import children_with_episodes, known, of_others

# The department gives these checks no numbers; UASC and social worker episodes are not among them here.
_NOT_IN_HEADER = (
    ("INT01", "AD1"),
    ("INT02", "PlacedAdoption"),
    ("INT04", "Missing"),
    ("INT05", "OC2"),
    ("INT06", "OC3"),
    ("INT07", "PrevPerm"),
    ("INT08", "Reviews"),
)
_BORN_ANOTHER_DAY = (
    ("INT11", "AD1"),
    ("INT12", "PlacedAdoption"),
    ("INT13", "Missing"),
    ("INT14", "OC2"),
    ("INT15", "OC3"),
    ("INT16", "PrevPerm"),
    ("INT17", "Reviews"),
)
_ONCE_ONLY = (("INT31", "AD1"), ("INT33", "OC2"), ("INT34", "OC3"), ("INT35", "PrevPerm"))


def _not_in_header(code: str, table: str) -> Rule:
    def find(data: ReturnData) -> Found:
        return {table: of_others(data[table], data["Header"])}

    return Rule(code, f"The child in {table} is not in Header", ("CHILD",), (table, "Header"), find)


def _born_another_day(code: str, table: str) -> Rule:
    def find(data: ReturnData) -> Found:
        born = data["Header"].select("CHILD", pl.col("DOB").alias("born"))
        return {table: data[table].join(born, on="CHILD").filter(pl.col("DOB") != pl.col("born"))}

    return Rule(code, f"DOB in {table} is not that in Header", ("DOB",), (table, "Header"), find)


def _once_only(code: str, table: str) -> Rule:
    def find(data: ReturnData) -> Found:
        return {table: data[table].filter(pl.col("CHILD").is_not_null() & pl.col("CHILD").is_duplicated())}

    return Rule(code, f"The child is in {table} more than once", ("CHILD",), (table,), find)


@rule("EPI", "The child has neither an episode nor care leaver details", ["Header", "Episodes", "OC3"], ["CHILD"])
def _no_episodes(data: ReturnData) -> Found:
    # Asks for episodes to be loaded, so a table that was not given is one without this child.
    found = data["Header"]
    if "Episodes" in data:
        found = of_others(found, children_with_episodes(data))
    return {"Header": of_others(found, data["OC3"]) if "OC3" in data else found}


RULES = known(
    (
        *(_not_in_header(code, table) for code, table in _NOT_IN_HEADER),
        *(_born_another_day(code, table) for code, table in _BORN_ANOTHER_DAY),
        *(_once_only(code, table) for code, table in _ONCE_ONLY),
        _no_episodes,
    )
)
