"""The gateway's keys: fresh, its own, rotated by its own root documents, destroyed when done."""

from pathlib import Path

import pytest

from fenhe_hub.gateway.keys import (
    FirstKeys,
    add_seal,
    destroy_seal,
    first_root,
    load_seals,
    make_keys,
)
from fenhe_protocol.errors import Refused, SetupError
from fenhe_protocol.note import parse_note
from fenhe_protocol.root_changes import compose_next
from fenhe_protocol.root_document import RootDocument, fingerprint, open_chain, sign_root
from fenhe_protocol.seal import open_body, seal_body

ORIGIN, UNIT = "gateway.example/nrii", "12140000000000019W"
USAGE = "u1.example/fenhe/usage"
NOW = 1795392000


def documents(keys: FirstKeys, folder: Path) -> tuple[RootDocument, RootDocument]:
    """Document 1, and document 2 with a second key, each believed as a unit would."""
    [seal] = keys.seals.values()
    first = first_root(
        keys, origin=ORIGIN, unit=UNIT, url="https://gateway.example/nrii", seal=seal, now=NOW
    )
    mark = fingerprint(parse_note(first).text)
    held = open_chain([first], fingerprint=mark)
    text = compose_next(held, time=NOW + 9, seal=add_seal(folder).public)
    second = sign_root(text, ORIGIN, [keys.root])
    return held, open_chain([first, second], fingerprint=mark)


def test_keys_come_back_as_they_were_made(tmp_path: Path) -> None:
    made = make_keys(tmp_path)
    assert load_seals(tmp_path) == made.seals
    assert {path.stat().st_mode & 0o777 for path in tmp_path.rglob("*.seed")} == {0o600}


def test_a_unit_believes_the_chain_by_its_fingerprint(tmp_path: Path) -> None:
    keys = make_keys(tmp_path)
    first, second = documents(keys, tmp_path)
    assert first.seal in {key.public for key in keys.seals.values()}
    assert first.logs == () and first.cosign is None
    assert (second.n, second.root, second.request) == (2, first.root, first.request)
    assert second.seal != first.seal
    with pytest.raises(Refused, match=r"^root\.fingerprint"):
        open_chain([first.raw], fingerprint="0" * 64)


def test_old_and_new_keys_open_until_the_old_one_is_destroyed(tmp_path: Path) -> None:
    first, second = documents(make_keys(tmp_path), tmp_path)
    record = {"unit": UNIT, "kind": "service_record", "id": "S-1", "applicant": "示例用户"}
    assert first.seal and second.seal
    old, new = (seal_body(record, origin=USAGE, public=key) for key in (first.seal, second.seal))
    seals = load_seals(tmp_path)
    assert open_body(old, origin=USAGE, keys=seals).value == record
    assert open_body(new, origin=USAGE, keys=seals).value == record
    [first_id] = {id for id, key in seals.items() if key.public == first.seal}
    destroy_seal(tmp_path, first_id)
    seals = load_seals(tmp_path)
    assert open_body(new, origin=USAGE, keys=seals).value == record
    with pytest.raises(Refused, match=r"^seal\.key"):
        open_body(old, origin=USAGE, keys=seals)


def test_a_key_half_made_is_made_anew(tmp_path: Path) -> None:
    make_keys(tmp_path)
    (tmp_path / "seal" / "new.seed").write_text("")
    add_seal(tmp_path)
    assert len(load_seals(tmp_path)) == 2


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    keys = make_keys(tmp_path)
    [id] = keys.seals
    (tmp_path / "seal" / f"{id}.seed").chmod(0o644)
    with pytest.raises(SetupError, match=r"^keys\.mode"):
        load_seals(tmp_path)
    destroy_seal(tmp_path, id)
    with pytest.raises(SetupError, match=r"^keys\.absent"):
        load_seals(tmp_path)
