"""Pictures as SVG, made by the server: read by keyboard and by hover without script, coloured by the page's own style.

`months`, `changes` and `runs` make bars of what `figures` and the comparisons computed; `bars` has pygal draw them, of
whose output only the shapes are kept. `timeline` is a template.
"""
