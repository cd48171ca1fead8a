"""Signing by a program of the operator's, as with a token: bytes on its stdin, base64 out."""

import shlex
import subprocess

from fenhe_protocol.encoding import b64_decode
from fenhe_protocol.errors import SetupError

_SECONDS = 300  # a person may have to touch the token


def signature_by(code: str, command: str, text: bytes) -> bytes:
    """Let the command sign; the 64 bytes it gave, not verified. SetupError `code`."""
    try:
        done = subprocess.run(
            shlex.split(command), input=text, capture_output=True, check=True, timeout=_SECONDS
        )
        return b64_decode(done.stdout.decode("ascii").strip(), size=64)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise SetupError(code, where=command, found=str(error)) from error
