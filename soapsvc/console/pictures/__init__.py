"""Pictures as SVG, made by the server: read by keyboard and by hover without script, coloured by the page's own style.

Bars are drawn by pygal, of whose output only the shapes are kept; the time line is a template.
"""
