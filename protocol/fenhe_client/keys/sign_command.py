"""Signing by a program of the operator's, as with a token: bytes on its stdin, base64 out.

What it prints is never told: it may be anything, a PIN included. Nor is how it is called, for its
arguments are the operator's; an error names the program alone. What it says on stderr is for the
person who stands before it, and is dropped where nobody does.
"""

import os
import select
import shlex
import subprocess
import sys
import time
from tempfile import TemporaryFile

from fenhe_protocol.encoding import b64_decode
from fenhe_protocol.errors import SetupError

SECONDS = 120
"""How long it may take: a person may have to touch the token, and a log waits meanwhile."""

_MOST_BYTES = 4096  # a signature has 89 with its newline
_WANTED = "64 bytes, base64"


def signature_by(code: str, command: str, text: bytes, seconds: float = SECONDS) -> bytes:
    """Let the command sign; the 64 bytes it gave, not verified. SetupError `code`."""
    program, found = "", ""
    try:
        program, *arguments = shlex.split(command)
        return b64_decode(_said([program, *arguments], text, seconds).strip(), size=64)
    except subprocess.TimeoutExpired:
        found = f"no answer in {seconds:g} s"
    except subprocess.CalledProcessError as error:
        found = f"exit {error.returncode}"
    except OSError as error:
        found = error.strerror or type(error).__name__
    except ValueError:
        found = "something else"
    # No cause is named: it would quote what was printed, or the whole command.
    raise SetupError(code, where=program or "—", expected=_WANTED, found=found)


def program_of(command: str) -> str:
    """The program alone, as errors name it: its arguments may hold a PIN."""
    return shlex.split(command)[0]


def _said(words: list[str], text: bytes, seconds: float) -> str:
    """What the program printed; OSError, ValueError, subprocess.SubprocessError."""
    shown = None if sys.stderr is not None and sys.stderr.isatty() else subprocess.DEVNULL
    with TemporaryFile() as given:
        given.write(text)
        given.seek(0)
        process = subprocess.Popen(words, stdin=given, stdout=subprocess.PIPE, stderr=shown)
    with process:
        try:
            said = _read(process, time.monotonic() + seconds)
        finally:
            process.kill()  # nothing where it has ended by itself
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, words[0])
    return said.decode("ascii")


def _read(process: "subprocess.Popen[bytes]", deadline: float) -> bytes:
    """Its output to the end, and its end; what it started itself is not waited for any longer."""
    assert process.stdout is not None
    said, out, waiting = b"", process.stdout.fileno(), select.poll()
    waiting.register(out, select.POLLIN)
    while len(said) <= _MOST_BYTES:
        left = deadline - time.monotonic()
        if left <= 0 or not waiting.poll(left * 1000):
            raise subprocess.TimeoutExpired(process.args, left)
        if not (piece := os.read(out, _MOST_BYTES)):
            process.wait(max(0.0, deadline - time.monotonic()))
            return said
        said += piece
    raise ValueError("more than a signature")
