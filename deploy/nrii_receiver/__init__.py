"""A receiving server that speaks the national platform's interface, for tests and the demo.

It stands in for the real platform. `server.py` is the HTTP and SOAP side; `ledger.py` judges a
record by the norm and keeps what arrived. Run it with
`python -m deploy.nrii_receiver --listen HOST:PORT`.
"""
