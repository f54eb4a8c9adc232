"""Ofsted's lists of providers: one frame out of any of their layouts. All providers are made up."""

import os
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from transforms.errors import LayoutError
from transforms.returns.providers import PROVIDERS, read_providers
from transforms.spreadsheets import Sheet, read_sheets

LISTS = Path(os.environ.get("SAFEGUARDING_TEST_DATA", "../shared/data")) / "returns/ssda903/provider_lists"


def sheet(*rows):
    return Sheet("any name", [list(row) for row in rows])


def test_one_list_of_all_providers():
    found = read_providers(
        [
            sheet(
                ("Providers of this year",),
                (
                    "URN",
                    "Local Authority",
                    "Placement Code",
                    "Placement Provider Code",
                    "Deregistration Date",
                    "Setting Address Postcode",
                ),
                (1.0, "Arnor", "U1, U2/u3", "PR4", date(2025, 6, 1), "nd1 8ad"),
                ("sc2", "", "", "PR1,PR2", "-", ""),
                ("", "a line of notes", "", "", "", ""),
            )
        ]
    )
    assert found.schema == pl.Schema(PROVIDERS)
    assert found.rows() == [
        ("1", "Arnor", "U1,U2,U3", "PR4", date(2025, 6, 1), "ND18AD"),
        ("SC2", None, None, "PR1,PR2", None, None),
    ]


def test_homes_with_addresses_on_a_sheet_of_their_own_and_codes_the_other_way_round():
    found = read_providers(
        [
            sheet(("URN", "Setting Address Postcode"), ("SC1", "BN1 1AA")),
            sheet(
                ("URN", "Provider Code", "Provider Placement Code", "Closed Date"), ("SC1", "PR1", "K2", "01/06/2025")
            ),
        ]
    )
    assert found.rows() == [("SC1", None, "K2", "PR1", date(2025, 6, 1), "BN11AA")]


def test_supported_accommodation_is_listed_without_types_of_placement():
    headers = (
        "Provider local authority",
        "URN",
        "Closed date",
        "Placement provider code",
        "Setting category",
        "Setting address postcode",
    )
    found = read_providers([sheet(headers, ("Avalon", "ISL1", datetime(2025, 6, 1, 9), "PR5", "Cave", "SM0 0AA"))])
    assert found.rows() == [("ISL1", "Avalon", "H5,K3", "PR5", date(2025, 6, 1), "SM00AA")]


@pytest.mark.parametrize("rows", [[], [("URN", "Conditions"), ("1", "none")], [("Name",), ("x",)]])
def test_a_workbook_without_providers_is_refused(rows):
    with pytest.raises(LayoutError, match="expected Ofsted's list"):
        read_providers([sheet(*rows)])


@pytest.mark.skipif(not LISTS.is_dir(), reason="sample provider lists are not here")
@pytest.mark.parametrize(
    ("name", "urns", "with_codes"),
    [
        ("ch_fake.xlsx", 1, 1),
        ("scp_fake.xlsx", 2, 2),
        ("combined_scp_ch_fake.xlsx", 4, 4),
        ("scp_ch_2025_fake.xlsx", 2, 2),
        ("scpch_assisted.xlsx", 6, 6),
    ],
)
def test_every_layout_of_the_samples_reads(name, urns, with_codes):
    found = read_providers(read_sheets((LISTS / name).read_bytes()))
    assert found.height == urns
    assert found.get_column("PLACE_CODES").is_not_null().sum() == with_codes
    assert found.get_column("POSTCODE").is_not_null().all()
