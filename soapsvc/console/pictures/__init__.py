"""Pictures as SVG, made by the server. Keyboard and pointer reach each part without script; the page's CSS colours it.

`months`, `changes` and `runs` make bars from what `figures` and the comparisons computed. `bars` draws them with pygal
and keeps only the shapes of its output. `timeline` is drawn by a template.
"""
