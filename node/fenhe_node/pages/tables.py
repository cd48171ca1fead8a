"""The code tables by the names that schemas call them (`x-table`), each code with its name."""

from functools import cache

from fenhe_node.pages.wording import Tables
from fenhe_protocol.code_tables import instrument_classes, subjects


@cache
def code_tables() -> Tables:
    """Code to Chinese name."""
    classes = {code: each.name for code, each in instrument_classes().items()}
    return {"instrument-classes": classes, "subjects": dict(subjects())}
