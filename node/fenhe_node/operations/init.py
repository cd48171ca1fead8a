"""`init`, `fingerprint`, `config`: a node's beginning, and what others compare."""

import argparse
from dataclasses import asdict

from fenhe_node.config import NodeConfig
from fenhe_node.founding import Founder, default_origin, found
from fenhe_node.node import open_node
from fenhe_node.operations.options import Commands, add_command, now
from fenhe_node.report import Report
from fenhe_protocol.settings import render_settings
from fenhe_protocol.terminal import grouped


def add_commands(commands: Commands) -> None:
    """Add the three."""
    init = add_command(commands, "init", "建立节点 make a new node", run_init)
    init.add_argument("--unit-name", required=True, metavar="NAME", help="单位全称 its full name")
    init.add_argument("--uscc", required=True, metavar="CODE", help="统一社会信用代码 its code")
    init.add_argument(
        "--origin", metavar="HOST/PREFIX", help="名称 a name for ever (<hub host>/u/<uscc>)"
    )
    init.add_argument("--hub", default="", metavar="URL", help="省平台网址 the hub's address")
    init.add_argument(
        "--public-url", default="", metavar="URL", help="外界访问的网址 (https://<origin>)"
    )
    add_command(commands, "fingerprint", "供核对的指纹 what others compare", run_fingerprint)
    add_command(commands, "config", "当前配置 the settings in force", run_config)


def run_init(options: argparse.Namespace) -> Report:
    """Make the home and print what the hub's operator compares."""
    origin = options.origin or default_origin(options.hub, options.uscc)
    url = (options.public_url or f"https://{origin}").rstrip("/")
    founder = Founder(options.unit_name, options.uscc, origin, url, options.hub)
    found(options.home, founder, now())
    node = open_node(options.home)
    facts = {
        "home": str(options.home),
        "origin": origin,
        "url": url,
        "fingerprint": node.fingerprint,
    }
    text = (
        f"节点已建好 made: {options.home}\n"
        f"名称 origin: {origin}\n"
        f"网址 address: {url}\n"
        f"指纹 fingerprint: {grouped(node.fingerprint)}\n"
        "请当面或电话把指纹告诉省平台 (enrol 时核对); give the fingerprint to the hub's operator"
    )
    return Report(text, facts)


def run_fingerprint(options: argparse.Namespace) -> Report:
    """Print the fingerprint in groups of four, and the logs' keys for `fenhe verify`."""
    node = open_node(options.home)
    facts = {
        "origin": node.root.origin,
        "fingerprint": node.fingerprint,
        "url": node.root.url,
        "keys": node.root.verifier_keys,
    }
    keys = "\n".join(node.root.verifier_keys.values())
    return Report(f"{grouped(node.fingerprint)}\n{keys}", facts)


def run_config(options: argparse.Namespace) -> Report:
    """Print every setting in force."""
    settings = asdict(open_node(options.home).config)
    return Report(render_settings(NodeConfig, settings), settings)
