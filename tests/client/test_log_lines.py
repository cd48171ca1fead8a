"""Logs: one record one line, whatever is in it, for people or for programs."""

import json
import logging
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_client.log_lines import JsonLines, TextLines, write_logs
from fenhe_protocol.errors import Refused

ERROR = Refused("log.fork", where="u1.example/fenhe/catalogue", expected="one history")


def record(message: str, *arguments: object, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord(
        "fenhe_hub.visiting.sync", logging.WARNING, "sync.py", 1, message, arguments, None
    )
    made.created = 1_795_392_000
    vars(made).update(extra)
    return made


def test_a_line_for_people() -> None:
    line = TextLines().format(record("visit to %s", "u1", facts={"start": 3, "size": 5}))
    assert line == "WARNING fenhe_hub.visiting.sync visit to u1 start=3 size=5"


def test_a_line_for_programs() -> None:
    told = json.loads(JsonLines().format(record("%s: %s", "u1", ERROR, facts={"size": 5})))
    assert told == {
        "time": "2026-11-23T08:00:00+08:00",
        "level": "warning",
        "logger": "fenhe_hub.visiting.sync",
        "message": f"u1: {ERROR}",
        "facts": {"size": 5},
        "error": ERROR.problem(),
    }


@given(st.text(max_size=30), st.text(max_size=10))
def test_a_record_is_one_line_without_control_characters(text: str, fact: str) -> None:
    for form in (TextLines(), JsonLines()):
        assert form.format(record("%s", text, facts={"found": fact})).isprintable()


@pytest.mark.parametrize("form", [TextLines(), JsonLines()], ids=["text", "json"])
def test_a_traceback_is_kept_and_inert(form: logging.Formatter) -> None:
    made = record("broke")
    try:
        raise ValueError("\x1b[2Jgone\nfor good")
    except ValueError:
        made.exc_info = sys.exc_info()
    lines = form.format(made).splitlines()
    assert all(line.isprintable() for line in lines)
    assert "gone" in "".join(lines)
    assert (len(lines) == 1) == isinstance(form, JsonLines)


def test_a_form_replaces_the_one_before(capfd: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        write_logs("text")
        write_logs("json")
        logging.getLogger("fenhe").info("one")
    finally:
        root.handlers[:], root.level = handlers, level
    (line,) = capfd.readouterr().err.splitlines()
    assert json.loads(line)["message"] == "one"
