"""Measurements, each beside a peer in the same run. `python -m tests.bench` runs them all.

Ratios count, seconds do not: the machine is shared. Every round works in fresh folders, and peer
and product take turns. `ingest.py` holds the hub against a ceiling script (`ceiling.py`),
`search.py` the full text against a LIKE scan. `docs/benchmarks.md` keeps the last figures.
"""
