"""Output for people beyond plain tables.

`preview` does the work of `soapsvc preview`. `preview_formats` chooses the form: `preview_table`, `groups` with sums,
or a `chart` of months; `failures` says why there is no preview. `sums` prints those of two compared runs; `progress`
is the bar of long work.
"""
