"""A node that this project did not write, valid in every way that our own never uses.

One story, told once: two foreign units are enrolled, synced three times and served; each test looks
at one side of what came of it. The other side of every comparison is computed without the product.
"""

import base64
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.federation.foreign_notes import Key, open_note, root_members, spelled
from tests.federation.foreign_reader import Keys, read_mirror, read_proof
from tests.federation.foreign_server import serving
from tests.federation.foreign_tree import b64
from tests.federation.foreign_unit import ForeignLog, ForeignUnit
from tests.federation.province import HUB_ORIGIN, Province, province_in

FIRST, GROWN = 300, 600  # sizes of the odd catalogue, on both sides of its change of keys
DEEP = 65_536  # one leaf more, and a tree has tiles of level 2
READER = 77  # the number of a key that the unit lets read what is held
Reports = dict[tuple[str, str], dict[str, Any]]


@dataclass(frozen=True)
class Story:
    """Who took part, and what each round reported."""

    province: Province
    odd: ForeignUnit
    deep: ForeignUnit
    first: Reports
    again: Reports
    grown: Reports
    statuses: dict[tuple[int, str], list[int]]  # of what the hub asked for, in order

    def asked(self, unit: ForeignUnit, path: str) -> list[int]:
        return self.statuses.get((unit.number, path), [])

    def cosigner(self) -> tuple[str, bytes]:
        raw = (self.province.home("hub") / "public/root/1").read_bytes()
        return f"{HUB_ORIGIN}/m", base64.b64decode(root_members(raw)["cosign"]["key"])

    def keys(self, unit: ForeignUnit) -> Keys:
        key = unit.next_key if unit is self.odd else unit.log_key
        return Keys(unit.catalogue.origin, key.public, self.cosigner())


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    odd, deep = ForeignUnit(1), ForeignUnit(2)
    with serving([odd, deep]) as town, province_in(tmp_path_factory.mktemp("foreign")) as province:
        province.found_hub()
        raw = (province.home("hub") / "public/root/1").read_bytes()
        for unit in (odd, deep):
            unit.trusted += [base64.b64decode(key) for key in root_members(raw)["request"]]
        odd.trusted.append(Key(READER).public)
        _found_odd(odd)
        _found_deep(deep)
        for unit in (odd, deep):
            province.hub("enrol", unit.url, "--fingerprint", unit.fingerprint, "--allow-private")
        first = province.sync()
        again = province.sync()
        _grow_odd(odd, province)
        grown = province.sync()
        statuses = town.statuses()
        province.serve("hub")
        yield Story(province, odd, deep, first, again, grown, statuses)


def _found_odd(unit: ForeignUnit) -> None:
    """Three root documents, two signers each; a first half, of which no partial file is left."""
    now, name, keys = int(time.time()), f"{unit.origin}/root", unit.root_keys
    stranger = (f"{unit.origin}/root", unit.stranger)
    newcomer = Key(9_001)
    both = [b64(key.public) for key in (*keys[1:], newcomer)]
    unit.add_root(now - 300, threshold=2, signers=[stranger, (name, keys[0]), (name, keys[2])])
    second = [(name, keys[1]), (name, keys[2]), (name, keys[2])]
    unit.add_root(now - 200, threshold=2, root=both, signers=second)
    listed = unit.logs()
    old, new = (b64(key.public) for key in (unit.log_key, unit.next_key))
    ranges = [{"from": 0, "to": FIRST + 1, "key": old}, {"from": FIRST + 1, "key": new}]
    listed[0]["keys"] = ranges
    third = [(name, newcomer), stranger, (name, keys[1])]
    unit.add_root(now - 100, threshold=2, root=both, logs=listed, signers=third)
    _fill_odd(unit, now)
    for number in range(20):
        unit.usage.record(unit.service(f"S-{number}"))
    unit.show(unit.usage, unit.usage.note([(unit.usage.origin, unit.usage_key)]))
    _show_first_half(unit)


