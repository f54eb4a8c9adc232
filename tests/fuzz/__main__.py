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
        from tests.returns_made_up import EPISODE_ROW, EPISODES, HEADER, HEADER_ROW

        lines = [HEADER, HEADER_ROW, "\f" + EPISODES, EPISODE_ROW]
        return ["\n".join(lines).replace(",", "|").encode(), _annex_a()]
    if name == "sidecar":
        return [b'{"source_url": "https://example.org/a", "published_date": "2024-01-31", "provider_urn": "80000"}']
    return []


def _annex_a() -> bytes:
    """Return the headings of every list of Annex A, each on a sheet of its own."""
    from transforms.returns.annex_a import RETURNS

    headings = ("|".join(column.name for column in table.columns) for table in RETURNS[0].tables)
    return "\f".join(f"{line}\n" for line in headings).encode()


if __name__ == "__main__":
    main()
