"""What a command says when it is done: text for a person, facts for `--json`, an exit code.

Operations return a `Report`; only `cli` prints. Nothing here knows what a node is.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from fenhe_protocol.terminal import inert, inert_json


class Exit(IntEnum):
    """The exit codes of every command; scripts may rely on them."""

    DONE = 0
    COULD_NOT = 1  # set-up, disk or network: nothing was changed, try again when mended
    USAGE = 2  # the command line itself
    REFUSED = 3  # a document or a record was refused
    IN_PART = 4  # some of it was done; the report names what was not


@dataclass(frozen=True)
class Report:
    """`text` is Chinese first, English second; `facts` holds only what JSON can say."""

    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    exit: Exit = Exit.DONE

    def rendered(self, *, as_json: bool) -> str:
        """Give the one form that was asked for."""
        if not as_json:
            return inert(self.text)
        facts = {**self.facts, "exit": int(self.exit)}
        return inert_json(json.dumps(facts, ensure_ascii=False, indent=1))
