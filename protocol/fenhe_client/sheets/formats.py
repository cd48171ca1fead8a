"""Excel's number formats as far as they decide what a cell says.

A workbook names the built-in formats by number alone, and what the numbers 27 to 36 and 50 to 58
stand for depends on the language of Excel. In Chinese Excel they are the everyday dates: 31 is
2017年6月1日. Libraries know the English ones and would read such a date as the number 42887.
"""

import re

CHINESE_DATES = {
    27: 'yyyy"年"m"月"',
    28: 'm"月"d"日"',
    29: 'm"月"d"日"',
    30: "m-d-yy",
    31: 'yyyy"年"m"月"d"日"',
    32: 'h"时"mm"分"',
    33: 'h"时"mm"分"ss"秒"',
    34: 'h"时"mm"分"',
    35: 'h"时"mm"分"ss"秒"',
    36: 'yyyy"年"m"月"',
    50: 'yyyy"年"m"月"',
    51: 'm"月"d"日"',
    52: 'yyyy"年"m"月"',
    53: 'm"月"d"日"',
    54: 'm"月"d"日"',
    55: 'h"时"mm"分"',
    56: 'h"时"mm"分"ss"秒"',
    57: 'yyyy"年"m"月"',
    58: 'm"月"d"日"',
}

_NOT_SHOWN = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')


def hides_part_of_date(form: str) -> bool:
    """Whether a date format leaves out the year, the month or the day.

    Excel then filled it in: 2017年6月 became the 1st of June, 3-5 the 5th of March of this year.
    """
    signs = set(_NOT_SHOWN.sub("", form.partition(";")[0]).lower()) & set("yemdh")
    return bool(signs - {"e"}) and not ("d" in signs and "m" in signs and signs & set("ye"))
