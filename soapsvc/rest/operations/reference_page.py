"""The OpenAPI contract as one page to read: no script, nothing loaded from elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

import msgspec
from markdown_it import MarkdownIt

from soapsvc.rest.operations.reference_examples import (
    CURL_START,
    PYTHON_START,
    curl_example,
    examples_of,
    python_example,
    shown,
)

Json = Mapping[str, Any]

_MARKDOWN = MarkdownIt()
_METHODS = ("get", "post", "put", "patch", "delete")
_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8882; --link: #1558b0; }
@media (prefers-color-scheme: dark) { :root { --link: #8ab4f8; } }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; display: flex; }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; flex: 0 0 17rem; padding: 1rem; font-size: .9rem;
  border-right: 1px solid var(--line); box-sizing: border-box; }
nav ul { list-style: none; padding: 0; margin: 0 0 1rem; }
main { flex: 1; min-width: 0; max-width: 60rem; padding: 1rem 2rem 4rem; }
a { color: var(--link); text-decoration: none; } a:hover { text-decoration: underline; }
h2 { margin-top: 3rem; border-bottom: 1px solid var(--line); } h3 { margin-top: 2.5rem; }
code, pre { font: .85rem/1.45 ui-monospace, monospace; } code { background: var(--soft); padding: 0 .2em; }
pre { background: var(--soft); padding: .75rem; overflow: auto; } pre code { background: none; padding: 0; }
table { border-collapse: collapse; width: 100%; display: block; overflow: auto; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-top: 1px solid var(--line); }
td p { margin: 0; } .method { font-weight: 600; text-transform: uppercase; } .required { color: #c5221f; }
@media (max-width: 50rem) { body { display: block; } nav { position: static; height: auto; border: 0; } }
"""


def reference_page(contract: Json, base: str = "") -> str:
    """The page; `base` is the path in front of the contract's own paths."""
    info = contract["info"]
    return "".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(info['title'])}</title><style>{_STYLE}</style></head><body>",
            *_navigation(contract),
            f"<main><h1>{escape(info['title'])}</h1>{_markdown(info['description'])}",
            f'<p>The contract itself: <a href="{base}/openapi.yaml">YAML</a>, ',
            f'<a href="{base}/openapi.json">JSON</a>.</p>',
            *_examples_start(contract),
            *_Page(contract).body(),
            "</main></body></html>\n",
        ]
    )


def _operations(contract: Json, tag: str) -> Iterator[tuple[str, str, Json, Json]]:
    """Path, method, path item and operation of each operation with a tag."""
    for path, item in contract["paths"].items():
        for method in _METHODS:
            if method in item and tag in item[method]["tags"]:
                yield path, method, item, item[method]


def _examples_start(contract: Json) -> Iterator[str]:
    """The lines that the examples need first, where the contract has tokens."""
    if "/oauth/token" in contract["paths"]:
        yield "<h2>Try it</h2><p>Each operation has an example in curl and one in Python. Paste this first; it gets a "
        yield "token as the demo tenant's client. Change the address, the client and its secret to your own.</p>"
        yield f"<pre><code>{escape(CURL_START)}</code></pre><pre><code>{escape(PYTHON_START)}</code></pre>"


def _navigation(contract: Json) -> Iterator[str]:
    titles = Counter(each["summary"] for item in contract["paths"].values() for each in _each_operation(item))
    yield "<nav>"
    for tag in contract["tags"]:
        yield f"<strong>{escape(tag['name'])}</strong><ul>"
        for path, _, _, operation in _operations(contract, tag["name"]):
            where = f"<br><small>{escape(path)}</small>" if titles[operation["summary"]] > 1 else ""
            title = escape(operation["summary"])
            yield f'<li><a href="#{operation["operationId"]}" title="{escape(path)}">{title}{where}</a>'
        yield "</ul>"
    yield "<strong>Types</strong><ul>"
    for name in contract["components"]["schemas"]:
        yield f'<li><a href="#type-{name}">{name}</a>'
    yield "</ul></nav>"


def _each_operation(item: Json) -> Iterator[Json]:
    return (item[method] for method in _METHODS if method in item)


