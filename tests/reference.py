"""`python -m tests.reference` writes docs/reference.md and the example configurations.

Whatever can be asked of the programs stands there: commands, settings, exit codes, errors, metrics,
operations of the API, kinds of record, rules. `test_docs` holds the files to what is written here.
"""

import argparse
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, asdict, fields, is_dataclass
from types import ModuleType
from typing import get_args, get_type_hints

import yaml

from fenhe_hub.api.http import parameters_of
from fenhe_hub.api.operations import OPERATIONS
from fenhe_hub.config import HubConfig
from fenhe_hub.gateway.config import GatewayConfig
from fenhe_node.config import NodeConfig
from fenhe_protocol.error_texts import TEXTS
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.settings import read_settings, render_settings
from tests.command_lines import (
    PROGRAMS,
    chain,
    commands_of,
    own_arguments,
    parser_of,
    usage,
    written,
)
from tests.sources import ROOT, cell_faults, metrics

SETTINGS: Mapping[str, type[NodeConfig] | type[HubConfig] | type[GatewayConfig]] = {
    "node": NodeConfig,
    "hub": HubConfig,
    "gateway": GatewayConfig,
}
REFERENCE = "docs/reference.md"
RULES = "deploy/rules/shanxi.yaml"
HEAD = """\
# Reference

Written from the code by `python -m tests.reference`; `make check` fails where the two differ.
Everything in it is stable: commands, settings and codes keep their meaning, sentences may change.
"""


def files() -> dict[str, str]:
    """Every file that is written from the code, by its path in the repository."""
    written = {f"deploy/{name}.example.yaml": example(name) for name in SETTINGS}
    return {REFERENCE: reference(), **written}


def example(name: str) -> str:
    """An example configuration written anew: its own values under today's keys and reasons."""
    text = (ROOT / f"deploy/{name}.example.yaml").read_text(encoding="utf-8")
    settings = read_settings(SETTINGS[name], yaml.safe_load(text))
    return text.partition("\n\n")[0] + "\n\n" + render_settings(SETTINGS[name], asdict(settings))


def reference() -> str:
    """The whole document."""
    sections = {
        "Commands": _commands(),
        "Exit codes": _exit_codes(),
        "Configuration": _configuration(),
        "Errors": _errors(),
        "Refused bodies": _refused_bodies(),
        "What can be wrong in a list": _cell_faults(),
        "Metrics": _metrics(),
        "API": _api(),
        "Records": _records(),
        "Disclosure rules": _rules(),
    }
    parts = [HEAD, "\n".join(f"- [{title}](#{_anchor(title)})" for title in sections) + "\n"]
    parts += [f"## {title}\n\n" + "\n".join(lines) for title, lines in sections.items()]
    return "\n".join(parts).rstrip("\n") + "\n"


def settings_of(cls: type, prefix: str = "") -> Iterator[tuple[str, str, str, str]]:
    """Each key of a configuration: dotted name, default as YAML, both sentences."""
    hints = get_type_hints(cls)
    for each in fields(cls):
        if is_dataclass(hints[each.name]):
            yield from settings_of(hints[each.name], f"{prefix}{each.name}.")
            continue
        default = "required" if each.default is MISSING else json.dumps(each.default)
        yield prefix + each.name, default, each.metadata["zh"], each.metadata["en"]
        inner = next((a for a in get_args(hints[each.name]) if is_dataclass(a)), None)
        if isinstance(inner, type):
            yield from settings_of(inner, f"{prefix}{each.name}[].")


def _commands() -> Iterator[str]:
    yield "Every program and command has `--help`, which says the same."
    yield ""
    for program in PROGRAMS:
        parser = parser_of(program)
        yield from (f"### {program}", "", *(parser.description or "").splitlines(), "")
        yield from _arguments(parser)
        for name, command in commands_of(parser).items():
            yield from (f"#### {program} {name}", "", command.description or "", "")
            yield from ("```", *usage(program, parser, name), "```", "")
            yield from _arguments(*(each for _, each in chain(parser, name)))


def _arguments(*parsers: argparse.ArgumentParser) -> Iterator[str]:
    own = [action for parser in parsers for action in own_arguments(parser)]
    rows = [[f"`{written(action).strip('[]')}`", action.help or ""] for action in own]
    yield from _table(["argument", "meaning"], rows) if rows else ()


