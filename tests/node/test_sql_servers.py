"""Queries on real servers, read as they are and never written to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fenhe_node.collecting.sql import Answer, run_query
from fenhe_protocol.errors import Deferred, FenheError, InputError
from tests.node.database_servers import mariadb, postgresql

TABLE = """
CREATE TABLE usage_record(
  id INT PRIMARY KEY, started TIMESTAMP NOT NULL, ended TIMESTAMP NULL,
  amount NUMERIC(8, 2), note VARCHAR(20)
);
INSERT INTO usage_record VALUES
  (1, '2026-07-01 09:00:00', '2026-07-01 10:30:00', 12.50, '示例 100%'),
  (2, '2026-07-02 09:00:00', NULL, NULL, NULL);
"""
ALL = """
SELECT id, started, ended, amount, note FROM usage_record
WHERE note IS NULL OR note LIKE '%100%%' ORDER BY id
"""
SERIES = "generate_series(1, 500)"
PASSWORD = "p@ss:word/示例"
WRITES = (
    "WITH x AS (DELETE FROM usage_record RETURNING id) SELECT id FROM x",
    "SELECT * FROM usage_record; DELETE FROM usage_record",
    "DELETE FROM usage_record",
)


@pytest.fixture(scope="module")
def pg() -> Iterator[str]:
    pytest.importorskip("psycopg")
    with postgresql(
        TABLE + "CREATE SEQUENCE s; GRANT ALL ON ALL TABLES IN SCHEMA public TO PUBLIC"
    ) as folder:
        yield folder


def ask_pg(
    folder: str, query: str, monkeypatch: pytest.MonkeyPatch, user: str = "keeper"
) -> Answer:
    monkeypatch.setenv("PGHOST", folder)  # a socket has no place in an address
    place = f"postgresql://{user}@/postgres"
    return run_query(place, query, "secret-of-pg", home=Path("/"), where="pg")


def read(answer: Answer) -> list[tuple[object, ...]]:
    return [
        tuple(None if value is None else str(value) for value in row.values())
        for row in answer.rows
    ]


EXPECTED = [
    ("1", "2026-07-01 09:00:00", "2026-07-01 10:30:00", "12.50", "示例 100%"),
    ("2", "2026-07-02 09:00:00", None, None, None),
]


def test_postgresql_gives_what_it_holds(pg: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = ask_pg(pg, ALL, monkeypatch)
    assert answer.columns == ("id", "started", "ended", "amount", "note")
    assert read(answer) == EXPECTED


@pytest.mark.parametrize("query", [*WRITES, "SELECT nextval('s')", "SELECT setval('s', 9)"])
def test_postgresql_is_not_written_to(query: str, pg: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FenheError, match=r"source\.(query|unreached)"):
        ask_pg(pg, query, monkeypatch)
    assert len(ask_pg(pg, ALL, monkeypatch).rows) == 2


def test_postgresql_that_gives_too_much_is_refused(
    pg: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match=r"source\.size"):
        ask_pg(
            pg,
            "SELECT 1 AS n FROM generate_series(1, 500) a, generate_series(1, 500) b",
            monkeypatch,
        )


def test_postgresql_that_refuses_is_said_without_the_password(
    pg: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Deferred, match=r"source\.unreached") as caught:
        ask_pg(pg, "SELECT 'secret-of-pg' FROM nowhere", monkeypatch)
    assert "secret-of-pg" not in str(caught.value)
    with pytest.raises(Deferred, match=r"source\.unreached"):
        ask_pg(pg, ALL, monkeypatch, user="nobody-of-that-name")


@pytest.fixture(scope="module")
def my() -> Iterator[int]:
    pytest.importorskip("pymysql")
    account = f"CREATE USER reader IDENTIFIED BY '{PASSWORD}'; GRANT ALL ON lims.* TO reader;"
    with mariadb(
        f"CREATE DATABASE lims CHARACTER SET utf8mb4; USE lims; {TABLE} {account}"
    ) as port:
        yield port


def ask_my(port: int, query: str, secret: str = PASSWORD) -> Answer:
    place = f"mysql://reader@127.0.0.1:{port}/lims"
    return run_query(place, query, secret, home=Path("/"), where="my")


def test_mysql_gives_what_it_holds(my: int) -> None:
    assert read(ask_my(my, ALL)) == EXPECTED


@pytest.mark.parametrize("query", [*WRITES, "SELECT * FROM usage_record INTO OUTFILE '/tmp/x'"])
def test_mysql_is_not_written_to(query: str, my: int) -> None:
    with pytest.raises(FenheError, match=r"source\.(query|unreached)"):
        ask_my(my, query)
    assert len(ask_my(my, ALL).rows) == 2


def test_mysql_that_refuses_is_said_without_the_password(my: int) -> None:
    with pytest.raises(Deferred, match=r"source\.unreached") as caught:
        ask_my(my, ALL, secret="a-wrong-password")
    assert "a-wrong-password" not in str(caught.value)
