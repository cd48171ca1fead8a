"""What follows from other fields of a record, so that nobody has to fill it in twice."""

from typing import Any

_BANDS = ((2_000_000, "from_200"), (500_000, "from_50"), (200_000, "from_20"), (0, "under_20"))
_RECORD_KINDS = ("installation", "centre", "service_unit")


def derive(kind: str, record: dict[str, Any]) -> dict[str, Any]:
    """Give the record with what follows from it."""
    if kind != "instrument":
        return record
    derived = dict(record)
    value = record.get("value_yuan")
    if isinstance(value, int) and value >= 0:
        derived["value_band"] = value_band(value)
    if "carrier" in record:
        derived["carrier"] = _carrier(record["carrier"])
    return derived


def value_band(yuan: int) -> str:
    """Give the half-open band of a value in yuan (rules D7)."""
    return next(band for least, band in _BANDS if yuan >= least)


def _carrier(carrier: dict[str, Any]) -> dict[str, Any]:
    # The national template asks one column for the number of a facility or centre, but for the
    # name of a laboratory: the type tells which it is.
    if "type" not in carrier:
        return carrier
    if carrier["type"] in _RECORD_KINDS:
        return {"kind": carrier["type"]} | carrier
    named = {name: value for name, value in carrier.items() if name != "id"}
    return named | ({"name": carrier["id"]} if "id" in carrier else {})
