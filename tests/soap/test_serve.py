"""`soapsvc serve` as users and their scripts run it."""

from __future__ import annotations

import io
import subprocess
import sys
import time
import zipfile
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest
from lxml import etree

from soapsvc.tenant import Store, import_tenant
from tests.soap.client import API, OBJECT, Reply, envelope, login, preview, request, session_header
from tests.soap.sample_tenant import MONTHLY, PASSWORD, USER, write_sample_tenant
from tests.support.server import Server, serving


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "soapsvc"), "serve", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def post(server: Server, body: str) -> Reply:
    with closing(HTTPConnection(*server.host_port, timeout=30)) as connection:
        connection.request("POST", "/apps/services/a/61.0", body.encode(), {"Content-Type": "text/xml"})
        answer = connection.getresponse()
        return Reply(answer.status, dict(answer.headers), answer.read())


def test_a_session_opened_in_one_worker_works_in_all_and_a_database_may_be_served(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'tenant.sqlite'}"
    store = Store.open(url)
    import_tenant(store, write_sample_tenant(tmp_path / "tenant"))
    store.close()
    with serving(tmp_path / "log", "--database", url, "--workers", "3", "--threads", "2") as server:
        token = post(server, login(USER, PASSWORD)).root.findtext(".//{http://api.zuora.com/}Session")
        assert token is not None
        answers = [post(server, preview(request(MONTHLY), session=token)) for _ in range(30)]
    assert [result.get("Success") for answer in answers for result in answer.results()] == ["true"] * 30


def test_one_line_says_where_it_listens_and_sigterm_stops_it(tmp_path: Path) -> None:
    folder = write_sample_tenant(tmp_path / "tenant")
    with serving(tmp_path / "log", "--tenant", str(folder), "--workers", "1") as server:
        with closing(HTTPConnection(*server.host_port, timeout=30)) as connection:
            connection.request("GET", "/healthz")
            assert connection.getresponse().read() == b"ok\n"
        server.process.terminate()
        assert server.process.wait(40) == 0
        assert server.process.stdout is not None
        assert server.process.stdout.read() == ""


def test_a_run_is_created_followed_and_fetched_over_soap(tmp_path: Path) -> None:
    """Of six accounts one cannot be rated; the file is fetched with the session as `Authorization: ZSession`."""
    folder = write_sample_tenant(tmp_path / "tenant")
    with serving(tmp_path / "log", "--tenant", str(folder), "--workers", "1") as server:
        token = post(server, login(USER, PASSWORD)).root.findtext(f".//{{{API}}}Session") or ""
        wanted = "<a:zObjects xsi:type='o:BillingPreviewRun'><o:TargetDate>2014-12-31</o:TargetDate></a:zObjects>"
        assert (
            "<ns1:Success>true" in post(server, envelope(f"<a:create>{wanted}</a:create>", session_header(token))).text
        )
        run = finished_run(server, token)
        values = {etree.QName(value).localname: value.text or "" for value in run}
        assert (values["Status"], values["TotalAccounts"], values["SucceededAccounts"]) == ("Completed", "6", "5")
        with closing(HTTPConnection(*server.host_port, timeout=30)) as connection:
            path = values["ResultFileUrl"].removeprefix(server.url)
            connection.request("GET", path, headers={"Authorization": f"ZSession {token}"})
            answer = connection.getresponse()
            assert answer.status == 200
            content = zipfile.ZipFile(io.BytesIO(answer.read()))
    assert [name for name in content.namelist() if name.endswith(f"{values['RunNumber']}.csv")] != []


def finished_run(server: Server, token: str) -> etree._Element:
    """The only run, once it has ended."""
    fields = "Status,RunNumber,ResultFileUrl,TotalAccounts,SucceededAccounts"
    text = f"<a:query><a:queryString>select {fields} from BillingPreviewRun</a:queryString></a:query>"  # noqa: S608
    for _ in range(300):
        run = post(server, envelope(text, session_header(token))).root.find(f".//{{{API}}}records")
        assert run is not None
        if run.findtext(f"{{{OBJECT}}}Status") not in {"Pending", "Processing"}:
            return run
        time.sleep(0.1)
    raise AssertionError("the run does not end")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Give exactly one of --tenant, --database and --demo."),
        (["--demo", "--database", "sqlite://"], "Give exactly one of --tenant, --database and --demo."),
        (["--demo", "--public-url", "billing.example.com"], "'billing.example.com' is not an http or https URL"),
        (["--demo", "--public-url", "https://["], "'https://[' is not an http or https URL"),
        (["--demo", "--shadow", "https://["], "the upstream's URL has no valid host or port"),
        (["--demo", "--trusted-proxy", "proxy"], "'proxy' does not appear to be an IPv4 or IPv6 network"),
        (["--demo", "--session-lifetime", "481"], "481 is not in the range 1<=x<=480"),
        (["--tenant", "no-such-folder"], "Directory 'no-such-folder' does not exist"),
        (
            ["--database", "nonsense"],
            "the database's URL cannot be read; a database is sqlite:///PATH or postgresql://",
        ),
    ],
)
def test_options_that_cannot_be_served_are_refused_with_a_reason(arguments: list[str], sentence: str) -> None:
    done = run(*arguments)
    assert done.returncode != 0
    assert sentence in done.stderr
    assert done.stdout == ""


def test_a_tenant_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    folder = write_sample_tenant(tmp_path / "tenant")
    (folder / "accounts" / "broken.json").write_text("{")
    done = run("--tenant", str(folder))
    assert done.returncode == 1
    assert "broken.json" in done.stderr
    assert "Traceback" not in done.stderr
