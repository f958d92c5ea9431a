"""The vendor's data exports and query results (CSV, one object in a file), joined to documents as v1 has them.

`joined` reads the files of a folder and writes one `.jsonl` file for each kind of document, which the import reads like
any other. `headings` reads columns, `rows` holds the rows of all files while they are joined, `charges` and
`catalogue` put objects together. Source: "Export ZOQL", the descriptions of the objects, and exports that were seen.
"""

from soapsvc.tenant.exports.joining import joined

__all__ = ["joined"]
