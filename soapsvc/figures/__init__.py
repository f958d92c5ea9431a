"""Figures for readers: the items of a preview as lines, grouped and summed; sums of compared runs; workbooks, CSV.

The command line and the console show the same figures, all from here. The package knows neither HTTP nor the terminal.
Start with `lines`, `groups`, `months`, `upcoming`; then `changes` (compared runs); `table` and the package `workbooks`
(files).
"""
