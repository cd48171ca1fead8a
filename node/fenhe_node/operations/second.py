"""`sm2-key`: the key of the second, SM2-SM3 signature line (feed §5)."""

import argparse

from fenhe_client.keys.second_commands import SecondOffice, add_second_key, second_key_command
from fenhe_node.config import load_config
from fenhe_node.home import alone, open_home
from fenhe_node.operations.options import Commands, add_command, now
from fenhe_node.publishing.heads import own_root
from fenhe_node.report import Report


def add_commands(commands: Commands) -> None:
    """Add it."""
    add_second_key(add_command(commands, "sm2-key", "国密签名的密钥 the SM2 key", run_sm2_key))


def run_sm2_key(options: argparse.Namespace) -> Report:
    """Make or show it; the node need not be complete, for its configuration may want this key."""
    home = open_home(options.home)
    config = load_config(home.config_file)
    with alone(home):
        origin, command = own_root(home).origin, config.sm2_sign_command
        office = SecondOffice(home.keys, origin, config.sm2, command, now())
        told = second_key_command(options, office)
    return Report(told.text, told.facts)
