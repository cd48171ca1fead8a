"""Per record: what becomes public, what only the hub sees, what stays. Pure over the schema's split."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fenhe_node.store import Store
    from fenhe_protocol.schema import SchemaSet


@dataclass(frozen=True)
class Shown:
    """One field with its titles and value."""

    field: str
    title_zh: str
    title_en: str
    value: Any


@dataclass(frozen=True)
class Preview:
    """The three lists of one record."""

    kind: str
    id: str
    public: tuple[Shown, ...]
    hub_only: tuple[Shown, ...]
    stays: tuple[Shown, ...]


def preview(
    store: "Store", record_id: str | None = None, *, schemas: "SchemaSet"
) -> tuple[Preview, ...]:
    """Show the records with this id, or all."""
    raise NotImplementedError
