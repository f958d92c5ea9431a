"""The shared preview engine: pure arithmetic over accounts, without I/O, clock, XML, JSON or SQL.

`preview.preview` is the one entry; `result` holds what it is asked and what it answers. The rooms, each a package whose
`__init__` is its door, from the bottom: `account` (what is billed), `money` (numbers and rounding), `schedule` (when),
`pricing` (how much a period costs), `usage` (what was used), `charges` (the items of a charge), `discounts`,
`subscription` (its charges together), `documents` (tax, invoices, credit memos). Beside them `lifecycle` turns an
account into what it is once something was billed or a term was renewed. A room imports only the doors of the
rooms below it.
"""
