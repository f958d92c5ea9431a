"""The certificate that the server shows, read anew when it changes.

The main process reads the files, tries them, and keeps what it has read in memory for the workers, which come at any
time: a file that is half written, or does not fit the other, stops nobody. When a pair changes that fits, workers are
replaced; the old ones finish their calls first.
"""

from __future__ import annotations

import logging
import os
import ssl
import time
from dataclasses import dataclass
from pathlib import Path

_LOG = logging.getLogger(__name__)
_LOOK_SECONDS = 1.0

_Seen = tuple[tuple[int, int, int], ...]


class WrongCertificate(Exception):
    """A certificate and its key cannot be used; says which file and why."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The files with a certificate (and those that it hangs on) and its key, in PEM."""

    certificate: Path
    key: Path


class Tls:
    """What workers serve with. Raises WrongCertificate where the pair cannot be used at first."""

    def __init__(self, pair: Pair) -> None:
        self._pair = pair
        self._next_look = 0.0
        self._seen = self._signature()
        self._held = _held(pair)

    def files(self) -> tuple[str, str]:
        """Where a worker reads certificate and key: not the files themselves, but what was read of them and tried."""
        certificate, key = self._held
        return _path(certificate), _path(key)

    def has_changed(self) -> bool:
        """Whether there is another pair since this was asked last, that fits; looks once in a second."""
        now = time.monotonic()
        if now < self._next_look:
            return False
        self._next_look = now + _LOOK_SECONDS
        try:
            seen = self._signature()
        except WrongCertificate:
            return False  # as while a file is replaced
        if seen == self._seen:
            return False
        self._seen = seen
        try:
            held = _held(self._pair)
        except WrongCertificate as error:
            _LOG.warning("the certificate has changed and is not taken: %s", error)
            return False
        for descriptor in self._held:
            os.close(descriptor)
        self._held = held
        _LOG.info("the certificate has changed: new workers show it")
        return True

    def _signature(self) -> _Seen:
        try:
            stats = [path.stat() for path in (self._pair.certificate, self._pair.key)]
        except OSError as error:
            raise WrongCertificate(f"{error.filename} cannot be read: {error.strerror}") from error
        return tuple((each.st_mtime_ns, each.st_size, each.st_ino) for each in stats)


def _held(pair: Pair) -> tuple[int, int]:
    """Both files' content in memory, tried; the descriptors go over to processes that are forked."""
    try:
        contents = [path.read_bytes() for path in (pair.certificate, pair.key)]
    except OSError as error:
        raise WrongCertificate(f"{error.filename} cannot be read: {error.strerror}") from error
    certificate, key = (_in_memory(content) for content in contents)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(_path(certificate), _path(key), password="")
    except (ssl.SSLError, OSError, ValueError) as error:
        os.close(certificate)
        os.close(key)
        why = error.reason if isinstance(error, ssl.SSLError) and error.reason else str(error)
        raise WrongCertificate(
            f"{pair.certificate} and {pair.key} are no certificate and the key to it, without a password: {why}"
        ) from error
    return certificate, key


def _in_memory(content: bytes) -> int:
    descriptor = os.memfd_create("soapsvc")
    os.write(descriptor, content)
    return descriptor


def _path(descriptor: int) -> str:
    return f"/proc/self/fd/{descriptor}"
