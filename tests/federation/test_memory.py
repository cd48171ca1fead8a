"""The search of a process's memory, tried on processes of which we know what they hold."""

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.federation.memory import MARKS, may_read, search
from tests.federation.planting import mobile, name
from tests.wanting import wanting

PERSON = f"{name(3)} {mobile(3)}"
PAGES = 4096  # more than one piece of the search


@contextmanager
def holding(script: str, *arguments: str) -> Iterator[int]:
    """A process that has run this and waits; its number."""
    if not may_read(os.getpid()):
        wanting("memory", "nobody may read a process's memory here: ptrace_scope")
    whole = f"import sys\n{script}\nprint('ready', flush=True)\nsys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", whole, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        yield process.pid
        process.kill()


@pytest.mark.parametrize(
    "raw",
    [
        PERSON.encode(),
        PERSON.encode("utf-16-le"),
        PERSON.encode("utf-32-le"),
        PERSON.encode("gb18030"),
        json.dumps(name(3)).encode(),
        json.dumps(name(3)).upper().replace("\\U", "\\u").encode(),
        base64.b64encode(PERSON.encode()),
        base64.urlsafe_b64encode(b"1" + PERSON.encode()),
        base64.b64encode(b"12" + PERSON.encode()),
    ],
)
def test_a_person_is_found_in_every_coding(raw: bytes) -> None:
    # Handed over scrambled: what stands among the arguments would be found too.
    scrambled = bytes(byte ^ 0x55 for byte in raw).hex()
    with holding("held = bytes(b ^ 0x55 for b in bytes.fromhex(sys.argv[1]))", scrambled) as pid:
        searched = search(pid, MARKS)
    assert searched.whole
    assert any(MARKS.search(each) for each in searched.found)


def test_who_is_not_there_is_not_found() -> None:
    with holding("held = 1") as pid:
        searched = search(pid, MARKS)
    assert searched.whole and searched.found == frozenset()


def test_what_lies_across_the_pieces_of_the_search_is_found() -> None:
    script = f"""
import ctypes
held = bytearray({PAGES + 2} * 4096)
at = -ctypes.addressof(ctypes.c_char.from_buffer(held)) % 4096
for page in range(1, {PAGES} + 1):
    held[at + 4096 * page - 6 : at + 4096 * page + 7] = b'%08d-mark' % page
"""
    with holding(script) as pid:
        searched = search(pid, re.compile(rb"\d{8}-mark"))
    assert searched.whole
    marks = {each for around in searched.found for each in re.findall(rb"\d{8}-mark", around)}
    assert len(marks) == PAGES


def test_what_a_child_holds_is_found() -> None:
    script = f"""
import os, time
if os.fork() == 0:
    held = chr({ord(name(0)[0])}) + '\\u845b\\u793a\\u4f8b'
    time.sleep(60)
"""
    with holding(script) as pid:
        searched = search(pid, MARKS)
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            os.kill(int(child), 9)
    assert searched.whole and searched.found


def test_what_could_not_be_read_is_named_and_the_rest_searched(tmp_path: Path) -> None:
    file = tmp_path / "shorter"
    file.write_bytes(b"".join(b"%08d-mark" % page + bytes(4083) for page in range(3)))
    script = """
import mmap
file = open(sys.argv[1], 'r+b')
held = mmap.mmap(file.fileno(), 0)
file.truncate(4096)
"""
    with holding(script, str(file)) as pid:
        searched = search(pid, re.compile(rb"\d{8}-mark"))
    assert not searched.whole
    assert [mapping.endswith(str(file)) for mapping in searched.unread] == [True]
    assert any(b"00000000-mark" in each for each in searched.found)
