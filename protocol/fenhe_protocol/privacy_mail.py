"""Which mail addresses belong to a person.

Any address at a provider of private mail does. Elsewhere the part before the @ decides: a Chinese
personal name in pinyin (zhangsan, san.zhang, zhangsf) does, a role (office, yiqi) or anything else
does not.
Heuristic on purpose: an office that is called like a person takes another name for its mailbox.
"""

import re

_LOCAL = re.compile(r"[A-Za-z0-9._%+-]{1,64} ?$")
_DOMAIN = re.compile(r" ?([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)")

_PRIVATE_PROVIDER = re.compile(
    r"(?:.+\.)?(?:(?:qq|foxmail|163|126|188|139|sohu|tom|21cn|eyou|aliyun|gmail|googlemail|outlook"
    r"|hotmail|msn|icloud|me|mac|protonmail|gmx|mail)\.com|(?:sina|yahoo)\.(?:com|cn|com\.cn)"
    r"|live\.(?:com|cn)|(?:yeah|263)\.net|189\.cn|wo\.cn|proton\.me)"
)

_ROLES = re.compile(
    "office|service|admin|info|support|contact|centre|center|lab|test|instrument|share|open|help"
    "|feedback|booking|mail|bangong|guanli|fuwu|gongxiang|kaifang|pingtai|zhongxin|yiqi|shebei"
    "|shiyan|ceshi|fenxi|jiance|keyan|keji|jishu|yanjiu|wangluo|huaxue|wuli|shengwu|cailiao"
)

_SURNAME = (
    "ouyang|wang|li|zhang|liu|chen|yang|huang|zhao|wu|zhou|xu|sun|ma|zhu|hu|guo|he|gao|lin|luo"
    "|zheng|liang|xie|song|tang|deng|han|feng|cao|peng|zeng|xiao|tian|dong|pan|yuan|cai|jiang|yu|du"
    "|ye|cheng|wei|su|lv|lu|ding|ren|yao|shen|cui|zhong|tan|fan|liao|shi|jin|jia|xia|fu|fang|zou"
    "|xiong|bai|meng|qin|qiu|hou|yan|xue|lei|long|duan|hao|kong|shao|mao|chang|wan|gu|lai|kang|qian"
    "|yin|niu|hong|gong|qi|ji"
)

# Initials and finals; what they make beyond real syllables is no harm here.
_SYLLABLE = (
    "(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])"
    "(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|an|en|in|un|ai|ei|ao|ou|ia|ie|iu|ua|uo|ui"
    "|ue|a|e|i|o|u|v)|ang|ai|an|ao|en|er|ou"
)
_FULL_NAME = re.compile(f"(?:{_SURNAME})(?:{_SYLLABLE}){{1,2}}")
# zhangsf, wangxm: a surname and initials. Short surnames would take in lims and lib.
_LONG_SURNAME = "|".join(name for name in _SURNAME.split("|") if len(name) > 3)
_WITH_INITIALS = re.compile(f"(?:{_LONG_SURNAME})[bcdfghjklmnpqrstwxyz]{{1,2}}")
_SURNAME_ALONE = re.compile(_SURNAME)


def holds_personal_mail(text: str) -> bool:
    """Tell whether a text holds a personal mail address."""
    for sign in re.finditer("@", text):
        local = _LOCAL.search(text[max(0, sign.start() - 65) : sign.start()])
        domain = _DOMAIN.match(text, sign.end())
        if local and domain and is_personal(local[0].strip(), domain[1]):
            return True
    return False


def is_personal(local: str, domain: str) -> bool:
    """Judge one address by its two parts."""
    if _PRIVATE_PROVIDER.fullmatch(domain.lower()):
        return True
    local = local.lower()
    if _ROLES.search(local):
        return False
    words = [word for word in re.split(r"[._+-]|[0-9]+", local) if word]
    if len(words) == 1:
        return bool(_FULL_NAME.fullmatch(words[0]) or _WITH_INITIALS.fullmatch(words[0]))
    return len(words) == 2 and all(map(str.isalpha, words)) and any(map(_is_surname, words))


def _is_surname(word: str) -> bool:
    return _SURNAME_ALONE.fullmatch(word) is not None
