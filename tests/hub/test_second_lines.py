"""SM2 lines of units at the hub: by the keys that its operator enrolled, visited or pushed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fenhe_client.stored.files import CHECKPOINT
from fenhe_hub.hub import Hub
from fenhe_hub.inbox.log import open_inbox
from fenhe_hub.mirror.cosign import latest_note
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.mirror.second_lines import how_seconded
from fenhe_hub.operations.second import enrol_second
from fenhe_hub.registry.enrolled import Registry
from fenhe_protocol.errors import FenheError
from fenhe_protocol.note import append_signature, parse_note
from fenhe_protocol.second_line import make_line, second_key
from fenhe_protocol.witness import AddCheckpoint, compose_add_checkpoint
from tests import sm2
from tests.hub.fake_node import FakeNode, instrument
from tests.hub.houses import enrolled
from tests.hub.levels import federation
from tests.hub.provinces import Province, founded
from tests.hub.push_house import pushing

UNIT = "u1.example/fenhe"
CATALOGUE, STRANGER = f"{UNIT}/catalogue", "u9.example/fenhe"
KEY = second_key(UNIT, sm2.public_of(sm2.SECRET))
OTHER = second_key(UNIT, sm2.public_of(bytes(range(2, 34))))


@pytest.fixture
async def province(tmp_path: Path) -> AsyncIterator[Province]:
    sm2.need_libcrypto()
    async with founded(tmp_path, units=1) as province:
        yield province


def seconded(note: bytes, *, well: bool = True) -> bytes:
    """The note with the unit's second line, or with one that is not good."""
    signature = sm2.sign(sm2.SECRET, parse_note(note).text if well else b"another text")
    return append_signature(note, make_line(KEY, signature))


def show(node: FakeNode, note: bytes) -> None:
    node.put_back("catalogue", CHECKPOINT, note)


def how(hub: Hub) -> str:
    unit = Registry(hub.home.registry_file).get(UNIT)
    assert unit is not None
    return how_seconded(hub.home, unit, CATALOGUE)


async def came(province: Province) -> tuple[str, int]:
    """The code of a visit to the catalogue, and the size that counts after it."""
    (report,) = [each for each in await province.sync() if each.log == "catalogue"]
    return report.code, report.size


async def test_a_required_line_is_waited_for_and_kept_with_the_head(province: Province) -> None:
    hub, node = province.hub, province.nodes[0]
    node.publish(instrument("A-1"))
    assert await came(province) == ("", 1) and how(hub) == ""
    enrol_second(hub, UNIT, [KEY.text], required=True)
    assert how(hub) == "unsigned"
    node.publish(instrument("A-2"))
    plain = node.read("catalogue", CHECKPOINT)
    assert await came(province) == ("sm2.unsigned", 1)
    show(node, seconded(plain, well=False))
    assert await came(province) == ("note.signature", 1)
    show(node, seconded(plain))
    assert await came(province) == ("", 2) and how(hub) == "signed"
    kept = latest_note(MirrorLog(hub.home, CATALOGUE).notes)
    assert kept is not None and kept.file.read_bytes().startswith(seconded(plain))
    assert KEY.name in province.said("adv")[CATALOGUE]["note"]


async def test_a_line_that_is_not_required_is_taken_up_when_it_comes(province: Province) -> None:
    hub, node = province.hub, province.nodes[0]
    enrol_second(hub, UNIT, [OTHER.text, KEY.text], required=False)
    node.publish(instrument("A-1"))
    assert await came(province) == ("", 1) and how(hub) == "unsigned"
    plain = node.read("catalogue", CHECKPOINT)
    show(node, seconded(plain))
    assert await came(province) == ("", 1) and how(hub) == "signed"


async def test_a_bad_line_is_nothing_to_a_hub_without_the_key(province: Province) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"))
    show(node, seconded(node.read("catalogue", CHECKPOINT), well=False))
    assert await came(province) == ("", 1)
    enrol_second(province.hub, UNIT, [OTHER.text], required=False)
    node.publish(instrument("A-2"))
    show(node, seconded(node.read("catalogue", CHECKPOINT), well=False))
    assert await came(province) == ("", 2)
    # Enrolled afterwards, the key tells of the head that is here, and of no other fault.
    enrol_second(province.hub, UNIT, [KEY.text], required=False)
    assert how(province.hub) == "note.signature"