def _fill_odd(unit: ForeignUnit, now: int) -> None:
    log = unit.catalogue
    unit.grow(40)
    log.heartbeat(now - 90)
    for number in range(10):  # three tiers, one of them sealed: nobody here can open it
        sealed = {"key": "ab" * 32, "sealed": b64(b"sealed %02d" % number * 8)}
        log.record(unit.instrument(f"N-{number}") | {"nat": spelled(sealed)})
    log.erase([(3, 5), (7, 8)], ["pub", "hub"])
    log.erase([(42, 44)], ["nat"])
    _add_spread_leaf(unit, "L-1")
    unit.grow(FIRST - len(log) - 1)
    log.heartbeat(now - 80)
    log.heartbeat(now - 70)
    unit.grow(GROWN - len(log) - 1)


def _add_spread_leaf(unit: ForeignUnit, id_: str) -> None:
    """A leaf on several lines: strict JSON has nothing against white space."""
    log, place = unit.catalogue, len(unit.catalogue)
    log.record(unit.instrument(id_))
    spread = json.dumps(json.loads(log.entries[place]), indent="\t").replace("\n", "\r\n")
    other = ForeignLog(log.origin)
    other.add(spread.encode())
    log.entries[place], log.hashes[place] = other.entries[0], other.hashes[0]


def _show_first_half(unit: ForeignUnit) -> None:
    """As if it were written on already, and tidied: only the checkpoint still says the old size."""
    log = unit.catalogue
    strangers = [("someone.example/else", unit.stranger), (log.origin, unit.next_key)]
    good = [(log.origin, unit.log_key), (log.origin, unit.log_key)]
    note = log.note([*strangers, *good], FIRST, ["lab-note 1", "another line of its own"])
    # A witness's cosignature, and a signature of a type that nobody knows yet.
    for name, length in (("witness.example/w", 76), (log.origin, 200)):
        note += f"— {name} {b64(bytes(range(length)))}\n".encode()
    unit.show(log, note)
    assert not [path for path in unit.files if ".p/44" in path]


def _grow_odd(unit: ForeignUnit, province: Province) -> None:
    """The second half; its last leaf has seen heads of two hubs."""
    log = unit.catalogue
    seen = (province.home("hub") / "public/fed/checkpoint").read_bytes().split(b"\n")
    heads = [
        (f"{HUB_ORIGIN}/fed", int(seen[1]), base64.b64decode(seen[2])),
        ("elsewhere.example/fenhe/fed", 5, bytes(32)),
    ]
    log.heartbeat(int(time.time()), heads)
    unit.show(log, log.note([(log.origin, unit.next_key), (log.origin, unit.log_key)]))


def _found_deep(unit: ForeignUnit) -> None:
    now = int(time.time())
    unit.add_root(now - DEEP)
    unit.grow(300)
    while len(unit.catalogue) < DEEP:
        unit.catalogue.heartbeat(now - DEEP + len(unit.catalogue))
    unit.grow(10)
    unit.publish()


def test_all_of_it_is_admitted_and_cosigned(story: Story) -> None:
    def shown(reports: Reports, unit: ForeignUnit, log: str) -> tuple[Any, ...]:
        names = ("outcome", "size", "cosigned", "missing", "refused", "code", "remark")
        return tuple(reports[unit.origin, log][name] for name in names)

    assert shown(story.first, story.odd, "catalogue") == ("grown", FIRST, FIRST, 0, 0, "", "")
    assert shown(story.first, story.odd, "usage") == ("grown", 20, 20, 0, 0, "", "")
    assert shown(story.grown, story.odd, "catalogue") == ("grown", GROWN, GROWN, 0, 0, "", "")
    size = DEEP + 10
    assert shown(story.first, story.deep, "catalogue") == ("grown", size, size, 0, 0, "", "")


def test_what_has_not_changed_is_not_sent_again(story: Story) -> None:
    assert {report["outcome"] for report in story.again.values()} == {"unchanged"}
    assert story.asked(story.odd, "catalogue/checkpoint") == [200, 304, 200]
    assert story.asked(story.odd, "usage/checkpoint") == [200, 304, 304]
    assert story.asked(story.deep, "catalogue/tile/entries/000") == [200]


def test_a_partial_bundle_that_is_gone_is_cut_from_the_full_one(story: Story) -> None:
    assert story.asked(story.odd, "catalogue/tile/entries/001.p/44") == [404]
    assert story.asked(story.odd, "catalogue/tile/entries/001")[0] == 200


