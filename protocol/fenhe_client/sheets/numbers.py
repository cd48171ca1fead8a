"""Numbers as a spreadsheet keeps them, written out exactly as decimals.

Excel keeps and shows 15 significant digits; its files carry binary fractions. 67.81 lies in a file
as 67.810000000000002, and a formula may leave 0.30000000000000004: rounding to 15 digits gives back
what Excel shows, and nothing that Excel could have shown is changed by it.
"""

from decimal import Context, Decimal

EXCEL_DIGITS = 15

_EXCEL = Context(prec=EXCEL_DIGITS)


def decimal_text(value: float | int) -> str:
    """Write `value` in plain decimals: 2.5, 20150012, never 2E+17.

    Whole numbers beyond 15 digits are written out in full, so that whoever judges them sees that
    they are too long to be trusted.
    """
    exact = Decimal(value)
    if exact == exact.to_integral_value():
        return str(int(exact))
    return format(_EXCEL.create_decimal(exact).normalize(), "f")
