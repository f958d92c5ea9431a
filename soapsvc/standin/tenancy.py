"""The tenant over HTTP: accounts put and deleted, seed, reset, state."""

from __future__ import annotations

from soapsvc.standin.problems import Refused
from soapsvc.standin.routes import ZIP, Answer, Call, Route, check_names
from soapsvc.standin.stand_in import StandIn


class Tenancy:
    """PUT, DELETE /accounts/{number}; POST /seed, /reset; GET, PUT /state."""

    def __init__(self, stand_in: StandIn) -> None:
        self._stand_in = stand_in

    def routes(self) -> list[Route]:
        """Their routes."""
        return [
            Route("PUT", "/accounts/{number}", self._put),
            Route("DELETE", "/accounts/{number}", self._delete),
            Route("POST", "/seed", self._seed),
            Route("POST", "/reset", self._reset),
            Route("GET", "/state", self._state),
            Route("PUT", "/state", self._load),
        ]

    def document(self) -> dict[str, object]:
        """The numbers of the tenant's records."""
        settings = self._stand_in.store.settings()
        return {"tenant": settings.tenant_name, "accounts": self._stand_in.store.count_accounts()}

    def _put(self, call: Call) -> Answer:
        number = call.path["number"]
        is_new = self._stand_in.put_account(number, call.document())
        told = {"accountNumber": number, "accountId": self._stand_in.store.account_id(number)}
        return Answer(told, 201 if is_new else 200)

    def _delete(self, call: Call) -> Answer:
        self._stand_in.delete_account(call.path["number"])
        return Answer(None, 204)

    def _seed(self, call: Call) -> Answer:
        self._stand_in.load_seed(call.body)
        return Answer(self.document())

    def _reset(self, call: Call) -> Answer:
        given = call.document()
        check_names(given, "to")
        if given.get("to", "seed") not in {"seed", "first"}:
            raise Refused("to must be seed, or first for the seed that the stand-in was started with", field="to")
        self._stand_in.reset(first=given.get("to") == "first")
        return Answer(self.document())

    def _state(self, _call: Call) -> Answer:
        name = {"Content-Disposition": 'attachment; filename="stand-in-state.zip"'}
        return Answer(self._stand_in.state(), media_type=ZIP, headers=name)

    def _load(self, call: Call) -> Answer:
        self._stand_in.load_state(call.body)
        return Answer(self.document())
