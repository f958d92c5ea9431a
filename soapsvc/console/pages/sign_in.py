"""Signing in with the tenant's users, and signing out."""

from __future__ import annotations

from http import HTTPStatus

from soapsvc.console.frame import Answer, Visit, redirect
from soapsvc.console.security import cookie, no_cookie
from soapsvc.web.guessing import TooManyGuesses
from soapsvc.web.logins import WrongCredentials

_FIRST = "/console/accounts"


def form(visit: Visit) -> Answer:
    """The form; with `over` it says that the session has ended."""
    message = "Your session is over. Sign in again." if visit.first("over") else ""
    return visit.page("sign_in.html", {"next": _local(visit.first("next")), "message": message, "username": ""})


def sign_in(visit: Visit) -> Answer:
    """Open a session. Failed attempts are counted and slowed down together with those of all other logins."""
    password = (visit.form.get("password") or [""])[0]
    try:
        user = visit.services.logins.user(visit.given("username"), password, visit.client)
    except WrongCredentials:
        message = "The user name or the password is wrong."
        return _again(visit, message, HTTPStatus.FORBIDDEN)
    except TooManyGuesses as refused:
        seconds = int(refused.retry_after.total_seconds())
        message = f"Too many logins have failed lately, so this one was not checked. Try again in {seconds} s."
        return _again(visit, message, HTTPStatus.TOO_MANY_REQUESTS)
    token = visit.services.sessions.open(user)
    secure = visit.base_url.startswith("https:")
    return redirect(_local(visit.given("next")) or _FIRST, {"Set-Cookie": cookie(token, secure=secure)})


def _again(visit: Visit, message: str, status: HTTPStatus) -> Answer:
    values = {"next": _local(visit.given("next")), "message": message, "username": visit.given("username")}
    return visit.page("sign_in.html", values, status)


def sign_out(visit: Visit) -> Answer:
    """End the session."""
    visit.services.sessions.end(visit.token)
    return redirect("/console/sign-in", {"Set-Cookie": no_cookie()})


def _local(target: str) -> str:
    """The console's page after sign-in; empty for an address outside the console."""
    is_ours = target.startswith("/console/") and target.isprintable() and "\\" not in target and "//" not in target
    return target if is_ours else ""
