"""The shared preview engine: pure arithmetic over accounts, without I/O, clock, XML, JSON or SQL.

`preview.preview` is the one entry; `result` holds its request and its result. Each room is a package whose `__init__`
is its door. The rooms from the bottom: `account` (what is billed), `money` (numbers and rounding), `schedule` (when),
`pricing` (how much a period costs), `usage` (what was used), `charges` (the items of a charge), `discounts`,
`subscription` (its charges together), `documents` (tax, invoices, credit memos). `lifecycle` computes the account as it
is after a bill run or on a later day. A room imports only the doors of the rooms below it.
"""
