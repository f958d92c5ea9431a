"""Theirs beside ours: recordings of the vendor's previews, comparison item by item, causes, fit of the billing rules.

`recording` reads and writes what was recorded. `accounts` makes the engine's account from a recording's data.
"""
