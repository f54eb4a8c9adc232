"""Frames that many rules of the return share: made once, held by the submission, never changed.

A column `<name>_given` says whether the file has any text there: a date that does not read is given,
though its typed value is missing. An episode without a readable start comes after the others of its child.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache

import polars as pl

from transforms.authorities import Register, load_register
from transforms.returns import postcodes
from transforms.returns.calendar import years_between
from transforms.returns.model import CHILDREN, ROW, MissingInput, ReturnData
from transforms.returns.rule import Found, Rule
from transforms.returns.ssda903_rules.conditions import NO_URN, is_not, is_yes

Frame = Callable[[ReturnData], pl.LazyFrame]

FIRST_YEAR = 2023  # the first collection whose rules are known
HEADER_ROW = "header_row"
LAST = "_last"
PLACED = ("PL_LA", "PL_LOCATION", "PL_DISTANCE")

_MAY_NOT_READ = ("DECOM", "DEC", "DOB", "MC_DOB", "MOTHER", "DUC", "HOME_POST", "PL_POST")
_ABOUT_PROVIDERS = (ROW, "CHILD", "DECOM", "DEC", "DEC_given", "LS", "PLACE", "PLACE_PROVIDER", "PL_POST", "URN")
_FOLLOWS_FROM = {
    "age_at_start": "column DOB or DECOM",
    "age_at_end": "column DOB or DEC",
    "PL_LOCATION": "the code of the authority",
}
_WITH_HEADER = (ROW, "CHILD", "DECOM", "DEC", "DEC_given", "LS", "PLACE", "REC", "RNE", "REASON_PLACE_CHANGE")
_ACROSS_YEARS = (ROW, "CHILD", "DEC_given", "RNE", "LS", "CIN", "PLACE", "PLACE_PROVIDER", "URN")
_POSTS = ("HOME_POST", "PL_POST")
_METRES_A_MILE = 1609.3
_DAYS = 2**24  # more than there are between the first and the last date
_OUTSIDE_ENGLAND = r"^(?:CON|NUK|[NWS])"


def on(
    frame: Frame,
    code: str,
    message: str,
    tables: tuple[str, ...],
    fields: tuple[str, ...],
    condition: pl.Expr | Callable[[ReturnData], pl.Expr],
    cites: Mapping[str, str] | None = None,
    **more: object,
) -> Rule:
    """Declare a rule on the rows of a shared frame.

    Args:
        frame: of this module.
        code: as of `Rule`.
        message: as of `Rule`.
        tables: those it reads; rows of the first are cited.
        fields: as of `Rule`.
        condition: true of a row that breaks it; a function where it depends on the submission.
        cites: column of row numbers for each table cited, where that is not the first table alone.
        more: further attributes of `Rule`.
    """
    cited = cites or {tables[0]: ROW}

    def find(data: ReturnData) -> Found:
        broken = condition if isinstance(condition, pl.Expr) else condition(data)
        shared = frame(data)
        _require(shared, broken)
        rows = shared.filter(broken)
        return {table: rows.select(pl.col(column).alias(ROW)).drop_nulls() for table, column in cited.items()}

    return Rule(code, message, fields, tables, find, **{"since": FIRST_YEAR, **more})  # type: ignore[arg-type]


def _require(frame: pl.LazyFrame, condition: pl.Expr) -> None:
    """Name a missing column as the file would have it, not as this module calls what follows from it."""
    held = set(frame.collect_schema())
    for name in condition.meta.root_names():
        if name not in held:
            column = name.removesuffix(LAST).removesuffix("_given")
            raise MissingInput(_FOLLOWS_FROM.get(column, f"column {column}"))


def rows_of(table: str) -> Frame:
    """Return a table as it is."""
    return lambda data: data[table]


def given(table: str) -> Frame:
    """Return a table with, beside each column that may not read, whether anything was given in it."""

    def make(data: ReturnData) -> pl.LazyFrame:
        typed, raw = data[table].collect(), data.raw.get(table)
        flags = [
            (raw[name] if raw is not None and name in raw.columns else typed[name]).is_not_null().alias(f"{name}_given")
            for name in _MAY_NOT_READ
            if name in typed.columns
        ]
        return typed.with_columns(flags).lazy()

    return lambda data: data.derived(f"given {table}", make)


def in_order(data: ReturnData) -> pl.LazyFrame:
    """Return the episodes by child and start, with `has_previous` and `has_next` of the same child."""
    return data.derived("episodes in order", _in_order)


def _in_order(data: ReturnData) -> pl.LazyFrame:
    episodes = given("Episodes")(data).drop(
        "HOME_POST", "HOME_POST_given", "PL_POST_given", "DECOM_given", strict=False
    )
    return _marked(_sorted(episodes, ("CHILD", "DECOM")))


def in_order_by_end(data: ReturnData) -> pl.LazyFrame:
    """Return what says how episodes follow each other, in order as `in_order` does, on one day by their end."""

    def make(data: ReturnData) -> pl.LazyFrame:
        episodes = _held(in_order(data), (ROW, "CHILD", "DECOM", "DEC", "DEC_given", "RNE", "REC"))
        return _marked(episodes.pipe(_sorted, ("DEC",)).pipe(_sorted))

    return data.derived("episodes in order by end", make)


def in_order_undated_first(data: ReturnData) -> pl.LazyFrame:
    """Return the episodes as `in_order` does, but those without a readable start before the others."""

    def make(data: ReturnData) -> pl.LazyFrame:
        episodes = in_order(data)
        if episodes.select(pl.col("DECOM").null_count()).collect().item() == 0:
            return episodes
        return _marked(_sorted(episodes, nulls_last=False))

    return data.derived("episodes in order, undated first", make)


def _sorted(
    episodes: pl.LazyFrame, keys: tuple[str, ...] = ("CHILD", "DECOM"), *, nulls_last: bool = True
) -> pl.LazyFrame:
    """Sort, leaving those of one key as they stand."""
    schema = episodes.collect_schema()
    if (
        keys == ("CHILD", "DECOM")
        and schema.get("CHILD") == pl.Categorical(CHILDREN)
        and schema.get("DECOM") == pl.Date
    ):
        return episodes.sort(_one_key(nulls_last=nulls_last), nulls_last=True, maintain_order=True)
    return episodes.sort(*keys, nulls_last=nulls_last, maintain_order=True)


def _one_key(*, nulls_last: bool) -> pl.Expr:
    """Return child and start as one number, which sorts many times faster than two columns."""
    start = pl.col("DECOM").to_physical().cast(pl.Int64)
    undated = _DAYS - 1 if nulls_last else 0
    return pl.col("CHILD").to_physical().cast(pl.Int64) * _DAYS + (start + _DAYS // 2).fill_null(undated)


def _marked(episodes: pl.LazyFrame) -> pl.LazyFrame:
    child = pl.col("CHILD")
    return episodes.with_columns(
        (child == child.shift(1)).fill_null(False).alias("has_previous"),
        (child == child.shift(-1)).fill_null(False).alias("has_next"),
    )


def before(column: str) -> pl.Expr:
    """Return a value of the row before, in a frame in order; of the same child only where `has_previous`."""
    return pl.col(column).shift(1)


def after(column: str) -> pl.Expr:
    """Return a value of the row after, in a frame in order; of the same child only where `has_next`."""
    return pl.col(column).shift(-1)


def first_episodes(data: ReturnData) -> pl.LazyFrame:
    """Return the episode of each child that starts first, among those whose start reads."""
    dated = pl.col("CHILD").is_not_null() & pl.col("DECOM").is_not_null()
    return in_order(data).filter(dated & ~pl.col("has_previous"))


def last_episodes(data: ReturnData) -> pl.LazyFrame:
    """Return the episode of each child that starts last; of several on one day the first in the file."""
    return data.derived("last episodes", _last_episodes)


def _last_episodes(data: ReturnData) -> pl.LazyFrame:
    dated = in_order(data).filter(pl.col("CHILD").is_not_null() & pl.col("DECOM").is_not_null())
    repeated = pl.col("has_previous") & (before("DECOM") == pl.col("DECOM"))
    return _marked(dated.filter(~repeated.fill_null(False))).filter(~pl.col("has_next"))


def across_years(data: ReturnData) -> pl.LazyFrame:
    """Return each child's first episode of this year beside the last of the year before (`..._last`)."""
    return data.derived("episodes across years", _across_years)


