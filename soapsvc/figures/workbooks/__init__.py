"""Workbooks for spreadsheets: of a preview, of a run, of two compared runs. They share `workbook`."""

from soapsvc.figures.workbooks.diff_book import write_diff_book
from soapsvc.figures.workbooks.preview_book import write_preview_book
from soapsvc.figures.workbooks.run_book import write_run_book

__all__ = ["write_diff_book", "write_preview_book", "write_run_book"]
