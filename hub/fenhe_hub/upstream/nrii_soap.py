"""NRII over SOAP: `instruInfo(insCode, instruType, instruList)` (national-platform.md §1.1).

One record a call, as one JSON object, so that every reply belongs to one record. zeep blocks, so
each call runs in a thread.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import requests
import zeep
from lxml import etree
from zeep.plugins import HistoryPlugin

from fenhe_hub.upstream.bounded_session import BoundedSession
from fenhe_hub.upstream.platform_transport import PlatformTransport, at_home
from fenhe_hub.upstream.seam import Delivery, Reply
from fenhe_protocol.errors import Deferred

RAW_LIMIT = 16_384
_LARGEST_CODE = 2**31 - 1  # an xsd:int
# They quote what they send and what they cannot read, and what the gateway sends names people. What
# went wrong is in the Reply.
for _quoting in ("zeep", "urllib3", "requests"):
    logging.getLogger(_quoting).setLevel(logging.CRITICAL + 1)


class NriiSoap:
    """The `Upstream` that speaks to the national platform or to a clone of its interface."""

    def __init__(self, wsdl: str, *, timeout_seconds: int = 30) -> None:
        self._wsdl = wsdl
        self._timeout = timeout_seconds
        self._history: Any = HistoryPlugin(maxlen=1)  # type: ignore[no-untyped-call]
        self._session: requests.Session | None = None
        self._client: Any = None
        self._service: Any = None

    async def deliver(self, delivery: Delivery) -> Reply:
        """Send one record; faults and time-outs come back as a Reply without a code."""
        return await asyncio.to_thread(self._deliver, delivery)

    async def close(self) -> None:
        """Close the HTTP session."""
        if self._session is not None:
            self._session.close()
            self._session = None
            self._client = self._service = None

    def _deliver(self, delivery: Delivery) -> Reply:
        try:
            self._connect()
            code = self._service.instruInfo(
                insCode=delivery.ins_code,
                instruType=delivery.instru_type,
                instruList=_for_xml(delivery.payload),
            )
        except Deferred:
            raise
        except Exception as error:  # zeep raises what it likes on an odd WSDL, answer or text
            return Reply(None, f"{type(error).__name__}: {error}"[:RAW_LIMIT])
        return Reply(_as_code(code), self._raw())

    def _connect(self) -> None:
        if self._service is not None:
            return
        self._session = BoundedSession(self._timeout)
        transport = PlatformTransport(self._wsdl, self._session, self._timeout)
        self._client = zeep.Client(  # type: ignore[no-untyped-call]
            self._wsdl, transport=transport, plugins=[self._history]
        )
        if "instruInfo" not in dir(self._client.service):
            raise Deferred("upstream.wsdl", expected="instruInfo", found=self._wsdl)
        proxy = self._client.service
        address = at_home(proxy._binding_options.get("address") or "", self._wsdl)
        self._service = self._client.create_service(proxy._binding.name, address)

    def _raw(self) -> str:
        received = self._history.last_received
        if received is None:
            return ""
        return str(etree.tostring(received["envelope"], encoding="unicode"))[:RAW_LIMIT]


def _for_xml(payload: str) -> str:
    """The same JSON without the two signs that a text may hold and XML may not."""
    return payload.replace("\ufffe", r"\ufffe").replace("\uffff", r"\uffff")


def _as_code(value: Any) -> int | None:
    """Read the result as a number; some clones answer with a string. None where it is no code."""
    try:
        code = int(value)
    except (TypeError, ValueError, OverflowError):  # also infinity, if the WSDL calls it a double
        return None
    return code if abs(code) <= _LARGEST_CODE else None
