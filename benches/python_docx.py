#!/usr/bin/env python3
"""Reads Word forms with python-docx, as `cargo bench --bench reading` reads the same files: forms read per second
of processor time, so that other work on the machine counts little.

    pip install python-docx
    python_docx.py FILE.docx ...

It takes every paragraph and cell as text, with what is ticked left out: less than the program does with a form.
"""
import sys
import time

import docx


def read(path):
    document = docx.Document(path)
    found = [paragraph.text for paragraph in document.paragraphs]
    for table in document.tables:
        for row in table.rows:
            found.append([cell.text for cell in row.cells])
    return found


def main():
    files = sys.argv[1:]
    if not files:
        sys.exit(__doc__)
    began, forms = time.process_time(), 0
    while time.process_time() - began < 5:
        for path in files:
            read(path)
            forms += 1
    seconds = time.process_time() - began
    print(f"{forms / seconds:.1f} forms/s, {seconds / forms * 1e3:.2f} ms a form, {len(files)} files")


if __name__ == "__main__":
    main()
