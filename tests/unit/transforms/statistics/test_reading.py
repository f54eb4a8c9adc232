"""Tidy tables of any make to observations: what is told from the table, and what is left out and named."""

from __future__ import annotations

import csv
import gzip
import io
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.statistics_files import (
    BOTH_NORTHAMPTONSHIRES,
    CAMDEN,
    HARTLEPOOL,
    NATIONAL,
    PLACES,
    SYMBOLS,
    TIME_AND_PLACE,
    plain,
    read,
    slow_reading,
    text_of,
    tidy,
    zipped,
)
from transforms.authorities import Register, load_register
from transforms.errors import ContractError, LayoutError, UnknownSourceError, UnreadableFileError
from transforms.shapes import OBSERVATION
from transforms.statistics.reading import recognise, recognise_tidy

COLUMNS = ("made_up_count", "made_up_percent")


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register()


def rules(found: object) -> list[str]:
    return [problem.code for problem in found.problems]  # type: ignore[attr-defined]


def test_plain_table_gives_one_row_a_value(tmp_path: Path, register: Register) -> None:
    found, frame = read(tidy(plain(), COLUMNS), tmp_path, register)
    assert dict(frame.schema) == dict(OBSERVATION.columns)
    assert frame.height == 2 * 2 * len(PLACES) == found.observations
    first = frame.filter(source_row=1, source_column="made_up_count").row(0, named=True)
    assert first | {
        "indicator_code": "made_up.made_up_count", "is_conformed": False, "unit": "count", "period_code": "2024",
        "period_kind": "financial_year", "period_start": date(2023, 4, 1), "period_end": date(2024, 3, 31),
        "geographic_level": "country", "la_code": None, "gss_code": "E92000001", "place_name": "England",
        "breakdown": "Total", "value": 20340.0, "value_status": "reported", "value_as_printed": "20340",
    } == first  # fmt: skip
    assert found.tables[0].unmapped == list(COLUMNS)
    assert found.tables[0].levels == {"authority": 6, "country": 2, "region": 6}
    assert frame.filter(la_code="940 / 941")["gss_code"].unique().to_list() == ["E06000061 / E06000062"]
    assert set(frame.filter(geographic_level="region")["gss_code"]) == {"E12000001", "E12000007", "E13000001"}
    assert rules(found) == ["year_assumed"]


@pytest.mark.parametrize("symbol", sorted(SYMBOLS))
def test_symbol_is_null_with_its_reason(symbol: str, tmp_path: Path, register: Register) -> None:
    rows = plain()
    rows[3][-2] = symbol
    rows[5][-1] = f" {symbol.upper()} "
    found, frame = read(tidy(rows, COLUMNS), tmp_path, register)
    hit = frame.filter(source_row=4, source_column="made_up_count").row(0, named=True)
    assert (hit["value"], hit["value_status"], hit["value_as_printed"]) == (None, SYMBOLS[symbol], symbol)
    other = frame.filter(source_row=6, source_column="made_up_percent").row(0, named=True)
    assert (other["value"], other["value_status"]) == (None, SYMBOLS[symbol])
    in_doubt = ["symbol_in_doubt"] if symbol == "-" else []
    assert frame["value"].null_count() == 2 and rules(found) == ["year_assumed", *in_doubt]


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        ("1,234", "thousands_separator"), ("45%", "unit_in_value"), ("£12", "unit_in_value"), ("q", "unknown_symbol"),
        ("nan", "unknown_symbol"), ("inf", "unknown_symbol"), ("NULL", "unknown_symbol"), ("0x1F", "unknown_symbol"),
        ("see note 3", "text_in_value"), ("12:13", "text_in_value"), ("1 234 567", "thousands_separator"),
    ],
)  # fmt: skip
def test_fault_in_a_cell_leaves_out_that_cell_only(cell: str, rule: str, tmp_path: Path, register: Register) -> None:
    rows = plain()
    rows[4][-2] = cell
    found, frame = read(tidy(rows, COLUMNS), tmp_path, register)
    problem = next(p for p in found.problems if p.code != "year_assumed")
    assert problem.code == rule and problem.place == "column made_up_count, row 5" and repr(cell) == problem.found
    assert frame.height == 2 * len(rows) - 1 and frame.filter(source_row=5).height == 1


