"""The sources of secrets; no output shows them."""

from __future__ import annotations

from pathlib import Path

import pytest

from soapsvc.vendor.credentials import AccessKeys, OAuthClient, read_credentials, secrets_of
from soapsvc.vendor.errors import CredentialsMissing


def test_an_oauth_client_of_the_environment_comes_before_keys() -> None:
    environment = {
        "SOAPSVC_UPSTREAM_CLIENT_ID": "id",
        "SOAPSVC_UPSTREAM_CLIENT_SECRET": "secret",
        "SOAPSVC_UPSTREAM_ENTITY_ID": "entity",
        "SOAPSVC_UPSTREAM_ACCESS_KEY_ID": "user",
        "SOAPSVC_UPSTREAM_SECRET_ACCESS_KEY": "password",
    }
    assert read_credentials(environment) == OAuthClient("id", "secret", entity_id="entity")
    del environment["SOAPSVC_UPSTREAM_CLIENT_SECRET"]
    assert read_credentials(environment) == AccessKeys("user", "password", entity_id="entity")
    assert secrets_of(read_credentials(environment)) == ("password",)


def test_nothing_to_sign_in_with_names_all_that_could_be() -> None:
    with pytest.raises(CredentialsMissing, match="SOAPSVC_UPSTREAM_CLIENT_ID with SOAPSVC_UPSTREAM_CLIENT_SECRET nor"):
        read_credentials({})


def credentials_file(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "upstream.toml"
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_file_is_read_that_only_its_owner_reads(tmp_path: Path) -> None:
    text = 'access_key_id = "user"\nsecret_access_key = "password"\n'
    assert read_credentials({}, credentials_file(tmp_path, text)) == AccessKeys("user", "password")
    with pytest.raises(CredentialsMissing, match="chmod 600"):
        read_credentials({}, credentials_file(tmp_path, text, 0o640))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("client_id", "is not TOML"),
        ('client_id = "a"\nclient_password = "b"', "client_password"),
        ('client_id = "a"\nclient_secret = 7', "client_secret"),
        ('client_id = "a"', "neither client_id with client_secret"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_without_its_secrets(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(CredentialsMissing, match=told):
        read_credentials({}, credentials_file(tmp_path, text))
    with pytest.raises(CredentialsMissing, match="cannot be read"):
        read_credentials({}, tmp_path / "none.toml")


def test_secrets_are_not_shown() -> None:
    assert "secret-value" not in repr([OAuthClient("id", "secret-value"), AccessKeys("user", "secret-value")])