def _across_years(data: ReturnData) -> pl.LazyFrame:
    then = _of_last_year(_held(last_episodes(data.last), _ACROSS_YEARS))
    return _held(first_episodes(data), _ACROSS_YEARS).join(then, on="CHILD")


def _of_last_year(frame: pl.LazyFrame) -> pl.LazyFrame:
    return frame.rename({name: f"{name}{LAST}" for name in frame.collect_schema() if name != "CHILD"})


def placed_across_years(data: ReturnData) -> pl.LazyFrame:
    """Return `across_years` with where the child was placed, in both years."""

    def make(data: ReturnData) -> pl.LazyFrame:
        now, then = _placed_columns(data), _of_last_year(_placed_columns(_of_one_authority(data)))
        told = (ROW, f"{ROW}{LAST}", "RNE", f"RNE{LAST}", f"DEC_given{LAST}")
        episodes = _held(across_years(data), told)
        return episodes.join(now, on=ROW, how="left").join(then, on=f"{ROW}{LAST}", how="left")

    return data.derived("episodes across years, placed", make)


def _of_one_authority(data: ReturnData) -> ReturnData:
    """Return last year's submission as one of this year's authority, where it does not say whose it is."""
    last = data.last
    return last if last.la_code is not None else replace(last, la_code=data.la_code)  # what is derived stays shared


