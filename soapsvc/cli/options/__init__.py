"""Options that several commands share.

`source` has the options for the tenant, and `opening` opens it; `values` reads days, instants and choices, whose
`words` load no other module; `log_options` has the log options of long-running commands.
"""
