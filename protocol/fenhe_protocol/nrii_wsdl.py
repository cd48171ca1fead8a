"""How the national platform's SOAP interface describes itself (national-platform.md §1.1)."""

from importlib import resources
from xml.sax.saxutils import escape

NAMESPACE = "http://instru.nrii.example/"
OPERATION = "instruInfo"
WSDL = resources.files("fenhe_protocol") / "instru.wsdl"
_PLACE = "@ADDRESS@"


def instru_wsdl(address: str) -> str:
    """Write the description of a service that answers at `address`."""
    return WSDL.read_text("utf-8").replace(_PLACE, escape(address, {'"': "&quot;"}))
