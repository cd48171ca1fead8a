"""Text of strangers at each exit: it is shown, and acts nowhere.

One exit for each format: terminals, JSON for programs, cells; the others have tests of their own
(`tests/hub/test_portal.py`, `tests/hub/test_spreadsheet.py`, `tests/client/test_log_lines.py`).
"""

import json
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Gauge, generate_latest

import fenhe_client.commands
import fenhe_client.telling
import fenhe_hub.report
from fenhe_client.cli import main
from fenhe_node.report import Report
from fenhe_protocol.body import BodyLine
from fenhe_protocol.entry import record_entry
from fenhe_protocol.keys import ED25519, VerifierKey
from fenhe_protocol.merkle import inclusion_proof, leaf_hash
from fenhe_protocol.proof import compose_proof
from fenhe_protocol.terminal import inert, inert_json
from tests.client.unit_log import CATALOGUE, KEY, Publisher

ACTING = [
    "\x1b]0;title\x07",
    "\x1b[2J",
    "\x9b2J",
    "a\rb",
    "a\x00b",
    "a\x7fb",
    "safe\u202etxt.exe",
    "\u2028next",
    "\ue000",
]


def is_quiet(text: str) -> bool:
    return all(each.isprintable() or each in " \n\u3000\xa0" for each in text)


@given(st.text())
def test_what_is_printed_does_nothing_but_stand_there(text: str) -> None:
    shown = inert(text)
    assert is_quiet(shown) or any(ord(each) > 0x7F and each.isspace() for each in shown)
    assert len(shown) == len(text)
    assert inert(shown) == shown


@given(st.recursive(st.text(), lambda each: st.lists(each) | st.dictionaries(st.text(), each)))
def test_json_is_the_same_value_and_quiet(value: object) -> None:
    try:
        whole = json.dumps(value, ensure_ascii=False, indent=1)
        whole.encode("utf-8")
    except UnicodeEncodeError:
        return
    assert json.loads(inert_json(whole)) == value
    assert inert(inert_json(whole)) == inert_json(whole)


def _client(text: str, as_json: bool) -> None:
    fenhe_client.telling.answer({"found": text}, text, as_json=as_json)


def _hub(text: str, as_json: bool) -> None:
    fenhe_hub.report.show({"found": text}, text, as_json=as_json)


def _hub_complaint(text: str, as_json: bool) -> None:
    fenhe_hub.report.complain(text)


def _node(text: str, as_json: bool) -> None:
    print(Report(text, {"found": text}).rendered(as_json=as_json))


@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
@pytest.mark.parametrize("exit_", [_client, _hub, _hub_complaint, _node])
@pytest.mark.parametrize("text", ACTING, ids=ascii)
def test_no_exit_lets_it_act(
    exit_: Callable[[str, bool], None],
    text: str,
    as_json: bool,
    capsys: pytest.CaptureFixture[str],
) -> None:
    exit_(f"示例大学　{text}", as_json)
    told = "".join(capsys.readouterr())
    assert is_quiet(told)
    assert "示例大学" in told
    if as_json and exit_ is not _hub_complaint:
        assert json.loads(told)["found"] == f"示例大学　{text}"


@pytest.mark.parametrize("terminal", [False, True], ids=["program", "terminal"])
@pytest.mark.parametrize("text", ACTING, ids=ascii)
def test_lines_that_are_followed_act_on_no_terminal(
    text: str,
    terminal: bool,
    capsysbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    change = {"id": "A-1", "body": {"name_zh": f"仪器 {text}"}}
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal)
    fenhe_client.commands._write_lines([change, change])
    raw = capsysbinary.readouterr().out
    assert [json.loads(line) for line in raw.splitlines()] == [change, change]
    assert "仪器" in raw.decode()
    assert is_quiet(raw.decode()) if terminal else raw == 2 * (orjson.dumps(change) + b"\n")


def test_a_body_in_a_proof_is_shown_inert(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    body = b'{"x":"\x1b]0;owned\x07"}'
    entry = record_entry(CATALOGUE, {"pub": body}, {"pub": bytes(16)})
    files = Publisher(tmp_path).publish([entry])
    leaf = files["tile/entries/000.p/1"][2:]
    path = inclusion_proof(0, 1, lambda level, index: leaf_hash(leaf))
    line = BodyLine(0, "A" * 22, body)
    file = tmp_path / "a.tlog-proof"
    file.write_bytes(compose_proof(0, path, leaf, {"pub": line}, files["checkpoint"]))
    key = VerifierKey(CATALOGUE, ED25519, KEY.public).text
    for more in ([], ["--json"]):
        assert main(["verify-proof", str(file), "--key", key, *more]) == 0
        told = capsys.readouterr().out
        assert "owned" in told
        assert is_quiet(told)


@pytest.mark.parametrize("text", [*ACTING, '"} 1\nfenhe_hub_healthy 1\n'], ids=ascii)
def test_a_label_is_one_label(text: str) -> None:
    registry = CollectorRegistry()
    Gauge("fenhe_hub_faults", "Logs by code", ["code"], registry=registry).labels(text).set(1)
    lines = [each for each in generate_latest(registry).decode().split("\n") if each[:1] != "#"]
    assert [each.partition("{")[0] for each in lines if each] == ["fenhe_hub_faults"]