class _Page:
    """Writes the parts of the page that link to other parts."""

    def __init__(self, contract: Json) -> None:
        self._contract = contract

    def body(self) -> Iterator[str]:
        """All operations by tag, then all types."""
        for tag in self._contract["tags"]:
            yield f"<h2>{escape(tag['name'])}</h2>{_markdown(tag.get('description', ''))}"
            for path, method, item, operation in _operations(self._contract, tag["name"]):
                yield from self._operation(path, method, item, operation)
        yield "<h2>Types</h2>"
        for name, schema in self._contract["components"]["schemas"].items():
            yield f'<h3 id="type-{name}">{name}</h3>'
            yield from self._schema(schema)

    def _operation(self, path: str, method: str, item: Json, operation: Json) -> Iterator[str]:
        yield f'<h3 id="{operation["operationId"]}">{escape(operation["summary"])}</h3>'
        yield f'<p><code><span class="method">{method}</span> {escape(path)}</code></p>'
        yield _markdown(operation.get("description", ""))
        parameters = [self._resolved(each) for each in (*item.get("parameters", ()), *operation.get("parameters", ()))]
        if parameters:
            yield "<h4>Parameters</h4><table><tr><th>name<th>in<th>type<th>"
            for each in parameters:
                name = _name(each["name"], required=each.get("required", False))
                yield f"<tr><td>{name}<td>{each['in']}<td>{self._type(each['schema'])}<td>"
                yield _markdown(each.get("description", ""))
            yield "</table>"
        if "requestBody" in operation:
            yield "<h4>Request</h4>"
            yield from self._content(operation["requestBody"]["content"])
        if "/oauth/token" in self._contract["paths"]:
            yield "<h4>Try it</h4>"
            for write in (curl_example, python_example):
                yield f"<pre><code>{escape(write(path, method, operation, parameters))}</code></pre>"
        yield "<h4>Answers</h4>"
        for status, response in operation["responses"].items():
            found = self._resolved(response)
            yield f"<p><strong>{status}</strong> {escape(found['description'])}</p>"
            if status < "300":
                yield from self._content(found.get("content", {}))

    def _content(self, content: Json) -> Iterator[str]:
        for media_type, media in content.items():
            yield f"<p><code>{media_type}</code>: {self._type(media['schema'])}</p>"
            for title, value in examples_of(media):
                yield f"<p>{escape(title)}</p>" if title else ""
                yield f"<pre><code>{escape(shown(media_type, value, _pretty))}</code></pre>"

    def _schema(self, schema: Json) -> Iterator[str]:
        yield _markdown(schema.get("description", ""))
        if "properties" not in schema:
            yield f"<p>{self._type(schema)}</p>"
            return
        required = schema.get("required", ())
        yield "<table><tr><th>field<th>type<th>"
        for name, field in schema["properties"].items():
            description = field.get("description") or self._resolved(field).get("description", "")
            yield f"<tr><td>{_name(name, required=name in required)}<td>{self._type(field)}<td>{_markdown(description)}"
        yield "</table>"

    def _resolved(self, node: Json) -> Json:
        while "$ref" in node:
            found: Any = self._contract
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            node = found
        return node

    def _type(self, schema: Json) -> str:
        """A schema in a few words, with links to types."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return f'<a href="#type-{name}">{name}</a>'
        if "anyOf" in schema and "properties" not in schema:
            return " or ".join(self._type(each) for each in schema["anyOf"])
        if "enum" in schema:
            return " | ".join(f"<code>{escape(_json(value))}</code>" for value in schema["enum"])
        if "const" in schema:
            return f"<code>{escape(_json(schema['const']))}</code>"
        kinds = schema.get("type", "any")
        text = kinds if isinstance(kinds, str) else " or ".join(kinds)
        if "items" in schema:
            text = text.replace("array", f"array of {self._type(schema['items'])}")
        return f"{text} ({schema['format']})" if "format" in schema else text


def _name(name: str, *, required: bool) -> str:
    mark = ' <span class="required" title="required">*</span>' if required else ""
    return f"<code>{escape(name)}</code>{mark}"


def _markdown(text: str) -> str:
    return str(_MARKDOWN.render(text)) if text else ""


def _pretty(value: object) -> str:
    return msgspec.json.format(_json(value), indent=2)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
