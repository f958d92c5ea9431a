"""Our address as a client uses it, which login and the WSDL give to the client; and the client's own address."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?", re.ASCII)

Environ = dict[str, Any]
Networks = Sequence[IPv4Network | IPv6Network]


@dataclass(frozen=True, slots=True)
class PublicUrl:
    """Finds the base URL of a request, without a path or trailing slash.

    `fixed` wins where it is given. Else it is the host that the client called, or the one in a trusted proxy's headers;
    X-Forwarded headers of any other sender are ignored.
    """

    fixed: str | None = None
    trusted_proxies: Networks = ()

    def __call__(self, environ: Environ) -> str:
        """The base URL of this request."""
        if self.fixed is not None:
            return self.fixed.rstrip("/")
        scheme, host = environ["wsgi.url_scheme"], environ.get("HTTP_HOST", "")
        if self._is_trusted(environ.get("REMOTE_ADDR", "")):
            said_scheme = _first(environ, "HTTP_X_FORWARDED_PROTO").lower()
            scheme = said_scheme if said_scheme in {"http", "https"} else scheme
            host = _first(environ, "HTTP_X_FORWARDED_HOST") or host
            port = _first(environ, "HTTP_X_FORWARDED_PORT")
            if port.isdigit() and ":" not in host.rpartition("]")[2]:
                host = host if port == {"http": "80", "https": "443"}[scheme] else f"{host}:{port}"
        if _HOST.fullmatch(host) is None:
            host = f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
        return f"{scheme}://{host}"

    def client(self, environ: Environ) -> str:
        """The network address of the sender of this request: the last address that is not a trusted proxy's."""
        address: str = environ.get("REMOTE_ADDR", "")
        said: str = environ.get("HTTP_X_FORWARDED_FOR", "")
        for before in reversed(said.split(",")):
            if not before.strip() or not self._is_trusted(address):
                break
            address = before.strip()
        return address

    def _is_trusted(self, address: str) -> bool:
        if not self.trusted_proxies:
            return False
        try:
            client = ip_address(address)
        except ValueError:
            return False
        return any(client in network for network in self.trusted_proxies)


def _first(environ: Environ, name: str) -> str:
    """The first value of a list header: the one nearest to the client."""
    value: str = environ.get(name, "")
    return value.partition(",")[0].strip()


def base_url(text: str) -> str:
    """The checked URL at which clients call us: http or https, a host, perhaps a port and a path. Raises ValueError."""
    shown = "what is given" if "@" in text else repr(text)  # there may be a password in it
    none = f"{shown} is not an http or https URL"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:  # for brackets without an address, for a port that is not a number or above 65535
        raise ValueError(none) from None
    if port == 0 or parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ValueError(none)
    if parts.query or parts.fragment or _HOST.fullmatch(parts.netloc) is None:
        raise ValueError(f"{shown} has more than a host, a port and a path")
    return text


def networks(texts: Sequence[str]) -> Networks:
    """The networks in `texts`, as addresses or in CIDR notation; raises ValueError for anything else."""
    return [ip_network(text) for text in texts]
