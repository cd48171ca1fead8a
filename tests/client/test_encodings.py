"""Encodings and delimiters: told for certain or refused with the line."""

import pytest

from fenhe_client.sheets.encodings import decode, find_delimiter
from fenhe_protocol.errors import InputError

TEXT = "编号,名称\r\nA-1,扫描电子显微镜\r\n"


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8 (BOM)"),
        ("gb18030", "GB18030"),
        ("utf-16", "UTF-16 LE"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
    ],
)
def test_what_chinese_offices_write_is_told_apart(encoding: str, name: str) -> None:
    decoded = decode(TEXT.encode(encoding), file="a.csv")
    assert (decoded.text, decoded.encoding) == (TEXT, name)


def test_a_rare_character_of_gb18030_is_read() -> None:
    text = "编号,名称\r\n1,㐀镕喆仪器设备\r\n"
    assert decode(text.encode("gb18030"), file="a.csv").text == text


def test_western_text_is_not_taken_for_chinese() -> None:
    raw = "id,name\nA-1,Müller-Gerät\n".encode("cp1252")
    assert "M黮ler" in raw.decode("gb18030")  # what a careless reader would have shown
    with pytest.raises(InputError, match=r"source\.encoding") as caught:
        decode(raw, file="a.csv")
    assert "line 2" in caught.value.where


def test_an_encoding_that_is_told_is_taken() -> None:
    raw = "id,name\nA-1,Müller\n".encode("cp1252")
    assert "Müller" in decode(raw, file="a.csv", encoding="cp1252").text


@pytest.mark.parametrize("encoding", ["klingon", "undefined", "a\0b", "base64"])
def test_an_unknown_encoding_names_the_mapping_key(encoding: str) -> None:
    with pytest.raises(InputError) as caught:
        decode(b"a,b\n", file="a.csv", encoding=encoding)
    assert caught.value.where == "encoding"


def test_broken_bytes_are_refused_with_their_line() -> None:
    with pytest.raises(InputError) as caught:
        decode("编号,名称\n1,仪器\n2,".encode() + b"\xff\xff\n", file="a.csv")
    assert "line 3" in caught.value.where


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_delimiter_is_the_one_that_agrees(delimiter: str) -> None:
    rows = [["编号", "名称", "说明"], ["1", "仪器, 大型", "甲; 乙"], ["2", "仪器", "丙"]]
    text = "\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    assert find_delimiter(text) == delimiter
