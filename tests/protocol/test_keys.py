"""Keys: which public keys are admitted and which signatures are good, exactly."""

import json
from typing import Any

import pytest
from _pytest.mark import ParameterSet

from fenhe_protocol.errors import Refused
from fenhe_protocol.keys import (
    COSIGNATURE,
    ED25519,
    SigningKey,
    VerifierKey,
    check_ed25519,
    check_x25519,
    verify_ed25519,
)
from tests.vectors import CCTV, WYCHEPROOF, Case, load_cases, need

CHECKS = {"ed25519": check_ed25519, "x25519": check_x25519}
LOG = "u1.example/fenhe/catalogue+c9c4ba7a+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
MIRROR = "hub.example/fenhe/m+2fa2609e+BCVDuS/xCVURR2rcg2nbbdyTNmWhGXjdoUBO4QZsqVWd"


def admitted(public: bytes) -> bool:
    try:
        return check_ed25519(public) == public
    except Refused:
        return False


@pytest.mark.parametrize("case", load_cases("keys"))
def test_key_vector(case: Case) -> None:
    raw, check = bytes.fromhex(case.input["hex"]), CHECKS[case.input["type"]]
    if case.expected["outcome"] == "OK":
        assert check(raw) == raw
    else:
        with pytest.raises(Refused, match=r"^key\.(weak|form): "):
            check(raw)


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_key_has_32_bytes(check: Any, length: int) -> None:
    with pytest.raises(Refused, match=r"^key\.form"):
        check(bytes([9]) * length)


def cctv_cases() -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads(need(CCTV / "ed25519vectors.json").read_bytes())
    return cases


def test_cctv_keys_are_refused_exactly_if_of_low_order_or_not_canonical() -> None:
    flags_of: dict[str, set[str]] = {}
    for case in cctv_cases():
        flags_of.setdefault(case["key"], set()).update(case["flags"] or [])
    bad = {key for key, flags in flags_of.items() if flags & {"low_order_A", "non_canonical_A"}}
    assert {key for key in flags_of if not admitted(bytes.fromhex(key))} == bad
    assert len(bad) == 14


def test_cctv_signatures_by_admitted_keys_are_judged_without_cofactor() -> None:
    judged = 0
    for case in cctv_cases():
        public, flags = bytes.fromhex(case["key"]), set(case["flags"] or [])
        if admitted(public):
            good = verify_ed25519(public, bytes.fromhex(case["sig"]), case["msg"].encode())
            # Verification with the cofactor would accept a low-order residue; comparison of points
            # in place of bytes a non-canonical R.
            assert good == (not flags & {"low_order_residue", "non_canonical_R"}), case["number"]
            judged += 1
    assert judged > 300


def wycheproof() -> list[ParameterSet]:
    path = WYCHEPROOF / "ed25519_test.json"
    if not path.is_file():
        reason = f"no test vectors at {path}"
        return [pytest.param(None, None, marks=pytest.mark.skip(reason=reason))]
    return [
        pytest.param(bytes.fromhex(group["publicKey"]["pk"]), test, id=str(test["tcId"]))
        for group in json.loads(path.read_bytes())["testGroups"]
        for test in group["tests"]
    ]


@pytest.mark.parametrize(("public", "test"), wycheproof())
def test_wycheproof_signature(public: bytes, test: dict[str, Any]) -> None:
    good = verify_ed25519(public, bytes.fromhex(test["sig"]), bytes.fromhex(test["msg"]))
    assert good == (test["result"] == "valid"), test["comment"]
    assert admitted(public)


def test_a_signature_is_verified() -> None:
    key = SigningKey.from_seed(bytes(range(32)))
    assert verify_ed25519(key.public, key.sign(b"text"), b"text")
    assert not verify_ed25519(key.public, key.sign(b"text"), b"test")
    assert not verify_ed25519(b"short", key.sign(b"text"), b"text")


def test_a_signing_key_never_prints_its_private_half() -> None:
    assert "rivate" not in repr(SigningKey.from_seed(bytes(32)))


@pytest.mark.parametrize(("text", "kind"), [(LOG, ED25519), (MIRROR, COSIGNATURE)])
def test_a_verifier_key_is_read_and_written(text: str, kind: int) -> None:
    key = VerifierKey.parse(text)
    assert (key.kind, key.text, key.key_id.hex()) == (kind, text, text.split("+")[1])


@pytest.mark.parametrize(
    "text",
    [
        "",
        LOG.replace("+c9", "+c8", 1),
        LOG.replace("c9c4ba7a", "C9C4BA7A"),
        LOG.replace("/catalogue", " catalogue"),
        LOG[:-1],
        LOG + "\n",
        LOG.replace("u1.example", "u2.example"),
        LOG.partition("+")[2],
        VerifierKey("a", 0x02, bytes(range(32))).text,
        VerifierKey("", ED25519, SigningKey.from_seed(bytes(32)).public).text,
    ],
)
def test_a_malformed_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(Refused, match=r"^key\.form"):
        VerifierKey.parse(text)


def test_a_verifier_key_of_low_order_is_refused() -> None:
    with pytest.raises(Refused, match=r"^key\.weak"):
        VerifierKey.parse(VerifierKey("a", ED25519, bytes(32)).text)