def test_column_of_grouped_digits_is_rejected_not_taken_for_a_filter(tmp_path: Path, register: Register) -> None:
    rows = plain()
    for row in rows:
        row[-2] = "1,234"
    found, frame = read(tidy(rows, COLUMNS), tmp_path, register)
    assert found.tables[0].filters == [] and set(frame["source_column"]) == {"made_up_percent"}
    assert "thousands_separator" in rules(found)


def test_unknown_places_are_named_and_the_rest_loads(tmp_path: Path, register: Register) -> None:
    rows = plain()
    rows[4][7:10] = ["999", "E06999999", "Nowhere-on-Sea"]
    rows[11][7:10] = ["805", "E09000007", "Hartlepool"]
    rows[12][7:10] = ["202", "", "Hartlepool"]
    rows[0][3:5] = ["W92000004", "Wales"]
    rows[1][2] = "Ward"
    found, frame = read(tidy(rows, COLUMNS), tmp_path, register)
    said = {p.code: p.message for p in found.problems}
    assert "Nowhere-on-Sea" in next(p.message for p in found.problems if "Nowhere" in p.message)
    assert "Wales" in next(p.message for p in found.problems if "Wales" in p.message)
    assert "Ward" in said["level_not_kept"] and rules(found).count("place_disagrees") == 2
    assert sorted(set(frame["source_row"])) == [n for n in range(1, 15) if n not in (1, 2, 5, 12, 13)]


def test_authority_by_code_gss_or_name_alone(tmp_path: Path, register: Register) -> None:
    rows = plain(periods=["2025"])
    rows[4][8:10] = ["", ""]
    rows[5][7:10] = ["", "E09000007", ""]
    rows[6][8:10] = ["", ""]
    found, frame = read(tidy(rows, COLUMNS), tmp_path, register)
    codes = (
        frame.filter(geographic_level="authority")
        .select("source_row", "la_code", "gss_code")
        .unique()
        .sort("source_row")
    )
    assert codes.rows() == [(5, "805", "E06000001"), (6, "202", "E09000007"), (7, "940 / 941", "E06000061 / E06000062")]


def test_filters_become_the_breakdown(tmp_path: Path, register: Register) -> None:
    rows = [
        ["2024", "Calendar year", *place, sex, age, 5]
        for place in PLACES for sex in ("Total", "Girls") for age in ("Total", "16", "17")
    ]  # fmt: skip
    found, frame = read(tidy(rows, ("sex", "age", "number")), tmp_path, register)
    assert found.tables[0].filters == ["sex", "age"]
    assert set(frame["breakdown"]) == {
        "Total",
        "age=16",
        "age=17",
        "sex=Girls",
        "age=16 | sex=Girls",
        "age=17 | sex=Girls",
    }
    assert set(frame["period_kind"]) == {"calendar_year"}


def test_filter_of_numbers_is_told_by_rows_that_would_repeat(tmp_path: Path, register: Register) -> None:
    rows = [
        ["2024", "Reporting year", *place, age, 1000 + age * n]
        for n, place in enumerate(PLACES)
        for age in (16, 17, 18)
    ]
    found, frame = read(tidy(rows, ("age", "number")), tmp_path, register)
    assert found.tables[0].filters == ["age"] and set(frame["breakdown"]) == {"age=16", "age=17", "age=18"}


