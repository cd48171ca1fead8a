"""Who signs a root document: keys that are here, elsewhere, or behind a command; nobody else."""

import shlex
import sys
import traceback
from pathlib import Path

import pytest

from fenhe_client.keys.root_desk import signature_line
from fenhe_protocol.encoding import b64_encode
from fenhe_protocol.errors import InputError, Refused, SetupError
from fenhe_protocol.keys import SigningKey
from tests.client.desks import ORIGIN, DeskHouse, line_by, step

A, B, C, D = (SigningKey.from_seed(bytes([n]) * 32) for n in range(1, 5))


def test_what_lies_elsewhere_signs_elsewhere(tmp_path: Path) -> None:
    house = DeskHouse(tmp_path / "home", away=(A, B, C), threshold=2)
    house.desk().keys.check()  # daily work needs none of them
    told = house.rotate("log")
    assert not told.done
    assert (told.facts["lacking"], len(told.facts["keys"])) == (2, 3)
    assert house.believed.n == 1
    one = step(house, "adopt", line_by(house, B, tmp_path / "b"))
    assert (one.done, one.facts["lacking"]) == (False, 1)
    assert b64_encode(B.public) not in one.facts["keys"]
    two = step(house, "adopt", line_by(house, A, tmp_path / "a"))
    assert two.done
    assert house.believed.n == 2
    assert not list((house.folder / "root-next").iterdir())


def _wrong_lines(house: DeskHouse) -> list[bytes]:
    (text,) = (house.folder / "root-next").glob("*.txt")
    good = signature_line(ORIGIN, text.read_bytes(), A)
    return [
        b"",
        b"nonsense",
        signature_line(ORIGIN, text.read_bytes(), D).encode(),
        signature_line(ORIGIN, text.read_bytes() + b"x", A).encode(),
        good[:-9].encode(),
        good.replace("u1.example", "u2.example").encode(),
    ]


def test_a_line_that_is_no_signature_of_this_text_is_refused(tmp_path: Path) -> None:
    house = DeskHouse(tmp_path / "home", away=(A, B), threshold=2)
    house.rotate("request")
    for number, wrong in enumerate(_wrong_lines(house)):
        (file := tmp_path / f"line{number}").write_bytes(wrong)
        with pytest.raises(InputError, match=r"^root\.line"):
            step(house, "adopt", file)
    # Whoever takes the key itself for the line is not shown what they took.
    seed = next(house.seeds.glob("log.seed"))
    with pytest.raises(InputError) as caught:
        step(house, "adopt", seed)
    shown = "".join(traceback.format_exception(caught.value))
    assert seed.read_text().strip() not in shown
    # Windows line ends and a whole signed note are taken; twice the same counts once.
    line = line_by(house, A, tmp_path / "a").read_bytes()
    (tmp_path / "a").write_bytes(line.replace(b"\n", b"\r\n"))
    step(house, "adopt", tmp_path / "a")
    assert step(house, "adopt", tmp_path / "a").facts["lacking"] == 1
    (text,) = (house.folder / "root-next").glob("*.txt")
    note = text.read_bytes() + b"\n" + signature_line(ORIGIN, text.read_bytes(), B).encode()
    (tmp_path / "b").write_bytes(note)
    assert step(house, "adopt", tmp_path / "b").done


def test_roots_and_threshold_change_by_those_who_must_sign(tmp_path: Path) -> None:
    house = DeskHouse(tmp_path / "home")
    (own,) = house.believed.root
    told = step(
        house,
        "propose",
        add_root=[A.public, B.public, C.public],
        drop_root=[own],
        threshold=2,
    )
    # The old key has signed; two of the new ones must.
    assert (told.done, told.facts["lacking"]) == (False, 2)
    step(house, "adopt", line_by(house, C, tmp_path / "c"))
    assert step(house, "adopt", line_by(house, A, tmp_path / "a")).done
    (house.seeds / "root.seed").unlink()
    # One is lost, two are left: they put another in its place.
    step(house, "propose", add_root=[D.public], drop_root=[B.public])
    files = [line_by(house, key, tmp_path / key.public.hex()[:8]) for key in (A, C)]
    assert step(house, "adopt", *files).done
    assert set(house.believed.root) == {A.public, C.public, D.public}
    with pytest.raises(SetupError, match=r"^root\.unlisted"):
        step(house, "propose", drop_root=[B.public])
    with pytest.raises(Refused, match=r"^root\.form"):
        step(house, "propose", drop_root=[A.public, C.public])


def test_one_of_several_root_keys_is_named_to_be_replaced(tmp_path: Path) -> None:
    house = DeskHouse(tmp_path / "home", away=(A, B))
    with pytest.raises(SetupError, match=r"^setup\.missing: .*--replace"):
        house.rotate("root")
    with pytest.raises(SetupError, match=r"^root\.unlisted"):
        house.rotate("root", replace=C.public)
    assert not house.rotate("root", replace=A.public).done
    assert step(house, "adopt", line_by(house, B, tmp_path / "b")).done
    assert A.public not in house.believed.root


SIGNER = """
import base64, sys
from fenhe_protocol.keys import SigningKey
key = SigningKey.from_seed(bytes([int(sys.argv[1])]) * 32)
print(base64.b64encode(key.sign(sys.stdin.buffer.read())).decode())
"""


def test_a_command_signs_where_the_key_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "sign.py").write_text(SIGNER)
    program = f"{shlex.quote(sys.executable)} {shlex.quote(str(tmp_path / 'sign.py'))}"
    house = DeskHouse(tmp_path / "home", away=(A, B), threshold=2)
    house.rotate("request")
    assert step(house, "sign", command=f"{program} 1").facts["lacking"] == 1
    # The key of another, one that has signed already, an error and nonsense help nobody.
    for wrong in (f"{program} 4", f"{program} 1", f"{program} x", "echo AAAA", "/nowhere/sign"):
        with pytest.raises(SetupError, match=r"^root\.command"):
            step(house, "sign", command=wrong)
    assert step(house, "sign", command=f"{program} 2").done
