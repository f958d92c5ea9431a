"""Imports a tenant directory into a store: read and checked in a database of its own, then published in one step.

Calls do not wait for an import. Its documents are read (`records`), in a large folder by several processes (`readers`).
With the ids of the records that they name (`writers`) they are gathered in a private database (`stage`), and compared
with those of the store (`differences`). The differences are written in short transactions, as rows of a state that no
reader sees yet (`publish`); one last short transaction makes it the tenant's state. Imports wait for each other.
"""

from soapsvc.tenant.importing.importer import FOLDERS, TENANT_FILE, import_tenant
from soapsvc.tenant.importing.report import Changes, ImportReport, Progress

__all__ = ["FOLDERS", "TENANT_FILE", "Changes", "ImportReport", "Progress", "import_tenant"]