@pytest.mark.parametrize("name", ["odd", "deep"])
def test_the_mirror_serves_what_the_unit_signed(story: Story, name: str) -> None:
    unit: ForeignUnit = getattr(story, name)
    mirrored = read_mirror(story.province.url("hub"), story.keys(unit))
    assert mirrored.entries == unit.catalogue.entries
    assert mirrored.lines == unit.catalogue.lines["pub"]
    assert mirrored.head.cosigned is not None


def test_the_first_cosigned_head_is_kept(story: Story) -> None:
    log = story.odd.catalogue
    folder = story.province.home("hub") / "mirror" / sha256(log.origin.encode()).hexdigest()
    notes = {int(path.name.partition("-")[0]): path for path in (folder / "notes").iterdir()}
    key = story.odd.log_key.public
    first = open_note(notes[FIRST].read_bytes(), log.origin, key, story.cosigner())
    assert (first.size, first.root) == (FIRST, log.root(FIRST))
    assert first.cosigned is not None


def test_every_record_is_found_and_no_erased_one(story: Story) -> None:
    lines = story.odd.catalogue.lines["pub"].values()
    published = {json.loads(line.split(b" ", 2)[2])["id"] for line in lines}
    assert len(published) > 500
    assert _found(story, limit=1)["total"] == len(published)
    assert [each["id"] for each in _found(story, q="外来仪器L-1")["items"]] == ["L-1"]
    of_seven = {each["id"] for each in _found(story, q="外来仪器F-7", limit=100)["items"]}
    assert "F-70" in of_seven
    assert "F-7" not in of_seven


def _found(story: Story, **query: object) -> Any:
    asked = urlencode({"unit": story.odd.uscc, **query})
    return json.loads(story.province.fetch(f"/api/v1/resources?{asked}"))


@pytest.mark.parametrize("id_", ["F-0", "N-9", "L-1", "F-598"])
def test_each_record_can_be_proven_to_a_third_party(story: Story, id_: str, tmp_path: Path) -> None:
    file = tmp_path / "proof"
    answer = story.province.programs.answer(
        *("fenhe", "prove", story.province.url("hub"), f"{story.odd.uscc}/instrument/{id_}"),
        *("--fingerprint", story.province.fingerprint),
        *("--unit-fingerprint", story.odd.fingerprint, "--out", str(file)),
    )
    assert answer["ok"] is True
    proven = read_proof(file.read_bytes(), story.keys(story.odd))
    assert proven.bodies["pub"]["id"] == id_
    assert proven.head.cosigned is not None


@pytest.mark.parametrize(("name", "place"), [("odd", "node"), ("odd", "mirror"), ("deep", "node")])
def test_it_verifies_by_the_command(story: Story, name: str, place: str) -> None:
    unit: ForeignUnit = getattr(story, name)
    log, keys = unit.catalogue, story.keys(unit)
    digest = sha256(log.origin.encode()).hexdigest()
    mirror = f"{story.province.url('hub')}/m/{digest}"
    address = f"{unit.url}/catalogue" if place == "node" else mirror
    key = unit.next_key if unit is story.odd else unit.log_key
    command = ("fenhe", "verify", address, "--quiet", "--key", key.verifier(keys.origin))
    answer = story.province.programs.answer(*command)
    assert (answer["size"], answer["root"]) == (len(log), log.root().hex())
    assert answer["bodies"]["pub"]["valid"] == len(log.lines["pub"])
    assert answer["bodies"]["pub"]["withheld"] == 0


def test_an_enrolled_reader_verifies_what_is_held(story: Story, tmp_path: Path) -> None:
    seed = tmp_path / "reader.seed"
    seed.write_text(sha256(b"key %d" % READER).hexdigest(), "ascii")
    seed.chmod(0o600)
    log = story.odd.usage
    answer = story.province.programs.answer(
        *("fenhe", "verify", f"{story.odd.url}/usage", "--quiet"),
        *("--key", story.odd.usage_key.verifier(log.origin), "--request-key", str(seed)),
    )
    assert (answer["size"], answer["bodies"]["hub"]["valid"]) == (20, 20)
