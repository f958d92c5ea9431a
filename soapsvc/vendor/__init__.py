"""A client of the vendor's own service: the only package that calls out.

`Vendor` asks one upstream: it signs in, keeps to the rates that the upstream announces, retries what may be retried.
`paging` takes lists apart. What goes wrong is a `VendorError`.
"""
