"""Readers: bytes decide, lines carry positions, and what is doubtful is refused with a reason."""

import io
import zipfile
import zlib

import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen import canvas

from transforms.errors import InputError, UnreadableFileError
from transforms.readers import ReadingLimits, read_document
from transforms.reading.document import Document

SHA = "0" * 64
REPORT = (
    "Inspection of Ambridge children\u2019s services\nOverall effectiveness Good\nLead inspector: M\u00e1ire Example"
)


def read(data: bytes, limits: ReadingLimits | None = None) -> Document:
    return read_document(data, SHA, limits)


def texts(data: bytes) -> list[str]:
    return [line.text for line in read(data).lines if line.text]


def make_pdf(pages: list[list[tuple[float, float, str]]], **options: object) -> bytes:
    """PDF whose pages hold strings at places from the top left, in the order given."""
    out = io.BytesIO()
    page = canvas.Canvas(out, pagesize=A4, pageCompression=1, **options)
    for items in pages:
        for x, y, text in items:
            page.drawString(x, A4[1] - y, text)
        page.showPage()
    page.save()
    return out.getvalue()


SIMPLE = [[(72, 100, "Inspection of Ambridge services"), (72, 140, "Overall effectiveness"), (400, 140, "Good")]]


def rewritten(pdf: bytes, change: object) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_pdf_lines_keep_content_order_and_carry_boxes() -> None:
    document = read(make_pdf([[(72, 200, "second by place"), (72, 100, "first by place")], [(72, 90, "on page two")]]))
    assert (document.kind, document.page_count) == ("pdf", 2)
    lines = [line for line in document.lines if line.text]
    assert [(line.text, line.page) for line in lines] == [
        ("second by place", 1),
        ("first by place", 1),
        ("on page two", 2),
    ]
    first = lines[1]
    assert first.x0 == pytest.approx(72, abs=1.5)
    assert first.y0 < 100 < first.y1 + 5
    assert first.x1 > first.x0 + 40
    assert lines[0].y0 > first.y1


def test_boxes_are_exact_as_32_bit_floats() -> None:
    for line in read(make_pdf(SIMPLE)).lines:
        assert line.x0 is not None
        assert (line.x0 * 8).is_integer()


def test_boxes_are_measured_from_the_corner_of_a_shifted_page() -> None:
    def shift(writer: pypdf.PdfWriter) -> None:
        box = pypdf.generic.RectangleObject((50, 60, A4[0], A4[1] - 40))
        writer.pages[0].mediabox = box
        writer.pages[0].cropbox = box

    plain, shifted = (read(pdf).lines[0] for pdf in (make_pdf(SIMPLE), rewritten(make_pdf(SIMPLE), shift)))
    assert plain.x0 - shifted.x0 == pytest.approx(50, abs=0.5)
    assert plain.y0 - shifted.y0 == pytest.approx(40, abs=0.5)


def test_lines_of_a_turned_page_have_no_box() -> None:
    turned = rewritten(make_pdf(SIMPLE), lambda writer: writer.pages[0].rotate(90))
    assert [line.x0 for line in read(turned).lines] == [None] * len(read(turned).lines)


def test_pdf_with_junk_before_its_mark_is_a_pdf() -> None:
    assert read(b"\r\n junk \x00" * 20 + make_pdf(SIMPLE)).kind == "pdf"


def test_pdf_that_opens_without_a_password_is_read() -> None:
    locked = rewritten(make_pdf(SIMPLE), lambda writer: writer.encrypt("", "owner", algorithm="AES-256"))
    assert "Overall effectiveness" in " ".join(texts(locked))


def picture_pdf() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (300, 400), "white").save(out, "PDF")
    return out.getvalue()


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x" * 100)
    return out.getvalue()


LONG = make_pdf([[(72, 72 + 12 * n, f"line {n} of a page of text") for n in range(40)]] * 4)


