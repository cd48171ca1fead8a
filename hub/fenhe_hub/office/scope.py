"""For which units an account works: those of its authority on a day. Start at `staff_named`."""

import sqlite3
from datetime import date

from fenhe_hub.casework.accounts import Account, account
from fenhe_hub.casework.authorities import units_of
from fenhe_hub.office.roles import Permission, Role, may
from fenhe_hub.office.staff import Staff

NOBODY: frozenset[str] = frozenset()


def scope_of(db: sqlite3.Connection, who: Account, on: date) -> frozenset[str] | None:
    """The codes of the units in the scope of an account on a day; None: all.

    Who decides, decides for an authority: without one the scope is empty.
    """
    if who.authority:
        return units_of(db, who.authority, on)
    return NOBODY if may(Role(who.role), Permission.DECIDE) else None


def staff_named(db: sqlite3.Connection, name: str, on: date) -> Staff | None:
    """The living account of this name as it may work on a day."""
    found = account(db, name)
    if found is None:
        return None
    return Staff(found.name, Role(found.role), scope_of(db, found, on), found.authority)
