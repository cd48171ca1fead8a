"""However the office's story went, its tables made again from the log are the same."""

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fenhe_hub.casework.book import DOMAINS
from fenhe_hub.casework.complaint_acts import WORDS
from fenhe_hub.casework.course import Kind
from fenhe_hub.fed.round import FedRound
from fenhe_hub.home import Home
from fenhe_hub.office.acting import Deed, Office
from fenhe_hub.office.roles import Permission
from fenhe_hub.office.staff import THE_HUB
from fenhe_protocol.fed import Act
from tests.hub.fake_node import START
from tests.hub.houses import new_hub

UNITS = ("12140000000000019W", "12140000000000027P")
NAMES = sorted({name for domain in DOMAINS for name in domain.FOLDS} - {WORDS})
TEXTS = ("", "a", "2026-11-23", "9999-12-31", "poor", "unit", "authority", "operator", *UNITS)
FIELDS = (
    *("role", "authority", "from", "until", "covers", "name", "level", "origin", "served", "how"),
    *("reason", "number", "plan", "result", "id", "document", "subject", "source", "mark", "route"),
    *("reply", "closed_as", "rules", "rule", "application", "unit", "uscc", "state", "address"),
)
DETAILS = st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(TEXTS), max_size=6)
MORE = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from([*Kind, "instrument"]),
        "year": st.sampled_from([2025, 2026]),
        "findings": st.just([f"{UNITS[0]}/D1/instrument/a"]),
        "notice": st.sampled_from(["N-1", {"id": "N-1", "to": "u", "text": "a", "public": True}]),
        "acts": st.just(["C-1/0", "C-1/1"]),
        "counts": st.just({"instrument": 3}),
    },
)
DEED = st.builds(
    lambda name, subject, some, more: (name, subject, {**some, **more}),
    st.sampled_from(NAMES),
    st.sampled_from(("a", "C-1", *UNITS)),
    DETAILS,
    MORE,
)
STEPS = st.lists(st.none() | st.lists(DEED, min_size=1, max_size=4), max_size=25)


def tables(home: Home) -> list[str]:
    with closing(sqlite3.connect(home.casework)) as db:
        return [line for line in db.iterdump() if '"read_to"' not in line]


def tell(office: Office, deeds: list[tuple[str, str, dict[str, Any]]], at: int) -> None:
    """Several deeds at once, and sealed words with every other."""
    sealed = {"author": "a", "reader": "handlers", "sealed": {"key": "k"}}
    words = [Act(f"C-1/{at}", START + at, "hub", WORDS, "C-1", sealed)] if at % 2 else []
    with office.turn() as casework:
        done = [Deed(name, subject, details) for name, subject, details in deeds]
        office.do_all(casework, THE_HUB, Permission.SEE, done, words=words)


@settings(
    max_examples=8,
    suppress_health_check=[HealthCheck.too_slow],
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(STEPS)
def test_tables_made_again_are_those_that_grew(
    steps: list[list[tuple[str, str, dict[str, Any]]] | None],
) -> None:
    with TemporaryDirectory() as folder:
        hub = new_hub(Path(folder) / "hub")
        office = Office(hub, lambda: START)
        for at, step in enumerate(steps):
            if step is not None:
                tell(office, step, at)
            else:
                with FedRound(hub) as fed:
                    fed.publish(START + 20 * at)
        with office.casework():
            grown = tables(hub.home)
        for file in hub.home.path.glob("casework.sqlite*"):
            file.unlink()
        with office.casework():
            assert tables(hub.home) == grown
