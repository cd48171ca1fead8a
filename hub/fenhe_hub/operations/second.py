"""`sm2-key`, `enrol-sm2`: SM2-SM3 lines, the hub's own and those of its units (feed §5)."""

import argparse
from dataclasses import replace

from fenhe_client.keys.second_commands import SecondOffice, add_second_key, second_key_command
from fenhe_hub.config import load_config
from fenhe_hub.desk.standing import known_anywhere
from fenhe_hub.home import locked, open_home
from fenhe_hub.hub import Hub, open_hub
from fenhe_hub.mirror.second_lines import check_second_key, second_line_of
from fenhe_hub.operations.options import Commands, add_command
from fenhe_hub.registry.enrolled import Enrolment, Registry
from fenhe_hub.report import pairs, show
from fenhe_hub.visiting.workshop import system_clock
from fenhe_protocol.errors import SetupError
from fenhe_protocol.second_line import second_fingerprint
from fenhe_protocol.terminal import grouped


def add_commands(commands: Commands) -> None:
    """The two."""
    text = "本平台国密签名的密钥 the hub's own SM2 key"
    add_second_key(add_command(commands, "sm2-key", text, _key))
    text = "登记单位的国密公钥 enrol a unit's SM2 key"
    enrol = add_command(commands, "enrol-sm2", text, _enrol)
    enrol.add_argument("origin", metavar="ORIGIN", help="单位的名称 the unit's origin")
    enrol.add_argument(
        "--key",
        action="append",
        default=[],
        metavar="VKEY",
        help="与单位核对过的公钥, 换钥期间可给两个 compared with the unit; two while it changes",
    )
    enrol.add_argument(
        "--required",
        action="store_true",
        help="没有国密签名的检查点不收 take no checkpoint without its line",
    )
    enrol.add_argument("--drop", action="store_true", help="不再登记 enrol it no more")


def _key(options: argparse.Namespace) -> int:
    home = open_home(options.home)
    config = load_config(home.config_file)
    with locked(home.path / "fed.lock"):
        command, now = config.sm2_sign_command, system_clock()
        office = SecondOffice(home.keys, config.origin, config.sm2, command, now)
        told = second_key_command(options, office)
    show(told.facts, told.text, as_json=options.json)
    return 0


def _enrol(options: argparse.Namespace) -> int:
    if bool(options.key) == options.drop:
        raise SetupError("setup.missing", where="--key", expected="--key VKEY | --drop")
    unit = enrol_second(open_hub(options.home), options.origin, options.key, options.required)
    marks = [second_fingerprint(check_second_key(unit.origin, text)) for text in unit.sm2]
    value = {
        "origin": unit.origin,
        "keys": list(unit.sm2),
        "fingerprints": marks,
        "required": unit.sm2_required,
    }
    lines = {
        "名称 origin": unit.origin,
        "指纹 fingerprint": " · ".join(map(grouped, marks)) or "—",
        "必须有 required": "是 yes" if unit.sm2_required else "否 no",
    }
    show(value, pairs(lines), as_json=options.json)
    return 0


def enrol_second(hub: Hub, origin: str, keys: list[str], required: bool) -> Enrolment:
    """Let these keys, and no others, count for the unit, whichever way its heads come.

    Refused `key.form`, `sm2.name`; InputError `enrol.unknown`.
    """
    for text in keys:
        check_second_key(origin, text)
    with locked(hub.home.path / "registry.lock"):
        registry = Registry(hub.home.registry_file)
        known = known_anywhere(hub, registry, origin)
        unit = replace(known, sm2=tuple(dict.fromkeys(keys)), sm2_required=required and bool(keys))
        second_line_of(unit)  # without a library that verifies, nothing would be taken any more
        registry.put(unit)
    return unit
