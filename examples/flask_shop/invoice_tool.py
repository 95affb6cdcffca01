"""Writes an invoice as a PDF. The shop runs it as a separate program for every invoice.

echo '{"title": "...", "lines": ["..."]}' | python invoice_tool.py out.pdf
"""

import json
import sys

PAGE = (595, 842)  # A4 in points
MARGIN = 64  # points
LEADING = 18  # points between two lines


def escape(text):
    """`text` as the inside of a PDF string: Windows-1252, with its three special characters escaped."""
    for character in "\\()":
        text = text.replace(character, "\\" + character)
    return text.encode("cp1252", "replace")


def page_content(title, lines):
    """The drawing commands of the page: a title, a rule, and one line of text after the other."""
    top = PAGE[1] - MARGIN
    out = [b"BT /F2 22 Tf %d %d Td (%s) Tj ET" % (MARGIN, top, escape(title))]
    out.append(b"0.8 w %d %d m %d %d l S" % (MARGIN, top - 14, PAGE[0] - MARGIN, top - 14))
    for number, line in enumerate(lines):
        height = top - 44 - number * LEADING
        out.append(b"BT /F1 11 Tf %d %d Td (%s) Tj ET" % (MARGIN, height, escape(line)))
    return b"\n".join(out)


def make_pdf(title, lines):
    """A whole PDF file as bytes: five objects and the table that says where each begins."""
    content = page_content(title, lines)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents 4 0 R /Resources"
        b" << /Font << /F1 5 0 R /F2 6 0 R >> >> >>" % PAGE,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
    ]
    out, starts = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        starts.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % start for start in starts)
    count = len(objects) + 1
    return out + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (count, table, count, len(out))
    )


if __name__ == "__main__":
    order = json.load(sys.stdin)
    with open(sys.argv[1], "wb") as target:
        target.write(make_pdf(order["title"], order["lines"]))
