"""What the hub forwards, and to whom: today the national platform (NRII) over SOAP.

Start with `seam.py` (what an upstream is), then `outbox.py` (what becomes of an item, pure).
`nrii_record.py` writes an instrument as the platform's type 4, `nrii_kinds.py` centres,
installations, customs and a unit's year as types 1, 2, 5 and 7, `nrii_service.py` a service as type
6; only the gateway has what the latter needs. `nrii_candidates.py` says in which order, and
`nrii_plausible.py` what cannot well be true. `scope.py` says which records are meant,
`nrii_soap.py` speaks SOAP, `outbox_store.py` keeps items and raw replies, `sending.py` sends what
is due, `report.py` counts. The shells that tie them together are `fenhe_hub.operations.forward`
and, for services, `fenhe_hub.gateway`.
"""