@pytest.mark.parametrize(
    ("data", "place", "found"),
    [
        (b"", "file", "0 bytes"),
        (rewritten(make_pdf(SIMPLE), lambda w: w.encrypt("secret", algorithm="AES-256")), "PDF", "encryption"),
        (LONG[: len(LONG) // 2], "end of file", "truncated"),
        (LONG[:1500] + b"%%EOF", "PDF", "cannot be opened"),
        (picture_pdf(), "PDF", "without any text"),
        (make_pdf([[(72, 72, "scan 4")], [], []]), "PDF", "4 letters"),
        (b"%PDF-1.7\n%%EOF", "PDF", "cannot be opened"),
        (zipped("[Content_Types].xml", "word/document.xml"), "first bytes", "docx"),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), "first bytes", "xlsx"),
        (zipped("report.pdf"), "first bytes", "ZIP"),
        (b"{\\rtf1\\ansi hello}", "first bytes", "RTF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "first bytes", "old Office"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "first bytes", "PNG"),
        (b"<?xml version='1.0'?><return><child/></return>", "first bytes", "XML"),
        (bytes(range(256)) * 40, "file", "no text"),
        (b"abc\x00def" * 3, "file", "no text"),
        (b" \r\n\t \n", "text", "white space"),
        (b"<html><body><p> </p></body></html>", "HTML", "no text"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(data: bytes, place: str, found: str) -> None:
    with pytest.raises(UnreadableFileError) as refused:
        read(data)
    message = str(refused.value)
    assert message.startswith(place)
    assert found in message
    assert "expected" in message


def test_glyphs_without_characters_are_refused() -> None:
    def unmap(writer: pypdf.PdfWriter) -> None:
        stream = pypdf.generic.StreamObject()
        stream.set_data(
            b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <ff> endcodespacerange "
            b"1 beginbfrange <00> <ff> <e000> endbfrange endcmap end"
        )
        for font in writer.pages[0]["/Resources"]["/Font"].values():
            font.get_object()[pypdf.generic.NameObject("/ToUnicode")] = writer._add_object(stream)

    garbage = rewritten(make_pdf([[(72, 100 + 15 * n, "No one can read this") for n in range(10)]]), unmap)
    with pytest.raises(UnreadableFileError, match="glyphs without a character"):
        read(garbage)


def test_limits_refuse_instead_of_cutting() -> None:
    pdf = make_pdf(SIMPLE * 5)
    for limits, found in (
        (ReadingLimits(max_bytes=100), "bytes"),
        (ReadingLimits(max_pages=4), "pages"),
        (ReadingLimits(max_characters=50), "characters"),
    ):
        with pytest.raises(UnreadableFileError, match=found):
            read(pdf, limits)
    assert read(pdf, ReadingLimits(max_pages=5)).page_count == 5


def test_twenty_thousand_pages_are_refused_before_any_is_read() -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(make_pdf(SIMPLE)))
    page = writer.pages[0].indirect_reference
    tree = writer.root_object["/Pages"].get_object()
    tree[pypdf.generic.NameObject("/Kids")] = pypdf.generic.ArrayObject([page] * 20_000)
    tree[pypdf.generic.NameObject("/Count")] = pypdf.generic.NumberObject(20_000)
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(UnreadableFileError, match="20,000 pages"):
        read(out.getvalue())


def test_web_page_is_read_as_html_whatever_its_name() -> None:
    page = (
        b"<!DOCTYPE html><html lang=en><head><title>Report  not found</title><style>p{}</style></head><body>"
        b"<script>alert('x')</script><h1>Report not found</h1><p>It may have <b>mov</b>ed.<br>Try again</p>"
        b"<ul><li>Home</li><li>Search</li></ul><table><tr><td>Overall</td><td>Good</td></tr></table></body></html>"
    )
    document = read(page)
    assert (document.kind, document.title, document.page_count) == ("html", "Report not found", 1)
    assert [line.text for line in document.lines] == [
        "Report not found",
        "It may have moved.",
        "Try again",
        "\u2022 Home",
        "\u2022 Search",
        "Overall",
        "Good",
    ]


def test_html_reads_nothing_from_outside(tmp_path: object) -> None:
    secret = tmp_path / "secret.txt"  # type: ignore[operator]
    secret.write_text("do not read me")
    page = f'<!DOCTYPE html [<!ENTITY x SYSTEM "file://{secret}">]><html><body><p>seen &x; end</p></body></html>'
    assert "do not read me" not in " ".join(texts(page.encode()))


def test_html_keeps_to_its_declared_encoding() -> None:
    page = "<html><head><meta charset='windows-1252'></head><body><p>children\u2019s</p></body></html>".encode("cp1252")
    assert texts(page) == ["children\u2019s"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_text_in_every_usual_encoding(encoding: str) -> None:
    document = read(REPORT.encode(encoding))
    assert document.kind == "text"
    assert [line.text for line in document.lines] == REPORT.split("\n")


def test_text_without_any_foreign_character_is_text() -> None:
    assert texts(REPORT.encode("ascii", "ignore"))[0] == "Inspection of Ambridge childrens services"


def test_one_stray_byte_does_not_turn_a_text_into_another_encoding() -> None:
    damaged = (REPORT * 3).encode()[:-1] + b"\xff e"
    assert "children\u2019s" in texts(damaged)[0]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end(end: str) -> None:
    assert texts(REPORT.replace("\n", end).encode()) == REPORT.split("\n")


def test_form_feeds_part_pages() -> None:
    document = read(b"page one\n\x0cpage two\nmore\n\x0c")
    assert document.page_count == 2
    assert [(line.text, line.page) for line in document.lines if line.text] == [
        ("page one", 1),
        ("page two", 2),
        ("more", 2),
    ]


def test_leading_space_of_a_text_line_is_kept() -> None:
    assert texts(b"one\n two\n") == ["one", " two"]


def test_a_document_survives_its_way_between_processes() -> None:
    import pickle

    document = read(make_pdf(SIMPLE * 3))
    assert pickle.loads(pickle.dumps(document)) == document  # noqa: S301


PIECES = st.sampled_from(
    [b"%PDF-1.4", b"%%EOF", b"<html>", b"<p>", b"PK\x03\x04", b"\xff\xfe", b"\xef\xbb\xbf", b"\x0c", b"obj", b"caf\xe9"]
)


@given(st.lists(st.binary(max_size=60) | PIECES, max_size=12).map(b"".join))
def test_any_bytes_give_a_document_or_an_input_error(data: bytes) -> None:
    try:
        document = read(data)
    except InputError as refused:
        assert "found" in str(refused)
    else:
        assert document.lines
        assert document.page_count >= 1


@given(st.integers(0, len(LONG) - 1), st.binary(min_size=1, max_size=200))
def test_a_damaged_pdf_gives_a_document_or_an_input_error(at: int, junk: bytes) -> None:
    try:
        read(LONG[:at] + junk + LONG[at + len(junk) :])
    except InputError as refused:
        assert "found" in str(refused)


def test_a_packed_stream_far_larger_than_the_file_is_no_text_layer() -> None:
    """A modest bomb; the 2 GB one is for the limits of the child process."""
    packed = zlib.compress(b" " * 20_000_000, 9)
    head = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    page = b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R>>endobj\n"
    stream = b"4 0 obj<</Length %d/Filter/FlateDecode>>stream\n" % len(packed) + packed + b"\nendstream endobj\n"
    with pytest.raises(UnreadableFileError, match="without any text"):
        read(head + page + stream + b"trailer<</Root 1 0 R>>\n%%EOF")