def _placed_columns(data: ReturnData) -> pl.LazyFrame:
    return _held(placed(data), (ROW, *PLACED))


def with_header(data: ReturnData) -> pl.LazyFrame:
    """Return the episodes beside what the header says of the child, and its age: `age_at_start`, `age_at_end`.

    `header_row` is the row of the header.
    """
    return data.derived("episodes with header", _with_header)


def _with_header(data: ReturnData) -> pl.LazyFrame:
    header = _held(given("Header")(data).rename({ROW: HEADER_ROW}), ("CHILD", *_HEADER_COLUMNS, HEADER_ROW))
    episodes = _held(given("Episodes")(data), _WITH_HEADER).collect()
    beside = episodes.lazy().select(ROW, "CHILD").join(header, on="CHILD", how="left", maintain_order="left")
    found = beside.collect()
    if found.height == episodes.height:  # as it is unless a child is in the header twice
        joined = episodes.lazy().with_columns(found.drop(ROW, "CHILD"))
    else:
        joined = found.lazy().join(episodes.lazy().drop("CHILD"), on=ROW, how="left", maintain_order="left")
    return joined.with_columns(_ages(episodes.columns, found.columns))


def _held(frame: pl.LazyFrame, columns: tuple[str, ...]) -> pl.LazyFrame:
    """Select those columns that are there."""
    there = set(frame.collect_schema())
    return frame.select([name for name in columns if name in there])


def _ages(episodes: list[str], header: list[str]) -> list[pl.Expr]:
    """Return completed years at the start and at the end of an episode, as far as the columns are there."""
    if "DOB" not in header:
        return []
    ends = {"DECOM": "age_at_start", "DEC": "age_at_end"}
    return [years_between(pl.col("DOB"), pl.col(day)).alias(name) for day, name in ends.items() if day in episodes]


_HEADER_COLUMNS = ("DOB", "SEX", "UPN", "MOTHER", "MC_DOB", "MOTHER_given", "MC_DOB_given")


def header_across_years(data: ReturnData) -> pl.LazyFrame:
    """Return each row of the header beside that of the same child in the year before (`..._last`)."""

    def make(data: ReturnData) -> pl.LazyFrame:
        return given("Header")(data).join(_of_last_year(given("Header")(data.last)), on="CHILD")

    return data.derived("header across years", make)


def asylum_seekers(data: ReturnData) -> pl.LazyFrame | None:
    """Return, of one year, who is an unaccompanied asylum-seeking child: CHILD and `is_uasc`.

    The header says it in the XML form; of CSV files the module tells, by having a row with anything in it.
    None where neither is there. Today's tool puts what the module tells beside the wrong children as
    soon as one of them stands in header or module twice.
    """
    if "Header" in data and "UASC" in data["Header"].collect_schema():
        return data["Header"].select("CHILD", is_yes("UASC").alias("is_uasc"))
    if "UASC" not in data:
        return None
    rows = data.raw.get("UASC", data.typed["UASC"])
    told = [name for name in rows.columns if name not in ("CHILD", ROW, "file_number", "line_number")]
    filled = rows.select(pl.any_horizontal(pl.col(told).is_not_null()).alias("is_uasc")) if told else None
    module = data["UASC"].collect().select("CHILD")
    return module.with_columns(filled["is_uasc"] if filled is not None else pl.lit(False).alias("is_uasc")).lazy()


