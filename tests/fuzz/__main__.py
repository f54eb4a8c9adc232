"""`python -m tests.fuzz READER SECONDS`: fuzz one reader with atheris; what breaks it is kept as a case.

Seeds are the cases kept so far and made-up files of the project's own generator. The cases are read
by the ordinary tests: each must be refused with an InputError or read, never end in another error.
"""

from __future__ import annotations

import sys
from pathlib import Path

CASES = Path(__file__).parent / "cases"


def main() -> None:
    """Fuzz until the time is up or something breaks."""
    import atheris

    name, seconds = sys.argv[1], int(sys.argv[2])
    with atheris.instrument_imports(include=["transforms", "warehouse.landing"]):
        from tests.fuzz.readers import READERS, read

        # Readers import what they need when first called; it must be now, to be instrumented.
        for seed in (b"x", *_seeds(name)):
            read(name, seed)

    if name not in READERS:
        raise SystemExit(f"{name}: expected one of {', '.join(READERS)}")
    corpus = Path("var/fuzz") / name
    corpus.mkdir(parents=True, exist_ok=True)
    (CASES / name).mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(_seeds(name)):
        (corpus / f"seed-{number}").write_bytes(seed)
    arguments = [sys.argv[0], str(corpus), str(CASES / name), f"-max_total_time={seconds}", "-timeout=20"]
    arguments += [f"-artifact_prefix={CASES / name}/", "-max_len=65536", "-rss_limit_mb=4096"]
    if "return" in name:
        words = corpus.with_suffix(".dict")
        words.write_text("\n".join(f'"{word}"' for word in sorted(_words())), "ascii")
        arguments.append(f"-dict={words}")
    atheris.Setup(arguments, lambda data: read(name, data) and None)
    atheris.Fuzz()


def _seeds(name: str) -> list[bytes]:
    """Return small sound files to start from."""
    if name == "report":
        from datetime import date

        from warehouse.samples.content import authority_named, draw_truth
        from warehouse.samples.render import render_text

        layouts = ("ilacs_2018", "ilacs_2023", "sif_2014", "sif_2016", "jtai")
        return [
            render_text(draw_truth(layout, 1, authority_named("Brackenshire"), date(2016, 2, 1), {})).encode()
            for layout in layouts
        ]
    if name == "statistics":
        header = (
            "time_period,time_identifier,geographic_level,country_code,new_la_code,old_la_code,la_name,category,rate"
        )
        row = "2025,Reporting year,Local authority,E92000001,E10000006,909,Cumbria,Total,"
        return [f"{header}\n{row}{value}\n".encode() for value in ("12.5", "c", "1,234", "")]
    if name == "local_return":
        from tests.returns_made_up import EPISODE_ROW, EPISODES, HEADER, HEADER_ROW, census, module

        return [module(HEADER, HEADER_ROW), module(EPISODES, EPISODE_ROW), census("MADE1"), b"<EXPSSDA903><CHILD/>"]
    if name == "official_list":
        head = "Local authority name|Inspection date|Publication date|Inspection/Visit type|Overall effectiveness"
        row = "Cumbria|2019-05-13|2019-07-01|ILACS Standard Inspection|Good"
        return [
            f"Outcomes\n{head}\n{row}\n".encode(),
            f"Published on:|2024-01-01\f{head}|Care leavers\n{row}|".encode(),
        ]
    if name == "return_workbook":
        return _workbooks()
    if name == "return_xml":
        return _documents()
    if name == "sidecar":
        return [b'{"source_url": "https://example.org/a", "published_date": "2024-01-31", "provider_urn": "80000"}']
    return []


def _words() -> set[str]:
    """Return what the specifications of returns name: without them, chance finds no column and no element."""
    from transforms.returns import returns

    columns = {column for entry in returns() for table in entry.tables for column in table.columns}
    blocks = {block.tag for entry in returns() if entry.xml for block in entry.xml.records}
    named = {column.name for column in columns} | {code.code for column in columns for code in column.codes} | blocks
    return {word for word in named if word.isascii() and word.isprintable() and not set(word) & set('"\\')}


def _workbooks() -> list[bytes]:
    """Return workbooks as `readers.return_workbook` takes them: by their cells, and by their parts."""
    from datetime import date

    from tests.fuzz.readers import PART
    from tests.returns_made_up import EPISODE_ROW, EPISODES, HEADER, HEADER_ROW, workbook
    from tests.sheets import xlsx_parts
    from transforms.returns.annex_a import RETURNS

    header, episodes = HEADER.split(","), EPISODES.split(",")
    first = [
        ["a title"],
        header,
        HEADER_ROW.split(","),
        ["MADE2", 1, date(2010, 4, 5), "=A1|#N/A", True, 1.5, "=1+1|2"],
    ]
    modules = {"Header": first, "Episodes": [episodes, EPISODE_ROW.split(",")]}
    lists = {
        table.name: [[column.name for column in table.columns], ["MADE1", date(2025, 5, 1), "18 months", 6.138]]
        for table in RETURNS[0].tables[:2]
    }
    cells = "\n".join([HEADER, HEADER_ROW, "\f" + EPISODES, EPISODE_ROW]).replace(",", "|").encode()
    return [cells, *(PART.join(xlsx_parts(workbook(sheets))) for sheets in (modules, lists))]


def _documents() -> list[bytes]:
    """Return small sound documents of every return that comes as XML."""
    from tests.returns_made_up import census

    looked_after = (
        b"<EXPSSDA903><CHILD><HEADER><CHILDID>MADE1</CHILDID><SEX>F</SEX><DOB>05/04/2010</DOB><UASC>1</UASC>"
        b"<AREVIEW><REVIEW>01/05/2025</REVIEW><REVIEW_CODE>PN1</REVIEW_CODE></AREVIEW></HEADER>"
        b"<EPISODE><DECOM>01/05/2025</DECOM><RNE>S</RNE><PL>U4</PL><DEC /></EPISODE></CHILD></EXPSSDA903>"
    )
    workforce = (
        b"<Message><Header><CollectionDetails><Collection>CSWW</Collection><Year>2022</Year>"
        b"<ReferenceDate>2022-09-30</ReferenceDate></CollectionDetails><Source><LEA>999</LEA></Source></Header>"
        b"<LALevelVacancies><NumberOfVacancies>3.5</NumberOfVacancies></LALevelVacancies>"
        b"<CSWWWorker><AgencyWorker>0</AgencyWorker><FTE>0.5</FTE></CSWWWorker></Message>"
    )
    return [census("MADE1"), looked_after, workforce, looked_after.decode().encode("utf-16")]


if __name__ == "__main__":
    main()
