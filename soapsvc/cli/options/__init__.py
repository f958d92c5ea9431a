"""Options that several commands share.

`source` says which tenant a command works on, and `opening` opens it; `values` reads days, instants and choices, whose
`words` load nothing; `log_options` is how a command that runs on logs.
"""
