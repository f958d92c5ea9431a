"""Fields that many objects have."""

from __future__ import annotations

from soapsvc.zoql.catalogue import Field
from soapsvc.zoql.types import DATE_TIME, ID


def own_id(part: str) -> Field:
    """The Id of an object: that which it came with, or one derived from where it stands."""
    return Field("Id", ID, f"{part}.id", found=True)


def created(part: str) -> tuple[Field, Field]:
    """Who made it, and when."""
    return (
        Field("CreatedById", ID, f"{part}.createdById|createdBy"),
        Field("CreatedDate", DATE_TIME, f"{part}.createdDate|createTime|createdTime|createdOn"),
    )


def updated(part: str) -> tuple[Field, Field]:
    """Who changed it last, and when."""
    return (
        Field("UpdatedById", ID, f"{part}.updatedById|updatedBy"),
        Field("UpdatedDate", DATE_TIME, f"{part}.updatedDate|updateTime|updatedTime|updatedOn"),
    )
