"""Writers of tiny spreadsheets, for made-up lists: OpenDocument of cells, Excel of the parts within it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from xml.sax.saxutils import escape, quoteattr

MIME = "application/vnd.oasis.opendocument.spreadsheet"
Value = str | float | date | None


def ods(
    sheets: Mapping[str, Sequence[Sequence[Value]]],
    extra: Mapping[str, bytes] | None = None,
    hidden: Sequence[str] = (),
) -> bytes:
    """Return the bytes of a spreadsheet with these sheets, rows and cells; those named are hidden."""
    tables = "".join(_table(name, rows, name in hidden) for name, rows in sheets.items())
    unseen = (
        '<office:automatic-styles><style:style style:name="unseen" style:family="table">'
        '<style:table-properties table:display="false"/></style:style></office:automatic-styles>'
    )
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content office:version="1.3" '
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
        f"{unseen if hidden else ''}<office:body><office:spreadsheet>"
        f"{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest manifest:version="1.3" '
        'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{MIME}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(zipfile.ZipInfo("mimetype", (2024, 1, 1, 0, 0, 0)), MIME)
        for name, body in {"content.xml": content, "META-INF/manifest.xml": manifest, **(extra or {})}.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), body, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def xlsx(sheet: bytes, strings: bytes = b"", styles: bytes = b"", second: bytes = b"") -> bytes:
    """Return the bytes of a workbook of these parts, sound or not: the rest of it is as it should be.

    Args:
        sheet: XML of the first sheet.
        strings: XML of the shared strings.
        styles: XML of the styles.
        second: XML of a second sheet.
    """
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    parts = {"worksheets/sheet1": sheet, "worksheets/sheet2": second, "styles": styles, "sharedStrings": strings}
    given = {name: body for name, body in parts.items() if body}
    kinds = {name: name.split("/")[0].removesuffix("s") if "/" in name else name for name in given}
    relations = "".join(
        f'<Relationship Id="r{number}" Type="{office}/{kinds[name]}" Target="{name}.xml"/>'
        for number, name in enumerate(given, 1)
    )
    sheets = "".join(
        f'<sheet name="Sheet {number}" sheetId="{number}" r:id="r{number}"/>'
        for number, name in enumerate(given, 1)
        if kinds[name] == "worksheet"
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    book = f'{head}<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{sheets}</sheets></workbook>'
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        root = f'<Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/>'
        written = {
            "_rels/.rels": f'{head}<Relationships xmlns="{package}">{root}</Relationships>',
            "xl/workbook.xml": book,
            "xl/_rels/workbook.xml.rels": f'{head}<Relationships xmlns="{package}">{relations}</Relationships>',
            **{f"xl/{name}.xml": body for name, body in given.items()},
        }
        for name, body in written.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), body)
    return stream.getvalue()


def xlsx_parts(data: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """Return the parts of a workbook of at most two sheets, as `xlsx` takes them."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = ("worksheets/sheet1", "sharedStrings", "styles", "worksheets/sheet2")
        there = set(archive.namelist())
        first, strings, styles, second = (
            archive.read(f"xl/{name}.xml") if f"xl/{name}.xml" in there else b"" for name in names
        )
    return first, strings, styles, second


def _table(name: str, rows: Sequence[Sequence[Value]], is_hidden: bool) -> str:
    width = max((len(row) for row in rows), default=1)
    body = "".join(
        "<table:table-row>"
        + "".join(_cell(row[n] if n < len(row) else None) for n in range(width))
        + "</table:table-row>"
        for row in rows
    )
    style = ' table:style-name="unseen"' if is_hidden else ""
    return f"<table:table table:name={quoteattr(name)}{style}>{body}</table:table>"


def _cell(value: Value) -> str:
    if value is None or value == "":
        return "<table:table-cell/>"
    if isinstance(value, date):
        kind = f'office:value-type="date" office:date-value="{value}"'
        return f"<table:table-cell {kind}><text:p>{value}</text:p></table:table-cell>"
    if isinstance(value, (int, float)):
        kind = f'office:value-type="float" office:value="{value}"'
        return f"<table:table-cell {kind}><text:p>{value}</text:p></table:table-cell>"
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in value.split("\n"))
    return f'<table:table-cell office:value-type="string">{lines}</table:table-cell>'
