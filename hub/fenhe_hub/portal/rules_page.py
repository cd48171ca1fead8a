"""The rules in force with their numbers, what was withdrawn, and the bytes of every rule set."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from fenhe_hub.api.operation import Asked
from fenhe_hub.casework.book import open_casework
from fenhe_hub.casework.corrections import Correction, corrections
from fenhe_hub.index.read import Reading
from fenhe_hub.index.said import last_said
from fenhe_hub.judging.kept_rules import kept_bytes
from fenhe_hub.portal.pages import HEADERS, Handler, Page
from fenhe_hub.rules.functions import FUNCTIONS
from fenhe_hub.rules.ruleset import Rule


def show_rules(asked: Asked) -> dict[str, Any]:
    """Every rule in force, the set it stands in, and all public corrections."""
    with open_casework(asked.reading.home) as casework:
        withdrawn = [(each, _said(each)) for each in corrections(casework.db)]
    return {
        "rules": [(rule, _numbers(rule)) for rule in asked.reading.rules],
        "set": last_said(asked.db, "rule"),
        "corrections": withdrawn,
    }


def _said(each: Correction) -> tuple[str, str]:
    laid = each.laid_over()
    return laid.text_zh, laid.text_en


def _numbers(rule: Rule) -> list[tuple[str, str, bool]]:
    """(name, value in words, whether it is an example) of the rule's own parameters."""
    return [
        (name, _words(rule.parameters[name]), name in rule.examples)
        for name in FUNCTIONS[rule.function].parameters
    ]


def _words(value: Any) -> str:
    if value is None:
        return "未定 not set"
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_words(each)}" for name, each in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def rule_set_file(reading: Reading) -> Handler:
    """The bytes of a rule set by its digest, as `fed` names it."""

    async def handle(request: web.Request) -> web.StreamResponse:
        raw = kept_bytes(reading.home, request.match_info["sha256"])
        if raw is None:
            raise web.HTTPNotFound
        headers = {**HEADERS, "Cache-Control": "public, max-age=31536000, immutable"}
        return web.Response(body=raw, content_type="application/yaml", headers=headers)

    return handle


RULES_PAGE = Page("/rules", "rules.html", show_rules)
