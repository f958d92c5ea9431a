"""Dates with slashes in usage files: the tenant says their order, or a file tells it, or they are a problem."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from soapsvc.tenant import ImportRefused, Store, import_tenant
from tests.support.documents import account, charge, subscription
from tests.support.tenants import write_tenant

HEADER = "ACCOUNT_ID,UOM,QTY,STARTDATE,ENDDATE,SUBSCRIPTION_ID,CHARGE_ID,DESCRIPTION"
DAY_FIRST, MONTH_FIRST = 'usage_date_order = "DD/MM/YYYY"', 'usage_date_order = "MM/DD/YYYY"'


def csv(*rows: tuple[str, str], about: str = "") -> str:
    """An upload file of rows with a start and an end."""
    return "\n".join([HEADER, *(f"A-1,Each,1,{start},{end},A-S1,C-1,{about}" for start, end in rows)])


def imported(tmp_path: Path, content: object, toml: str = "", store: Store | None = None) -> Store:
    into = store or Store.temporary()
    folder = write_tenant(
        tmp_path / "tenant", toml, accounts=account(), subscriptions=[subscription(charge("C-1"))], usage=content
    )
    import_tenant(into, folder)
    return into


def starts(store: Store) -> list[str]:
    (found,) = store.accounts()
    return [str(record.start_date) for record in found.usage]


def refused(tmp_path: Path, content: object, toml: str = "") -> list[str]:
    with pytest.raises(ImportRefused) as caught:
        imported(tmp_path, content, toml)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("31/01/2018", "01/02/2018"), ("05/02/2018", "06/02/2018")], ["2018-01-31", "2018-02-05"]),
        ([("05/02/2018", "06/02/2018"), ("01/02/2018", "13/02/2018")], ["2018-02-01", "2018-02-05"]),
        ([("05/02/2018", "06/02/2018"), ("05/31/2018", "")], ["2018-05-02", "2018-05-31"]),
        ([("2018-01-31", "2018-02-01"), ("5/2/2018 10:30:00 PM", "5/13/2018")], ["2018-01-31", "2018-05-02"]),
        ([("05/05/2018", "2018-05-06")], ["2018-05-05"]),
    ],
)
def test_a_date_with_one_reading_tells_the_order_of_its_file(
    tmp_path: Path, rows: list[tuple[str, str]], expected: list[str]
) -> None:
    """Also one that stands later, or in the column of the ends; dates with two equal numbers need no order."""
    assert starts(imported(tmp_path, {"u.csv": csv(*rows)})) == expected


def test_every_file_tells_its_own_order(tmp_path: Path) -> None:
    files = {"a.csv": csv(("31/01/2018", ""), ("05/02/2018", "")), "b.csv": csv(("03/31/2018", ""), ("05/02/2018", ""))}
    assert starts(imported(tmp_path, files)) == ["2018-01-31", "2018-02-05", "2018-03-31", "2018-05-02"]


@pytest.mark.parametrize(("toml", "day"), [(DAY_FIRST, "2018-02-05"), (MONTH_FIRST, "2018-05-02")])
def test_the_tenant_says_what_a_file_does_not_tell(tmp_path: Path, toml: str, day: str) -> None:
    assert starts(imported(tmp_path, {"u.csv": csv(("05/02/2018", "06/02/2018"))}, toml)) == [day]


def test_where_neither_tells_a_date_with_two_readings_is_a_problem_that_names_the_key(tmp_path: Path) -> None:
    (told,) = refused(tmp_path, {"u.csv": csv(("05/02/2018", "06/02/2018"), ("2018-02-06", ""))})
    assert told == (
        "usage/u.csv: line 2, STARTDATE: is 05/02/2018, which is 02 May or 05 February; say usage_date_order = "
        '"MM/DD/YYYY" or "DD/MM/YYYY" in tenant.toml'
    )


@pytest.mark.parametrize(
    ("toml", "written"), [(DAY_FIRST, "01/31/2018"), (MONTH_FIRST, "31/01/2018"), ("", "40/40/2018")]
)
def test_a_date_that_the_order_does_not_allow_is_a_problem(tmp_path: Path, toml: str, written: str) -> None:
    (told,) = refused(tmp_path, {"u.csv": csv((written, ""))}, toml)
    assert told.startswith(f"usage/u.csv: line 2, STARTDATE: is '{written}', not a date such as 2024-01-31 or ")


def test_a_file_with_both_orders_has_a_problem_at_the_second(tmp_path: Path) -> None:
    (told,) = refused(tmp_path, {"u.csv": csv(("31/01/2018", ""), ("01/31/2018", ""))})
    assert "line 3, STARTDATE: is '01/31/2018', not a date" in told


def test_dates_in_other_columns_tell_nothing(tmp_path: Path) -> None:
    assert len(refused(tmp_path, {"u.csv": csv(("05/02/2018", ""), about="read on 31/01/2018")})) == 1


def test_json_files_tell_their_order_too(tmp_path: Path) -> None:
    rows = [{"StartDateTime": day, "Quantity": 1, "UOM": "Each"} for day in ("05/02/2018", "31/01/2018")]
    assert starts(imported(tmp_path, {"records": rows})) == ["2018-01-31", "2018-02-05"]


@pytest.mark.parametrize("content", ["", f"{HEADER}\nA-1,Each,1,05/02/2018,,,,,,too,many"])
def test_a_file_that_cannot_be_read_is_told_as_ever(tmp_path: Path, content: str) -> None:
    assert [problem for problem in refused(tmp_path, {"u.csv": content}) if "u.csv" in problem]


@pytest.mark.parametrize("order", ["DMY", "dd/mm/yyyy", 1])
def test_the_key_has_two_values(tmp_path: Path, order: object) -> None:
    written = f'"{order}"' if isinstance(order, str) else str(order)
    (told,) = refused(tmp_path, {"u.csv": csv(("2018-01-31", ""))}, f"usage_date_order = {written}")
    assert told.startswith("tenant.toml: usage_date_order: is ")
    assert "MM/DD/YYYY, DD/MM/YYYY" in told


def test_another_zone_moves_instants_but_no_date_with_slashes(tmp_path: Path) -> None:
    """The file was read day first; no later import needs to know that."""
    rows = {"u.csv": csv(("05/02/2018", "06/02/2018"), ("2018-01-31T22:00:00Z", "13/02/2018"))}
    store = imported(tmp_path / "1", rows, 'time_zone = "UTC"')
    assert starts(store) == ["2018-01-31", "2018-02-05"]
    import_tenant(store, write_tenant(tmp_path / "2", 'time_zone = "Asia/Tokyo"', accounts=account()))
    (found,) = store.accounts()
    assert [(record.start_date, record.end_date) for record in found.usage] == [
        (date(2018, 2, 1), date(2018, 2, 13)),
        (date(2018, 2, 5), date(2018, 2, 6)),
    ]
