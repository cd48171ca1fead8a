"""The gateway's part of the demonstration: a program of its own with its own home and keys.

What a unit seals to it, the hub holds unopened; only here it is opened, and sent on as services.
"""

from __future__ import annotations

import json
import time

from deploy.demo.programs import PATIENCE_SECONDS, DemoError, configure
from deploy.demo.samples import DemoUnit
from deploy.demo.screen import padded, say
from deploy.demo.stage import Stage

OPERATOR = "12140000000000027P"  # who runs it, by unit code


def found(stage: Stage, unit: DemoUnit) -> None:
    """Make the gateway; the hub lets it read what is sealed, and the unit seals to its key."""
    made = stage.gateway(
        *("init", "--origin", "gateway.example/nrii", "--uscc", OPERATOR),
        *("--hub", stage.url("hub"), "--hub-fingerprint", stage.hub_fingerprint),
        *("--wsdl", stage.wsdl),
    )
    configure(stage.folder / "gateway", {"interval_seconds": "1"})
    reader = {"name": "gateway", "key": made["request_key"], "tiers": ["hub", "nat"]}
    configure(stage.folder / "hub", {"readers": json.dumps([reader])})
    mark = made["fingerprint"]
    sealed = stage.node(unit, "trust", made["documents"], "--fingerprint", mark, "--gateway")
    say(f"  {padded(unit.name, 12)}{sealed['records_to_seal']} 条密封给网关 to be sealed")


def forward(stage: Stage) -> None:
    """Serve the gateway until every service is accepted or has a reason why not; show it."""
    home = str(stage.folder / "gateway")
    stage.programs.serve("gateway", "fenhe-hub", "--home", home, "gateway", "serve")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        answer = stage.gateway("status")
        groups = answer["groups"]
        if answer["forwarded"] and all(
            each["state"] == "done" or each["reason"] for each in groups
        ):
            break
        if time.monotonic() > deadline:
            raise DemoError(f"the gateway did not finish: {groups}")
        time.sleep(1)
    for group in groups:
        tail = group["reason"] or group["code"]
        say(f"  {group['count']:>3} {group['state']} ({tail})")
