"""What every error code means, in Chinese and English: start at `TEXTS`.

`feed` has the codes of the wire format and of those who speak it, `beneath` those of a hub above
others, `orders` those of a unit's public pages and service requests, `programs` those of a unit's
lists, of settings and of what only one program does. Each is sorted by area.
"""

from fenhe_protocol.error_texts.beneath import BENEATH
from fenhe_protocol.error_texts.collecting import COLLECTING
from fenhe_protocol.error_texts.complaints import COMPLAINTS
from fenhe_protocol.error_texts.console import CONSOLE
from fenhe_protocol.error_texts.feed import FEED
from fenhe_protocol.error_texts.findings import FINDINGS
from fenhe_protocol.error_texts.homes import HOMES
from fenhe_protocol.error_texts.imports import IMPORTS
from fenhe_protocol.error_texts.measures import MEASURES
from fenhe_protocol.error_texts.office import OFFICE
from fenhe_protocol.error_texts.orders import ORDERS
from fenhe_protocol.error_texts.programs import PROGRAMS
from fenhe_protocol.error_texts.register import REGISTER
from fenhe_protocol.error_texts.reports import REPORTS
from fenhe_protocol.error_texts.text import Text

__all__ = ["TEXTS", "Text"]

_AREAS = (
    *(BENEATH, COLLECTING, COMPLAINTS, CONSOLE, FEED, FINDINGS, HOMES, IMPORTS, OFFICE, ORDERS),
    *(MEASURES, PROGRAMS, REGISTER, REPORTS),
)

TEXTS: dict[str, Text] = dict(sorted(pair for area in _AREAS for pair in area.items()))