def test_metadata_decides_and_names(tmp_path: Path, register: Register) -> None:
    meta = text_of(
        ("col_name", "col_type", "label", "indicator_grouping", "indicator_unit", "indicator_dp", "filter_hint",
         "filter_grouping_column"),
        [
            ("ward_type", "Filter", "Type", "", "", "", "", "ward_group"),
            ("share", "Indicator", "Share of made-up children", "", "%", 1, "", ""),
        ],
    ).encode()  # fmt: skip
    assert "metadata" in str(recognise(meta))
    rows = [["2024", "Reporting year", *p, "A", kind, "12.5"] for p in PLACES for kind in (1, 2)]
    data = tidy(rows, ("ward_group", "ward_type", "share"))
    found, frame = read(data, tmp_path, register, meta=meta)
    assert found.tables[0].classified_by == "metadata" and found.tables[0].filters == ["ward_group", "ward_type"]
    assert set(frame["indicator_name"]) == {"Share of made-up children"} and set(frame["unit"]) == {"percent"}
    assert set(frame["breakdown"]) == {"ward_group=A | ward_type=1", "ward_group=A | ward_type=2"}


def test_archive_of_a_release(tmp_path: Path, register: Register) -> None:
    meta = b"col_name,col_type,label,indicator_unit\nmade_up_count,Indicator,A made-up count,\n"
    meta += b"made_up_percent,Indicator,P,%\n"
    guidance = b"Made-up statistics\nReporting year 2025\nPublished 14 November 2024\n"
    data = zipped(
        {
            "data/made_up_one_2013_to_2025.csv": tidy(plain(), COLUMNS),
            "metadata/made_up_one_2013_to_2025.meta.csv": meta,
            "data/other.csv": b"\xef\xbb\xbf" + tidy(plain(["2023"]), COLUMNS),
            "data/notes.csv": b"a,b\n1,2\n",
            "data/broken.csv": b"time_period,geographic_level\n\x00\x00",
            "data-guidance/data-guidance.txt": guidance,
            "supporting-files/chart.png": b"png",
        }
    )
    assert recognise(data) is None
    found, frame = read(data, tmp_path, register, "release.zip")
    assert found.published_date == date(2024, 11, 14)
    assert [(t.name, t.classified_by) for t in found.tables] == [
        ("data/made_up_one_2013_to_2025.csv", "metadata"), ("data/other.csv", "content"),
    ]  # fmt: skip
    assert set(frame["indicator_code"]) == {f"{f}.{c}" for f in ("made_up_one", "other") for c in COLUMNS}
    assert frame.select(OBSERVATION.key).is_duplicated().any() is False
    assert {"table_not_read", "not_read"} <= set(rules(found))
    for name in ("data/notes.csv", "data/broken.csv", "chart.png"):
        assert any(name in p.message for p in found.problems)


def test_a_table_sent_as_gzip_is_that_table(tmp_path: Path, register: Register) -> None:
    data = tidy(plain(), ("made_up_count", "made_up_percent"))
    packed = gzip.compress(data)
    assert recognise(packed) is None and recognise_tidy(packed) is None
    _, wanted = read(data, tmp_path, register)
    _, found = read(packed, tmp_path, register, name="made_up_2013_to_2025.csv.gz")
    assert found.drop("sha256").equals(wanted.drop("sha256"))
    with pytest.raises(UnreadableFileError, match="breaks off"):
        read(packed[:-20], tmp_path, register)
    assert "gzip of an archive" in (recognise(gzip.compress(zipped({"a.csv": data}))) or "")
    assert "gzip of an archive" in (recognise(gzip.compress(packed)) or "")
    assert "no table of statistics" in (recognise(gzip.compress(b"some,words\n1,2\n")) or "")


