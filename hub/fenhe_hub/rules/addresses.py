"""Which web addresses a record gives to everyone: booking pages, online services, documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

ADDRESSES: Mapping[str, tuple[str, ...]] = {
    "instrument": ("booking_url", "booking_free_busy"),
    "installation": (
        *("booking_url", "booking_free_busy"),
        *("organisation_rules_url", "opening_rules_url", "application_rules_url"),
    ),
    "centre": ("booking_url",),
    "service_unit": ("booking_url",),
    "base": ("booking_url",),
    "platform_resource": ("access_url",),
    "unit_year": ("service_url",),
    "unit": (
        *("regime_opening.url", "regime_operation.url", "regime_maintenance.url"),
        *("regime_use.url", "feedback_channel.url"),
    ),
}
"""By kind the fields of tier `pub`; a dot leads into an object."""


def addresses_in(kind: str, public: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each (field, address) of a record; pictures and home pages are no online service."""
    for field in ADDRESSES.get(kind, ()):
        first, _, second = field.partition(".")
        told = public.get(first)
        address = told.get(second) if second and isinstance(told, Mapping) else told
        if isinstance(address, str):
            yield field, address