def once_asylum_seekers(data: ReturnData) -> pl.LazyFrame:
    """Return the children (CHILD) who are or were unaccompanied asylum seekers, by this year and the last.

    Raises:
        MissingInput: neither year tells.
    """

    def make(data: ReturnData) -> pl.LazyFrame:
        years = [data] if data.previous is None else [data, data.previous]
        told = [
            frame.filter("is_uasc").select("CHILD") for year in years if (frame := asylum_seekers(year)) is not None
        ]
        if not told:
            raise MissingInput("table UASC")
        return pl.concat(told).unique()

    return data.derived("once asylum seekers", make)


@cache
def _register() -> Register:
    return load_register()


def own_areas(data: ReturnData) -> list[str]:
    """Return the codes under which the authority itself may stand as that of a placement.

    Raises:
        MissingInput: it is not known whose return this is.
    """
    if data.la_code is None:
        raise MissingInput("the code of the authority")
    gss = (version.gss_code for version in _register().versions(data.la_code))
    return sorted({data.la_code, data.la_code.upper(), *gss})


def written_postcodes(data: ReturnData) -> pl.LazyFrame:
    """Return the postcodes of each episode as they compare: `home` and `place`, beside `row_number` and PLACE.

    Raises:
        MissingInput: the episodes have no postcodes of one kind.
    """

    def make(data: ReturnData) -> pl.LazyFrame:
        typed = data["Episodes"].collect()
        columns = [name for name in (ROW, "PLACE", "HOME_POST", "PL_POST") if name in typed.columns]
        texts = pl.concat([typed["HOME_POST"].cast(pl.String), typed["PL_POST"].cast(pl.String)]).drop_nulls().unique()
        plain = pl.DataFrame({"text": texts}).with_columns(postcodes.plain(pl.col("text")).alias("plain")).lazy()
        frame = typed.lazy().select(columns).with_columns(pl.col("HOME_POST", "PL_POST").cast(pl.String))
        for column, name in (("HOME_POST", "home"), ("PL_POST", "place")):
            told = plain.rename({"plain": name})
            frame = frame.join(told, left_on=column, right_on="text", how="left", maintain_order="left")
        return frame.drop("HOME_POST", "PL_POST")

    for column in _POSTS:
        if column not in data["Episodes"].collect_schema():
            raise MissingInput(f"column {column}")
    return data.derived("written postcodes", make)


def found_postcodes(data: ReturnData) -> pl.LazyFrame:
    """Return `written_postcodes` with the register's `district_gss`, `area`, `easting`, `northing` of both.

    Raises:
        MissingInput: neither reference data nor the package of postcodes is there.
    """

    def make(data: ReturnData) -> pl.LazyFrame:
        frame = written_postcodes(data)
        known = _known_postcodes(data).with_columns(pl.lit(True).alias("exists"))
        for name in ("home", "place"):
            told = known.select(pl.col("postcode"), pl.exclude("postcode").name.prefix(f"{name}_"))
            frame = frame.join(told, left_on=name, right_on="postcode", how="left", maintain_order="left")
        return frame

    return data.derived("found postcodes", make)


def _known_postcodes(data: ReturnData) -> pl.LazyFrame:
    if "postcodes" in data.references:
        return data.reference("postcodes")
    return data.derived("known postcodes", _look_up)


def _look_up(data: ReturnData) -> pl.LazyFrame:
    """Look up all postcodes of both years and of the providers, so that the register is read once."""
    frames = [(year.typed["Episodes"], column) for year in _years(data) if "Episodes" in year for column in _POSTS]
    frames += [(lists, "POSTCODE") for name, lists in data.references.items() if name == "providers"]
    asked = [
        frame[column].cast(pl.String).rename("text").unique() for frame, column in frames if column in frame.columns
    ]
    texts = pl.DataFrame([pl.concat(asked)]) if asked else pl.DataFrame(schema={"text": pl.String})
    known = postcodes.look_up(texts.select(postcodes.plain(pl.col("text"))).to_series()).lazy()
    if data.previous is not None:
        data.previous.derived("known postcodes", lambda _: known)
    return known


