"""The enrolled gateway, and what would be sealed of each record, by its digest.

A digest is of the plaintext, since sealing twice never gives the same bytes. It is empty where
nothing is to be sealed and `deleted` for a deleted record.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from fenhe_node.store.database import Store

DELETED = "deleted"


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


def unknown(store: Store, rule: int) -> Iterable[tuple[str, str, Mapping[str, Any]]]:
    """The records (kind, id, record) written since their digest was taken by this rule."""
    rows = store.rows(
        "SELECT kind, id, record FROM record WHERE nat IS NULL OR nat_rule IS NOT ?", [rule]
    )
    return ((row["kind"], row["id"], orjson.loads(row["record"])) for row in rows)


def put_digests(store: Store, digests: Iterable[tuple[str, str, str]], rule: int) -> None:
    """Keep digests (kind, id, digest) that were taken by this rule."""
    rows = ((digest, rule, kind, id) for kind, id, digest in digests)
    store.many("UPDATE record SET nat = ?, nat_rule = ? WHERE kind = ? AND id = ?", rows)


def count_to_seal(store: Store) -> int:
    """Count the records of which something would be sealed."""
    rows = store.rows("SELECT count(*) AS n FROM record WHERE nat NOT IN ('', ?)", [DELETED])
    return int(rows[0]["n"])
