"""Whoever acts at the hub, and for which units. Pure."""

from dataclasses import dataclass

from fenhe_hub.office.roles import Permission, Role, may
from fenhe_protocol.errors import RequestError


@dataclass(frozen=True, slots=True)
class Staff:
    """One account at work; `units` are the codes of the units in its scope, None: all."""

    account: str
    role: Role | None
    units: frozenset[str] | None = None
    authority: str = ""

    def covers(self, uscc: str) -> bool:
        """Whether a unit lies within its scope."""
        return self.units is None or uscc in self.units

    def may(self, permission: Permission) -> bool:
        """Whether its role permits it; the hub itself may do everything that it does."""
        return self.role is None or may(self.role, permission)

    def check(self, permission: Permission, uscc: str | None = None) -> None:
        """RequestError 403 `office.permission`, `office.scope`."""
        if not self.may(permission):
            raise RequestError(
                "office.permission", status=403, expected=permission, found=self.role or ""
            )
        if uscc is not None and not self.covers(uscc):
            raise RequestError("office.scope", status=403, where=uscc, found=self.authority)


THE_HUB = Staff("hub", None)
"""What the hub does by itself, and whoever has a shell on its machine."""
