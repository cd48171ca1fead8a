"""What a file is by its own first bytes, whatever it is called; and a photo without its story.

Pure. Start at `kind_of`. A camera writes where and when and with whose device a picture was taken;
`plain_jpeg` leaves the picture, and the one number that says which way is up.
"""

import re
from collections.abc import Iterator

from fenhe_protocol.errors import InputError

LARGEST = {"jpg": 1_000_000, "png": 300_000, "pdf": 20_000_000}
"""Bytes, by kind; a photo's bound is the national platform's."""

CONTENT_TYPES = {"jpg": "image/jpeg", "png": "image/png", "pdf": "application/pdf"}
_MAGIC = {"jpg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n", "pdf": b"%PDF-"}
_EOI, _SOS, _APP0, _APP1, _APP15, _COMMENT = 0xD9, 0xDA, 0xE0, 0xE1, 0xEF, 0xFE
_END = b"\xff\xd9"
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # none of those that stand among coded bytes
_LOOKS = {_APP0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
_ORIENTATION = 0x0112


SMALLER = (
    "手机照片常有 3-8 MB, 先缩小再传: 电脑上用“画图”打开, 重新调整大小到宽 1600 像素, 另存为 JPEG;"
    " 手机上用微信发给自己, 不勾“原图”, 再保存;"
    " make it about 1600 pixels wide and save it as JPEG"
)
"""What to do with a photo that is too large. Nothing here decodes pictures."""

_HEIC = "苹果手机的 HEIC 照片先转成 JPEG: 设置 → 相机 → 格式 → 兼容性最佳; save it as JPEG"
_HEIC_AT = slice(4, 12)
_HEIC_BRANDS = (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypheif")


def kind_of(data: bytes, allowed: tuple[str, ...]) -> str:
    """`jpg`, `png` or `pdf`; InputError `file.type`, `file.size`."""
    found = _type_of(data, allowed)
    if len(data) > LARGEST[found]:
        advice = SMALLER if found == "jpg" else ""
        expected = f"≤ {LARGEST[found]:,}"
        raise InputError("file.size", expected=expected, found=f"{len(data):,}", advice=advice)
    return found


def plain_photo(data: bytes) -> bytes:
    """The photo as it is kept; InputError `file.type`, and `file.size` of what is left of it.

    What a camera writes besides may be more than the picture: a film, another picture, a preview.
    """
    _type_of(data, ("jpg",))
    plain = plain_jpeg(data)
    kind_of(plain, ("jpg",))
    return plain


def _type_of(data: bytes, allowed: tuple[str, ...]) -> str:
    found = next((kind for kind, magic in _MAGIC.items() if data.startswith(magic)), "")
    if found not in allowed:
        heic = data[_HEIC_AT] in _HEIC_BRANDS
        raise InputError(
            "file.type",
            expected=", ".join(allowed),
            found="heic" if heic else found or "?",
            advice=_HEIC if heic and "jpg" in allowed else "",
        )
    return found


def plain_jpeg(data: bytes) -> bytes:
    """The same picture without Exif, captions and comments, nor what is laid behind it.

    InputError where it is no JPEG.
    """
    out, turned = [data[:2]], 1
    for marker, segment in _segments(data):
        if marker == _APP1:
            turned = orientation(segment[4:]) or turned
        elif not _tells(marker, segment):
            out.append(segment)
    if turned != 1:
        out.insert(1, _upright(turned))
    return b"".join(out)


def orientation(exif: bytes) -> int:
    """The number 1 to 8 in an Exif segment that says how the picture is turned; 0: nothing."""
    if not exif.startswith(b"Exif\0\0"):
        return 0
    tiff = exif[6:]
    order = {b"II": "little", b"MM": "big"}.get(tiff[:2])
    if order is None or len(tiff) < 10:
        return 0

    def number(at: int, size: int) -> int:
        return int.from_bytes(tiff[at : at + size], order)  # type: ignore[arg-type]

    start = number(4, 4)
    for entry in range(min(number(start, 2), 64)):
        at = start + 2 + 12 * entry
        if number(at, 2) == _ORIENTATION:
            found = number(at + 8, 2)
            return found if 1 <= found <= 8 else 0
    return 0


def _upright(turned: int) -> bytes:
    entry = _ORIENTATION.to_bytes(2, "big") + b"\0\3\0\0\0\1" + turned.to_bytes(2, "big") + b"\0\0"
    body = b"Exif\0\0MM\0*\0\0\0\x08\0\1" + entry + b"\0\0\0\0"
    return b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body


def _tells(marker: int, segment: bytes) -> bool:
    """Whether a segment says more than how the picture looks; some hold another picture."""
    if marker in _LOOKS:
        return not segment[4:].startswith(_LOOKS[marker])
    return marker == _COMMENT or _APP0 < marker <= _APP15


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each segment of a JPEG with its marker, a scan with what it codes; the end is the last."""
    at, scanned = 2, False
    while at + 2 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1  # fill
            continue
        if marker == _EOI:
            break
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == _SOS:
            scanned, coded = True, _MARKER.search(data, end)
            end = coded.start() if coded else len(data)
        yield marker, data[at:end]
        at = end
    if not scanned:
        raise InputError("file.type", expected="jpg", found="?")
    yield _EOI, _END
