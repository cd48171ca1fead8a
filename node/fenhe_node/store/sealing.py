"""The enrolled gateway, and what would be sealed of each record, by its digest.

A digest is of the plaintext, since sealing twice never gives the same bytes. It is empty where
nothing is to be sealed and `deleted` for a deleted record.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

from fenhe_node.store.database import Store

DELETED = "deleted"
PAGE = 8192  # records read in one go


@dataclass(frozen=True)
class Gateway:
    """To whom is sealed; `url` is empty where its root documents are brought by hand."""

    origin: str
    url: str
    fingerprint: str
    at: int


def gateway(store: Store) -> Gateway | None:
    """The one enrolled gateway."""
    rows = store.rows("SELECT origin, url, fingerprint, at FROM gateway")
    return Gateway(**rows[0]) if rows else None


def put_gateway(store: Store, gateway: Gateway) -> None:
    """Enrol it in place of the one before."""
    store.put("gateway", [{"one": 1} | asdict(gateway)])


def forget_gateway(store: Store) -> None:
    """Seal nothing any more."""
    store.run("DELETE FROM gateway")


def seal_all_again(store: Store) -> None:
    """Count nothing as sealed: another gateway opens nothing that was sealed to the one before."""
    store.run("UPDATE published SET nat = '' WHERE nat NOT IN ('', ?)", [DELETED])


def unknown_kinds(store: Store, rule: int) -> list[str]:
    """The kinds of the records written since their digest was taken by this rule."""
    sql = "SELECT DISTINCT kind FROM record WHERE nat IS NULL OR nat_rule IS NOT ?"
    return [kind for (kind,) in store.table(sql, [rule])]


def unknown(store: Store, kind: str, rule: int) -> Iterator[list[tuple[str, str]]]:
    """Those of one kind, a page at a time: id and the record's text, names as they are in it."""
    sql = (
        "SELECT id, record FROM record WHERE kind = ? AND id > ?"
        f" AND (nat IS NULL OR nat_rule IS NOT ?) ORDER BY id LIMIT {PAGE}"
    )
    last = ""
    while rows := store.table(sql, [kind, last, rule]):
        yield rows
        last = rows[-1][0]


def take_as_open(store: Store, rule: int) -> None:
    """Take it that nothing is sealed of those of which `put_digests` has not said otherwise."""
    sql = "UPDATE record SET nat = '', nat_rule = ?1 WHERE nat IS NULL OR nat_rule IS NOT ?1"
    store.run(sql, [rule])


def put_digests(store: Store, digests: Iterable[tuple[str, str, str]], rule: int) -> None:
    """Keep digests (kind, id, digest) that were taken by this rule."""
    rows = ((digest, rule, kind, id) for kind, id, digest in digests)
    store.many("UPDATE record SET nat = ?, nat_rule = ? WHERE kind = ? AND id = ?", rows)


def count_to_seal(store: Store) -> int:
    """Count the records of which something would be sealed."""
    rows = store.rows("SELECT count(*) AS n FROM record WHERE nat NOT IN ('', ?)", [DELETED])
    return int(rows[0]["n"])
