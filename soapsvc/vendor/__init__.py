"""A client of the vendor's own service: the only package that calls out.

`Vendor` asks one upstream: it signs in, keeps to the rates that the upstream announces, retries temporary failures.
`paging` reads lists page by page. Every failure is a `VendorError`.
"""

import logging

# Its lines at INFO contain the whole URL of each call, including the query.
logging.getLogger("httpx").setLevel(logging.WARNING)
