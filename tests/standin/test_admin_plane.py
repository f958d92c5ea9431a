"""The admin plane: where it is, where it is not, and whom it answers."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import soapsvc
from soapsvc.cli import main
from soapsvc.server import Options, application
from soapsvc.standin import NotPrivate, StandIn
from soapsvc.tenant import Store, import_tenant, open_tenant
from tests.rest.client import Rest
from tests.standin.client import Standing, copy_of, standing


def test_health_and_version(stand: Standing) -> None:
    assert stand.ok("GET", "/health") == {"status": "ok"}
    told = stand.ok("GET", "/version")
    assert told == {"soapsvc": soapsvc.__version__, "wsdl": {"first": "61.0", "last": "153.0"}}


ROUTES = [
    ("GET", "/_admin"),
    ("GET", "/_admin/"),
    ("GET", "/_admin/health"),
    ("GET", "/_admin/version"),
    ("GET", "/_admin/clock"),
    ("PUT", "/_admin/clock"),
    ("POST", "/_admin/clock/advance"),
    ("POST", "/_admin/reset"),
    ("PUT", "/_admin/accounts/A-1"),
    ("DELETE", "/_admin/accounts/A-1"),
    ("POST", "/_admin/seed"),
    ("GET", "/_admin/state"),
    ("PUT", "/_admin/state"),
    ("POST", "/_admin/faults"),
    ("GET", "/_admin/requests"),
    ("POST", "/_admin/bill-runs"),
    ("GET", "/_admin/docs"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_only_a_stand_in_has_the_route(folder: Path, method: str, path: str) -> None:
    reply = Rest(application(open_tenant(folder), Options(run_workers=0))).request(method, path, b"{}", None, None)
    assert reply.status == 404
    assert reply.body.startswith(b"There is nothing here.")


def test_a_stand_in_is_refused_over_a_store_that_is_not_its_own(folder: Path, tmp_path: Path) -> None:
    operators = Store.open(f"sqlite:///{tmp_path / 'operator.sqlite'}")
    import_tenant(operators, folder)
    with pytest.raises(NotPrivate):
        application(operators, Options(stand_in=StandIn(copy_of(folder))))


def test_a_mistyped_path_is_answered_with_the_nearest(stand: Standing) -> None:
    status, error = stand.error("POST", "/reste")
    assert (status, error["didYouMean"]) == (404, "/_admin/reset")


def test_another_method_gets_the_allowed_methods(stand: Standing) -> None:
    reply = stand.admin("DELETE", "/reset")
    assert (reply.status, reply.headers["allow"]) == (405, "POST, OPTIONS")


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b'{"a": 1e999999}'])
def test_a_body_that_is_not_a_json_object_is_refused(stand: Standing, body: bytes) -> None:
    assert stand.error("PUT", "/clock", body)[0] == 400


def test_with_a_token_other_callers_are_refused(folder: Path) -> None:
    stand = standing(folder, admin_token="open sesame")
    assert stand.admin("GET", "/health").status == 200
    for header in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic open sesame"}):
        reply = stand.admin("GET", "/clock", headers=header)
        assert (reply.status, reply.headers["www-authenticate"]) == (401, "Bearer")
    assert stand.admin("GET", "/clock", headers={"Authorization": "Bearer open sesame"}).status == 200
    stand.stand_in.copy.close()


def test_a_page_of_another_site_may_not_call_it(stand: Standing) -> None:
    assert stand.admin("POST", "/reset", headers={"Sec-Fetch-Site": "cross-site"}).status == 401
    assert stand.admin("POST", "/reset", headers={"Sec-Fetch-Site": "same-origin"}).status == 200


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["serve", *map(str, arguments)])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--demo", "--as-of", "2026-01-01"], "--as-of needs --stand-in"),
        (["--demo", "--seed", "x"], "--seed needs --stand-in"),
        (["--demo", "--admin-token", "x"], "--admin-token needs --stand-in"),
        (["--stand-in", "--workers", "2"], "runs in one process"),
        (["--stand-in", "--host", "0.0.0.0"], "--admin-token"),  # noqa: S104 - what is refused
        (["--stand-in", "--host", "example.com"], "--admin-token"),
        (["--stand-in", "--as-of", "soon"], "instant"),
        (["--stand-in", "--database", "postgresql://somebody:secret@db.example.com/billing"], "database on a server"),
        (["--stand-in", "--database", "sqlite:////nowhere/tenant.sqlite"], "no tenant's database"),
    ],
)
def test_options_that_do_not_go_together(arguments: list[str], says: str) -> None:
    result = run(*arguments)
    assert result.exit_code != 0
    assert says in result.output
    assert "secret" not in result.output
