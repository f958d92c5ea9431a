"""Places of results: folders and object stores, text that is compressed in pieces, and rows written in bulk.

Read `folder`, `deflated`, `bulk`. The room does not depend on runs.
"""

from soapsvc.runs.storage.bulk import insert_rows
from soapsvc.runs.storage.deflated import LAST_BLOCK, DamagedPiece, Joint, PieceWriter, piece_of
from soapsvc.runs.storage.folder import Folder, default_results, open_folder

__all__ = [
    "LAST_BLOCK",
    "DamagedPiece",
    "Folder",
    "Joint",
    "PieceWriter",
    "default_results",
    "insert_rows",
    "open_folder",
    "piece_of",
]
