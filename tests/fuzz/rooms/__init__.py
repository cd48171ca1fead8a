"""The parsers, by where their bytes come from."""

ROOMS = (
    *("signed", "logs", "records", "asked", "answered", "written", "tables", "national"),
    *("calls", "forms", "proven"),
)
