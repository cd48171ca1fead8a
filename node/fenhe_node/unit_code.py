"""The unit's code as a person typed it: taken, or refused with the characters to look at."""

from fenhe_protocol.errors import SetupError
from fenhe_protocol.identifiers import check_uscc, uscc_check_character
from fenhe_protocol.uscc_mending import LENGTH, Slip, likely_slips, typed_uscc


def read_uscc(typed: str) -> str:
    """The code; SetupError `setup.value` says which characters may be mistyped."""
    code = typed_uscc(typed)
    check_unit_code(code)
    return code


def check_unit_code(code: str) -> None:
    """SetupError `setup.value` says which characters may be mistyped."""
    try:
        check_uscc(code)
    except ValueError as error:
        raise SetupError(
            "setup.value", where="--uscc", expected=str(error), found=code, advice=_advice(code)
        ) from error


def _advice(code: str) -> str:
    if len(code) != LENGTH:
        more = len(code) - LENGTH
        zh = f"多了 {more} 位" if more > 0 else f"少了 {-more} 位"
        return f"{zh}: 照登记证书数一遍, 共 18 位; count the characters, there are 18"
    found = likely_slips(code)
    if not found:
        return "不止一位不对, 照登记证书逐位核对; more than one is wrong: compare all of them"
    zh = "; ".join(_place_zh(slip) for slip in found)
    en = "; ".join(f"character {s.place}: {s.meant} for {s.found}?" for s in found)
    last = _last(code, found)
    return f"照登记证书核对{zh}{last}. Look at {en}"


def _place_zh(slip: Slip) -> str:
    if len(slip.found) == 2:
        return f"第 {slip.place}、{slip.place + 1} 位“{slip.found}”(可能是 {slip.meant}, 写反了)"
    return f"第 {slip.place} 位“{slip.found}”(可能是 {slip.meant})"


def _last(code: str, found: tuple[Slip, ...]) -> str:
    """The check character itself, where the rest may be right."""
    if any(slip.place == LENGTH for slip in found):
        return ""
    try:
        meant = uscc_check_character(code[:17])
    except ValueError:  # holds a letter that is in no code
        return ""
    return f"; 前 17 位都对的话, 末位应为 {meant}"
