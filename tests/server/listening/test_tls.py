"""TLS on the server itself: the certificate is read again when it changes, and no call is dropped for it."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from pathlib import Path

import pytest
import trustme
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from soapsvc.cli import main
from soapsvc.server.listening.tls import Pair, Tls
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
    assert "the certificate has changed; new connections get it" in (tmp_path / "log").read_text()


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
        assert "the certificate has changed, but cannot be used" in caplog.text
        pair.key.unlink()
        assert not held.has_changed()
        assert held.files() == files
        issued(ca, tmp_path)
        assert held.has_changed()
        assert not held.has_changed()
        assert Path(held.files()[0]).read_bytes() == pair.certificate.read_bytes()
    finally:
        moments.undo()


def ours() -> dict[str, bytes]:
    """A certificate and its key, those of another server, and the key with a password."""
    ca = trustme.CA()
    own, other = (ca.issue_cert("localhost") for _ in range(2))
    secret = load_pem_private_key(own.private_key_pem.bytes(), None)
    locked = secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"word"))
    certificate = b"".join(each.bytes() for each in own.cert_chain_pems)
    key, others = own.private_key_pem.bytes(), other.private_key_pem.bytes()
    return {
        "certificate": certificate, "key": key, "other": others, "locked": locked, "both": key + certificate,
        "der": ssl.PEM_cert_to_DER_cert(own.cert_chain_pems[0].bytes().decode()), "text": b"x", "nothing": b"",
        "half a key": key[: len(key) // 2], "half a certificate": certificate[: len(certificate) // 3],
    }  # fmt: skip


PEMS = ours()


@pytest.mark.parametrize(
    ("certificate", "key", "told"),
    [
        (None, "key", "--tls-certificate: {pem} cannot be read: No such file or directory."),
        ("certificate", None, "--tls-key: {key} cannot be read: No such file or directory."),
        ("text", "key", "--tls-certificate: {pem} has no certificate in PEM; in PEM there is a line -----BEGIN"),
        ("nothing", "key", "--tls-certificate: {pem} has no certificate in PEM;"),
        ("der", "key", "--tls-certificate: {pem} has no certificate in PEM;"),
        ("key", "certificate", "--tls-certificate: {pem} has a key, and no certificate;"),
        ("certificate", "text", "--tls-key: {key} has no key in PEM; give the key's file."),
        ("certificate", "certificate", "--tls-key: {key} has no key in PEM; give the key's file."),
        ("certificate", "", "--tls-certificate: {pem} has no key in PEM; give the file with the key as --tls-key."),
        ("certificate", "locked", "--tls-key: the key in {key} has a password; `openssl pkey -in {key} -out NEW`"),
        ("certificate", "other", "--tls-key: the key in {key} is not that of the first certificate in {pem};"),
        ("certificate", "half a key", "--tls-certificate: {pem} and {key} cannot be read as certificate and key: "),
        ("half a certificate", "key", "--tls-certificate: {pem} and {key} cannot be read as certificate and key: "),
        ("", "key", "--tls-key: a key needs its certificate: give --tls-certificate."),
    ],
)
def test_a_wrong_certificate_or_key_is_reported_in_a_line(
    tmp_path: Path, certificate: str | None, key: str | None, told: str
) -> None:
    """None is a file that is not there, "" an option that is not given."""
    words = ["serve", "--demo", "--port", "0"]
    paths = {"tls-certificate": tmp_path / "server.pem", "tls-key": tmp_path / "server.key"}
    for (option, path), content in zip(paths.items(), (certificate, key), strict=True):
        if content:
            path.write_bytes(PEMS[content])
        if content != "":
            words += [f"--{option}", str(path)]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 2
    (line,) = result.output.splitlines()
    assert line.startswith("Error: " + told.format(pem=paths["tls-certificate"], key=paths["tls-key"])), line


def test_a_certificate_of_the_file_is_named_as_it_is_there(tmp_path: Path) -> None:
    file = tmp_path / "soapsvc.toml"
    file.write_text(f'[serve]\ntls_certificate = "{tmp_path}/server.pem"\n')
    result = CliRunner().invoke(main, ["serve", "--demo", "--config", str(file)])
    told = f"Error: {file}: serve.tls_certificate: {tmp_path}/server.pem cannot be read: No such file or directory.\n"
    assert (result.exit_code, result.output) == (2, told)


def test_one_file_may_have_the_key_and_the_certificate(tmp_path: Path) -> None:
    path = tmp_path / "server.pem"
    path.write_bytes(PEMS["both"])
    assert Path(Tls(Pair(path, path)).files()[0]).read_bytes() == PEMS["both"]
