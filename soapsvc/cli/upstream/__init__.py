"""Commands that call the vendor's own service: `fetch`, whose work `fetching` does, and `record`, with `recording`.

`options`, `selection` and `shadow_options` are the options that they, and the shadow of `serve`, have in common.
"""
