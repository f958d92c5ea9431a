"""The fronts between a client and the service: none, the service's own TLS, or nginx as in docs/operate."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme

from tests.support.server import serving

FRONTS = ("plain", "tls", "nginx")
NGINX_CONF = Path(__file__).resolve().parents[2] / "docs" / "operate" / "nginx.conf"
_SECONDS = 30


@dataclass(frozen=True)
class Front:
    """The address for clients, and the environment in which they trust its certificate."""

    url: str
    environ: Mapping[str, str]


@contextmanager
def standing(front: str, folder: Path, options: Sequence[str]) -> Iterator[Front]:
    """The service with these options behind one of FRONTS; its log is in the folder."""
    log = folder / "log"
    if front == "plain":
        with serving(log, *options) as server:
            yield Front(server.url, {})
        return
    certificate, key, environ = _certificate(folder)
    if front == "tls":
        with serving(log, *options, "--tls-certificate", str(certificate), "--tls-key", str(key)) as server:
            yield Front(f"https://localhost:{server.host_port[1]}", environ)
        return
    with serving(log, *options, "--trusted-proxy", "127.0.0.1") as server:
        port = _free_port()
        with _nginx(folder, server.host_port[1], port, certificate, key):
            yield Front(f"https://localhost:{port}", environ)


def _certificate(folder: Path) -> tuple[Path, Path, Mapping[str, str]]:
    """A certificate of localhost, its key, and the settings with which each kind of client trusts it."""
    ca = trustme.CA()
    leaf = ca.issue_cert("localhost", "127.0.0.1")
    certificate, key, trusted = folder / "server.pem", folder / "server.key", folder / "ca.pem"
    certificate.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
    key.write_bytes(leaf.private_key_pem.bytes())
    ca.cert_pem.write_to_path(str(trusted))
    names = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "PERL_LWP_SSL_CA_FILE", "CURL_CA_BUNDLE")
    environ = {**dict.fromkeys(names, str(trusted)), **_java(folder, trusted), **_mono(folder, trusted)}
    return certificate, key, environ


def _java(folder: Path, trusted: Path) -> Mapping[str, str]:
    """Java has its own kind of certificate store."""
    keytool = shutil.which("keytool")
    if keytool is None:
        return {}
    store = folder / "trust.p12"
    made = ("-importcert", "-noprompt", "-alias", "ca", "-file", str(trusted), "-keystore", str(store))
    subprocess.run([keytool, *made, "-storetype", "PKCS12", "-storepass", "changeit"], check=True, capture_output=True)
    told = f"-Djavax.net.ssl.trustStore={store} -Djavax.net.ssl.trustStorePassword=changeit"
    return {"JAVA_TOOL_OPTIONS": told}


def _mono(folder: Path, trusted: Path) -> Mapping[str, str]:
    """Mono has its own certificate store in the user's folder for settings: here a folder of ours."""
    synchronise = shutil.which("cert-sync")
    if synchronise is None:
        return {}
    environ = {"XDG_CONFIG_HOME": str(folder / "mono")}
    (folder / "mono").mkdir()
    command = [synchronise, "--quiet", "--user", str(trusted)]
    subprocess.run(command, env={**os.environ, **environ}, check=True, capture_output=True)
    return environ


@contextmanager
def _nginx(folder: Path, behind: int, port: int, certificate: Path, key: Path) -> Iterator[None]:
    """nginx with the documented configuration; only addresses and paths are changed in it."""
    text = NGINX_CONF.read_text(encoding="utf-8")
    for pattern, own in (
        (r"127\.0\.0\.1:8080", f"127.0.0.1:{behind}"),
        (r"listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        (r"server_name billing\.example\.com", "server_name localhost"),
        (r"ssl_certificate +\S+;", f"ssl_certificate {certificate};"),
        (r"ssl_certificate_key +\S+;", f"ssl_certificate_key {key};"),
    ):
        text, count = re.subn(pattern, own, text)
        assert count == 1, f"{pattern} is {count} times in {NGINX_CONF}"
    configuration = folder / "nginx.conf"
    own = "".join(
        f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration.write_text(
        f"daemon off;\npid {folder}/nginx.pid;\nerror_log {folder}/nginx.log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{own}{text}\n}}\n",
        encoding="utf-8",
    )
    with subprocess.Popen(["nginx", "-c", str(configuration)], env=os.environ) as process:
        try:
            _wait_for(port, process)
            yield
        finally:
            process.terminate()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(_SECONDS * 10):
        assert process.poll() is None, "nginx does not start"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("nginx does not listen")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port
