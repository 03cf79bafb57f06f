"""What python-docx finds in a Word file, as JSON: every paragraph and cell in order, the pictures with their alternative text, the
properties. For tests/report.rs."""
import json
import sys

import docx
from docx.table import Table
from docx.text.paragraph import Paragraph

document = docx.Document(sys.argv[1])
lines = []
for child in document.element.body.iterchildren():
    if child.tag.endswith("}p"):
        lines.append("".join(node.text or "" for node in child.iter() if node.tag.endswith("}t")))
        Paragraph(child, document)
    elif child.tag.endswith("}tbl"):
        for row in Table(child, document).rows:
            lines.extend(cell.text for cell in row.cells)
pictures = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
core = document.core_properties
print(json.dumps({
    "lines": lines,
    "tables": len(document.tables),
    "pictures": pictures,
    "properties": [core.title, core.author, core.language],
}))
