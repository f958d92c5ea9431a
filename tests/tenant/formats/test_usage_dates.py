"""Dates with slashes in usage files: the tenant says their order, or a file tells it, or they are a problem."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from soapsvc.tenant import ImportRefused, Store, import_tenant
from soapsvc.tenant.tables import FOREVER, USAGE
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


def moments(store: Store) -> list[str]:
    """When each record started, by the tenant's clock, in the order of the file."""
    with store.begin() as connection:
        return list(connection.execute(select(USAGE.c.started).order_by(USAGE.c.position)).scalars())


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
def test_an_unambiguous_date_decides_the_order_of_its_file(
    tmp_path: Path, rows: list[tuple[str, str]], expected: list[str]
) -> None:
    """Also one that stands later, or in the column of the ends; dates with two equal numbers need no order."""
    assert starts(imported(tmp_path, {"u.csv": csv(*rows)})) == expected


def test_every_file_decides_its_own_order(tmp_path: Path) -> None:
    files = {"a.csv": csv(("31/01/2018", ""), ("05/02/2018", "")), "b.csv": csv(("03/31/2018", ""), ("05/02/2018", ""))}
    assert starts(imported(tmp_path, files)) == ["2018-01-31", "2018-02-05", "2018-03-31", "2018-05-02"]


@pytest.mark.parametrize(("toml", "day"), [(DAY_FIRST, "2018-02-05"), (MONTH_FIRST, "2018-05-02")])
def test_the_tenants_setting_decides_where_a_file_does_not(tmp_path: Path, toml: str, day: str) -> None:
    assert starts(imported(tmp_path, {"u.csv": csv(("05/02/2018", "06/02/2018"))}, toml)) == [day]


def test_a_date_with_two_readings_is_a_problem_that_names_the_setting(tmp_path: Path) -> None:
    (told,) = refused(tmp_path, {"u.csv": csv(("05/02/2018", "06/02/2018"), ("2018-02-06", ""))})
    assert told == (
        "usage/u.csv: line 2, STARTDATE: is 05/02/2018, which is 02 May or 05 February; set usage_date_order = "
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


def test_dates_in_other_columns_do_not_decide_the_order(tmp_path: Path) -> None:
    assert len(refused(tmp_path, {"u.csv": csv(("05/02/2018", ""), about="read on 31/01/2018")})) == 1


def test_json_files_decide_their_order_too(tmp_path: Path) -> None:
    rows = [{"StartDateTime": day, "Quantity": 1, "UOM": "Each"} for day in ("05/02/2018", "31/01/2018")]
    assert starts(imported(tmp_path, {"records": rows})) == ["2018-01-31", "2018-02-05"]


@pytest.mark.parametrize("content", ["", f"{HEADER}\nA-1,Each,1,05/02/2018,,,,,,too,many"])
def test_an_unreadable_file_is_reported_as_usual(tmp_path: Path, content: str) -> None:
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


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("01/31/2026", "2026-01-31 00:00:00"),
        ("01/31/2026 9:05", "2026-01-31 09:05:00"),
        ("01/31/2026 12:00:30 AM", "2026-01-31 00:00:30"),
        ("01/31/2026 12:30 pm", "2026-01-31 12:30:00"),
        ("01/31/2026 9:05PM", "2026-01-31 21:05:00"),
        ("01/31/2026 13:05 PM", "2026-01-31 13:05:00"),
        ("2026-01-31", "2026-01-31 00:00:00"),
        ("2026-01-31 23:59:59", "2026-01-31 23:59:59"),
        ("2026-01-31T23:30:00.250+0000", "2026-02-01 08:30:00.250000"),
        ("2026-01-31T23:30:00+09:00", "2026-01-31 23:30:00"),
    ],
)
def test_a_start_is_an_instant_by_the_clock_of_the_tenant(tmp_path: Path, written: str, moment: str) -> None:
    store = imported(tmp_path, {"u.csv": csv((written, ""))}, 'time_zone = "Asia/Tokyo"')
    assert moments(store) == [moment]
    assert starts(store) == [moment[:10]]


def test_a_time_that_no_clock_shows_is_a_problem(tmp_path: Path) -> None:
    (told,) = refused(tmp_path, {"u.csv": csv(("01/31/2026 25:00", ""))})
    assert told.startswith("usage/u.csv: line 2, STARTDATE: is '01/31/2026 25:00', not a date such as ")


def test_another_zone_moves_the_instants_of_starts(tmp_path: Path) -> None:
    rows = {"u.csv": csv(("01/31/2026 9:05", ""), ("2026-01-31T22:00:00Z", ""))}
    store = imported(tmp_path / "1", rows, 'time_zone = "UTC"')
    assert moments(store) == ["2026-01-31 09:05:00", "2026-01-31 22:00:00"]
    report = import_tenant(store, write_tenant(tmp_path / "2", 'time_zone = "Europe/Rome"', accounts=account()))
    assert report.changes["usage records"].changed == 0
    with store.begin() as connection:
        alive = select(USAGE.c.started).where(USAGE.c.until == FOREVER).order_by(USAGE.c.position)
        assert list(connection.execute(alive).scalars()) == ["2026-01-31 09:05:00", "2026-01-31 23:00:00"]
