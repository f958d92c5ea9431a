"""Fields that many objects have."""

from __future__ import annotations

from soapsvc.zoql.catalogue import Field
from soapsvc.zoql.types import DATE_TIME, ID


def own_id(part: str) -> Field:
    """The Id of an object: its own, or one derived from its place."""
    return Field("Id", ID, f"{part}.id", found=True)


def created(part: str) -> tuple[Field, Field]:
    """The creator, and the time of creation."""
    return (
        Field("CreatedById", ID, f"{part}.createdById|createdBy"),
        Field("CreatedDate", DATE_TIME, f"{part}.createdDate|createTime|createdTime|createdOn"),
    )


def updated(part: str) -> tuple[Field, Field]:
    """The user and the time of the last change."""
    return (
        Field("UpdatedById", ID, f"{part}.updatedById|updatedBy"),
        Field("UpdatedDate", DATE_TIME, f"{part}.updatedDate|updateTime|updatedTime|updatedOn"),
    )
