"""`soapsvc serve`: the service over a tenant directory, a database, the demo tenant, or a stand-in's copy.

`serve` is the command; `listen_options` says how it listens, `stand_in` what `--stand-in` adds, `demo` what `--demo`
says first. The options of a shadow are in `soapsvc.cli.upstream`.
"""
