"""A request that draws a document or a diagram.

## What it does

Finds WeasyPrint, ReportLab, xhtml2pdf, pypdf, matplotlib, plotly and bokeh.

## Why it blocks

A page of PDF takes tenths of a second of a core.

## Example

    from weasyprint import HTML

    def invoice(order):
        return HTML(string=render(order)).write_pdf()

## Use instead

    import asyncio

    from weasyprint import HTML

    async def invoice(order):
        return await asyncio.to_thread(HTML(string=render(order)).write_pdf)

## References

- https://doc.courtbouillon.org/weasyprint/
- https://docs.python.org/3/library/asyncio-task.html#running-in-threads
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB406",
    name="document",
    message="{sink} draws a document",
    sinks=(
        "weasyprint",
        "reportlab",
        "xhtml2pdf",
        "pypdf",
        "PyPDF2",
        "fitz",
        "pdfplumber",
        "pdfminer",
        "matplotlib",
        "seaborn",
        "plotly",
        "bokeh",
        "altair",
        "fpdf",
        "borb",
        "cairosvg",
        "svglib",
        "docxtpl",
        "pikepdf",
        "camelot",
        "tabula",
        "graphviz",
    ),
)
