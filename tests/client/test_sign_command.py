"""A program that signs may hang, fail or print anything: it costs its time, and tells nothing."""

import resource
import shlex
import sys
import traceback
from contextlib import ExitStack
from pathlib import Path

import pytest

from fenhe_client.keys.sign_command import signature_by
from fenhe_protocol.encoding import b64_encode
from fenhe_protocol.errors import SetupError

PIN = "PIN-271828"
GOOD = bytes(range(64))


def python(code: str) -> str:
    return shlex.join([sys.executable, "-c", code, PIN])


def fails(command: str, seconds: float = 20) -> SetupError:
    """The error, which says nothing of what was printed or given."""
    with pytest.raises(SetupError) as caught:
        signature_by("root.command", command, b"text", seconds)
    told = "".join(traceback.format_exception(caught.value))
    assert caught.value.code == "root.command"
    assert PIN not in str(caught.value)
    assert PIN not in told.replace(command, "")
    return caught.value


def test_what_is_to_be_signed_is_read_and_the_signature_is_taken() -> None:
    assert signature_by("root.command", f"echo {b64_encode(GOOD)}", b"text") == GOOD
    reads = "import base64, sys; print(base64.b64encode(sys.stdin.buffer.read(64)).decode())"
    text = bytes(range(256)) * 1024  # more than a pipe holds
    assert signature_by("root.command", python(reads), text) == text[:64]


def test_it_signs_for_a_server_with_thousands_of_connections(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    with ExitStack() as many:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limits[1], limits[1]))
        many.callback(resource.setrlimit, resource.RLIMIT_NOFILE, limits)
        for _ in range(1_100):
            many.enter_context((tmp_path / "x").open("w"))
        assert signature_by("root.command", f"echo {b64_encode(GOOD)}", b"text") == GOOD


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import sys; print(sys.argv[1])", "something else"),
        ("import sys; print(sys.argv[1], file=sys.stderr); sys.exit(3)", "exit 3"),
        ("import sys; sys.stdout.buffer.write(b'\\xff' + sys.argv[1].encode())", "something else"),
        ("", "something else"),
        ("while True: print('A' * 9999)", "something else"),
        (f"print('{b64_encode(GOOD)}' * 2)", "something else"),
        (f"print('{b64_encode(GOOD)}'); raise SystemExit(1)", "exit 1"),
        ("import os; os.kill(os.getpid(), 9)", "exit -9"),
    ],
)
def test_rubbish_and_failure_are_told_without_what_was_printed(code: str, found: str) -> None:
    assert fails(python(code)).found == found


@pytest.mark.parametrize(
    "code",
    [
        "import time; time.sleep(600)",
        "import sys, time; sys.stdout.close(); time.sleep(600)",
        # Whoever it has started goes on, and holds the pipe.
        "import os, time; os.fork() or time.sleep(600); time.sleep(600)",
    ],
)
def test_a_program_that_hangs_is_given_up(code: str, tmp_path: Path) -> None:
    assert "0.3 s" in fails(python(code.replace("600", "5")), seconds=0.3).found


@pytest.mark.parametrize("command", ["/nowhere/sign", "'", " ", "/", "/dev/null"])
def test_what_is_no_program_is_named(command: str) -> None:
    error = fails(command)
    assert error.where in (command.strip() or "—", "—")
