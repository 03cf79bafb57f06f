#!/usr/bin/env python3
"""Makes the PDF files beside it: one form's answers in many layouts, by the programs that people print with.

Needs reportlab, pypdf, LibreOffice, Chromium, wkhtmltopdf and qpdf. The files are committed; this is run when one is added.
"""
import os, subprocess, tempfile
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen import canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

HERE = os.path.dirname(os.path.abspath(__file__))
LONG = ("Tobias was found in the park at about nine in the evening by a neighbour, who rang the out of hours line. He had a cut "
        "above the left eye and said that he had fallen from a wall.")
ROWS = [("Child's name", "Tobias Fernley"), ("Date of birth", "04/03/2012"), ("Case number", "4471902"), ("Team", "MASH"),
        ("Team manager", "Ottoline Marsh"), ("Date of incident", "12/05/2026"), ("Details of incident", LONG),
        ("Police reference number", "")]


def out(name):
    return os.path.join(HERE, name)


def fit(c, text, width):
    lines, line = [], ""
    for word in text.split():
        longer = (line + " " + word).strip()
        if c.stringWidth(longer, "Helvetica", 10) > width:
            lines, line = lines + [line], word
        else:
            line = longer
    return lines + [line]


def title(c):
    c.setFont("Helvetica-Bold", 16)
    c.drawString(50, 780, "Need to Know form")
    c.setFont("Helvetica", 10)


def box(c, x, y, mark):
    c.rect(x, y, 9, 9)
    if mark:
        c.line(x + 1, y + 1, x + 8, y + 8)
        c.line(x + 1, y + 8, x + 8, y + 1)


def two_columns(name, centred=False, rotate=0, actual=False, strike=False):
    c = canvas.Canvas(out(name), pagesize=A4)
    if rotate:
        c.setPageRotation(rotate)
        c.translate(A4[0], 0)
        c.rotate(90)
        c.translate(0, -200)
    title(c)
    y = 740
    for label, value in ROWS:
        lines = fit(c, value, 300)
        shift = (len(lines) - 1) * 6 if centred else 0
        c.drawString(50, y - shift, label)
        for nth, line in enumerate(lines):
            c.drawString(220, y - 12 * nth, line)
        y -= 12 * len(lines) + 12
    c.drawString(50, y, "Police informed")
    if strike:
        c.drawString(220, y, "Yes / No")
        x = 220 + c.stringWidth("Yes / ", "Helvetica", 10)
        c.line(x, y + 3, x + 13, y + 3)
    else:
        box(c, 220, y, True)
        c.drawString(233, y, "Yes")
        box(c, 270, y, False)
        c.drawString(283, y, "No")
    c.save()


def acroform(name, blank=False, above=False, nameless=False):
    c = canvas.Canvas(out(name), pagesize=A4)
    title(c)
    y = 750
    for nth, (label, value) in enumerate(ROWS):
        high = 60 if value == LONG else 18
        y -= high + (34 if above else 12)
        if nameless:
            tip = label
        else:
            tip = None
            c.drawString(50, y + high + 4 if above else y + high - 12, label)
        c.acroForm.textfield(name=f"Text{nth + 1}", tooltip=tip, value="" if blank else value, x=50 if above else 200, y=y,
                             width=340, height=high, fontSize=8, fieldFlags="multiline" if high > 20 else "")
    y -= 30
    c.drawString(50, y + 4, "Police informed")
    for at, option in enumerate(("Yes", "No")):
        c.acroForm.checkbox(name=f"Check{at}", checked=option == "Yes" and not blank, x=200 + 60 * at, y=y, size=14)
        c.drawString(220 + 60 * at, y + 3, option)
    c.save()


