"""How far this node's logs were signed, as the store remembers it without files and head store."""

from fenhe_node.store.database import Store

_WITNESSES = """
    SELECT max(size) AS size FROM (
      SELECT idx + 1 AS size FROM published WHERE log = ?1
      UNION ALL SELECT idx + 1 FROM sealed_leaf WHERE log = ?1
      UNION ALL SELECT size FROM signed_head WHERE log = ?1
      UNION ALL SELECT size FROM cosigned WHERE log = ?1
      UNION ALL SELECT max(announced, submitted) FROM hub_log WHERE log = ?1
    )
"""


def signed_size(store: Store, log: str) -> int:
    """A size of which the store proves that this node signed it, or a larger one; 0 for nothing."""
    return int(store.rows(_WITNESSES, [log])[0]["size"] or 0)
