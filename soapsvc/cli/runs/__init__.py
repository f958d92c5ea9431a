"""The commands on billing preview runs: `run` with its sub-commands, and `purge`.

Read `run`, `control` (`run resume`, `work`, `cancel`, `list`), `diff` and `purge`, the commands with their options;
their work is in `new_run`, `existing` and `differing`. `options`, `carrying`, `progress` and `interrupts` are shared.
"""
