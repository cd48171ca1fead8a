"""Signed requests: vectors, round trips, and what is remembered for how long."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_protocol import request
from fenhe_protocol.encoding import b64_decode
from fenhe_protocol.errors import RequestError
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.request import RequestVerifier, key_id, sign_request
from tests.vectors import Case, as_bytes, load_cases

NOW = 1795392065
URI = "https://hub.example/fenhe/in/x?a=%20b"
KEY = SigningKey.from_seed(bytes(range(0x60, 0x80)))
OTHER = SigningKey.from_seed(bytes(range(0x20, 0x40)))


def verifier() -> RequestVerifier:
    return RequestVerifier({key_id(key.public): key.public for key in (KEY, OTHER)})


def signed(number: int = 0, *, body: bytes | None = None, now: int = NOW) -> dict[str, str]:
    method, nonce = "PUT" if body else "GET", number.to_bytes(16, "big")
    return sign_request(method=method, uri=URI, body=body, key=KEY, now=now, nonce=nonce)


def status(judge: RequestVerifier, asked: dict[str, Any], now: int) -> int:
    body = as_bytes(asked["body"]) if "body" in asked else None
    try:
        judge.verify(asked["method"], asked["uri"], asked["headers"], body, asked.get("now", now))
    except RequestError as error:
        return error.status
    return 200


def code(headers: dict[str, str], *, body: bytes | None = None, now: int = NOW) -> str:
    with pytest.raises(RequestError) as caught:
        verifier().verify("PUT" if body else "GET", URI, headers, body, now)
    assert caught.value.status == 401
    return caught.value.code


@pytest.mark.parametrize("case", load_cases("requests"))
def test_request_vector(case: Case) -> None:
    judge = RequestVerifier({name: b64_decode(key) for name, key in case.input["keys"].items()})
    found = [status(judge, asked, case.now) for asked in case.input["requests"]]
    assert found == case.expected["status"]


@given(
    st.sampled_from(["GET", "PUT", "POST"]),
    st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E)),
    st.none() | st.binary(),
    st.integers(-300, 300),
    st.binary(min_size=16, max_size=16),
)
def test_a_signed_request_is_accepted_once(
    method: str, path: str, body: bytes | None, apart: int, nonce: bytes
) -> None:
    uri = f"https://hub.example/{path}"
    headers = sign_request(method=method, uri=uri, body=body, key=KEY, now=NOW, nonce=nonce)
    lower = {name.lower(): f" {value}\t" for name, value in headers.items()}
    judge = verifier()
    assert judge.verify(method, uri, lower, body, NOW + apart) == key_id(KEY.public)
    with pytest.raises(RequestError, match=r"^request\.nonce"):
        judge.verify(method, uri, headers, body, NOW + apart)


def test_who_begins_anew_has_forgotten_every_nonce_and_only_the_clock_ends_a_request() -> None:
    headers = signed()
    for judge in (verifier(), verifier()):  # the same server before and after a restart
        assert judge.verify("GET", URI, headers, None, NOW) == key_id(KEY.public)
    assert code(headers, now=NOW + 301) == "request.clock"


def test_content_of_no_bytes_is_no_content() -> None:
    headers = signed(body=None)
    assert "Content-Digest" not in sign_request(
        method="PUT", uri=URI, body=b"", key=KEY, now=NOW, nonce=bytes(16)
    )
    assert verifier().verify("GET", URI, headers, b"", NOW) == key_id(KEY.public)


def test_a_nonce_is_remembered_as_long_as_its_request_could_be_repeated() -> None:
    judge, early = verifier(), signed(now=NOW + 300)
    judge.verify("GET", URI, early, None, NOW)
    with pytest.raises(RequestError, match=r"^request\.nonce"):
        judge.verify("GET", URI, early, None, NOW + 600)
    with pytest.raises(RequestError, match=r"^request\.clock"):
        judge.verify("GET", URI, early, None, NOW + 601)


def test_a_nonce_may_come_again_after_that() -> None:
    judge = verifier()
    judge.verify("GET", URI, signed(), None, NOW)
    assert judge.verify("GET", URI, signed(now=NOW + 601), None, NOW + 601)


def test_the_memory_of_one_key_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request, "MOST_NONCES", 2)
    judge = verifier()
    for number in range(2):
        judge.verify("GET", URI, signed(number), None, NOW)
    with pytest.raises(RequestError, match=r"^request\.busy"):
        judge.verify("GET", URI, signed(2), None, NOW)
    # Another key is not held up by it, and this one is free again when the old nonces are.
    other = sign_request(method="GET", uri=URI, body=None, key=OTHER, now=NOW, nonce=bytes(16))
    assert judge.verify("GET", URI, other, None, NOW) == key_id(OTHER.public)
    assert judge.verify("GET", URI, signed(2, now=NOW + 601), None, NOW + 601)


def test_keys_enrolled_or_dropped_later_count_at_once() -> None:
    keys: dict[str, bytes] = {}
    judge = RequestVerifier(keys)
    with pytest.raises(RequestError, match=r"^request\.key"):
        judge.verify("GET", URI, signed(), None, NOW)
    keys[key_id(KEY.public)] = KEY.public
    assert judge.verify("GET", URI, signed(), None, NOW)
    del keys[key_id(KEY.public)]
    with pytest.raises(RequestError, match=r"^request\.key"):
        judge.verify("GET", URI, signed(1), None, NOW)


def test_the_answer_to_a_wrong_clock_names_ours() -> None:
    with pytest.raises(RequestError, match=r"2026-11-23T09:01:05\+08:00"):
        verifier().verify("GET", URI, signed(), None, NOW + 3600)


@pytest.mark.parametrize("name", ["Signature", "Signature-Input"])
def test_a_missing_header_is_unsigned(name: str) -> None:
    headers = signed()
    del headers[name]
    assert code(headers) == "request.unsigned"


def mangled(name: str, old: str, new: str) -> dict[str, str]:
    headers = signed(body=b"content")
    assert old in headers[name]
    return headers | {name: headers[name].replace(old, new, 1)}


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("Signature-Input", "fenhe=", "fenhe"),
        ("Signature-Input", "fenhe=", "fenhe=(), fenhe="),
        ("Signature-Input", '("@method"', '("@method";req'),
        ("Signature-Input", ";created=", ";created=1;created="),
        ("Signature-Input", ';tag="fenhe/v1"', ';tag="fenhe/v1";tag="fenhe/v1"'),
        ("Signature-Input", ';tag="fenhe/v1"', ";tag=fenhe/v1"),
        ("Signature-Input", ';tag="fenhe/v1"', ";tag"),
        ("Signature-Input", ";created=1795392065", ";created=1795392065.0"),
        ("Signature-Input", ";created=1795392065", ";created=?1"),
        ("Signature-Input", ";created=1795392065", ";created=@1795392065"),
        ("Signature-Input", 'keyid="', 'keyid=:AA==:;x="'),
        ("Signature-Input", 'nonce="', 'nonce="A+'),
        ("Signature-Input", "fenhe=", "\N{FULLWIDTH EQUALS SIGN}"),
        ("Signature-Input", '"@method"', '"@method" ' * 200),
        ("Signature", "fenhe=:", "fenhe=:AA=="),
        ("Signature", "fenhe=:", "sig=:"),
        ("Signature", "fenhe=:", 'fenhe=":'),
        ("Signature", ":", ""),
        ("Signature", "fenhe=", "fenhe=:AA==:, fenhe="),
        ("Signature", "==:", "==:;x"),
        ("Signature", "fenhe=", "fenhe=1;x="),
    ],
)
def test_what_is_not_of_the_form_is_refused(name: str, old: str, new: str) -> None:
    assert code(mangled(name, old, new), body=b"content") == "request.form"


def test_a_digest_of_other_content_is_refused() -> None:
    headers = signed(body=b"content")
    assert code(headers, body=b"contend") == "request.digest"
    assert code(headers | {"Content-Digest": "sha-256=:AA==:"}, body=b"content") == "request.digest"
    assert code(headers) == "request.components"


@given(st.data())
def test_no_changed_character_of_a_header_is_accepted(data: st.DataObject) -> None:
    headers = signed(body=b"content")
    name = data.draw(st.sampled_from(sorted(headers)))
    at = data.draw(st.integers(0, len(headers[name]) - 1))
    other = data.draw(st.characters(min_codepoint=0x21, max_codepoint=0xFF))
    changed = headers[name][:at] + other + headers[name][at + 1 :]
    if changed != headers[name]:
        assert code(headers | {name: changed}, body=b"content").startswith("request.")


def test_a_head_that_is_no_utf_8_is_refused_as_any_other_that_nobody_signed() -> None:
    odd = "\udce2"  # as the byte E2 is handed over
    headers = signed(1, body=b"a body") | {"Content-Digest": odd}
    with pytest.raises(RequestError) as caught:
        verifier().verify_head("PUT", URI, headers, odd, NOW)
    assert (caught.value.status, caught.value.code) == (401, "request.signature")
