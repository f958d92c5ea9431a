"""The operations of the contract, one in a module: `login`, `billingPreview`, `create`, `query`, `getUserInfo`.

Read `call` (the types of a call and of an operation), `reader` (the tenant's time, the meaning of a TargetDate), then
the operations.
"""

from soapsvc.soap.operations.billing_preview import BillingPreview
from soapsvc.soap.operations.call import Call, Operation
from soapsvc.soap.operations.create import Create
from soapsvc.soap.operations.get_user_info import GetUserInfo
from soapsvc.soap.operations.login import Login
from soapsvc.soap.operations.query import Query, QueryMore
from soapsvc.soap.operations.reader import Offsets, Reader

__all__ = [
    "BillingPreview",
    "Call",
    "Create",
    "GetUserInfo",
    "Login",
    "Offsets",
    "Operation",
    "Query",
    "QueryMore",
    "Reader",
]
