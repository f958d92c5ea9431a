"""Read a SOAP envelope, 1.1 or 1.2, as legacy clients write it: version, session, and the one element of the body."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from soapsvc.soap import ns
from soapsvc.soap.frame.faults import ClientFault, MustUnderstand, VersionMismatch
from soapsvc.soap.frame.node import Node


class SoapVersion(Enum):
    """The envelope's version, by its namespace; an answer has the version of its request."""

    SOAP11 = ns.SOAP11
    SOAP12 = ns.SOAP12


_VERSIONS = {version.value: version for version in SoapVersion}
_NAMESPACES = {version: version.value.encode() for version in SoapVersion}
# Clients write them in any namespace and any case, so they are found by local name alone.
_SESSION_HEADER = "sessionheader"
_QUERY_OPTIONS = "queryoptions"
_UNDERSTOOD = frozenset({_SESSION_HEADER, "calloptions", _QUERY_OPTIONS, "dummyheader"})
_LONGEST_SIZE = 10
_US = frozenset({"", ns.ACTOR_NEXT, ns.ROLE_NEXT, ns.ROLE_ULTIMATE_RECEIVER})
_BEGINNING = 2048
_BOOLEANS = {"1": True, "true": True, "0": False, "false": False}


class QueryOptions(NamedTuple):
    """The options of a query: records per page, None where the header does not say, and whether case matters."""

    batch_size: int | None = None
    case_sensitive: bool = True


NO_OPTIONS = QueryOptions()


class Envelope(NamedTuple):
    """The content of a message: the session token of its header, if any, the one child of its body, and its options."""

    session: str | None
    body: Node
    options: QueryOptions = NO_OPTIONS


def version_of(root: Node) -> SoapVersion:
    """The version of the envelope; raises VersionMismatch where the root is not an envelope."""
    version = _VERSIONS.get(root.namespace)
    if root.name == "Envelope" and version is not None:
        return version
    raise VersionMismatch(f"The message is not an envelope of SOAP 1.1 or 1.2, but {{{root.namespace}}}{root.name}")


def assumed_version(media_type: str, message: bytes) -> SoapVersion:
    """The version for an answer to a message that is not read: of the namespace that it begins with, or its type."""
    beginning = message[:_BEGINNING].replace(b"\0", b"")  # UTF-16
    places = {version: beginning.find(namespace) for version, namespace in _NAMESPACES.items()}
    found = {place: version for version, place in places.items() if place >= 0}
    if found:
        return found[min(found)]
    return SoapVersion.SOAP12 if media_type == "application/soap+xml" else SoapVersion.SOAP11


def open_envelope(root: Node) -> Envelope:
    """Split the envelope into its parts; raises ClientFault or MustUnderstand."""
    parts, header = root.children, []
    if parts and parts[0].name == "Header" and parts[0].namespace == root.namespace:
        header, parts = parts[0].children, parts[1:]
    # What we do not understand goes before what is wrong with the envelope (Basic Profile, R2724).
    _refuse_what_we_do_not_understand(header, root.namespace)
    for part in parts:
        if part.namespace != root.namespace:
            raise ClientFault("The envelope has a child element that is neither Header nor Body")
    if len(parts) != 1 or parts[0].name != "Body":
        raise ClientFault("The envelope must hold an optional Header, then one Body, and nothing after it")
    calls = parts[0].children
    if len(calls) != 1:
        raise ClientFault(f"The body must hold exactly one element, not {len(calls)}")
    if not calls[0].namespace:
        raise ClientFault(f"The element {calls[0].name} of the body has no namespace")
    return Envelope(_session(header), calls[0], _options(header))


def _session(header: Sequence[Node]) -> str | None:
    """The first session token, without the white space around and in it."""
    for block in header:
        if block.name.lower() == _SESSION_HEADER:
            for child in block.children:
                token = "".join(child.text.split())
                if child.name.lower() == "session" and token:
                    return token
    return None


def _options(header: Sequence[Node]) -> QueryOptions:
    """The options of the header; an unreadable one, such as an empty `batchSize`, counts as absent."""
    for block in header:
        if block.name.lower() == _QUERY_OPTIONS:
            given = {child.name.lower(): "".join(child.text.split()).lower() for child in block.children}
            size = given.get("batchsize", "").removeprefix("+")
            return QueryOptions(
                int(size) if size.isdecimal() and len(size) < _LONGEST_SIZE else None,
                _BOOLEANS.get(given.get("casesensitive", ""), True),
            )
    return NO_OPTIONS


def _refuse_what_we_do_not_understand(header: Sequence[Node], soap: str) -> None:
    for block in header:
        if not block.attributes:
            continue
        said = block.attributes.get(f"{{{soap}}}mustUnderstand", "0").strip()
        if said not in _BOOLEANS:
            raise ClientFault(f"mustUnderstand of the header {block.name} is {said!r}; it must be 0 or 1")
        target = block.attributes.get(f"{{{soap}}}actor") or block.attributes.get(f"{{{soap}}}role") or ""
        if _BOOLEANS[said] and target.strip() in _US and block.name.lower() not in _UNDERSTOOD:
            raise MustUnderstand(f"The header {{{block.namespace}}}{block.name} is not understood")
