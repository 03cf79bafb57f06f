#!/usr/bin/env python3
"""Builds the tables of a report anew with python-docx: seconds of processor time. The tables are those of the Word document that
`cargo bench --bench report` leaves, or of its CSV files. No charts, no text between, no counting, no taking out of names: less than the
program does. Each table's cells are asked for once, as users in a hurry do: by add_row().cells every row asks for all the cells above it
anew, and 1,000 rows take a hundred times as long.

    pip install python-docx
    python_docx_tables.py directors.docx
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
        width = max(len(row) for row in rows)
        table = document.add_table(rows=len(rows), cols=width)
        table.style = "Table Grid"
        cells = table._cells
        for at, row in enumerate(rows):
            for cell, text in zip(cells[at * width:(at + 1) * width], row):
                cell.text = text
    document.save(io.BytesIO())


def tables_of(source):
    if source.is_dir():
        files = sorted(source.glob("*.csv"))
        return [(file.stem, list(csv.reader(file.open(encoding="utf-8-sig", newline="")))) for file in files]
    tables = docx.Document(source).tables
    return [(f"Table {n}", [[cell.text for cell in row.cells] for row in table.rows]) for n, table in enumerate(tables, 1)]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    tables = tables_of(pathlib.Path(sys.argv[1]))
    rows = sum(len(rows) for _, rows in tables)
    began = time.process_time()
    build(tables)
    print(f"{len(tables)} tables, {rows} rows: {time.process_time() - began:.2f} s")


main()
