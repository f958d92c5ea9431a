"""Read the tenant's settings from the vendor's Settings API into a tenant.toml with the source of each value.

Start with `read` (the requests, and the settings that may be missing), then `rules`, `lists` and `taxes` (each
setting's path and how it is read), `told` (the values) and `tenant_file` (the text).
"""

from soapsvc.vendor.settings.read import read_settings
from soapsvc.vendor.settings.tenant_file import tenant_file
from soapsvc.vendor.settings.told import Said, TenantTold

__all__ = ["Said", "TenantTold", "read_settings", "tenant_file"]
