"""What was promised is never promised otherwise."""

from pathlib import Path

import pytest

from fenhe_client.stored.disk import Disk
from fenhe_client.stored.head_store import HeadStore
from fenhe_hub.mirror.cosign import Holdings, Mirror, kept_notes, latest_note
from fenhe_protocol.checkpoint import Checkpoint, KeyRange, open_checkpoint, sign_checkpoint
from fenhe_protocol.errors import StoreError
from fenhe_protocol.keys import COSIGNATURE, SigningKey, VerifierKey

ORIGIN = "u1.example/fenhe/catalogue"
NAME = "hub.example/fenhe/m"
LOG_KEY = SigningKey.from_seed(bytes(range(32)))
MIRROR_KEY = SigningKey.from_seed(bytes(range(64, 96)))
NOW = 1_795_392_065
FIRST = Checkpoint(ORIGIN, 3, b"a" * 32)


@pytest.fixture
def mirror(tmp_path: Path) -> Mirror:
    return Mirror(NAME, lambda: MIRROR_KEY, HeadStore(tmp_path / "head.sqlite"), Disk())


def sign(mirror: Mirror, notes: Path, head: Checkpoint, now: int = NOW, latest: int = 0) -> bytes:
    kept = mirror.sign(notes, sign_checkpoint(head, LOG_KEY), head, now=now, latest=latest)
    return kept.file.read_bytes()


def test_a_cosignature_is_kept_and_verifies(mirror: Mirror, tmp_path: Path) -> None:
    note = sign(mirror, tmp_path / "notes", FIRST)
    cosigner = VerifierKey(NAME, COSIGNATURE, MIRROR_KEY.public)
    keys = [KeyRange(LOG_KEY.public)]
    opened = open_checkpoint(note, origin=ORIGIN, keys=keys, cosigners=[cosigner])
    assert [each.time for each in opened.cosignatures] == [NOW]
    (kept,) = kept_notes(tmp_path / "notes")
    assert (kept.size, kept.at, kept.file.read_bytes()) == (3, NOW, note)


def test_one_head_is_cosigned_once(mirror: Mirror, tmp_path: Path) -> None:
    note = sign(mirror, tmp_path / "notes", FIRST)
    assert sign(mirror, tmp_path / "notes", FIRST, NOW + 60) == note


def test_killed_after_the_promise_it_goes_on(mirror: Mirror, tmp_path: Path) -> None:
    HeadStore(tmp_path / "head.sqlite").advance(
        f"{NAME} {ORIGIN}", None, size=3, root=FIRST.root, now=NOW
    )
    sign(mirror, tmp_path / "notes", FIRST, NOW + 5)
    assert [note.size for note in kept_notes(tmp_path / "notes")] == [3]


@pytest.mark.parametrize(
    ("head", "now", "code"),
    [
        (Checkpoint(ORIGIN, 2, b"b" * 32), NOW, "head.backwards"),
        (Checkpoint(ORIGIN, 3, b"b" * 32), NOW, "head.backwards"),
        (Checkpoint(ORIGIN, 4, b"b" * 32), NOW - 301, "cosign.clock"),
    ],
)
def test_what_disagrees_is_not_signed(
    mirror: Mirror, tmp_path: Path, head: Checkpoint, now: int, code: str
) -> None:
    sign(mirror, tmp_path / "notes", FIRST)
    with pytest.raises(StoreError) as caught:
        sign(mirror, tmp_path / "elsewhere", head, now, latest=NOW)
    assert caught.value.code == code
    assert latest_note(tmp_path / "elsewhere") is None


@pytest.mark.parametrize(
    ("holdings", "complete"),
    [
        (Holdings(3, 3, 0, False), True),
        (Holdings(0, 0, 0, False), True),
        (Holdings(3, 2, 0, False), False),
        (Holdings(3, 3, 1, False), False),
        (Holdings(3, 3, 0, True), False),
    ],
)
def test_a_head_is_complete_when_every_body_is_here(holdings: Holdings, complete: bool) -> None:
    assert holdings.is_complete is complete
