"""The commands on billing preview runs, one in a module: `run` with its sub-commands, and `purge`.

Read `run`, `control` (`run resume`, `work`, `cancel`, `list`), `diff` and `purge`; `options`, `progress` and
`interrupts` are what they share.
"""
