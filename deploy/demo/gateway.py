"""The gateway's part of the demonstration: a program of its own with its own home and keys.

What a unit seals to it, the hub holds unopened; only here it is opened, and sent on as services.
"""

from __future__ import annotations

import json
import time

from deploy.demo.programs import PATIENCE_SECONDS, DemoError, configure, read
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
    reader = {"name": "gateway", "key": made["request_key"], "tiers": ["hub", "nat"]}
    configure(stage.folder / "hub", {"readers": json.dumps([reader])})
    mark = made["fingerprint"]
    sealed = stage.node(unit, "trust", made["documents"], "--fingerprint", mark, "--gateway")
    say(f"  {padded(unit.name, 12)}{sealed['records_to_seal']} 条密封给网关 to be sealed")


def forward(stage: Stage) -> None:
    """Serve the gateway until its first round has ended; show how each service stands."""
    home, address = str(stage.folder / "gateway"), f"127.0.0.1:{stage.port('gateway')}"
    stage.programs.serve(
        *("gateway", "fenhe-hub", "--home", home, "gateway", "serve", "--listen", address)
    )
    _wait_until_well(f"http://{address}/healthz")
    for group in stage.gateway("status")["groups"]:
        tail = group["reason"] or group["code"]
        say(f"  {group['count']:>3} {group['state']} ({tail})")


def _wait_until_well(address: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            read(address)
        except OSError as error:  # not up yet, or 503: its first round is not over
            if time.monotonic() > deadline:
                raise DemoError(f"the gateway is not well: {error}") from error
            time.sleep(0.2)
        else:
            return
