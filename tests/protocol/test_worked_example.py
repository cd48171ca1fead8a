"""The worked example of the wire format, every byte produced from its seeds."""

import hashlib

from fenhe_protocol.checkpoint import (
    Checkpoint,
    Cosignature,
    KeyRange,
    cosign,
    open_checkpoint,
    sign_checkpoint,
)
from fenhe_protocol.encoding import parse_time
from fenhe_protocol.keys import COSIGNATURE, ED25519, SigningKey, VerifierKey
from fenhe_protocol.origin import log_origin, origin_hash
from fenhe_protocol.request import RequestVerifier, key_id, sign_request
from fenhe_protocol.root_document import (
    LogKeys,
    compose_root,
    cosigner_name,
    fingerprint,
    open_first,
    sign_root,
)

LOG, ROOT, MIRROR, REQUEST = (
    SigningKey.from_seed(bytes(range(start, start + 32))) for start in (0, 0x20, 0x40, 0x60)
)
UNIT, HUB = "u1.example/fenhe", "hub.example/fenhe"
CATALOGUE = log_origin(UNIT, "catalogue")
LOG_KEY = "u1.example/fenhe/catalogue+c9c4ba7a+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
MIRROR_KEY = "hub.example/fenhe/m+2fa2609e+BCVDuS/xCVURR2rcg2nbbdyTNmWhGXjdoUBO4QZsqVWd"
TREE = bytes.fromhex("aa6a61f5ffe21bf961eae5ce6f7ba593bc98d168bb6f80d968f6a4987ec7633e")
COSIGNED_AT = 1795392065
NOTE = """\
u1.example/fenhe/catalogue
2
qmph9f/iG/lh6uXOb3ulk7yY0Wi7b4DZaPakmH7HYz4=

— u1.example/fenhe/catalogue ycS6epv3mf9VAWzKt9lm/Xb90T4fkvAcc/rJqczJvtqKUgW6e1oMuPRG1HS6moG0PLT2dK6p/4l1nT0nHkn6A+XImAw=
— hub.example/fenhe/m L6JgngAAAABrA4JBF6fpjP/XxmfEN7WIOowBVOKLu3ZiZp8IMb6+ipShEUC1CpeR0qA3d7EAhpl5bIkoO+FNRhlmhh89KwoIOvI2CQ==
"""  # noqa: E501
ROOT_1 = """\
fenhe/root/v1
{"logs":[{"keys":[{"from":0,"key":"A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="}],"name":"catalogue"},{"keys":[{"from":0,"key":"A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="}],"name":"usage"}],"n":1,"origin":"u1.example/fenhe","prev":null,"request":["F0VTtFbd38aQjsqxwQH+arIeK6oGF3lbfUOmNIKZP9U="],"root":["Kay64UG8yvCyLhqU000LxzYeUm0L/hLIl5S8kyKWbdc="],"threshold":1,"time":"2026-11-23T07:50:00+08:00","unit":"12140000000000019W","url":"https://u1.example/fenhe"}

— u1.example/fenhe/root 9JkgloPt55u46VWihY/QiAsOrBeXXu5szpK31dh5C+lMt7Zl647IvRvUzILgmGm57A3WY/99DrVc0C6lNRY9Oq9keQE=
"""  # noqa: E501
FINGERPRINT = "77f1ed57e341c6ba62c3ad20a3d979c0d71592964d34051eda175e36a6fedf8d"
PUT = (
    "https://hub.example/fenhe/in/f2b9ee2cfc1fa9b3c76ce621e0946edad651d5bfabb5e1775f6a25b5dc84c2d2"
    "/catalogue/body/pub/000"
)
LINE = (
    '0 AAECAwQFBgcICQoLDA0ODw {"id":"A-1001","kind":"instrument",'
    '"name_zh":"核磁共振波谱仪","unit":"12140000000000019W"}\n'
).encode()
HEADERS = {
    "Content-Digest": "sha-256=:YPTctaw/Ji9+yhHMaqP9daMD74P9Pezt8qaCFXbaOII=:",
    "Signature-Input": (
        'fenhe=("@method" "@target-uri" "content-digest");created=1795392065'
        ';keyid="68894d58f18f2c34d49eb2f4b110e042cd0f3150a4dc39243d7f63bd598c0783"'
        ';nonce="AAECAwQFBgcICQoLDA0ODw";tag="fenhe/v1"'
    ),
    "Signature": (
        "fenhe=:Ctmt+udWNucIf+xAtNl1Rrw4Ryhsq6Fps4G7yCbp5uJ6/"
        "Fa1+rrFHSwnU7yFwB03DNWFudMz7tcG8tTn7gT/DA==:"
    ),
}


def test_verifier_keys() -> None:
    assert VerifierKey(CATALOGUE, ED25519, LOG.public).text == LOG_KEY
    assert VerifierKey(cosigner_name(HUB), COSIGNATURE, MIRROR.public).text == MIRROR_KEY


def test_cosigned_checkpoint() -> None:
    signed = sign_checkpoint(Checkpoint(CATALOGUE, 2, TREE), LOG)
    raw = cosign(signed, name=cosigner_name(HUB), key=MIRROR, now=COSIGNED_AT)
    assert raw.decode() == NOTE
    assert NOTE.startswith(signed.decode())


def test_cosigned_checkpoint_is_opened() -> None:
    found = open_checkpoint(
        NOTE.encode(),
        origin=CATALOGUE,
        keys=[KeyRange(VerifierKey.parse(LOG_KEY).public)],
        cosigners=[VerifierKey.parse(MIRROR_KEY)],
    )
    assert found.checkpoint == Checkpoint(CATALOGUE, 2, TREE)
    assert found.cosignatures == (Cosignature("hub.example/fenhe/m", COSIGNED_AT),)
    assert parse_time("2026-11-23T08:01:05+08:00") == COSIGNED_AT


def test_root_document() -> None:
    text = compose_root(
        origin=UNIT,
        unit="12140000000000019W",
        url="https://u1.example/fenhe",
        time=parse_time("2026-11-23T07:50:00+08:00"),
        root=[ROOT.public],
        logs=[LogKeys(name, (KeyRange(LOG.public),)) for name in ("catalogue", "usage")],
        request=[REQUEST.public],
    )
    assert sign_root(text, UNIT, [ROOT]).decode() == ROOT_1
    assert fingerprint(text) == FINGERPRINT
    document = open_first(ROOT_1.encode(), fingerprint=FINGERPRINT, origin=UNIT)
    assert document.text == text


def test_origin_hashes() -> None:
    expected = "59e3cfb824391637af494dfbcfeefe756403cede4aaff25d977d64bc4ede61a3"
    assert origin_hash(CATALOGUE) == expected
    assert f"/in/{origin_hash(UNIT)}/" in PUT


def test_signed_put() -> None:
    headers = sign_request(
        method="PUT", uri=PUT, body=LINE, key=REQUEST, now=COSIGNED_AT, nonce=bytes(range(16))
    )
    assert headers == HEADERS
    judge = RequestVerifier({key_id(REQUEST.public): REQUEST.public})
    assert judge.verify("PUT", PUT, HEADERS, LINE, COSIGNED_AT) == key_id(REQUEST.public)


def test_the_root_is_over_the_leaf_hashes() -> None:
    leaves = (
        "1f431959737738b708e205e9558e1122a04d87b3533ef3b064bf4232d007a52a",
        "7771c6cbd0c53fe854cfe707c004c29f52662847ef521a0d1137912ae0921f72",
    )
    assert hashlib.sha256(b"\x01" + b"".join(map(bytes.fromhex, leaves))).digest() == TREE
