"""A finding on a record for which no clock runs: not applicable, or not to be judged."""

from __future__ import annotations

from fenhe_hub.rules.facts import ResourceFacts
from fenhe_hub.rules.finding import Evidence, Finding, State, Todo
from fenhe_hub.rules.obligation import Obligation


def untimed(
    rule: str, resource: ResourceFacts, state: State, duty: Obligation, todo: Todo
) -> Finding:
    """What is said of a record as it stands in its last leaf."""
    return Finding(
        rule,
        state,
        resource.kind,
        resource.id,
        evidence=(Evidence(resource.origin, resource.last_index),),
        todo=todo,
        obligation=duty,
    )
