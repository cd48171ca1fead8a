"""Photos and documents: judged by their bytes, without their story, served under their hash."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from aiohttp import FormData, web
from aiohttp.test_utils import TestClient

from fenhe_node.attaching.attach import attach_photo, attach_regime
from fenhe_node.attaching.judged import LARGEST, kind_of, orientation, plain_jpeg, plain_photo
from fenhe_node.editing import Hand
from fenhe_node.node import Node
from fenhe_node.settings.site import SiteSettings, contrast
from fenhe_node.store import Store, records
from fenhe_protocol.errors import InputError, SetupError
from fenhe_protocol.schema import SchemaSet
from tests.node.consoles import browsing
from tests.node.homes import NOW, UNIT, Clock, instrument, new_node, publish_all, put
from tests.node.serving import application

Client = TestClient[web.Request, web.Application]
MakeClient = Callable[[web.Application], Awaitable[Client]]
PDF = b"%PDF-1.7\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
GPS = b"GPS 37.87 112.55"


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body


def exif(turned: int, order: str = "big") -> bytes:
    head = b"MM\0*" if order == "big" else b"II*\0"

    def number(value: int, size: int) -> bytes:
        return value.to_bytes(size, order)  # type: ignore[arg-type]

    entry = number(0x0112, 2) + number(3, 2) + number(1, 4) + number(turned, 2) + bytes(2)
    return b"Exif\0\0" + head + number(8, 4) + number(1, 2) + entry + bytes(4) + GPS


SCAN = b"\xff\xda\0\x02picture\xff\xd9"
FRAME = segment(0xE0, b"JFIF\0") + segment(0xDB, b"table")
TELLING = segment(0xE1, exif(6)) + segment(0xED, GPS) + segment(0xFE, GPS)
JPEG = b"\xff\xd8" + TELLING + FRAME + SCAN


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = new_node(tmp_path / "home")
    unit = {"unit": UNIT, "kind": "unit", "id": UNIT, "name_zh": "示例大学"}
    put(node, [instrument("A-1"), unit])
    return node


def hand() -> Hand:
    return Hand(SchemaSet.load(), UNIT, NOW, "示例职员")


@pytest.mark.parametrize("order", ["big", "little"])
def test_a_photo_loses_where_and_when_but_not_which_way_is_up(order: str) -> None:
    data = b"\xff\xd8" + segment(0xE1, exif(6, order)) + segment(0xFE, GPS) + FRAME + SCAN
    plain = plain_jpeg(data)
    assert GPS not in plain
    assert plain.endswith(FRAME + SCAN)
    assert orientation(plain[6:]) == 6
    assert plain_jpeg(plain) == plain


def test_a_photo_that_stands_upright_says_nothing() -> None:
    data = b"\xff\xd8" + segment(0xE1, exif(1)) + FRAME + SCAN
    assert plain_jpeg(data) == b"\xff\xd8" + FRAME + SCAN


def test_a_photo_is_one_picture_alone() -> None:
    # Cameras lay more behind the picture: a larger preview, a short film, each with its story.
    second = b"\xff\xd8" + segment(0xE1, exif(1)) + FRAME + SCAN
    places = segment(0xE2, b"MPF\0" + GPS) + segment(0xE0, b"JFXX\0" + GPS)
    profile = segment(0xE2, b"ICC_PROFILE\0\1\1sRGB")
    between = segment(0xFE, GPS) + segment(0xC4, b"codes")
    scans = b"\xff\xda\0\2one\xff\0\xff\xd3" + between + b"\xff\xda\0\2two\xff\xd9"
    plain = plain_jpeg(b"\xff\xd8" + places + profile + FRAME + scans + second + GPS)
    assert plain == b"\xff\xd8" + profile + FRAME + scans.replace(segment(0xFE, GPS), b"")


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xd8\xff", b"\xff\xd8\xff\xe0", b"\xff\xd8" + segment(0xE1, b"Exif\0\0MM")],
    ids=["nothing", "cut", "no length", "no picture"],
)
def test_half_a_jpeg_is_none(data: bytes) -> None:
    with pytest.raises(InputError, match=r"file\.type"):
        plain_jpeg(data)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<svg onload=alert(1)>", "file.type"),
        (PNG, "file.type"),
        (b"GIF89a", "file.type"),
        (JPEG + bytes(LARGEST["jpg"]), "file.size"),
    ],
    ids=["svg", "png", "gif", "large"],
)
def test_a_photo_is_a_jpeg_of_one_megabyte_whatever_it_is_called(data: bytes, code: str) -> None:
    with pytest.raises(InputError, match=code):
        kind_of(data, ("jpg",))


def test_a_photo_that_is_too_large_says_what_to_do() -> None:
    large = JPEG[:-2] + b"\0" * LARGEST["jpg"] + JPEG[-2:]
    with pytest.raises(InputError, match=r"file\.size") as refused:
        plain_photo(large)
    assert "1600 像素" in refused.value.advice
    with pytest.raises(InputError, match=r"file\.type") as refused:
        plain_photo(b"\0\0\0\x18ftypheic\0\0\0\0")
    assert refused.value.found == "heic" and "兼容性最佳" in refused.value.advice


def test_what_a_phone_lays_behind_a_photo_does_not_count() -> None:
    assert plain_photo(JPEG + bytes(3 * LARGEST["jpg"])) == plain_jpeg(JPEG)


async def test_a_photo_and_a_document_are_shown_and_served_as_what_they_are(
    node: Node, aiohttp_client: MakeClient
) -> None:
    address = node.config.address
    photo = attach_photo(node.home, address, "A-1", JPEG, hand())
    document = attach_regime(node.home, address, "regime_use", PDF, hand(), title="使用办法")
    publish_all(node, Clock())
    client = await aiohttp_client(application(node, Clock()))
    async with client.get("/fenhe/record?kind=instrument&id=A-1") as answer:
        assert f'src="{photo.removeprefix("https://u1.example")}"' in await answer.text()
    async with client.get("/fenhe/unit") as answer:
        text = await answer.text()
        assert sha256(PDF).hexdigest() in text
        assert f'href="{document.removeprefix("https://u1.example")}"' in text
    for url, kind in ((photo, "image/jpeg"), (document, "application/pdf")):
        async with client.get(url.removeprefix("https://u1.example")) as answer:
            assert answer.content_type == kind
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "sandbox" in answer.headers["Content-Security-Policy"]


async def test_a_file_that_is_not_what_its_name_says_is_not_served(
    node: Node, aiohttp_client: MakeClient
) -> None:
    url = attach_photo(node.home, node.config.address, "A-1", JPEG, hand())
    name = url.rpartition("/")[2]
    client = await aiohttp_client(application(node, Clock()))
    (node.home.files / name).write_bytes(JPEG + b"more")
    (node.home.files / "x.html").write_text("<script>alert(1)</script>")
    for asked in (name, "x.html", "..%2Fconfig.yaml", f"{'0' * 64}.jpg"):
        async with client.get(f"/fenhe/files/{asked}") as answer:
            assert answer.status == 404


async def test_a_picture_that_lies_elsewhere_is_a_link_and_not_loaded(
    node: Node, aiohttp_client: MakeClient
) -> None:
    put(node, [instrument("A-1", photo="https://pictures.example.org/a.jpg")])
    publish_all(node, Clock())
    client = await aiohttp_client(application(node, Clock()))
    async with client.get("/fenhe/record?kind=instrument&id=A-1") as answer:
        text = await answer.text()
    assert "<img" not in text and 'href="https://pictures.example.org/a.jpg"' in text


@pytest.mark.parametrize(("place", "id"), [("photo", "none"), ("regime_of_terror", "")])
def test_what_is_attached_to_nothing_is_refused(tmp_path: Path, place: str, id: str) -> None:
    node = new_node(tmp_path / "home")
    with pytest.raises(InputError):
        if place == "photo":
            attach_photo(node.home, node.config.address, id, JPEG, hand())
        else:
            attach_regime(node.home, node.config.address, place, PDF, hand())


async def test_pages_have_the_units_logo_and_colours(
    node: Node, aiohttp_client: MakeClient
) -> None:
    (node.home.path / "logo.png").write_bytes(PNG)
    site = SiteSettings(logo="logo.png", accent="#7a1f1f", band="#fdf6ee")
    node = replace(node, config=replace(node.config, site=site))
    publish_all(node, Clock())
    client = await aiohttp_client(application(node, Clock()))
    async with client.get("/fenhe/") as answer:
        assert 'src="/fenhe/logo.png"' in await answer.text()
    async with client.get("/fenhe/logo.png") as answer:
        assert (await answer.read(), answer.content_type) == (PNG, "image/png")
    async with client.get("/fenhe/logo.jpg") as answer:
        assert answer.status == 404
    async with client.get("/fenhe/style.css") as answer:
        assert "--accent: #7a1f1f; --accent-ground: #f1e8e8; --band: #fdf6ee" in await answer.text()


@pytest.mark.parametrize("logo", ["../logo.png", "/etc/passwd", "absent.png", "config.yaml"])
def test_a_logo_is_a_picture_in_the_home(node: Node, logo: str) -> None:
    site = SiteSettings(logo=logo)
    with pytest.raises(SetupError, match=r"site\.logo"):
        application(replace(node, config=replace(node.config, site=site)), Clock())


@pytest.mark.parametrize(
    ("key", "colour"),
    [("accent", "#ffdd00"), ("band", "#333333"), ("accent", "red"), ("band", "#fff;}")],
)
def test_colours_in_which_nothing_can_be_read_are_refused(key: str, colour: str) -> None:
    with pytest.raises(ValueError, match=key):
        SiteSettings(accent=colour) if key == "accent" else SiteSettings(band=colour)


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


async def test_both_are_uploaded_at_their_record(node: Node) -> None:
    async with browsing(node) as browser:
        _, page, _ = await browser.get("/records/one?kind=instrument&id=A-1")
        assert 'accept="image/jpeg"' in page
        for kind, id, place, data, status in (
            ("instrument", "A-1", "photo", JPEG, 200),
            ("instrument", "A-1", "photo", PNG, 422),
            ("unit", UNIT, "regime_use", PDF, 200),
            ("unit", UNIT, "photo", JPEG, 404),
        ):
            form = FormData({"token": browser.token, "place": place}, quote_fields=False)
            form.add_field("file", data, filename="file")
            path = f"/records/attach?kind={kind}&id={id}"
            assert (await browser.send_raw(path, form, {}))[0] == status, place
    with Store.open(node.home.store) as store:
        photo, unit = (records.find(store, *key) for key in (("instrument", "A-1"), ("unit", UNIT)))
    assert photo and unit
    name = photo.record["photo"].rpartition("/")[2]
    assert GPS not in (node.home.files / name).read_bytes()
    assert unit.record["regime_use"]["sha256"] == sha256(PDF).hexdigest()
