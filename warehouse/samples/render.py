"""Renderings of a truth: PDF bytes by reportlab, and the plain text such a PDF would be exported to."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.samples.blocks import PAGE_HEIGHT, PAGE_WIDTH, Block, Box, Measure, Run, place
from warehouse.samples.content import dice
from warehouse.samples.layouts import blocks_of, running_title
from warehouse.samples.letters import LETTERS
from warehouse.samples.truth import MADE_UP, Style, Truth
from warehouse.samples.wording import set_characters, window

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

_FACES = {
    "sans": ("Helvetica", "Helvetica-Bold"),
    "serif": ("Times-Roman", "Times-Bold"),
    "embedded": ("SampleVera", "SampleVera-Bold"),
}
_PRIVATE_BULLET = 0xF06E
_WIDTHS = {"sans": 0.5, "serif": 0.45, "embedded": 0.57}


def draw_style(seed: int) -> Style:
    """Draw one style; the same seed always gives the same style."""
    rng = dice(f"style/{seed}")
    font = rng.choice(("sans", "serif", "embedded"))
    header, footer = rng.choice(((False, True), (False, True), (False, True), (True, False), (False, False)))
    return Style(
        font=font,
        size=rng.choice((9.5, 10.5, 11.0, 12.0)),
        columns=rng.choice((1, 1, 1, 2)),
        grid_order=rng.choice(("rows", "rows", "lines", "columns")),
        grade_place=rng.choice(("beside", "beside", "beside", "below")),
        grade_align=rng.choice(("top", "middle", "bottom")),
        header=header,
        footer=footer,
        furniture_first=rng.random() < 0.5,
        footnote_mark=rng.random() < 0.5,
        hyphenate=rng.random() < 0.3,
        bullet=rng.choice(("•", "•", "-", "\uf06e" if font == "embedded" else "•")),
        apostrophe=rng.choice(("’", "’", "'")),
        dash=rng.choice(("–", "–", "-")),
        dates=rng.choice(("full_to", "short_to", "dash", "tight", "numeric")),
        upper_grades=rng.choice(("title", "title", "title", "lower")),
        cells_apart=rng.random() < 0.5,
        colon_gap=rng.random() < 0.2,
    )


def render_pdf(truth: Truth, style: Style | None = None) -> bytes:
    """Draw a made-up report as PDF.

    Args:
        truth: what the report says.
        style: how it is set; plain if left out.

    Returns:
        Bytes of a PDF with a text layer, the same for the same arguments.
    """
    from reportlab.pdfgen.canvas import Canvas

    style = style or Style()
    faces = _faces(style)
    runs, boxes = _runs(truth, style, _pdf_measure(faces))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(PAGE_WIDTH, PAGE_HEIGHT), invariant=1)
    canvas.setTitle(running_title(truth))
    canvas.setSubject(MADE_UP)
    page = 1
    for run in runs:
        while page < run.page:
            _draw_boxes(canvas, [box for box in boxes if box.page == page])
            canvas.showPage()
            page += 1
        _draw(canvas, run, faces)
    _draw_boxes(canvas, [box for box in boxes if box.page == page])
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def render_text(truth: Truth, style: Style | None = None) -> str:
    """The text that an export of the PDF rendering would have, one printed line a line."""
    style = style or Style()
    width = _WIDTHS[style.font]

    def measure(text: str, bold: bool, size: float) -> float:
        return len(text) * size * width * (1.08 if bold else 1.0)

    lines: list[str] = []
    last: tuple[int, float] | None = None
    runs, _ = _runs(truth, style, measure)
    for run in runs:
        at = (run.page, round(run.y, 1))
        if last is not None and at == last and not (style.cells_apart and run.is_cell):
            lines[-1] += f" {run.text}"
        elif last is not None and run.text.isdigit() and run.size < style.size and abs(run.y - last[1]) < style.size:
            lines[-1] += run.text  # a footnote's mark is glued to its word
            continue
        else:
            if last is not None and last[0] != run.page:
                lines.append("")
            lines.append(run.text)
        last = at
    return "\n".join(lines) + "\n"


def _runs(truth: Truth, style: Style, measure: Measure) -> tuple[list[Run], list[Box]]:
    blocks = [_with_characters(block, style) for block in blocks_of(truth, style)]
    body, boxes = place(blocks, style, measure)
    pages = max(run.page for run in body)
    ordered: list[Run] = []
    for page in range(1, pages + 1):
        furniture = _furniture(truth, style, page)
        own = [run for run in body if run.page == page]
        ordered += [*furniture, *own] if style.furniture_first else [*own, *furniture]
    return ordered, boxes


def _furniture(truth: Truth, style: Style, page: int) -> list[Run]:
    """Running lines of one page; the note that the report is made up is on every page."""
    size = 8.0
    lines = [Run(page, 62.0, 826.0, MADE_UP, False, size)]
    title = set_characters(running_title(truth), style)
    if truth.layout in LETTERS and truth.layout != "area_send":
        return [*lines, Run(page, 520.0, 809.0, str(page), False, size + 2)]
    if style.header and page > 1:
        lines.append(Run(page, 62.0, 44.0, title, True, size))
    if style.footer and page > 1:
        lines.append(Run(page, 62.0, 798.0, title, False, size))
        lines.append(Run(page, 62.0, 809.0, set_characters(window(truth, style), style), False, size))
    lines.append(Run(page, 520.0, 809.0, str(page), False, size + 2))
    return lines


def _with_characters(block: Block, style: Style) -> Block:
    return replace(
        block,
        text=set_characters(block.text, style),
        label=set_characters(block.label, style),
        rows=tuple(tuple(set_characters(cell, style) for cell in row) for row in block.rows),
    )


def _faces(style: Style) -> tuple[str, str]:
    """Names of the regular and bold face; the embedded pair is registered on first use."""
    regular, bold = _FACES[style.font]
    if style.font == "embedded":
        import reportlab
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.ttfonts import TTFont

        if regular not in pdfmetrics.getRegisteredFontNames():
            folder = Path(reportlab.__file__).parent / "fonts"
            face = TTFont(regular, folder / "Vera.ttf")
            # Office bullets come as a glyph whose character is a private one.
            face.face.charToGlyph[_PRIVATE_BULLET] = face.face.charToGlyph[ord("•")]
            face.face.charWidths[_PRIVATE_BULLET] = face.face.charWidths[ord("•")]
            pdfmetrics.registerFont(face)
            pdfmetrics.registerFont(TTFont(bold, folder / "VeraBd.ttf"))
    return regular, bold


def _pdf_measure(faces: tuple[str, str]) -> Measure:
    from reportlab.pdfbase.pdfmetrics import stringWidth

    def measure(text: str, bold: bool, size: float) -> float:
        return float(stringWidth(text, faces[bold], size))

    return measure


def _draw(canvas: Canvas, run: Run, faces: tuple[str, str]) -> None:
    canvas.setFont(faces[run.bold], run.size)
    canvas.drawString(run.x, PAGE_HEIGHT - run.y, run.text)


def _draw_boxes(canvas: Canvas, boxes: list[Box]) -> None:
    canvas.setLineWidth(0.5)
    for box in boxes:
        canvas.rect(box.x0, PAGE_HEIGHT - box.y1, box.x1 - box.x0, box.y1 - box.y0)
