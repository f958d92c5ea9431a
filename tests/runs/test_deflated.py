"""Text that was compressed in pieces is one deflate stream when the pieces are put together."""

import io
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soapsvc.runs.sinks import open_table
from soapsvc.runs.storage import LAST_BLOCK, DamagedPiece, Joint, open_folder, piece_of

texts = st.binary(max_size=2000) | st.integers(0, 100_000).map(lambda length: b"a,b,c\n" * length)


@given(st.lists(texts, max_size=5))
def test_the_pieces_joined_are_the_text(pieces: list[bytes]) -> None:
    whole = io.BytesIO()
    joint = Joint(whole)
    for piece in pieces:
        joint.add(*piece_of(piece))
    text = b"".join(pieces)
    assert zlib.decompress(whole.getvalue() + LAST_BLOCK, wbits=-zlib.MAX_WBITS) == text
    assert (joint.length, joint.crc) == (len(text), zlib.crc32(text))


@pytest.mark.parametrize("cut", [1, 12, 20])
def test_a_piece_that_lost_its_end_is_not_joined(cut: int) -> None:
    file, size = piece_of(b"some text that is long enough")
    whole = io.BytesIO()
    with pytest.raises(DamagedPiece):
        Joint(whole).add(io.BytesIO(file.getvalue()[:-cut]), size)
    assert whole.getvalue() == b""


def test_a_table_without_lines_leaves_no_file(tmp_path: Path) -> None:
    with open_table(open_folder(str(tmp_path)), "table") as table:
        table.write([])
    assert table.size == 0
    assert list(tmp_path.iterdir()) == []


def test_a_table_exists_only_when_it_is_complete(tmp_path: Path) -> None:
    with open_table(open_folder(str(tmp_path)), "table") as table:
        table.write(["a,b\n"] * 100_000)
        assert not (tmp_path / "table").exists()
    assert (tmp_path / "table").stat().st_size == table.size
