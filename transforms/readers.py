"""Bytes of a report to a `Document`: PDF, HTML or plain text, told apart by the bytes alone.

A file's name and the type its sender declared are never asked. What cannot be read with
certainty is refused with a reason: a truncated or encrypted file, pages that are only pictures,
glyphs without characters, bytes of another kind of file.

PDF text comes in the order of the page's own content, which keeps a grade behind its label
where sorting by position would not; each line carries its box for those who need positions.

Nothing here protects against a parser that dies or never ends: run it in a child process
(`warehouse.extract`).
"""

from __future__ import annotations

import ctypes
import re
from dataclasses import dataclass

from transforms.errors import UnreadableFileError
from transforms.reading.document import Document, Line


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """What a file may hold at most; beyond it the file is refused, not cut.

    Attributes:
        max_bytes: of the file itself.
        max_pages: refused before any page is read.
        max_characters: of text, all pages together.
    """

    max_bytes: int = 256 * 1024 * 1024
    max_pages: int = 2000
    max_characters: int = 20_000_000


_PDF_MARK = b"%PDF-"
_PDF_JUNK = 1024  # bytes that may stand before the mark, as viewers allow
_PDF_TAIL = 4096  # bytes from the end in which the closing mark must stand
_FEW_LETTERS = 15  # a page: fewer, on average, is no text layer

_HTML_START = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body|title|meta|div|p|h1|table)\b",
    re.IGNORECASE | re.DOTALL,
)
_HTML_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_HTML_SKIPPED = frozenset({"script", "style", "noscript", "template", "svg", "head", "iframe", "object", "select"})
_HTML_BLOCKS = frozenset(
    "address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset figcaption "
    "figure footer form h1 h2 h3 h4 h5 h6 header hr html legend li main menu nav ol option p pre section summary "
    "table tbody td tfoot th thead title tr ul".split()
)

