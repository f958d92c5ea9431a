"""The places of the files that the product ships with its code: the published contracts and the demo tenant."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _shipped(name: str) -> Path:
    """Return the folder ``name``: at the top of a source tree, or inside the installed package."""
    installed = _PACKAGE / name
    return installed if installed.is_dir() else _PACKAGE.parent / name


def wsdl_dir() -> Path:
    """Return the folder of the published WSDL files."""
    return _shipped("wsdl")


def openapi_file() -> Path:
    """Return the contract of the REST surfaces."""
    return _shipped("openapi") / "openapi.yaml"


def admin_file() -> Path:
    """Return the contract of a stand-in's admin plane."""
    return _shipped("openapi") / "admin.yaml"


def fixtures_dir() -> Path:
    """Return the folder of the demo tenant, in the layout of ``--tenant DIR``."""
    return _shipped("fixtures")