def test_archives_that_cannot_be_read(tmp_path: Path, register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = zipped({"data/one.csv": tidy(plain(), COLUMNS) * 50})
    with pytest.raises(UnreadableFileError):
        read(whole[: len(whole) // 2], tmp_path, register)
    with pytest.raises(UnknownSourceError):
        read(zipped({"data/one.csv": b"a,b\n1,2\n"}), tmp_path, register)
    monkeypatch.setattr("transforms.statistics.releases.MOST_UNPACKED", 10_000)
    with pytest.raises(UnreadableFileError, match="10,000"):
        read(whole, tmp_path, register)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_a_table_in_any_encoding_gives_the_same_breakdown(encoding: str, tmp_path: Path, register: Register) -> None:
    rows = [["2024", "Reporting year", *place, "Café – total", 7] for place in PLACES]
    data = tidy(rows, ("where", "number")).decode().encode(encoding)
    assert recognise(data) is None
    found, frame = read(data, tmp_path, register)
    assert set(frame["breakdown"]) == {"where=Café - total"}  # forms of dashes are one
    assert ("wrong_encoding" in rules(found)) == (encoding != "utf-8-sig")


@pytest.mark.parametrize(
    "change", [lambda d: d.replace(b"\n", b"\r\n"), lambda d: d.replace(b"\n", b"\r"), lambda d: d.rstrip()]
)
def test_any_line_ends_give_the_same_rows(change: object, tmp_path: Path, register: Register) -> None:
    data = change(tidy(plain(), COLUMNS))  # type: ignore[operator]
    assert recognise(data) is None
    assert read(data, tmp_path, register)[1].height == 4 * len(PLACES)


def test_column_order_and_spelling_do_not_matter(tmp_path: Path, register: Register) -> None:
    expected = read(tidy(plain(), COLUMNS), tmp_path, register)[1]
    header = [*TIME_AND_PLACE, *COLUMNS]
    order = [11, 9, 8, 7, 2, 0, 1, 10, 3, 4, 5, 6]
    printed = [header[i].replace("_", " ").title() if i < 10 else header[i] for i in order]
    data = text_of(printed, [[row[i] for i in order] for row in plain()]).encode()
    assert recognise(data) is None
    frame = read(data, tmp_path, register)[1]
    drop = ["sha256"]
    by = ["source_row", "source_column"]
    assert frame.drop(drop).sort(by).equals(expected.drop(drop).sort(by))


def test_lines_that_do_not_fit_are_named(tmp_path: Path, register: Register) -> None:
    lines = tidy(plain(), COLUMNS).decode().splitlines()
    lines[3] += ",extra"
    lines[5] = lines[5].rsplit(",", 1)[0]
    lines[7] = lines[7].replace("2024", '"2024', 1)
    lines.insert(9, "")
    data = "\n".join(["Made-up statistics, all rights reversed", "", *lines]).encode()
    assert recognise(data) is None
    found, frame = read(data, tmp_path, register)
    assert sorted(set(frame["source_row"])) == [1, 2, 4, 6, 8, *range(10, 16)]
    assert sorted(p.place for p in found.problems if p.code == "ragged_row") == ["row 7", "rows 3, 5"]
    assert "lines_above_header" in rules(found)


def test_a_row_parted_by_a_line_end_in_a_quoted_cell_is_one(tmp_path: Path, register: Register) -> None:
    rows = [["2024", "Reporting year", *place, "a, b\nc\nd", n] for n, place in enumerate(PLACES)]
    found, frame = read(tidy(rows, ("kind", "number")), tmp_path, register)
    assert frame["value"].to_list() == list(range(len(PLACES))) and rules(found) == ["year_assumed"]
    assert set(frame["breakdown"]) == {"kind=a, b c d"} and found.tables[0].row_count == len(PLACES)
    assert frame["source_row"].to_list() == [1 + 3 * n for n in range(len(PLACES))]


def test_lines_with_a_stray_quote_are_not_put_together(tmp_path: Path, register: Register) -> None:
    lines = tidy(plain(), COLUMNS).decode().splitlines()
    lines[5] = lines[5].replace("Hartlepool", '"Hartlepool')
    lines[6] = lines[6].replace("Camden", '"Camden')
    found, frame = read("\n".join(lines).encode(), tmp_path, register)
    assert not {5, 6} & set(frame["source_row"]) and frame.height == 2 * (2 * len(PLACES) - 2)
    assert [p.place for p in found.problems if p.code == "ragged_row"] == ["rows 5, 6"]


@pytest.mark.parametrize("blank", ['"{}" ', '"{}"\t', ' "{}"', '   "{}" '])
def test_blanks_beside_quotes_lose_no_row(blank: str, tmp_path: Path, register: Register) -> None:
    """One such cell must not refuse the table, nor shift anything."""
    _, expected = read(tidy(plain(), COLUMNS), tmp_path, register)
    lines = tidy(plain(), COLUMNS).decode().splitlines()
    first, _, rest = lines[3].partition(",")
    lines[3] = f"{blank.format(first)},{rest}"
    found, frame = read("\n".join(lines).encode(), tmp_path, register)
    drop = ("sha256", "value_as_printed")
    assert frame.drop(drop).equals(expected.drop(drop)) and rules(found) == ["year_assumed"]


def test_quotes_within_cells_leave_out_their_row_only(tmp_path: Path, register: Register) -> None:
    lines = tidy(plain(), COLUMNS).decode().splitlines()
    lines[3] = lines[3].replace("London,", 'Lon"don, or "so,', 1)
    lines[5] = lines[5].replace("2024,", '"2024" ,', 1)
    found, frame = read("\n".join(lines).encode(), tmp_path, register)
    assert set(frame["source_row"]) == set(range(1, 15)) - {3}
    assert [p.message for p in found.problems if p.code == "ragged_row"] == [
        "row 3: found quotes within cells, expected 12 cells as in the header"
    ]


def test_second_header_row_and_nameless_columns(tmp_path: Path, register: Register) -> None:
    rows = [[""] * 10 + ["number", "per cent", ""], *([*row, "9"] for row in plain())]
    found, frame = read(tidy(rows, (*COLUMNS, "")), tmp_path, register)
    assert {"unnamed_column", "not_a_period"} <= set(rules(found))
    assert set(frame["source_column"]) == set(COLUMNS) and frame.height == 4 * len(PLACES)
    found, frame = read(tidy([[*r, r[-1]] for r in plain()], (*COLUMNS, COLUMNS[1])), tmp_path, register)
    assert "unnamed_column" in rules(found) and frame.height == 4 * len(PLACES)


def test_repeated_rows_once_and_contradicting_rows_not_at_all(tmp_path: Path, register: Register) -> None:
    rows = plain()
    changed = [*rows[1][:-1], "99"]
    found, frame = read(tidy([*rows, rows[0], rows[0], changed], COLUMNS), tmp_path, register)
    said = {p.code: p.place for p in found.problems}
    assert said["duplicate_row"] == "rows 15, 16" and said["conflicting_rows"] == "rows 2, 17"
    assert sorted(set(frame["source_row"])) == [1, *range(3, 15)]


@pytest.mark.parametrize("missing", ["time_period", "geographic_level"])
def test_missing_key_column_refuses_the_table(missing: str, tmp_path: Path, register: Register) -> None:
    at = TIME_AND_PLACE.index(missing)
    head = [name for name in TIME_AND_PLACE if name != missing]
    data = tidy([[c for i, c in enumerate(row) if i != at] for row in plain()], COLUMNS, head)
    assert recognise(data) is None
    with pytest.raises(LayoutError, match=missing):
        read(data, tmp_path, register)


def test_what_is_no_statistics() -> None:
    for data in (
        b"",
        b"a,b\n1,2\n",
        b"%PDF-1.7",
        b"\x00\x01\x02\x03\x04\x00",
        zipped({"a.txt": b"x"}),
        b"time_period\n2024\n",
    ):
        assert isinstance(recognise(data), str)


def test_no_values_at_all(tmp_path: Path, register: Register) -> None:
    with pytest.raises(ContractError, match="found 0 rows and no value"):
        read(tidy([], COLUMNS), tmp_path, register)
    with pytest.raises(LayoutError, match="no column of values"):
        read(tidy([["2024", "Reporting year", *NATIONAL, "A"]], ("kind",)), tmp_path, register)


@pytest.mark.parametrize(
    ("head", "value", "why"),
    [
        (["2024", "31 March", *NATIONAL], 5, "'2024' 31 March, expected a period"),
        (["2024", "Reporting year", "Ward", *NATIONAL[1:]], 5, "Ward"),
        (["2024", "Reporting year", *NATIONAL], "1,234", "'1,234', expected a plain number"),
    ],
)
def test_a_file_of_which_nothing_is_kept_is_refused_with_the_reason(
    head: list[str], value: object, why: str, tmp_path: Path, register: Register
) -> None:
    """Taken for loaded, it would hide that an indicator has no values."""
    rows = [[*head, value, value]]
    with pytest.raises(ContractError, match="found 1 rows and no value") as refused:
        read(tidy(rows, ("made_up_count", "made_up_percent")), tmp_path, register)
    assert why in str(refused.value)


def test_slices_give_what_the_whole_gives(tmp_path: Path, register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read(tidy(plain(), COLUMNS), tmp_path, register)[1]
    monkeypatch.setattr("transforms.statistics.reading._SLICE", 4)
    parts = read(tidy(plain(), COLUMNS), tmp_path, register)[1]
    by = ["source_row", "source_column"]
    assert parts.sort(by).equals(whole.sort(by))


CELLS = st.one_of(
    st.integers(-1000, 10**9).map(str), st.floats(-1e6, 1e6).map(lambda x: f"{x:.4f}"), st.sampled_from(sorted(SYMBOLS))
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.data(),
    periods=st.lists(st.integers(2000, 2030).map(str), min_size=1, max_size=3, unique=True),
    places=st.lists(st.sampled_from([NATIONAL, HARTLEPOOL, CAMDEN, BOTH_NORTHAMPTONSHIRES]), min_size=1, unique=True),
    items=st.lists(
        st.text("abc,\" é'|=", min_size=1, max_size=6).map(lambda t: f"i{t.strip()}"),
        min_size=1,
        max_size=3,
        unique_by=lambda item: " ".join(item.split()),
    ),
    order=st.permutations(range(13)),
)
def test_agrees_with_a_slow_reading(
    data: st.DataObject, periods: list[str], places: list[tuple[str, ...]], items: list[str], order: list[int],
    tmp_path: Path, register: Register,
) -> None:  # fmt: skip
    """Whatever the columns' order, symbols, commas and quotes: the values of a row-by-row reading in place."""
    names = [*TIME_AND_PLACE, "kind", "n_one", "n_two"]
    rows = [
        [period, "Reporting year", *place, item, data.draw(CELLS), data.draw(CELLS)]
        for period in periods for place in places for item in items
    ]  # fmt: skip
    # The rule tells a column of values by its numbers: it must have some.
    rows.append(["1999", "Reporting year", *NATIONAL, items[0], "1.5", "2.5"])
    content = text_of([names[i] for i in order], [[row[i] for i in order] for row in rows]).encode()
    found, frame = read(content, tmp_path, register)
    statuses, total, cells = slow_reading(content, ["n_one", "n_two"])
    assert found.tables[0].by_status == dict(statuses)
    assert frame["value"].sum() == pytest.approx(total)
    printed = {(r, c): v for r, c, v in frame.select("source_row", "source_column", "value_as_printed").iter_rows()}
    assert printed == cells
    kinds = [" ".join(row["kind"].split()) for row in csv.DictReader(io.StringIO(content.decode()))]
    assert all(
        breakdown == f"kind={kinds[row - 1]}" for row, breakdown in frame.select("source_row", "breakdown").iter_rows()
    )


def test_one_period_printed_in_two_ways_is_one(tmp_path: Path, register: Register) -> None:
    again = [["202425" if row[0] == "2025" else row[0], *row[1:]] for row in plain()]
    found, frame = read(tidy([*plain(), *again], COLUMNS), tmp_path, register)
    assert "duplicate_row" in rules(found) and frame.height == 4 * len(PLACES)
    assert found.tables[0].periods == ["2024", "2025"]


def test_a_name_of_two_authorities_is_told_by_the_day(tmp_path: Path, register: Register) -> None:
    dorset = ("Local authority", "E92000001", "England", "", "", "", "", "Dorset")
    rows = [[year, "Reporting year", *dorset, 5, 1] for year in ("2018", "2024")]
    found, frame = read(tidy(rows, COLUMNS), tmp_path, register)
    codes = frame.select("period_code", "la_code").unique().sort("period_code").rows()
    assert codes == [("2018", "835"), ("2024", "838")] and rules(found) == ["year_assumed"]
