"""What is already there of a unit's first hour. Pure; `looking` finds it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Facts:
    """Where nothing is, everything is empty. Fingerprints are hex."""

    unit_name: str = ""  # empty: there is no node yet
    uscc: str = ""
    origin: str = ""
    url: str = ""
    fingerprint: str = ""
    hub_url: str = ""  # as it was typed; not yet believed
    hub: str = ""  # the origin of the trusted one
    hub_fingerprint: str = ""
    listens: bool = False
    has_address: bool = False  # an address of its own was given, so others may come
    rows: int = 0  # of the latest edition of every list
    refused: int = 0
    records: int = 0  # besides the unit's own
    pending: int = 0
    published: int = 0
    received: int = 0  # records with a receipt
    waiting: int = 0  # published ones without
    publish_at: str = ""
    served: bool = False
    sheet: str = ""  # where the handover sheet lies
    alarms: Sequence[str] = ()
    unsure: bool = False  # put back from a backup, and not yet compared with the mirror

    @property
    def has_receipts(self) -> bool:
        """Whether the hub has certified to hold all that is published."""
        return bool(self.published and self.received and not self.waiting)
