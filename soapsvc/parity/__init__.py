"""Compare the vendor's previews with ours: recordings, comparison item by item, causes, fit of the billing rules.

`recording` reads and writes recordings. `accounts` makes the engine's account from a recording's data.
"""
