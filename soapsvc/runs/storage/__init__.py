"""Where results are put: folders and object stores, text that is compressed in pieces, and rows written at once.

Read `folder`, `deflated`, `bulk`. Nothing here knows what a run is.
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
