"""Options that several commands share.

`source` says which tenant a command works on, `values` reads days, instants and choices, `log_options` is how a command
that runs on logs.
"""
