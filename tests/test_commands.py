"""The programs import a command's module when it is asked for: what they say of it is so."""

import argparse
from importlib import import_module
from pkgutil import iter_modules

import pytest

from fenhe_hub import cli as hub
from fenhe_node import cli as node

COMMANDS = [
    (name, commands.split())
    for operations in (hub.OPERATIONS, node.OPERATIONS)
    for name, commands in operations.items()
]


@pytest.mark.parametrize(("name", "commands"), COMMANDS, ids=[name for name, _ in COMMANDS])
def test_each_module_has_the_commands_that_the_program_knows(
    name: str, commands: list[str]
) -> None:
    found = argparse.ArgumentParser().add_subparsers()
    import_module(name).add_commands(found)
    assert list(found.choices) == commands


@pytest.mark.parametrize("package", ["fenhe_hub.operations", "fenhe_node.operations"])
def test_every_operation_is_known(package: str) -> None:
    names = (f"{package}.{each.name}" for each in iter_modules(import_module(package).__path__))
    made = {name for name in names if hasattr(import_module(name), "add_commands")}
    assert made == {name for name, _ in COMMANDS if name.startswith(package)}
