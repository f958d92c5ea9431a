"""`soapsvc serve`: the service over a tenant directory, a database, the demo tenant, or a stand-in's copy.

`serve` is the command; `listen_options` and `stand_in` have further options. `service` does the work, with `checks`,
`listening` and `stores`; `demo` prints the first lines of `--demo`. A shadow's options: `soapsvc.cli.upstream`.
"""
