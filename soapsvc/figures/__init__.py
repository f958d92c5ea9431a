"""Figures for people: the items of a preview as lines, grouped and summed; runs compared in sums; workbooks, CSV.

The command line and the console show the same figures, and take them from here. The package knows neither HTTP nor the
terminal. Read `lines`, `groups`, `months`, `upcoming`; `changes` (runs compared); `table` and the room `workbooks`
(files).
"""
