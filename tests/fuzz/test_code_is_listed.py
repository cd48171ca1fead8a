"""The parsers are those of the code: whatever reads bytes or text is reached, or a reason says why.

The code is asked, not a list: every function of the four packages that is named like one that reads
and takes bytes, text or what came of JSON. Which of them are reached is seen while all known inputs
are read.
"""

import ast
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import CodeType, FrameType

from fenhe_hub.rule_file import read_rules
from tests.fuzz.test_targets import TARGETS

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    *("protocol/fenhe_protocol", "protocol/fenhe_client"),
    *("node/fenhe_node", "hub/fenhe_hub"),
)
READING = re.compile(
    r"(parse|read|decode|recall|loads|load|open|judge|verify|convict|prove|feed|asked|retry)(_|$)"
)
GIVEN = re.compile(r"\b(bytes|str|Any)\b")

# `module function`: why no stranger's bytes come to it, or by which other parser they do.
OWN, BY_ITS_PART = "reads what we wrote ourselves", "hands it to a parser that is reached"
REASONS: dict[str, str] = {
    "fenhe_protocol/schema_fields.py read_kind": "our schemas",
    "fenhe_protocol/spool.py Progress.decode": OWN,
    "fenhe_client/command_line.py CommandLine.parse_known_args": "what an operator types",
    "fenhe_client/command_line.py asked_for": "what an operator types",
    "fenhe_client/fetching/fetch.py Web.open": f"{BY_ITS_PART}: parse_web_address",
    "fenhe_client/keys/libcrypto.py Libcrypto.verify": "OpenSSL's; the form is judged before",
    "fenhe_client/keys/roots.py read_roots": f"{BY_ITS_PART}: open_chain",
    "fenhe_client/keys/second_register.py read_register": OWN,
    "fenhe_client/keys/second_signing.py open_second": OWN,
    "fenhe_client/keys/typed_fingerprint.py read_fingerprint": "what an operator types",
    "fenhe_client/keys/typed_passphrase.py read_passphrase": "what an operator types",
    "fenhe_client/reading/block_read.py BlockReader.judge": f"{BY_ITS_PART}: BlockJudge",
    "fenhe_client/reading/fitting_lines.py read_fitting": f"{BY_ITS_PART}: read_body_file",
    "fenhe_client/stored/files.py FeedFiles.read": "an interface",
    "fenhe_client/stored/files.py FolderFiles.read": "any bytes, as they are",
    "fenhe_client/stored/stored_head.py load_head": OWN,
    "fenhe_node/backing_up/sealed_keys.py open_keys": OWN,
    "fenhe_client/console/frame.py load_templates": OWN,
    "fenhe_client/console/forms.py read_form": f"{BY_ITS_PART}: parse_fields",
    "fenhe_client/console/passwords.py verify": "any text, hashed",
    "fenhe_node/hubs/own_view.py open_shown": f"{BY_ITS_PART}: open_checkpoint",
    "fenhe_node/hubs/own_view.py judge_shown": "a head that was read",
    "fenhe_node/hubs/trust.py read_chain": f"{BY_ITS_PART}: open_chain",
    "fenhe_node/pages/site.py ExportedSite.feed": "an address that we make",
    "fenhe_node/pages/site.py Site.feed": "an address that we make",
    "fenhe_node/publishing/heads.py verify_head": OWN,
    "fenhe_client/sheets/opening.py open_file": f"{BY_ITS_PART}: pick_source",
    "fenhe_node/store/findings.py asked_at": OWN,
    "fenhe_node/web/files.py read_file": "any bytes, as they are",
    "fenhe_hub/casework/summaries.py Summary.decode": OWN,
    "fenhe_hub/console/harvest_list.py HarvestList.open": "codes of units that an account has",
    "fenhe_hub/desk/applying.py open_application": f"{BY_ITS_PART}: parse_web_address, open_chain",
    "fenhe_hub/feedback/sealing.py Envelope.open_as_complainant": f"{BY_ITS_PART}: open_sealed",
    "fenhe_hub/feedback/sealing.py Envelope.open_as_handler": f"{BY_ITS_PART}: open_sealed",
    "fenhe_hub/office/lists/reading.py read_list": f"{BY_ITS_PART}: pick_source",
    "fenhe_hub/inbox/log.py open_inbox": OWN,
    "fenhe_hub/index/findings.py read_findings": OWN,
    "fenhe_hub/ingest/gaps.py read_gaps": OWN,
    "fenhe_hub/mirror/log.py read_left_out": OWN,
    "fenhe_hub/office/complaining.py open_words": "a number of the form that a route takes",
    "fenhe_hub/office/ruling.py read_typed": f"{BY_ITS_PART}: read_rules",
    "fenhe_hub/proving/finding.py prove_finding": f"{BY_ITS_PART}: read_name",
    "fenhe_hub/rules/d1.py judge_submission": "records that counted, by rules of the operator",
    "fenhe_hub/rules/d12.py judge_life": "records that counted, by rules of the operator",
    "fenhe_hub/rules/d2.py judge_completeness": "records that counted, by rules of the operator",
    "fenhe_hub/rules/d5.py judge_protection": "records that counted, by rules of the operator",
    "fenhe_hub/rules/d3.py judge_freshness": "records that counted, by rules of the operator",
    "fenhe_hub/rules/d4.py judge_fees": "records that counted, by rules of the operator",
    "fenhe_hub/rules/d6.py judge_plausibility": "records that counted, by rules of the operator",
    "fenhe_hub/rules/d7.py judge_scope": "records that counted, by rules of the operator",
    "fenhe_hub/rules/d8.py judge_signs": "records that counted, by rules of the operator",
    "fenhe_hub/rules/d9.py judge_feedback": "records that counted, by rules of the operator",
    "fenhe_hub/rules/d10.py judge_plans": "records that counted, by rules of the operator",
    "fenhe_hub/rules/d11.py judge_credit": "records that counted, by rules of the operator",
    "fenhe_hub/web/content.py _Decoder.feed": "an interface",
    "fenhe_hub/web/content.py _Plain.feed": "any bytes, as they are",
    "fenhe_hub/witnessing/before_signing.py judge": "heads that were read",
}


