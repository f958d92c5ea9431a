"""Calls of an operation as examples to paste: curl and Python, made from the contract's own example of its request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec

Json = Mapping[str, Any]

FORM = "application/x-www-form-urlencoded"

CURL_START = """URL=http://localhost:8080
TOKEN=$(curl -sS "$URL/oauth/token" -d grant_type=client_credentials \\
  -d client_id=demo -d client_secret=demo | sed 's/.*"access_token":"//; s/".*//')"""
"""The shell lines that the curl examples of a page need first."""

PYTHON_START = """import httpx

login = {"grant_type": "client_credentials", "client_id": "demo", "client_secret": "demo"}
client = httpx.Client(base_url="http://localhost:8080")
token = client.post("/oauth/token", data=login).json()["access_token"]
client.headers["Authorization"] = f"Bearer {token}\""""
"""The Python lines that the examples of a page need first."""


def curl_example(path: str, method: str, operation: Json, parameters: list[Json]) -> str:
    """A call of the operation with curl, after CURL_START."""
    words = [
        "curl -sS",
        *(() if method in {"get", "post"} else (f"-X {method.upper()}",)),
        f'"$URL{_filled(path, parameters)}"',
    ]
    if operation.get("security") != []:
        words.append('-H "Authorization: Bearer $TOKEN"')
    media_type, body = _body(operation)
    if media_type == FORM:
        words += [f"-d {name}={value}" for name, value in body.items()]
    elif media_type:
        words += [f"-H 'Content-Type: {media_type}'", f"-d '{_json(body)}'"]
    elif method == "post":
        words.append("-X POST")
    return " \\\n  ".join(words)


def python_example(path: str, method: str, operation: Json, parameters: list[Json]) -> str:
    """The same call with httpx, after PYTHON_START."""
    media_type, body = _body(operation)
    given = ""
    if media_type:
        given = f", {'data' if media_type == FORM else 'json'}={_literal(body)}"
    return f'answer = client.{method}("{_filled(path, parameters)}"{given})\nanswer.raise_for_status()'


def examples_of(media: Json) -> list[tuple[str, Any]]:
    """The examples of a request or an answer, each with its title."""
    single = [("", media["example"])] if "example" in media else []
    return single + [(each["summary"], each["value"]) for each in media.get("examples", {}).values()]


def shown(media_type: str, value: Any, pretty: Callable[[Any], str]) -> str:
    """An example in the form in which it is sent: JSON, or a form."""
    if isinstance(value, str):
        return value
    return urlencode(value) if media_type == FORM else pretty(value)


def _body(operation: Json) -> tuple[str, Any]:
    """The media type of the shown request, and its first example; empty without a request body."""
    for media_type, media in operation.get("requestBody", {}).get("content", {}).items():
        for _, value in examples_of(media):
            return media_type, value
    return "", None


def _filled(path: str, parameters: list[Json]) -> str:
    """The path with the contract's examples in it, and the query parameters that are required."""
    for each in parameters:
        if each["in"] == "path" and "example" in each:
            path = path.replace(f"{{{each['name']}}}", str(each["example"]))
    asked = {
        each["name"]: each.get("example", "") for each in parameters if each["in"] == "query" and each.get("required")
    }
    return f"{path}?{urlencode(asked)}" if asked else path


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode().replace("'", "'\\''")


def _literal(value: Any) -> str:
    """A value as Python writes it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_literal(key)}: {_literal(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_literal, value)) + "]"
    return f'"{value}"' if isinstance(value, str) and '"' not in value else repr(value)
