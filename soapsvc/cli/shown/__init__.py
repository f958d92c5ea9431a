"""What commands show for people beyond plain tables.

`preview` does what `soapsvc preview` says. `preview_formats` chooses how it is shown: `preview_table`, `groups` with
sums, or a `chart` of months. `sums` are those of two compared runs; `progress` is the bar of long work.
"""
