"""The commands that compare the vendor's previews with ours: `verify` and `fit`.

`verifying` and `fitting` do the work, and `opening` reads the input of both.
"""
