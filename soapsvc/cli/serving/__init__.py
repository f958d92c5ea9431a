"""`soapsvc serve`: the service over a tenant directory, a database, the demo tenant, or a stand-in's copy.

`serve` is the command; `listen_options` are how it listens, `stand_in` what `--stand-in` adds. `service` does it, with
`checks`, `listening` and `stores`; `demo` is what `--demo` says first. A shadow's options: `soapsvc.cli.upstream`.
"""