def _years(data: ReturnData) -> list[ReturnData]:
    return [data] if data.previous is None else [data, data.previous]


def placed(data: ReturnData) -> pl.LazyFrame:
    """Return the episodes with PL_LA, PL_LOCATION and PL_DISTANCE: as given, else by their postcodes.

    PL_DISTANCE is in miles, to one decimal place, as the department's guide computes it. Without the
    authority's code there is no PL_LOCATION.

    Raises:
        MissingInput: neither columns nor postcodes are there.
    """
    if set(PLACED) & set(data["Episodes"].collect_schema()):
        return data["Episodes"]
    return data.derived("episodes placed", _placed)


def _placed(data: ReturnData) -> pl.LazyFrame:
    east, north = (pl.col(f"home_{axis}") - pl.col(f"place_{axis}") for axis in ("easting", "northing"))
    columns = [
        pl.col("place_area").alias("PL_LA"),
        ((east * east + north * north).sqrt() / _METRES_A_MILE).round(1).alias("PL_DISTANCE"),
    ]
    if data.la_code is not None:
        inside = pl.col("place_area").is_in(own_areas(data)).fill_null(False)
        where = pl.when(inside).then(pl.lit("IN")).otherwise(pl.lit("OUT"))
        columns.append(pl.when(pl.col("place_district_gss").is_not_null()).then(where).alias("PL_LOCATION"))
    return data["Episodes"].with_columns(found_postcodes(data).select(columns).collect())


def outside_england() -> pl.Expr:
    """Whether a placement is known to be outside England; one whose postcode is unknown is not."""
    return pl.col("PL_LA").cast(pl.String).str.contains(_OUTSIDE_ENGLAND).fill_null(False)


def with_providers(data: ReturnData) -> pl.LazyFrame:
    """Return the episodes that name a provider, beside each row of Ofsted's lists with its number.

    `is_listed` is missing where there is none.

    Raises:
        MissingInput: the lists were not given.
    """

    def make(data: ReturnData) -> pl.LazyFrame:
        lists = data.reference("providers").with_columns(pl.col("URN").cast(pl.String), pl.lit(True).alias("is_listed"))
        episodes = _held(given("Episodes")(data), _ABOUT_PROVIDERS).with_columns(pl.col("URN").cast(pl.String))
        named = episodes.filter(pl.col("URN").is_not_null() & is_not("URN", NO_URN))
        return named.join(lists, on="URN", how="left", suffix="_provider")

    return data.derived("episodes with providers", make)


def unmatched(
    frame: Frame,
    code: str,
    message: str,
    fields: tuple[str, ...],
    match: pl.Expr | Callable[[ReturnData], pl.Expr],
    **more: object,
) -> Rule:
    """Declare a rule on `with_providers`: no row of the lists with the episode's number matches it.

    A number may be registered twice; one match is enough. Today's tool asks that all rows match.
    """

    def find(data: ReturnData) -> Found:
        rows, matches = frame(data), match if isinstance(match, pl.Expr) else match(data)
        _require(rows, matches)
        return {"Episodes": rows.join(rows.filter(matches).select(ROW), on=ROW, how="anti")}

    declared = {"since": FIRST_YEAR, "needs": ("providers",), **more}
    return Rule(code, message, fields, ("Episodes",), find, **declared)  # type: ignore[arg-type]


def with_provider_areas(data: ReturnData) -> pl.LazyFrame:
    """Return `with_providers` with LA_CODE_INFERRED, the authority at the provider's postcode."""
    rows = with_providers(data)
    if "LA_CODE_INFERRED" in rows.collect_schema():
        return rows

    def make(data: ReturnData) -> pl.LazyFrame:
        known = _known_postcodes(data).select("postcode", pl.col("area").alias("LA_CODE_INFERRED"))
        return rows.join(known, left_on="POSTCODE", right_on="postcode", how="left")

    return data.derived("episodes with areas of providers", make)
