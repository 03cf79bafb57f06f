#!/usr/bin/env python3
"""Builds the tables of a report with python-docx from the CSV files that `cargo bench --bench report` leaves: seconds of processor time
for one document. No charts, no counting, no taking out of names: less than the program does.

    pip install python-docx
    python_docx_tables.py FOLDER
"""
import csv
import io
import pathlib
import sys
import time

import docx


def build(tables):
    document = docx.Document()
    for name, rows in tables:
        document.add_heading(name, 1)
        table = document.add_table(rows=0, cols=len(rows[0]))
        table.style = "Table Grid"
        for row in rows:
            cells = table.add_row().cells
            for cell, text in zip(cells, row):
                cell.text = text
    document.save(io.BytesIO())


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    files = sorted(pathlib.Path(sys.argv[1]).glob("*.csv"))
    tables = [(file.stem, list(csv.reader(file.open(encoding="utf-8-sig", newline="")))) for file in files]
    rows = sum(len(rows) for _, rows in tables)
    began = time.process_time()
    build(tables)
    print(f"{len(tables)} tables, {rows} rows: {time.process_time() - began:.1f} s")


if __name__ == "__main__":
    main()
