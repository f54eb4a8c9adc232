"""The register: versions by day, names that contain names, and files that are not what they should be."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.authorities import Authority, Register, authority_key, load_register, recognise
from transforms.errors import ContractError

REGISTER = load_register()
HEADER = (
    "la_code,gss_code,name,authority_type,region_code,region_name,subregion_code,subregion_name,ofsted_region,"
    "ofsted_urn,valid_from,valid_to,opening_change,predecessor_la_codes,successor_la_codes,name_variants,is_made_up\n"
)


def real() -> list[Authority]:
    return [a for a in REGISTER.authorities if a.geographic_level == "authority"]


@pytest.mark.parametrize(
    ("day", "count"),
    [
        (date(2009, 4, 1), 152),
        (date(2019, 3, 31), 152),
        (date(2019, 4, 1), 151),
        (date(2021, 4, 1), 152),
        (date(2023, 4, 1), 153),
    ],
)
def test_authorities_in_force_by_day(day: date, count: int) -> None:
    assert sum(a.in_force(day) for a in real()) == count


def test_keys_are_unique_and_follow_code_and_first_day() -> None:
    keys = [a.authority_key for a in REGISTER.authorities]
    assert len(set(keys)) == len(keys)
    assert min(keys) > 0
    assert authority_key("202", date(1990, 1, 2)) == 20_200_001
    assert REGISTER.by_gss("E12000007").authority_key == 12_000_007  # type: ignore[union-attr]


def test_the_register_has_authorities_regions_and_england() -> None:
    levels = {a.geographic_level for a in REGISTER.authorities}
    assert levels == {"authority", "region", "country"}
    assert REGISTER.by_name("England").geographic_level == "country"  # type: ignore[union-attr]
    assert REGISTER.by_name("Inner London").gss_code == "E13000001"  # type: ignore[union-attr]
    assert sum(a.geographic_level == "region" for a in REGISTER.authorities) == 11


def test_predecessors_and_successors_are_known_and_mutual() -> None:
    by_code: dict[str, set[str]] = {}
    for authority in real():
        by_code.setdefault(authority.la_code or "", set()).update(s.split()[0] for s in authority.successors)
    for authority in real():
        for predecessor in authority.predecessors:
            code = predecessor.split()[0]
            if code.isdigit():
                assert (authority.la_code or "") in by_code[code], authority


@pytest.mark.parametrize(
    ("name", "day", "la_code", "gss_code"),
    [
        ("York", date(2020, 1, 1), "816", None),
        ("North Yorkshire", date(2020, 1, 1), "815", "E10000023"),
        ("North Yorkshire", date(2023, 7, 1), "815", "E06000065"),
        ("East Riding of Yorkshire", date(2020, 1, 1), "811", None),
        ("Derby", date(2020, 1, 1), "831", None),
        ("Derbyshire", date(2020, 1, 1), "830", None),
        ("Kingston upon Hull, City of", date(2020, 1, 1), "810", None),
        ("Hull City Council", date(2020, 1, 1), "810", None),
        ("Kingston Upon Thames", date(2020, 1, 1), "314", None),
        ("St Helens", date(2020, 1, 1), "342", None),
        ("St. Helen\u2019s Metropolitan Borough Council", date(2020, 1, 1), "342", None),
        ("Bedford Borough", date(2020, 1, 1), "822", None),
        ("Central Bedfordshire", date(2020, 1, 1), "823", None),
        ("Bedfordshire", date(2009, 2, 1), "820", None),
        ("Durham", date(2020, 1, 1), "840", "E06000047"),
        ("Windsor & Maidenhead", date(2020, 1, 1), "868", None),
        ("Southend-on-Sea", date(2020, 1, 1), "882", None),
        ("SouthendonSea Borough Council", date(2020, 1, 1), "882", None),
        ("Stockton-on -Tees", date(2020, 1, 1), "808", None),
        ("Dorset", date(2018, 1, 1), "835", None),
        ("Dorset", date(2020, 1, 1), "838", None),
        ("Bournemouth", date(2018, 1, 1), "837", None),
        ("Bournemouth, Christchurch and Poole", date(2020, 1, 1), "839", None),
        ("Northamptonshire", date(2020, 1, 1), "928", None),
        ("Cumbria", date(2020, 1, 1), "909", None),
        ("City of London Corporation", date(2020, 1, 1), "201", None),
        ("Isles of Scilly", date(2020, 1, 1), "420", None),
        ("Cornwall and Isles of Scilly", date(2009, 2, 1), "908", "E10000005"),
        ("North  Tyne side", date(2020, 1, 1), "392", None),
    ],
)
def test_names_on_a_day(name: str, day: date, la_code: str, gss_code: str | None) -> None:
    found = REGISTER.by_name(name, day)
    assert found is not None
    assert found.la_code == la_code
    assert gss_code in {None, found.gss_code}


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("Bournemouth", date(2020, 1, 1)),
        ("Cumbria", date(2023, 4, 1)),
        ("Northamptonshire", date(2021, 4, 1)),
        ("Cumberland", date(2023, 3, 31)),
        ("Dorset", None),
        ("Yorkshire", date(2020, 1, 1)),
        ("London Borough of", None),
        ("Kent and Medway Integrated Care Board", None),
        ("Newcastle-under-Lyme", None),
        ("", None),
        ("Yrok", None),
    ],
)
def test_names_that_are_nobodys_on_the_day(name: str, day: date | None) -> None:
    assert REGISTER.by_name(name, day) is None


def test_london_is_a_region_and_no_authority() -> None:
    found = REGISTER.by_name("London")
    assert found is not None
    assert (found.geographic_level, found.la_code) == ("region", None)


@pytest.mark.parametrize(
    ("phrase", "codes"),
    [
        ("Kingston upon Thames and Richmond upon Thames", [("314",), ("318",)]),
        ("North Northamptonshire and West Northamptonshire Councils", [("940",), ("941",)]),
        ("North and West Northamptonshire", [("940",), ("941",)]),
        ("East and West Sussex County Councils", [("845",), ("938",)]),
        ("Hampshire and Isle of Wight", [("850",), ("921",)]),
        (
            "Hammersmith and Fulham, Kensington and Chelsea, and Westminster",
            [("205",), ("207",), ("213",)],
        ),
        ("London Borough of Richmond upon Thames and Royal Borough of Kingston upon Thames", [("318",), ("314",)]),
        ("Cornwall and Isles of Scilly", [("908",), ("420",)]),
        ("Leicester, Leicestershire and Rutland", [("856",), ("855",), ("857",)]),
    ],
)
def test_phrases_that_name_several(phrase: str, codes: list[tuple[str, ...]]) -> None:
    read = REGISTER.read_names(phrase, date(2022, 1, 1))
    assert read is not None
    assert list(read.la_codes) == codes


STYLES = (
    "{}",
    "{} local authority",
    "{} Council",
    "{} City Council",
    "{} County Council",
    "{} Metropolitan Borough Council",
    "London Borough of {}",
    "Royal Borough of {}",
    "Metropolitan Borough of {}",
    "the {} Local Area Partnership",
    "{} Borough Council local authority children\u2019s services",
)


@given(st.sampled_from(real()), st.sampled_from(STYLES), st.integers(0, 3))
def test_every_authority_in_every_style(authority: Authority, style: str, spoiling: int) -> None:
    day = authority.valid_from
    name = authority.name.split(",")[0] if authority.name.endswith("of") else authority.name
    phrase = style.format(name)
    phrase = [phrase, phrase.upper(), phrase.replace("-", " -"), phrase.replace(" and ", " & ")][spoiling]
    read = REGISTER.read_names(phrase, day)
    assert read is not None, phrase
    assert len(read.la_codes) == 1, (phrase, read)
    found = [a for code in read.la_codes[0] if (a := REGISTER.by_la_code(code, day))]
    assert [a.la_code for a in found] == [authority.la_code], phrase


def test_codes_and_numbers() -> None:
    assert REGISTER.by_la_code("929", date(2010, 1, 1)).gss_code == "E06000048"  # type: ignore[union-attr]
    assert REGISTER.by_la_code("929", date(2013, 4, 1)).gss_code == "E06000057"  # type: ignore[union-attr]
    assert REGISTER.by_la_code("909", date(2024, 1, 1)) is None
    assert REGISTER.by_gss("E10000006").name == "Cumbria"  # type: ignore[union-attr]
    assert REGISTER.by_gss("E10000006", date(2024, 1, 1)) is None
    for authority in real():
        if authority.ofsted_urn:
            assert REGISTER.by_urn(authority.ofsted_urn, authority.valid_from) == authority
    assert {j.member_la_codes for j in REGISTER.joint_returns} >= {("314", "318"), ("940", "941")}


def made(tmp_path: Path, *rows: str, header: str = HEADER) -> Register:
    path = tmp_path / "more.csv"
    path.write_text(header + "\n".join(rows) + "\n", "utf-8")
    return load_register([path])


ROW = "990,X09900001,Brackenshire,County council,X1,North,,,,99001,2009-01-01,,,,,Bracken Unitary;Brackens,true"


def test_more_authorities_beside_the_real_ones(tmp_path: Path) -> None:
    more = made(tmp_path, ROW)
    found = more.by_name("Brackens", date(2020, 1, 1))
    assert found is not None
    assert (found.la_code, found.is_made_up) == ("990", True)
    assert more.version != REGISTER.version
    assert more.version == made(tmp_path, ROW).version
    assert REGISTER.by_name("Brackenshire") is None


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (ROW.replace("990,X", "99,X"), "line 2: la_code"),
        (ROW.replace("2009-01-01,,", "01/01/2009,,"), "valid_from"),
        (ROW.replace("2009-01-01,,", "2009-01-01,2008-01-01,"), "valid_to"),
        (ROW.replace("Brackenshire", ""), "name"),
        (ROW + "\n" + ROW.replace("2009-01-01", "2012-01-01"), "990: two versions"),
        (ROW.replace("990,", "816,").replace("2009-01-01", "2010-01-01"), "816: two versions"),
        (ROW.replace("990,", "816,"), "816 from 2009-01-01: found X09900001 Brackenshire, expected E06000014 .*York"),
    ],
)
def test_a_broken_register_says_where(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(ContractError, match=message):
        made(tmp_path, row)


def test_a_file_of_another_layout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="columns missing: .*valid_from"):
        made(tmp_path, "a,b", header="la_code,name\n")


def one_row(row: str) -> str:
    """A register with one row of code, name, first and last day."""
    code, name, first, last = row.split(",")
    return HEADER + f"{code},X09{code}001,{name},County council,X12900001,Made-up North,,,,,{first},{last},,,,,true\n"


def test_a_row_stands_in_place_of_the_register_s_own(tmp_path: Path) -> None:
    """An authority that ends, and the one that follows it, need no new version of this software."""
    old = next(a for a in real() if a.la_code == "936" and a.is_current)
    ended = tmp_path / "a.csv"
    ended.write_text(
        one_row(f"936,Surrey,{old.valid_from},2027-04-01").replace("X09936001", old.gss_code)
        + one_row("979,Madeupham,2027-04-01,").removeprefix(HEADER)
    )
    register = load_register([ended])
    assert [a.valid_to for a in register.authorities if a.la_code == "936"][-1] == date(2027, 4, 1)
    assert [a.name for a in register.authorities if a.la_code == "979"] == ["Madeupham"]
    assert len(register.authorities) == len(REGISTER.authorities) + 2  # the new one, and its made-up region


def test_two_files_may_repeat_but_not_contradict_each_other(tmp_path: Path) -> None:
    one, same, other = (tmp_path / f"{name}.csv" for name in ("one", "same", "other"))
    one.write_text(one_row("979,Madeupham,2027-04-01,"))
    same.write_text(one_row("979,Madeupham,2027-04-01,"))
    other.write_text(one_row("979,Elsewhere,2027-04-01,"))
    assert [a.name for a in load_register([one, same]).authorities if a.la_code == "979"] == ["Madeupham"]
    with pytest.raises(ContractError, match="979 from 2027-04-01: found otherwise than in .*, expected once"):
        load_register([one, other])


@pytest.mark.parametrize(
    ("data", "seen"),
    [
        (one_row("979,Madeupham,2027-04-01,").encode("utf-8-sig"), None),
        (HEADER.replace("valid_to,", "").encode(), "found no register of authorities: columns missing: valid_to"),
        (b"la_code,name\n201,City of London\n", "found no register of authorities"),
        (b"# Notes\n", "found no register of authorities"),
        (b"", "found no register of authorities"),
        (one_row("979,Ynys M\u00f4n,2027-04-01,").encode("cp1252"), "found no text in UTF-8"),
        (b"PK\x03\x04\xff\xfe", "found no text in UTF-8"),
    ],
)
def test_what_is_a_register(data: bytes, seen: str | None) -> None:
    assert recognise(data) == seen


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    path = tmp_path / "made up.csv"
    path.write_bytes(one_row("979,Ynys M\u00f4n,2027-04-01,").encode("cp1252"))
    with pytest.raises(ContractError, match="made up.csv: found bytes that are no UTF-8"):
        load_register([path])