async def test_who_is_enrolled_again_keeps_its_key(province: Province) -> None:
    enrol_second(province.hub, UNIT, [KEY.text], required=True)
    again = await enrolled(province.hub, province.nodes[0])
    assert again.sm2 == ()  # what the visit to its root documents came to
    kept = Registry(province.hub.home.registry_file).get(UNIT)
    assert kept is not None and (kept.sm2, kept.sm2_required) == ((KEY.text,), True)
    dropped = enrol_second(province.hub, UNIT, [], required=True)
    assert (dropped.sm2, dropped.sm2_required) == ((), False)


@pytest.mark.parametrize(
    ("origin", "key", "code"),
    [
        (UNIT, second_key("u2.example/fenhe", sm2.public_of(sm2.SECRET)).text, "sm2.name"),
        (UNIT, KEY.text[:-4], "key.form"),
        (STRANGER, second_key(STRANGER, sm2.public_of(sm2.SECRET)).text, "enrol.unknown"),
    ],
)
async def test_only_a_units_own_key_is_enrolled(
    province: Province, origin: str, key: str, code: str
) -> None:
    with pytest.raises(FenheError) as caught:
        enrol_second(province.hub, origin, [key], required=True)
    assert caught.value.code == code
    assert [unit.sm2 for unit in Registry(province.hub.home.registry_file)] == [()]


async def test_a_wrong_key_in_the_registry_is_the_operators_fault(province: Province) -> None:
    enrol_second(province.hub, UNIT, [KEY.text], required=True)
    file = province.hub.home.registry_file
    file.write_text(file.read_text("utf-8").replace(KEY.text, OTHER.text[:-1]), "utf-8")
    province.nodes[0].publish(instrument("A-1"))
    assert await came(province) == ("setup.value", 0)


async def test_a_pushed_head_is_judged_by_its_second_line_too(tmp_path: Path) -> None:
    sm2.need_libcrypto()
    node = FakeNode(tmp_path / "u1")
    node.publish(instrument("A-1"))
    plain = node.read("catalogue", CHECKPOINT)
    async with pushing(tmp_path, node) as (province, pusher):

        async def push(note: bytes) -> tuple[int, str]:
            """Submit the head of one leaf; the status, and the code of a refusal."""
            old = 1 if open_inbox(province.hub.home, CATALOGUE).heads() else 0
            content = compose_add_checkpoint(AddCheckpoint(old, (), note))
            answer = await pusher.post("add-checkpoint", content)
            return answer.status, "" if answer.status == 200 else (await answer.json())["code"]

        def pending() -> bytes:
            return open_inbox(province.hub.home, CATALOGUE).heads()[1].note

        assert await push(seconded(plain)) == (200, "")
        assert pending() == plain  # a stranger's line, as long as the key is not enrolled
        enrol_second(province.hub, UNIT, [KEY.text], required=True)
        assert await push(plain) == (403, "sm2.unsigned")
        assert await push(seconded(plain, well=False)) == (403, "note.signature")
        assert await push(seconded(plain)) == (200, "")
        assert pending() == seconded(plain)
        assert await push(seconded(plain)) == (200, "")
        assert pending() == seconded(plain)
        show(node, seconded(plain))
        await pusher.push("catalogue")
        assert how(province.hub) == "signed"


async def test_the_line_of_a_unit_that_comes_by_a_hub_beneath_is_asked_for(tmp_path: Path) -> None:
    sm2.need_libcrypto()
    async with federation(tmp_path) as made:
        county, upper = await made.hub("county"), await made.hub("province")
        node = await made.node(county)
        await made.enrol(upper, county)
        node.publish(instrument("A-1"))
        await made.settle()
        key = second_key(node.origin, sm2.public_of(sm2.SECRET))
        log = f"{node.origin}/catalogue"

        async def size() -> int:
            await made.settle()
            head = MirrorLog(upper.hub.home, log).head()
            return head.size if head else 0

        async def grow(*, seconded: bool) -> int:
            node.publish(instrument(f"A-{seconded}"))
            plain = node.read("catalogue", CHECKPOINT)
            line = make_line(key, sm2.sign(sm2.SECRET, parse_note(plain).text))
            if seconded:
                node.put_back("catalogue", CHECKPOINT, append_signature(plain, line))
            return await size()

        assert await size() == 1
        unit = enrol_second(upper.hub, node.origin, [key.text], required=True)
        assert unit.learned
        assert await grow(seconded=False) == 1
        assert await grow(seconded=True) == 3
        assert how_seconded(upper.hub.home, unit, log) == "signed"
        # How it stands is for the hub beneath to say, as before.
        await county.register(node.origin, "suspended")
        await made.settle()
        assert upper.said("reg")[node.origin]["state"] == "suspended"
        assert enrol_second(upper.hub, node.origin, [], required=False).sm2 == ()
