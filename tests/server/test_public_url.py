"""The address that an operator says is ours."""

from __future__ import annotations

import pytest

from soapsvc.server.public_url import base_url


@pytest.mark.parametrize(
    "url",
    [
        *(
            "https://billing.example.com",
            "http://10.1.2.3:8080",
            "https://[::1]:8443",
            "https://billing.example.com/zuora/",
        ),
        *("http://stand-in", "https://a_b.example.com:65535"),
    ],
)
def test_a_host_perhaps_with_a_port_and_a_path_is_an_address(url: str) -> None:
    assert base_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        *(
            "billing.example.com",
            "ftp://billing.example.com",
            "https://",
            "https:///path",
            "https://[",
            "https://[::g]",
        ),
        *("https://a:b", "https://a:0", "https://a:65536", "https://a b", "https://-a", "https://a?b=1", "https://a#b"),
        *("https://jo:hunter2@a", "jo:hunter2@a", "https://jo@a"),
    ],
)
def test_anything_else_is_refused_and_shows_no_password(url: str) -> None:
    with pytest.raises(ValueError, match=r"is not an http or https URL|has more than a host") as refused:
        base_url(url)
    assert "hunter2" not in f"{refused.value}"
