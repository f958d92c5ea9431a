"""The sources of option values: environment, a TOML file, arguments. Each overrides those before it.

**How an option is added.** Declare it on its command with `click.option`, as usual; that is all. An
option `--admin-token` is then also the environment variable SOAPSVC_ADMIN_TOKEN and the key `admin_token` of the file,
at its top for all commands that have it, or in the table of one (`[serve]`, `[run.work]`). `soapsvc config` shows it,
and a wrong spelling of it is refused with the nearest name. Four things to know:

* A secret value takes `cls=Secret`; a URL that may hold a password `cls=SecretUrl`. It is masked wherever
  it is shown, and may be read from a file: SOAPSVC_ADMIN_TOKEN_FILE, `admin_token_file`. Never give it `show_default`.
* An option that may be repeated (`multiple=True`) is a list in the file, and has commas between its values in the
  environment.
* Add the names of options that exclude each other to `EXCLUSIVE`: one from a stronger source then overrides the others
  from weaker ones, as `--tenant DIR` does with SOAPSVC_DATABASE.
* A command that finds a value wrong raises `Misconfigured`, with `named(key)` for how the option was given.

A page that names options is docs/operate/configure.md.
"""

from soapsvc.cli.configuration.errors import Misconfigured
from soapsvc.cli.configuration.files import ConfigFile
from soapsvc.cli.configuration.lookup import (
    ARGUMENT,
    DEFAULT,
    EXCLUSIVE,
    Lookup,
    configurable,
    named,
    place_before,
    place_of,
)
from soapsvc.cli.configuration.names import option_key, variable
from soapsvc.cli.configuration.secrets import Secret, SecretUrl, shown
from soapsvc.cli.configuration.sources import Given, Sources

__all__ = [
    "ARGUMENT",
    "DEFAULT",
    "EXCLUSIVE",
    "ConfigFile",
    "Given",
    "Lookup",
    "Misconfigured",
    "Secret",
    "SecretUrl",
    "Sources",
    "configurable",
    "named",
    "option_key",
    "place_before",
    "place_of",
    "shown",
    "variable",
]
