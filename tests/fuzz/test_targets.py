"""Every parser with every input that is known, and some hundred mutations of them, always the same.

`make fuzz-parsers` tries a million of each, which nobody has seen before.
"""

import random
import warnings
from importlib import import_module
from itertools import islice

import pytest

from tests.fuzz.engine import mutants
from tests.fuzz.rooms import ROOMS
from tests.fuzz.target import Target

pytestmark = pytest.mark.no_cover

TARGETS: list[Target] = [
    target for room in ROOMS for target in import_module(f"tests.fuzz.rooms.{room}").TARGETS
]
FOUND = [(target, name) for target in TARGETS for name in target.found]
each_target = pytest.mark.parametrize("target", TARGETS, ids=lambda target: str(target.name))


@each_target
def test_known_and_mutated_inputs_end_in_a_value_or_in_an_error_of_ours(target: Target) -> None:
    inputs = mutants(target.seeds, target.words, random.Random(target.name))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what zeep and openpyxl say of odd files
        for data in (*target.seeds, *islice(inputs, target.cheap)):
            target.run(data)


@pytest.mark.parametrize(
    ("target", "name"), FOUND, ids=[f"{target.name}: {name}" for target, name in FOUND]
)
def test_what_once_broke_a_parser_does_so_no_more(target: Target, name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        target.run(target.found[name])


@each_target
def test_every_seed_is_read_to_its_end(target: Target) -> None:
    """Else what is mutated from it would be refused at the door."""
    for seed in target.seeds:
        target.read(seed)


def test_names_are_each_given_once_and_inputs_are_small() -> None:
    names = [target.name for target in TARGETS]
    assert len(names) == len({*names})
    assert max(len(seed) for target in TARGETS for seed in target.seeds) <= 8192
