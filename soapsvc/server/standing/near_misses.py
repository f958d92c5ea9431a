"""Find likely typing errors in a refused call: operations, namespaces, elements and their order, paths, keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from soapsvc.server.aliases import REST_BASE
from soapsvc.server.standing.calls import message_of, plain_body, rest_operations
from soapsvc.soap import ns
from soapsvc.soap.contract import FIRST, LAST, Shape, parse_version, shape_of, version_text
from soapsvc.soap.frame import Node
from soapsvc.standin.faults.calls import Described, Environ, NearMiss
from soapsvc.standin.problems import nearest

SOAP_OPERATIONS = ("login", "getUserInfo", "billingPreview", "create", "query", "queryMore")
"""The known operations."""

_TOLERATED = frozenset({ns.API, ns.OBJECT, ""})
_RECORDS = {"billingPreview": ("requests", "BillingPreviewRequest"), "create": ("zObjects", "BillingPreviewRun")}
_ARGUMENTS = {"login": ("username", "password"), "query": ("queryString",), "queryMore": ("queryLocator",)}


def near_misses(environ: Environ, body: bytes, call: Described) -> list[NearMiss]:
    """All findings for a call."""
    if call.protocol == "soap":
        return list(_soap(environ, plain_body(environ, body), call))
    return list(_rest(environ, call))


def _soap(environ: Environ, body: bytes, call: Described) -> Iterator[NearMiss]:
    version = parse_version(call.version or version_text(LAST))
    if version is None:
        first, last = version_text(FIRST), version_text(LAST)
        yield NearMiss("version", call.version or "", f"versions are {first} to {last}", last)
        version = FIRST
    node, _ = message_of(environ, body)
    if node is None:
        return
    yield from _name("operation", node.name, SOAP_OPERATIONS)
    if node.namespace != ns.API:
        yield _namespace(node)
    shape = shape_of(version)
    if node.name in _RECORDS:
        name, kind = _RECORDS[node.name]
        for child in node.children:
            yield from _name("element", child.name, (name,), child)
            if child.name == name:
                yield from _fields(child, kind, shape)
    elif node.name in _ARGUMENTS:
        for child in node.children:
            yield from _name("element", child.name, _ARGUMENTS[node.name], child)


def _fields(record: Node, kind: str, shape: Shape) -> Iterator[NearMiss]:
    """The fields of one record: their names, namespaces, and order."""
    order = [field.name for field in shape.fields(kind)]
    for child in record.children:
        yield from _name("element", child.name, order, child)
    given = [child.name for child in record.children if child.name in order]
    for before, after in pairwise(given):
        if order.index(before) > order.index(after):
            hint = f"in {kind} {after} must stand before {before}; strict services refuse another order"
            yield NearMiss("order", after, hint, ", ".join(sorted(given, key=order.index)))
            return


def _name(about: str, said: str, known: Sequence[str], node: Node | None = None) -> Iterator[NearMiss]:
    if said not in known:
        near = nearest(said, known)
        meant = f"did you mean {near}?" if near is not None else f"there are {', '.join(known)}"
        yield NearMiss(about, said, f"there is no {about} {said}; {meant}", near)
    if node is not None and node.namespace not in _TOLERATED:
        yield _namespace(node)


def _namespace(node: Node) -> NearMiss:
    near = nearest(node.namespace, (ns.API, ns.OBJECT)) or ns.API
    said = node.namespace or "no namespace"
    return NearMiss("namespace", node.namespace, f"{node.name} is in {said}; did you mean {near}?", near)


def _rest(environ: Environ, call: Described) -> Iterator[NearMiss]:
    if call.operation is not None:
        return
    method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "").removeprefix(REST_BASE)
    others = sorted({each.method for each in rest_operations() if each.pattern.fullmatch(path)})
    if others:
        hint = f"there is no {method} {path}; this path has {', '.join(others)}"
        yield NearMiss("method", method, hint, others[0])
        return
    near = nearest(path, {each.path for each in rest_operations()})
    hint = f"there is nothing at {path}" + (f"; did you mean {near}?" if near is not None else "")
    yield NearMiss("path", path, hint, near)


def known_names() -> Mapping[str, Sequence[str]]:
    """The names of operations by protocol."""
    return {"soap": (*SOAP_OPERATIONS, "wsdl"), "rest": tuple(each.name for each in rest_operations())}
