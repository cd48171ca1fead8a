"""What people write by hand: YAML of every kind, registries, calendars, key files."""

from pathlib import Path

import yaml

from fenhe_client.keys.seeds import load_seed
from fenhe_client.settings_file import load_settings
from fenhe_client.sheets.opening import pick_source
from fenhe_client.yaml_text import load_yaml
from fenhe_hub.config import HubConfig
from fenhe_hub.gateway.config import GatewayConfig
from fenhe_hub.home import Home
from fenhe_hub.judging.working_days import read_years
from fenhe_hub.registry.above import above_us
from fenhe_hub.registry.enrolled import Registry
from fenhe_hub.rule_file import load_rules
from fenhe_node.config import NodeConfig
from fenhe_node.mapping.file import parse_mapping
from fenhe_node.mapping.model import check_mapping
from fenhe_node.mapping.rendering import render_mapping
from fenhe_node.staging.judging import check_fixed
from fenhe_node.staging.stage import stage
from fenhe_protocol.errors import InputError, SetupError
from fenhe_protocol.keys import COSIGNATURE, SigningKey, VerifierKey
from fenhe_protocol.schema import SchemaSet
from tests.fuzz.target import Target, in_file, text_of

_SCHEMAS = SchemaSet.load()
_UNIT = "12140000000000019W"
_WITNESS = VerifierKey("w.example/w", COSIGNATURE, SigningKey.from_seed(bytes(32)).public)
_LIST = "编号,名称,原值（万元）,状态,启用日期\nA-1,示例仪器,35.5,正常,2015-03-01\n".encode()


def _above(file: Path) -> object:
    return above_us(Home(file.parent))


def _mapping(raw: bytes) -> object:
    """A mapping, and the small list read by it."""
    mapping = parse_mapping(text_of(raw), "m.yaml")
    if mapping.kind not in _SCHEMAS.kinds:
        return None
    kind = _SCHEMAS.kind(mapping.kind)
    check_mapping(mapping, kind, "m.yaml")
    check_fixed(mapping, _SCHEMAS, "m.yaml")
    parse_mapping(render_mapping(mapping, kind), "m.yaml")
    source = pick_source("a.csv", _LIST, encoding=mapping.encoding, delimiter=mapping.delimiter)
    return stage("a.csv", source.read(), mapping, schemas=_SCHEMAS, unit=_UNIT)


_SETTINGS = (
    b'unit_name: "U"\nuscc: "12140000000000019W"\norigin: u1.example/fenhe\nlisten: "[::1]:80"\n'
)
_HUB = b"origin: hub.example/fenhe\npublic_url: https://hub.example/fenhe\ninterval_seconds: 60\n"
_WITNESSES = f"witnesses: [{{url: https://w.example, key: {_WITNESS.text}}}]\n".encode()
_READERS = b"readers: [{name: a, key: %b=, tiers: [hub], units: [u]}]\n" % (b"A" * 43)
_GATEWAY = b"hub_url: https://hub.example\nhub_fingerprint: " + b"a" * 64 + b"\nsm2_keys: []\n"
_REGISTRY = (
    b"units:\n- origin: u1.example/fenhe\n  uscc: 12140000000000019W\n  root1: "
    + b"a" * 64
    + b"\n  url: https://u1.example\n  root_url: https://u1.example\n"
    + b"  state: enrolled\n  since: '2026-11-23'\n  sm2: [a]\n"
)
_ABOVE = (
    b"hubs:\n- origin: h.example/fenhe\n  root1: "
    + b"a" * 64
    + b"\n  url: https://h\n  tiers: [hub]\n"
)
_RULES = (
    b"name: r\nshared: {line_yuan: 200000, public_funds: [local], base_carriers: [base]}\n"
    b"rules:\n- {rule: D1, name_zh: a, name_en: b,"
    b" stands_on: c, sentence: d, function: submission, from: 2015-11-03,"
    b" parameters: {kinds: [instrument], days: 30, first_day: 2016-01-01}}\n"
)
_WORKING_DAYS = (
    b"2027:\n  notice: a\n  dated: 2026-11-05\n  holidays: [2026-12-31, 01-01]\n  makeup: [01-09]\n"
)
_MAPPING = (
    "kind: instrument\nencoding: utf-8\ndelimiter: ','\n"
    "columns:\n  编号: id\n  名称: [name_zh, model]\n"
    "  原值: {field: value_yuan, unit: 万元, round: half_up}\n"
    "  状态: {field: status, values: {正常: normal}}\n"
    "  启用日期: {field: accepted_on, format: '%Y-%m-%d'}\n"
    "fixed: {status: normal}\nskip_where: {名称: 合计}\nvanished: list\n"
).encode()
_YAML_WORDS = (
    *(b"\n- ", b": ", b"&a ", b"*a", b"!!python/object", b"!!binary ", b"|\n ", b"{", b"}", b"["),
    *(b"]", b"<<: ", b"~", b"2026-02-30", b"1e400", b".nan", b"0x", b"? ", b"---\n", b"12:30:45"),
)

TARGETS = (
    Target("YAML", load_yaml, (yaml.YAMLError,), [_RULES, _REGISTRY], _YAML_WORDS, cheap=50),
    Target(
        "settings of a node",
        in_file("node.yaml", lambda file: load_settings(NodeConfig, file)),
        (SetupError,),
        [_SETTINGS, _SETTINGS + _WITNESSES],
        [*_YAML_WORDS, b"hub_tiers: ", b"retention_years: {", b"publish_at: "],
        cheap=50,
    ),
    Target(
        "settings of a hub",
        in_file("hub.yaml", lambda file: load_settings(HubConfig, file)),
        (SetupError,),
        [_HUB, _HUB + _READERS + _WITNESSES],
        _YAML_WORDS,
        cheap=50,
    ),
    Target(
        "settings of a gateway",
        in_file("gateway.yaml", lambda file: load_settings(GatewayConfig, file)),
        (SetupError,),
        [_GATEWAY],
        _YAML_WORDS,
        cheap=50,
    ),
    Target(
        "registry",
        in_file("registry.yaml", Registry),
        (SetupError,),
        [_REGISTRY],
        _YAML_WORDS,
        cheap=50,
    ),
    Target(
        "hubs above", in_file("above.yaml", _above), (SetupError,), [_ABOVE], _YAML_WORDS, cheap=50
    ),
    Target(
        "rule set",
        in_file("rules.yaml", lambda file: load_rules(str(file))),
        (SetupError,),
        [_RULES],
        _YAML_WORDS,
        cheap=50,
    ),
    Target(
        "working days",
        in_file("workdays.yaml", read_years),
        (SetupError,),
        [_WORKING_DAYS],
        _YAML_WORDS,
        cheap=50,
    ),
    Target(
        "mapping of a list",
        _mapping,
        (SetupError, InputError),
        [_MAPPING],
        [
            *_YAML_WORDS,
            b"encoding: ",
            b"idna",
            b"undefined",
            b"utf-16",
            b"delimiter: ",
            b"ext.pub.a",
        ],
        {
            "an encoding that decodes nothing": _MAPPING.replace(b"utf-8", b"undefined"),
            "an encoding with a zero in its name": _MAPPING.replace(b"utf-8", b'"a\\0b"'),
            "a delimiter of two signs": _MAPPING.replace(b"','", b"';;'"),
            "a format that names the year twice": _MAPPING.replace(b"%Y-%m-%d", b"%Y %Y"),
        },
        cheap=20,
    ),
    Target("key file", in_file("a.seed", load_seed), (SetupError,), [b"00" * 32 + b"\n"]),
)
