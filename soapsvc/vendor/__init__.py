"""A client of the vendor's own service: the only package that calls out.

`Vendor` asks one upstream: it signs in, keeps to the rates that the upstream announces, retries temporary failures.
`paging` takes lists apart. What goes wrong is a `VendorError`.
"""

import logging

# Its lines at INFO have the whole URL of each call, with what is asked for in it.
logging.getLogger("httpx").setLevel(logging.WARNING)
