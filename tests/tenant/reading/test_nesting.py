"""JSON that is nested too deeply is refused before it is decoded: decoding would end the process on some CPythons."""

import json

import pytest

from soapsvc.tenant.reading import FieldProblem, parse_json
from soapsvc.tenant.reading.nesting import DEEPEST

AT_MOST = DEEPEST


@pytest.mark.parametrize(
    "text",
    [
        "[" * AT_MOST + "]" * AT_MOST,
        '{"a":' * AT_MOST + "1" + "}" * AT_MOST,
        json.dumps([{"quantities": [1, 2]}] * 10_000),
        json.dumps(["[" * 10_000, "{" * 10_000, '"[' * 10_000, "\\[" * 10_000]),
    ],
    ids=["arrays", "objects", "many side by side", "brackets in texts"],
)
def test_a_document_of_the_allowed_depth_is_read(text: str) -> None:
    assert parse_json(text.encode()) == json.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        "[" * (AT_MOST + 1) + "]" * (AT_MOST + 1),
        '{"a":' * (AT_MOST + 1) + "1" + "}" * (AT_MOST + 1),
        "[" * 1_000_000,
        '["' + "]" * 20_000 + '", ' + "[" * 9_000 + "]" * 9_001,
        '["\\"' + "]" * 20_000 + '", ' + "[" * 9_000,
        '{"a": 1e99999999999999, "b": ' + "[" * 9_900,
    ],
    ids=[
        "arrays",
        "objects",
        "without an end",
        "behind a text of ends",
        "behind a quote",
        "behind a number beyond any",
    ],
)
def test_a_deeper_document_is_refused(text: str) -> None:
    with pytest.raises(FieldProblem, match="is nested too deeply"):
        parse_json(text.encode())