def ruled(name):
    style = getSampleStyleSheet()["Normal"]
    rows = [[Paragraph(f"<b>{label}</b>", style), Paragraph(value, style)] for label, value in ROWS]
    rows.append([Paragraph("<b>Police informed</b>", style), "Yes [X]   No [ ]"])
    table = Table(rows, colWidths=[150, 300], style=[("GRID", (0, 0), (-1, -1), 0.5, "black"), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")])
    SimpleDocTemplate(out(name), pagesize=A4).build([Paragraph("Need to Know form", getSampleStyleSheet()["Title"]), table])


def html():
    rows = "".join(f"<tr><th>{label}</th><td>{value}</td></tr>" for label, value in ROWS)
    boxes = '<tr><th>Police informed</th><td><input type="checkbox" checked> Yes <input type="checkbox"> No</td></tr>'
    style = "<style>table{border-collapse:collapse}td,th{border:1px solid #444;padding:4px;text-align:left}</style>"
    return f"<html><meta charset=utf-8>{style}<body><h1>Need to Know form</h1><table>{rows}{boxes}</table></body></html>"


def lines_html():
    rows = "".join(f"<p><b>{label}:</b> {value}</p>" for label, value in ROWS)
    return f"<html><meta charset=utf-8><body><h1>Need to Know form</h1>{rows}<p><b>Police informed:</b> ☒ Yes ☐ No</p></body></html>"


def four_html():
    cells = [f"<td><b>{label}</b></td><td>{value}</td>" for label, value in ROWS if value != LONG]
    rows = "".join("<tr>" + "".join(cells[at:at + 2]) + "</tr>" for at in range(0, len(cells), 2))
    rows += f'<tr><td><b>Details of incident</b></td><td colspan="3">{LONG}</td></tr>'
    rows += '<tr><td><b>Police informed</b></td><td colspan="3">☒ Yes ☐ No</td></tr>'
    return f'<html><meta charset=utf-8><body><h1>Need to Know form</h1><table border="1" cellspacing="0" width="100%">{rows}</table></body></html>'


def printed():
    with tempfile.TemporaryDirectory() as folder:
        for name, page in (("table", html()), ("lines", lines_html()), ("four", four_html())):
            source = os.path.join(folder, name + ".html")
            open(source, "w", encoding="utf-8").write(page)
            subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
                            "--print-to-pdf=" + out(f"chromium-{name}.pdf"), source], check=True, capture_output=True)
            if name == "table":  # Its boxes would not be printed.
                continue
            subprocess.run(["soffice", "--headless", "--convert-to", "pdf:writer_web_pdf_Export", "--outdir", folder, source],
                           check=True, capture_output=True)
            os.replace(os.path.join(folder, name + ".pdf"), out(f"libreoffice-{name}.pdf"))
        subprocess.run(["wkhtmltopdf", "-q", os.path.join(folder, "table.html"), out("wkhtml-table.pdf")], capture_output=True)


def main():
    two_columns("columns.pdf")
    two_columns("columns-centred.pdf", centred=True)
    two_columns("columns-struck.pdf", strike=True)
    two_columns("columns-turned.pdf", rotate=90)
    acroform("fields-beside.pdf")
    acroform("fields-above.pdf", above=True)
    acroform("fields-tips.pdf", nameless=True)
    acroform("fields-blank.pdf", blank=True)
    ruled("ruled.pdf")
    printed()
    for name, words in (("owner", ["--encrypt", "", "owner", "256", "--"]), ("user", ["--encrypt", "secret", "owner", "256", "--"])):
        subprocess.run(["qpdf", *words, out("columns.pdf"), out(f"protected-{name}.pdf")], check=True)
    subprocess.run(["qpdf", "--allow-weak-crypto", "--encrypt", "", "owner", "128", "--use-aes=n", "--", out("ruled.pdf"), out("protected-rc4.pdf")], check=True)
    subprocess.run(["qpdf", "--allow-weak-crypto", "--encrypt", "", "owner", "128", "--use-aes=y", "--", out("columns.pdf"), out("protected-aes128.pdf")], check=True)
    cut = open(out("columns.pdf"), "rb").read()
    open(out("cut.pdf"), "wb").write(cut[:cut.rindex(b"xref", 0, cut.rindex(b"startxref"))])
    c = canvas.Canvas(out("picture.pdf"), pagesize=A4)
    from PIL import Image
    from reportlab.lib.utils import ImageReader
    c.drawImage(ImageReader(Image.new("L", (60, 80), 200)), 0, 0, *A4)
    c.save()
    from pypdf import PdfWriter
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    writer.add_attachment("form.pdf", open(out("ruled.pdf"), "rb").read())
    writer.write(out("portfolio.pdf"))


if __name__ == "__main__":
    main()
