"""What the hub forwards, and to whom: today the national platform (NRII) over SOAP.

Start with `seam.py` (what an upstream is), then `outbox.py` (what becomes of an item, pure).
`nrii_record.py` turns a record into the platform's type 4, `scope.py` says which records are meant,
`nrii_soap.py` speaks SOAP, `outbox_store.py` keeps items and raw replies, `report.py` counts them.
The shell that ties them together is `fenhe_hub.operations.forward`.
"""
