"""The server's certificate, read again when its files change.

The main process reads the files, tests them, and keeps their content in memory for workers, which may start at any
time. So a half-written file, or one that does not match the other, stops no worker. When there is a new matching pair,
workers are replaced; the old ones finish their calls first.
"""

from __future__ import annotations

import logging
import os
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

_LOG = logging.getLogger(__name__)
_LOOK_SECONDS = 1.0

_CERTIFICATE, _KEY = b"-----BEGIN CERTIFICATE-----", b"PRIVATE KEY-----"

Read = TypeVar("Read")
_Seen = tuple[tuple[int, int, int], ...]


class WrongCertificate(Exception):
    """A certificate or its key cannot be used; the message names the file and the reason.

    `of_key`: it is the key's file.
    """

    def __init__(self, why: str, *, of_key: bool = False) -> None:
        super().__init__(why)
        self.of_key = of_key


@dataclass(frozen=True, slots=True)
class Pair:
    """The files with a certificate (and its chain) and its key, in PEM."""

    certificate: Path
    key: Path


class Tls:
    """The pair that workers use. Raises WrongCertificate where the first pair cannot be used."""

    def __init__(self, pair: Pair) -> None:
        self._pair = pair
        self._next_look = 0.0
        self._seen = self._signature()
        self._held = _held(pair)

    def files(self) -> tuple[str, str]:
        """The files that a worker reads: copies of the tested certificate and key in memory."""
        certificate, key = self._held
        return _path(certificate), _path(key)

    def has_changed(self) -> bool:
        """Whether there is a new matching pair since the last call; checks at most once per second."""
        now = time.monotonic()
        if now < self._next_look:
            return False
        self._next_look = now + _LOOK_SECONDS
        try:
            seen = self._signature()
        except WrongCertificate:
            return False  # for example while a file is being replaced
        if seen == self._seen:
            return False
        self._seen = seen
        try:
            held = _held(self._pair)
        except WrongCertificate as error:
            _LOG.warning("the certificate has changed, but cannot be used; the old one stays: %s", error)
            return False
        for descriptor in self._held:
            os.close(descriptor)
        self._held = held
        _LOG.info("the certificate has changed; new connections get it")
        return True

    def _signature(self) -> _Seen:
        stats = [_read(path, path.stat, self._pair) for path in (self._pair.certificate, self._pair.key)]
        return tuple((each.st_mtime_ns, each.st_size, each.st_ino) for each in stats)


def _held(pair: Pair) -> tuple[int, int]:
    """The tested content of both files in memory; forked processes inherit the descriptors."""
    contents = [_read(path, path.read_bytes, pair) for path in (pair.certificate, pair.key)]
    _check(pair, *contents)
    certificate, key = (_in_memory(content) for content in contents)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(_path(certificate), _path(key), password="")
    except (ssl.SSLError, OSError, ValueError) as error:
        os.close(certificate)
        os.close(key)
        raise _unusable(pair, error) from error
    return certificate, key


def _read(path: Path, read: Callable[[], Read], pair: Pair) -> Read:
    try:
        return read()
    except OSError as error:
        why = f"{path} cannot be read: {error.strerror}"
        raise WrongCertificate(why, of_key=path == pair.key != pair.certificate) from error


def _check(pair: Pair, certificate: bytes, key: bytes) -> None:
    """Raise WrongCertificate for mistakes that OpenSSL reports without a useful message."""
    if _CERTIFICATE not in certificate:
        what = "a key, and no certificate" if _KEY in certificate else "no certificate in PEM"
        raise WrongCertificate(f"{pair.certificate} has {what}; in PEM there is a line -----BEGIN CERTIFICATE-----")
    if _KEY not in key:
        asked = "give the file with the key as --tls-key" if pair.key == pair.certificate else "give the key's file"
        raise WrongCertificate(f"{pair.key} has no key in PEM; {asked}", of_key=True)
    if b"ENCRYPTED" in key:
        mended = f"`openssl pkey -in {pair.key} -out NEW` writes it without one"
        raise WrongCertificate(f"the key in {pair.key} has a password; {mended}", of_key=True)


def _unusable(pair: Pair, error: Exception) -> WrongCertificate:
    """The error for a pair that OpenSSL does not accept."""
    if isinstance(error, ssl.SSLError) and error.reason == "KEY_VALUES_MISMATCH":
        why = f"the key in {pair.key} is not that of the first certificate in {pair.certificate}"
        return WrongCertificate(f"{why}; put the chain after the server's own certificate", of_key=True)
    why = error.reason if isinstance(error, ssl.SSLError) and error.reason else str(error)
    return WrongCertificate(f"{pair.certificate} and {pair.key} cannot be read as certificate and key: {why}")


def _in_memory(content: bytes) -> int:
    descriptor = os.memfd_create("soapsvc")
    os.write(descriptor, content)
    return descriptor


def _path(descriptor: int) -> str:
    return f"/proc/self/fd/{descriptor}"
