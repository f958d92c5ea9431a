"""TLS on the server itself: the certificate is read anew when it changes, and no call is dropped for it."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from pathlib import Path

import pytest
import trustme

from soapsvc.server.listening.tls import Pair, Tls, WrongCertificate
from tests.support.server import Server, serving

WSDL = "/apps/services/a/61.0?wsdl"


def issued(ca: trustme.CA, folder: Path, name: str = "localhost") -> tuple[Path, Path]:
    """A new certificate in the files that the server reads; returns certificate and key."""
    leaf = ca.issue_cert(name, "127.0.0.1")
    paths = folder / "server.pem", folder / "server.key"
    for path, blobs in zip(paths, (leaf.cert_chain_pems, [leaf.private_key_pem]), strict=True):
        new = path.with_suffix(".new")
        new.write_bytes(b"".join(blob.bytes() for blob in blobs))
        new.replace(path)
    return paths


def trusting(ca: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    ca.configure_trust(context)
    return context


def serial(server: Server, context: ssl.SSLContext) -> str:
    """The serial number of the certificate that a new connection is shown."""
    with (
        socket.create_connection(server.host_port, timeout=20) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        found = connection.getpeercert()
        assert found is not None
        return str(found["serialNumber"])


def get(server: Server, context: ssl.SSLContext) -> tuple[int, bytes]:
    connection = http.client.HTTPSConnection(*server.host_port, timeout=60, context=context)
    try:
        connection.request("GET", WSDL, headers={"Host": "localhost"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_calls_are_answered_over_tls_and_our_address_says_so(tmp_path: Path) -> None:
    ca = trustme.CA()
    certificate, key = issued(ca, tmp_path)
    options = ("--tls-certificate", str(certificate), "--tls-key", str(key), "--workers", "1")
    with serving(tmp_path / "log", "--demo", *options) as server:
        assert server.url.startswith("https://")
        status, wsdl = get(server, trusting(ca))
        assert status == 200
        assert b'location="https://localhost/apps/services/a/61.0"' in wsdl
        oldest = trusting(ca)
        oldest.maximum_version = ssl.TLSVersion.TLSv1_2
        assert get(server, oldest)[0] == 200
        with pytest.raises(ssl.SSLCertVerificationError):
            get(server, ssl.create_default_context())


def test_a_new_certificate_is_shown_and_no_call_is_dropped_meanwhile(tmp_path: Path) -> None:
    ca = trustme.CA()
    certificate, key = issued(ca, tmp_path)
    context, over, wrong, answers = trusting(ca), threading.Event(), [], []

    def call() -> None:
        while not over.is_set():
            try:
                answers.append(get(server, context)[0])
            except OSError as error:
                wrong.append(repr(error))

    options = ("--tls-certificate", str(certificate), "--tls-key", str(key), "--workers", "2")
    with serving(tmp_path / "log", "--demo", *options) as server:
        before = serial(server, context)
        callers = [threading.Thread(target=call) for _ in range(3)]
        for caller in callers:
            caller.start()
        issued(ca, tmp_path)
        deadline = time.monotonic() + 60
        while serial(server, context) == before or answers.count(200) < 20:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        over.set()
        for caller in callers:
            caller.join()
    assert wrong == []
    assert set(answers) == {200}
    assert "the certificate has changed: new workers show it" in (tmp_path / "log").read_text()


def test_a_pair_that_does_not_fit_is_not_taken_and_the_old_one_stays(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ca = trustme.CA()
    pair = Pair(*issued(ca, tmp_path))
    held, now = Tls(pair), iter(range(100, 200, 2))
    good, moments = pair.key.read_bytes(), pytest.MonkeyPatch()
    moments.setattr(time, "monotonic", lambda: next(now))
    try:
        assert not held.has_changed()
        files = held.files()
        pair.key.write_bytes(good[: len(good) // 2])
        assert not held.has_changed()
        assert "the certificate has changed and is not taken" in caplog.text
        pair.key.unlink()
        assert not held.has_changed()
        assert held.files() == files
        issued(ca, tmp_path)
        assert held.has_changed()
        assert not held.has_changed()
        assert Path(held.files()[0]).read_bytes() == pair.certificate.read_bytes()
    finally:
        moments.undo()


@pytest.mark.parametrize(
    ("certificate", "key", "told"),
    [
        (None, b"x", "server.pem cannot be read: No such file or directory"),
        (b"x", b"x", "server.pem and .*server.key are no certificate and the key to it"),
        (b"", b"", "are no certificate and the key to it"),
    ],
)
def test_what_is_no_certificate_is_refused_by_name(
    tmp_path: Path, certificate: bytes | None, key: bytes, told: str
) -> None:
    pair = Pair(tmp_path / "server.pem", tmp_path / "server.key")
    pair.key.write_bytes(key)
    if certificate is not None:
        pair.certificate.write_bytes(certificate)
    with pytest.raises(WrongCertificate, match=told):
        Tls(pair)