def functions(tree: ast.AST, inside: str = "") -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef):
            yield from functions(node, f"{inside}{node.name}.")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield inside + node.name, node  # type: ignore[misc]


def is_reader(node: ast.FunctionDef) -> bool:
    if READING.match(node.name) is None:
        return False
    given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return any(each.annotation and GIVEN.search(ast.unparse(each.annotation)) for each in given)


def readers() -> dict[str, tuple[str, int]]:
    """Each reader by its name, and where it stands: file and line."""
    return {
        f"{file.relative_to(ROOT).as_posix().partition('/')[2]} {name}": (
            str(file),
            min([node.lineno, *(each.lineno for each in node.decorator_list)]),
        )
        for package in PACKAGES
        for file in sorted((ROOT / package).rglob("*.py"))
        for name, node in functions(ast.parse(file.read_text("utf-8")))
        if is_reader(node)
    }


def reached() -> set[tuple[str, int]]:
    """Where the functions stand that are called while all known inputs are read."""
    seen: set[CodeType] = set()
    read_rules.cache_clear()  # what it remembers it does not read

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            seen.add(frame.f_code)

    before = sys.getprofile()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for target in TARGETS:
            sys.setprofile(note)
            try:
                for seed in target.seeds:
                    with suppress(*target.raises):
                        target.read(seed)
            finally:
                sys.setprofile(before)
    return {(code.co_filename, code.co_firstlineno) for code in seen}


def test_whatever_reads_a_strangers_bytes_is_among_the_parsers_or_has_a_reason() -> None:
    found, places = readers(), reached()
    assert len(found) > 100
    alone = {name for name, place in found.items() if place not in places}
    assert alone - REASONS.keys() == set()
    assert REASONS.keys() - alone == set(), "reached after all, or gone"