# Marks of files that are not reports, with the name used in the refusal.
_OTHER_KINDS = (
    (b"PK\x03\x04", "a ZIP archive"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document (doc, xls, msg), or one with a password"),
    (b"{\\rtf", "a Rich Text (RTF) document"),
    (b"%!PS", "a PostScript document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"\x1f\x8b", "a gzip file"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ\x00", "an xz file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"PAR1", "a Parquet file"),
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a program"),
)
_ZIP_KINDS = (
    (b"word/", "a Word document (docx)"),
    (b"xl/", "an Excel workbook (xlsx)"),
    (b"ppt/", "a PowerPoint presentation (pptx)"),
    (b"application/vnd.oasis.opendocument.text", "an OpenDocument text (odt)"),
    (b"application/vnd.oasis.opendocument", "an OpenDocument file"),
)
_EXPECTED = "a PDF, an HTML page or plain text"
_LINE_ENDS = re.compile(r"\r\n|\r|\n|\u2028|\u2029")
_RUBBISH = re.compile("[\x00-\x08\x0e-\x19\x1c-\x1f\x7f]")
_UNMAPPED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufffd]")
_LETTER = re.compile(r"[^\W\d_]")


def read_document(data: bytes, sha256: str, limits: ReadingLimits | None = None) -> Document:
    """Read one file.

    Args:
        data: the whole file.
        sha256: of `data`, carried into the document.
        limits: sizes beyond which it is refused.

    Returns:
        The document, with at least one line of text.

    Raises:
        UnreadableFileError: says where, what was found and what was expected.
    """
    limits = limits or ReadingLimits()
    if not data:
        raise UnreadableFileError(f"file: found 0 bytes, expected {_EXPECTED}")
    if len(data) > limits.max_bytes:
        raise UnreadableFileError(f"file: found {len(data):,} bytes, expected at most {limits.max_bytes:,}")
    kind = _kind(data)
    if kind == "pdf":
        document = _read_pdf(data, sha256, limits)
    elif kind == "html":
        document = _read_html(data, sha256, limits)
    else:
        document = _read_text(data, sha256, limits)
    return document


def kind_by_mark(data: bytes) -> str | None:
    """Name the kind of file that the first bytes are the mark of, in words for people; None for text and PDF."""
    for mark, name in _OTHER_KINDS:
        if data.startswith(mark):
            # Names of members stand in the central directory at the end, and in part up front.
            ends = data[:4096] + data[-65536:] if mark == b"PK\x03\x04" else b""
            return next((found for part, found in _ZIP_KINDS if part in ends), name)
    return None


def _kind(data: bytes) -> str:
    """`pdf`, `html` or `text`.

    Raises:
        UnreadableFileError: the first bytes are those of another kind of file.
    """
    if data.startswith(_PDF_MARK):
        return "pdf"
    if other := kind_by_mark(data):
        raise UnreadableFileError(f"first bytes: found {other}, expected {_EXPECTED}")
    start = data[: _PDF_JUNK + len(_PDF_MARK)].removeprefix(b"\xef\xbb\xbf")
    if _HTML_START.match(start) or _HTML_START.match(data[:4096].replace(b"\x00", b"").lstrip(b"\xff\xfe\xef\xbb\xbf")):
        return "html"
    if _PDF_MARK in start:
        return "pdf"
    if start.lstrip().startswith(b"<?xml"):
        raise UnreadableFileError(f"first bytes: found an XML document, expected {_EXPECTED}")
    return "text"


def _check_length(characters: int, limits: ReadingLimits, place: str) -> None:
    if characters > limits.max_characters:
        raise UnreadableFileError(
            f"{place}: found more than {limits.max_characters:,} characters of text, expected at most that"
        )


# PDF


def _read_pdf(data: bytes, sha256: str, limits: ReadingLimits) -> Document:
    """Read a PDF by PDFium, page by page in content order."""
    import pypdfium2

    if b"%%EOF" not in data[-_PDF_TAIL:] and b"startxref" not in data[-_PDF_TAIL:]:
        raise UnreadableFileError("end of file: found no closing mark, expected %%EOF: the PDF is truncated")
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise UnreadableFileError(_why_not_open(error)) from error
    try:
        pages = len(pdf)
        if not pages:
            raise UnreadableFileError("PDF: found no pages, expected at least one")
        if pages > limits.max_pages:
            raise UnreadableFileError(f"PDF: found {pages:,} pages, expected at most {limits.max_pages:,}")
        document = Document(sha256, "pdf", pages, title=pdf.get_metadata_value("Title") or None)
        characters = 0
        for number in range(1, pages + 1):
            characters += _read_page(pdf, number, document.lines)
            _check_length(characters, limits, f"page {number}")
    finally:
        pdf.close()
    _check_text_layer(document)
    return document


def _why_not_open(error: Exception) -> str:
    code = getattr(error, "err_code", None)
    if code == 4:
        return "PDF: found encryption that asks for a password, expected none"
    if code == 5:
        return "PDF: found encryption of an unknown kind, expected none"
    return "PDF: found a structure that cannot be opened (truncated or damaged), expected a sound PDF"


def _read_page(pdf: object, number: int, lines: list[Line]) -> int:
    """Append the lines of one page.

    Returns:
        How many characters the page holds.
    """
    import pypdfium2

    try:
        page = pdf[number - 1]  # type: ignore[index]
        try:
            textpage = page.get_textpage()
            try:
                text = textpage.get_text_range()
                _box_lines(page, textpage, text, number, lines)
            finally:
                textpage.close()
        finally:
            page.close()
    except (pypdfium2.PdfiumError, AssertionError, ValueError) as error:
        raise UnreadableFileError(f"page {number}: found content that cannot be read, expected a sound page") from error
    return len(text)


def _box_lines(page: object, textpage: object, text: str, number: int, lines: list[Line]) -> None:
    """Split the text of a page into lines, each with the box from its first to its last character."""
    from pypdfium2.raw import FS_RECTF, FPDFText_GetCharIndexFromTextIndex, FPDFText_GetLooseCharBox

    raw = textpage.raw  # type: ignore[attr-defined]
    if not text:
        return
    left, _, _, top = page.get_bbox()  # type: ignore[attr-defined]
    upright = page.get_rotation() == 0  # type: ignore[attr-defined]
    # Characters that PDFium adds to or leaves out of the text shift its indexes.
    shifted = textpage.count_chars() != len(text)  # type: ignore[attr-defined]
    rect = FS_RECTF()
    reference = ctypes.byref(rect)
    place = 0
    for line in text.split("\n"):
        width = len(line)
        words = line.rstrip()
        if not words or not upright:
            lines.append(Line(words, number))
            place += width + 1
            continue
        first = place + width - len(line.lstrip())
        last = place + len(words) - 1
        if shifted:
            first = FPDFText_GetCharIndexFromTextIndex(raw, first)
            last = FPDFText_GetCharIndexFromTextIndex(raw, last)
        if first < 0 or last < 0 or not FPDFText_GetLooseCharBox(raw, first, reference):
            lines.append(Line(words, number))
        else:
            x0, y0, y1 = rect.left, rect.top, rect.bottom
            FPDFText_GetLooseCharBox(raw, last, reference)
            high, low = max(y0, rect.top), min(y1, rect.bottom)
            # Eighths of a point: exact as 32-bit floats too, so kept text is what was first read.
            lines.append(
                Line(
                    words,
                    number,
                    (x0 - left) // 0.125 * 0.125,
                    (top - high) // 0.125 * 0.125,
                    (rect.right - left) // 0.125 * 0.125,
                    (top - low) // 0.125 * 0.125,
                )
            )
        place += width + 1


def _check_text_layer(document: Document) -> None:
    """Refuse pages of pictures, and glyphs without characters."""
    text = "\n".join(line.text for line in document.lines)
    pages = document.page_count
    letters = len(_LETTER.findall(text)) if len(text) < 100 * pages else _FEW_LETTERS * pages
    if not letters:
        raise UnreadableFileError(f"PDF: found {pages} page(s) without any text, expected a text layer (is it a scan?)")
    unmapped = len(_UNMAPPED.findall(text))
    if unmapped > 0.2 * len(text):
        raise UnreadableFileError(
            f"PDF: found {unmapped:,} of {len(text):,} glyphs without a character, expected text that can be read"
        )
    if letters < _FEW_LETTERS * pages:
        raise UnreadableFileError(
            f"PDF: found {letters} letters on {pages} page(s), expected a text layer (is it a scan?)"
        )


# HTML


def _read_html(data: bytes, sha256: str, limits: ReadingLimits) -> Document:
    """Read an HTML page: a line for each block, table cell or line break; a bullet for each item."""
    from lxml import etree, html

    charset = _HTML_CHARSET.search(data[:4096])
    text = _decode(data, charset[1].decode("ascii") if charset else None)
    _check_length(len(text), limits, "HTML")
    parser = html.HTMLParser(no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        # An encoding declared in the text itself makes lxml refuse text that is decoded already.
        root = html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*>", "", text.replace("\x00", "")), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise UnreadableFileError("HTML: found markup that cannot be read, expected an HTML page") from error
    title = root.findtext(".//title")
    document = Document(sha256, "html", 1, title=" ".join(title.split()) if title else None)
    document.lines = [Line(line, 1) for line in _html_lines(root, etree.iterwalk)]
    if not document.lines:
        raise UnreadableFileError("HTML: found no text, expected some")
    return document


def _html_lines(root: object, walk: object) -> list[str]:
    """Text of the blocks of a page in document order, white space collapsed, no empty ones."""
    parts: list[str] = []
    skipping = 0
    for event, element in walk(root, events=("start", "end")):  # type: ignore[operator]
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            skipping += tag in _HTML_SKIPPED
            if skipping:
                continue
            if tag in _HTML_BLOCKS:
                parts.append("\n")
            if tag == "li":
                parts.append("\u2022 ")
            parts.append(_flat(element.text))
            continue
        if tag in _HTML_SKIPPED:
            skipping -= 1
        if not skipping:
            if tag in _HTML_BLOCKS:
                parts.append("\n")
            parts.append(_flat(element.tail))
    blocks = (" ".join(block.split(" ")).strip() for block in "".join(parts).split("\n"))
    return [re.sub(" {2,}", " ", block) for block in blocks if block not in ("", "\u2022")]


def _flat(text: str | None) -> str:
    return re.sub(r"[ \t\r\n\f]+", " ", text) if text else ""


# Plain text


def _read_text(data: bytes, sha256: str, limits: ReadingLimits) -> Document:
    """Read plain text; form feeds part pages, as converters from PDF leave them."""
    text = _decode(data, None)
    rubbish = len(_RUBBISH.findall(text[:1_000_000]))
    if rubbish > 0.002 * min(len(text), 1_000_000) or "\x00" in text:
        raise UnreadableFileError(f"file: found bytes that are no text, expected {_EXPECTED}")
    _check_length(len(text), limits, "text")
    if not text.strip():
        raise UnreadableFileError("text: found nothing but white space, expected a report")
    pages = text.rstrip("\x0c\r\n ").split("\x0c")
    if len(pages) > limits.max_pages:
        raise UnreadableFileError(f"text: found {len(pages):,} pages, expected at most {limits.max_pages:,}")
    document = Document(sha256, "text", len(pages))
    for number, page in enumerate(pages, 1):
        document.lines.extend([Line(line.rstrip(), number) for line in _LINE_ENDS.split(page)])
    return document


def _decode(data: bytes, declared: str | None) -> str:
    """Decode by byte order mark, by declaration, by the pattern of zero bytes, else UTF-8 or cp1252."""
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe\x00\x00", "utf-32"),
        (b"\x00\x00\xfe\xff", "utf-32"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(encoding, "replace").removeprefix("\ufeff")
    head = data[:4000]
    if len(head) >= 8 and head.count(0) > 0.3 * len(head):
        low, high = head[1::2].count(0), head[0::2].count(0)
        if max(low, high) > 0.7 * (len(head) // 2) and min(low, high) < 0.1 * len(head):
            return data.decode("utf-16-le" if low > high else "utf-16-be", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
    if declared:
        try:
            return data.decode(declared)
        except (LookupError, UnicodeDecodeError, ValueError):
            declared = None  # declared wrongly: as if undeclared
    # A stray byte in sound UTF-8 is one lost character; in cp1252 nearly none of it is UTF-8.
    lost = text.count("\ufffd")
    sound = len(data.decode("ascii", "ignore"))
    if len(text) - sound > 2 * lost:
        return text
    return data.decode("cp1252", "replace")