def _exit_codes() -> Iterator[str]:
    told = {program: exit_codes(module) for program, module in PROGRAMS.items()}
    codes = sorted({code for each in told.values() for code in each})
    rows = [[str(code), *(each.get(code, "") for each in told.values())] for code in codes]
    yield from _table(["code", *PROGRAMS], rows)


def exit_codes(module: ModuleType) -> dict[int, str]:
    """What a program's first lines say of its exit codes."""
    text = " ".join((module.__doc__ or "").split())
    found = re.search(r"Exit codes: (.*?)\.(?: |$)", text)
    said = found[1].split(" · ") if found else []
    return {int(code): text for code, _, text in (each.partition(" ") for each in said)}


def _configuration() -> Iterator[str]:
    for name, cls in SETTINGS.items():
        yield from (f"### {name}: config.yaml", "")
        rows = [[f"`{key}`", f"`{default}`", zh, en] for key, default, zh, en in settings_of(cls)]
        yield from _table(["key", "default", "中文", "English"], rows)
        yield f"With every key: [deploy/{name}.example.yaml](../deploy/{name}.example.yaml)."
        yield ""


def _errors() -> Iterator[str]:
    yield from _table(
        ["code", "中文", "English"],
        ([f"`{code}`", text.zh, text.en] for code, text in TEXTS.items()),
    )


def _refused_bodies() -> Iterator[str]:
    yield "Codes of `rej` in a hub's `fed`, in the order in which a body is judged."
    yield ""
    labels = SchemaSet.load().kind("rej").field("code").labels
    yield from _table(
        ["code", "中文", "English"],
        ([f"`{code}`", label.zh, label.en] for code, label in labels.items()),
    )


def _cell_faults() -> Iterator[str]:
    yield "Codes of `fenhe-node import` and `check`; `…` stands for what depends on the cell."
    yield ""
    rows = ([f"`{fault.code}`", fault.zh, fault.en] for fault in cell_faults())
    yield from _table(["code", "中文", "English"], rows)


def _metrics() -> Iterator[str]:
    yield "At `/metrics` of a node, a hub and a served gateway, in the Prometheus text format."
    yield ""
    yield from _table(
        ["name", "type", "labels", "meaning"],
        ([f"`{m.name}`", m.kind, ", ".join(m.labels), m.text] for m in metrics()),
    )


def _api() -> Iterator[str]:
    yield "Below `/api/v1` of a hub; the whole contract is `/api/v1/openapi.json`."
    yield ""
    rows = (
        [
            f"`{each.path}`",
            each.zh,
            each.en,
            ", ".join(f"`{parameter.name}`" for parameter in parameters_of(each)),
        ]
        for each in OPERATIONS
    )
    yield from _table(["path", "中文", "English", "parameters"], rows)


def _records() -> Iterator[str]:
    yield "A field stands in the bodies of its tier and nowhere else; `node` never leaves the unit."
    yield ""
    kinds = [SchemaSet.load().kind(name) for name in SchemaSet.load().kinds]
    tiers = ("pub", "hub", "nat", "to", "node")
    rows = (
        [
            f"[{kind.kind}](../schemas/{kind.kind}.schema.json)",
            kind.title_zh,
            kind.title_en,
            kind.log,
            str(kind.nrii_type or ""),
            *(", ".join(field.name for field in kind.of_tier(tier)) for tier in tiers),
        ]
        for kind in kinds
    )
    yield from _table(["kind", "中文", "English", "log", "NRII type", *tiers], rows)


def _rules() -> Iterator[str]:
    rules = yaml.safe_load((ROOT / RULES).read_text(encoding="utf-8"))
    yield f"The rule set that ships, [{rules['name']}](../{RULES})."
    yield ""
    rows = (
        [
            each["rule"],
            each["name_zh"],
            each["name_en"],
            each["stands_on"],
            f"`{json.dumps(each['parameters'], ensure_ascii=False, default=str)}`",
        ]
        for each in rules["rules"]
    )
    yield from _table(["rule", "中文", "English", "stands on", "parameters"], rows)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    for row in (heads, ["---"] * len(heads), *rows):
        yield "| " + " | ".join(map(_escaped, row)) + " |"
    yield ""


def _escaped(cell: str) -> str:
    """A cell in which nothing ends the cell or is taken for HTML."""
    text = cell.replace("|", "\\|")
    return text if text.startswith(("`", "[")) else text.replace("<", "\\<")


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-").replace("'", "")


if __name__ == "__main__":
    for path, text in files().items():
        (ROOT / path).write_text(text, encoding="utf-8")
        print(path)
