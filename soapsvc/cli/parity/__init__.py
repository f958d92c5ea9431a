"""The commands that lay the vendor's previews beside ours: `verify` and `fit`.

`verifying` and `fitting` do it, and `opening` reads what both are given.
"""
