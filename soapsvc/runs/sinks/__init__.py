"""Ways to store the results of a run: CSV, Parquet, the database; and the file for download.

Read `writer` (how a worker writes a part), `part_writers` (which way a run asks for), then `csv_files` with `csv_lines`
(the lines of one account) and `csv_text` (quotes; nothing that a spreadsheet runs as a formula), `parquet_files`,
`database` with `spool`; `columns` (headings; the order of the fields is in `definition.schema`); `archive` (the zip).
"""

from soapsvc.runs.sinks.archive import LostPart, write_archive
from soapsvc.runs.sinks.columns import FAILURE_COLUMNS, item_columns
from soapsvc.runs.sinks.csv_files import open_table
from soapsvc.runs.sinks.csv_lines import CsvLines
from soapsvc.runs.sinks.csv_text import csv_line, formula_safe
from soapsvc.runs.sinks.part_writers import PartWriter, Place, part_writer
from soapsvc.runs.sinks.writer import parts_folder

__all__ = [
    "FAILURE_COLUMNS",
    "CsvLines",
    "LostPart",
    "PartWriter",
    "Place",
    "csv_line",
    "formula_safe",
    "item_columns",
    "open_table",
    "part_writer",
    "parts_folder",
    "write_archive",
]
