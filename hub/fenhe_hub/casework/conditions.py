"""Conditions of the questions that the domains ask of their tables."""


def equal(**wanted: str | None) -> tuple[str, list[str]]:
    """What follows WHERE, and its values: each column is as wanted; None asks nothing of it."""
    given = {name: value for name, value in wanted.items() if value is not None}
    return " AND ".join(f"{name} = ?" for name in given) or "1", [*given.values()]
