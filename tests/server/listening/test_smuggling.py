"""No shape of HTTP is read as two requests: `smuggling.py` has the shapes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server.attackers.fuzz import PROBE
from tests.server.attackers.smuggling import ALONE, FOLLOWED, REFUSED, SHAPES
from tests.server.attackers.wire import answers, everything
from tests.server.listening.programs.short_of_patience import impatient
from tests.support.server import Server

NO_HTTP = {400, 413, 414, 426, 431, 501, 505}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with impatient(tmp_path_factory.mktemp("smuggling"), seconds=1) as running:
        yield running


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_is_one_request_or_none(server: Server, name: str) -> None:
    shape = SHAPES[name]
    found = answers(everything(server.host_port, shape.sent() + PROBE), shape.request_line.split()[0])
    assert b"smuggled" not in b"".join(answer.body for answer in found)
    statuses = [answer.status for answer in found]
    if shape.outcome == FOLLOWED:
        assert [answer.body == b"ok\n" for answer in found] == [False, True] or statuses == [200, 200]
    else:
        assert len(found) == 1
    if shape.outcome == REFUSED:
        assert statuses[0] in NO_HTTP
        assert found[0].body == b""
    assert all(status < 500 for status in statuses)


def test_the_table_has_every_outcome() -> None:
    assert {shape.outcome for shape in SHAPES.values()} == {REFUSED, ALONE, FOLLOWED}
