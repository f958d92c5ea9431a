"""Credentials for the vendor's service. Secrets come from the environment or from a file that only its owner can read.

The order is: the file, an OAuth client, the keys of a user (name and password, sent in the older headers).
"""

from __future__ import annotations

import stat
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from soapsvc.vendor.errors import CredentialsMissing

PREFIX = "SOAPSVC_UPSTREAM_"
"""The prefix of the environment variables."""

_OAUTH = ("client_id", "client_secret")
_KEYS = ("access_key_id", "secret_access_key")
_ENTITY = ("entity_id", "entity_name")
_PRIVATE = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """An OAuth client."""

    client_id: str
    client_secret: str = field(repr=False)
    entity_id: str | None = None
    entity_name: str | None = None


@dataclass(frozen=True, slots=True)
class AccessKeys:
    """The name and password of an API user, for the older headers and SOAP's login."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    entity_id: str | None = None
    entity_name: str | None = None


Credentials = OAuthClient | AccessKeys


def read_credentials(environment: Mapping[str, str], file: Path | None = None) -> Credentials:
    """The credentials from a file or from environment variables; raises CredentialsMissing."""
    if file is not None:
        return _made(_of_file(file), f"{file} has", _OAUTH + _KEYS)
    names = (*_OAUTH, *_KEYS, *_ENTITY)
    given = {name: value for name in names if (value := environment.get(f"{PREFIX}{name.upper()}", ""))}
    return _made(given, "the environment has", [f"{PREFIX}{name.upper()}" for name in _OAUTH + _KEYS])


def secrets_of(credentials: Credentials) -> tuple[str, ...]:
    """The values that must not appear in logs, recordings or reports."""
    return (credentials.client_secret if isinstance(credentials, OAuthClient) else credentials.secret_access_key,)


def _made(given: Mapping[str, str], who: str, names: Iterable[str]) -> Credentials:
    entity = {name: given[name] for name in _ENTITY if name in given}
    if all(name in given for name in _OAUTH):
        return OAuthClient(given["client_id"], given["client_secret"], **entity)
    if all(name in given for name in _KEYS):
        return AccessKeys(given["access_key_id"], given["secret_access_key"], **entity)
    first, second, third, fourth = names
    raise CredentialsMissing(f"{who} neither {first} with {second} nor {third} with {fourth}; give one of these pairs")


def _of_file(file: Path) -> Mapping[str, str]:
    try:
        mode = file.stat().st_mode
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise CredentialsMissing(f"{file} cannot be read: {getattr(error, 'strerror', None) or 'not text'}") from error
    except tomllib.TOMLDecodeError as error:
        raise CredentialsMissing(f'{file} is not TOML; write lines such as client_id = "…"') from error
    if mode & _PRIVATE:
        raise CredentialsMissing(f"other users can read {file}; call chmod 600 {file}")
    known = {*_OAUTH, *_KEYS, *_ENTITY}
    if unknown := sorted(set(document) - known):
        raise CredentialsMissing(f"{file} has {unknown[0]}, which is not one of {', '.join(sorted(known))}")
    if wrong := [name for name, value in document.items() if not isinstance(value, str) or not value]:
        raise CredentialsMissing(f"{wrong[0]} in {file} is not a text")
    return document
