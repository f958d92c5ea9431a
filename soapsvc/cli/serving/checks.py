"""Check the settings of `soapsvc serve` at the start, not at the first call or run."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

import click

from soapsvc.cli.configuration import Misconfigured, named
from soapsvc.runs.definition import MissingExtra, needed
from soapsvc.server.public_url import PublicUrl, base_url, networks


def public_url_of(url: str | None, proxies: Sequence[str]) -> PublicUrl:
    """Our address for clients, and the proxies whose headers count. Raises Misconfigured."""
    try:
        trusted = networks(proxies)
    except ValueError as error:
        raise Misconfigured(
            f"{named('trusted_proxy')}: {error}; give an address, or a network such as 10.0.0.0/8."
        ) from error
    try:
        return PublicUrl(None if url is None else base_url(url), trusted)
    except ValueError as error:
        raise Misconfigured(f"{named('public_url')}: {error}, such as https://billing.example.com.") from error


def check_runs(results: str | None, dask: str | None, workers: int | None) -> None:
    """Check at the start that results of runs can be stored, and that Dask is installed if needed.

    Raises Misconfigured.
    """
    try:
        if dask is not None:
            needed("distributed", extra="dask")
        if results is not None and "://" in results:  # only the kind of file system is looked up, without a connection
            needed("fsspec", extra="remote").get_filesystem_class(results.partition("://")[0].rpartition("::")[2])
    except MissingExtra as error:
        raise click.ClickException(str(error)) from error
    except (ValueError, ImportError) as error:
        raise Misconfigured(f"{named('results')}: {error}".rstrip(".") + ".") from error
    if dask is not None and not re.fullmatch(r"[a-z]+://[^/]+:\d+", dask):
        raise Misconfigured(f"{named('dask')}: {dask!r} is not an address such as tcp://scheduler:8786.")
    if results is not None and "://" not in results and workers != 0:
        _check_folder(Path(results).absolute())


def _check_folder(path: Path) -> None:
    """Raise Misconfigured where a folder cannot be written or created."""
    there = next(each for each in (path, *path.parents) if os.path.lexists(each))
    if not there.is_dir():
        raise Misconfigured(f"{named('results')}: {there} is not a folder.")
    if not os.access(there, os.W_OK | os.X_OK):
        who = f"the user who runs soapsvc (id {os.geteuid()})"
        raise Misconfigured(f"{named('results')}: {there} cannot be written by {who}; runs keep their files in {path}.")
