"""The floor: what PDFium alone takes to give the text of a file, in the same kind of child process."""

from __future__ import annotations

from transforms.readers import ReadingLimits


def bare_text(data: bytes, sha256: str, limits: ReadingLimits) -> int:
    """Return the characters of a PDF's text; 0 for what is no PDF."""
    import pypdfium2

    if not data.startswith(b"%PDF-"):
        return 0
    document = pypdfium2.PdfDocument(data)
    try:
        return sum(len(document[number].get_textpage().get_text_range()) for number in range(len(document)))
    finally:
        document.close()
