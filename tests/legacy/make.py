#!/usr/bin/env python3
"""Makes the samples beside this script: a form in Word's format, then the older formats by LibreOffice, and signed mails by openssl.

    make.py        writes form.docx, form.doc, form.rtf, form.odt, signed mails and a sealed one; needs soffice and openssl

All names and numbers are invented.
"""
import os, subprocess, tempfile, zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def run(text, look=""):
    return f'<w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(*runs):
    return "<w:p>" + "".join(r if r.startswith("<") else run(r) for r in runs) + "</w:p>"


def mark(kind, data=""):
    return f'<w:r><w:fldChar w:fldCharType="{kind}">{data}</w:fldChar></w:r>'


def field(name, instruction, data, result=""):
    begin = mark("begin", f'<w:ffData><w:name w:val="{name}"/><w:enabled/>{data}</w:ffData>')
    code = f'<w:r><w:instrText xml:space="preserve"> {instruction} </w:instrText></w:r>'
    return begin + code + mark("separate") + (run(result) if result else "") + mark("end")


def box(name, ticked):
    return field(name, "FORMCHECKBOX", f'<w:checkBox><w:sizeAuto/><w:default w:val="{int(ticked)}"/></w:checkBox>')


def choice(name, entries, chosen):
    listed = "".join(f'<w:listEntry w:val="{e}"/>' for e in entries)
    return field(name, "FORMDROPDOWN", f'<w:ddList><w:result w:val="{chosen}"/>{listed}</w:ddList>')


def text(name, words):
    return field(name, "FORMTEXT", "<w:textInput/>", words)


def cell(*blocks, width=3000, more=""):
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{more}</w:tcPr>{"".join(blocks)}</w:tc>'


def row(*cells):
    return "<w:tr>" + "".join(cells) + "</w:tr>"


def table(widths, *rows):
    grid = "".join(f'<w:gridCol w:w="{w}"/>' for w in widths)
    border = "".join(f'<w:{side} w:val="single" w:sz="4"/>' for side in ("top", "left", "bottom", "right", "insideH", "insideV"))
    return f'<w:tbl><w:tblPr><w:tblW w:w="0" w:type="auto"/><w:tblBorders>{border}</w:tblBorders></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{"".join(rows)}</w:tbl>'


def body():
    struck, marked, bold, hidden = "<w:strike/>", '<w:highlight w:val="yellow"/>', "<w:b/>", "<w:vanish/>"
    signs = '<w:rFonts w:ascii="Wingdings" w:hAnsi="Wingdings"/>'
    symbol = lambda code: f'<w:r><w:sym w:font="Wingdings" w:char="{code}"/></w:r>'
    inner = table((1500, 1500),
                  row(cell(paragraph("Brother"), width=1500), cell(paragraph("Aled Prosser, 4"), width=1500)),
                  row(cell(paragraph("Sister"), width=1500), cell(paragraph("Nia Prosser, 9"), width=1500)))
    deleted = '<w:del w:id="1" w:author="A" w:date="2026-01-01T00:00:00Z"><w:r><w:delText xml:space="preserve">withdrawn words </w:delText></w:r></w:del>'
    added = '<w:ins w:id="2" w:author="A" w:date="2026-01-01T00:00:00Z">' + run("kept words ") + "</w:ins>"
    main = table(
        (3000, 3000, 3000),
        row(cell(paragraph(run("Need To Know", bold)), width=9000, more='<w:gridSpan w:val="3"/>')),
        row(cell(paragraph("Child’s name")), cell(paragraph(text("Child", "Zoë Prosser–Łukasz")), width=6000, more='<w:gridSpan w:val="2"/>')),
        row(cell(paragraph("Date of birth")), cell(paragraph("14/03/2014")), cell(paragraph("Case number: 77120"))),
        row(cell(paragraph("Legal status")), cell(paragraph(choice("Status", ["Please select", "Section 20", "Interim Care Order"], 2))), cell(paragraph())),
        row(cell(paragraph("Police informed"), more='<w:vMerge w:val="restart"/>'), cell(paragraph("Yes ", box("Y", True))), cell(paragraph("No ", box("N", False)))),
        row(cell(paragraph(), more="<w:vMerge/>"), cell(paragraph("Reference: 118")), cell(paragraph())),
        row(cell(paragraph("Family")), cell(inner, paragraph("after the inner table"), width=6000, more='<w:gridSpan w:val="2"/>')),
        row(cell(paragraph("Media interest")), cell(paragraph(symbol("F0FE"), " Yes  ", symbol("F0A8"), " No")), cell(paragraph(run("Yes", struck), " / ", run("No", marked)))))
    return (main + paragraph("Description") + paragraph(deleted, added, run("secret", hidden), "line one", '<w:r><w:br/></w:r>', "line two", '<w:r><w:tab/></w:r>', "after a tab")
            + paragraph(run("\uf0fe", signs), " Strategy meeting held") + paragraph("The last paragraph."))


def docx(path):
    header = f'<?xml version="1.0" encoding="UTF-8"?><w:hdr {W}>{paragraph("OFFICIAL – SENSITIVE")}</w:hdr>'
    document = (f'<?xml version="1.0" encoding="UTF-8"?><w:document {W}><w:body>{body()}'
                '<w:sectPr><w:headerReference w:type="default" r:id="h"/></w:sectPr></w:body></w:document>')
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml."
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{TYPES}"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{word}document.main+xml"/><Override PartName="/word/header1.xml" ContentType="{word}header+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="d" Type="{OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="h" Type="{OFFICE}/header" Target="header1.xml"/></Relationships>',
        "word/document.xml": document, "word/header1.xml": header,
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content)


def signed(folder):
    key, certificate, inner = (os.path.join(folder, n) for n in ("key.pem", "cert.pem", "inner.txt"))
    openssl = lambda *a: subprocess.run(["openssl", *a], check=True, capture_output=True)
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "3650", "-subj", "/CN=Sample signer")
    with open(inner, "w", newline="") as out:
        out.write('Content-Type: text/plain; charset="iso-8859-15"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
                  "Need To Know\r\n\r\nChild's name: Zo=EB Prosser\r\nDate of birth: 14/03/2014\r\nCase number: 77120\r\n"
                  "Team: Assessment Team North\r\nIncident description: A window was broken at the home. Cost =A4 90.\r\n")
    head = ["-from", "reporter@northshire.example", "-to", "ntk@northshire.example", "-subject", "Need To Know - ZP"]
    sign = ["-sign", "-nodetach", "-in", inner, "-signer", certificate, "-inkey", key, "-nosmimecap"]
    openssl("smime", *sign, *head, "-out", os.path.join(HERE, "signed-smime.eml"))
    openssl("cms", *sign, *head, "-out", os.path.join(HERE, "signed-cms.eml"))
    openssl("cms", *sign, *head, "-stream", "-out", os.path.join(HERE, "signed-stream.eml"))
    openssl("cms", *sign, "-outform", "DER", "-out", os.path.join(HERE, "signed.der.p7m"))
    openssl("cms", *sign, "-outform", "PEM", "-out", os.path.join(HERE, "signed.pem.p7m"))
    openssl("cms", "-encrypt", "-in", inner, *head, "-out", os.path.join(HERE, "sealed.eml"), certificate)


def main():
    docx(os.path.join(HERE, "form.docx"))
    for kind in ("doc", "rtf", "odt"):
        subprocess.run(["soffice", "--headless", "--convert-to", kind, "--outdir", HERE, os.path.join(HERE, "form.docx")], check=True, capture_output=True)
    with tempfile.TemporaryDirectory() as folder:
        signed(folder)


if __name__ == "__main__":
    main()
