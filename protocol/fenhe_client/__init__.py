"""The reader of feeds: fetch safely, verify, follow, prove. Hub, node and auditor all use it.

Start at `fetch` (one file over HTTP), `visit` (one visit to one log) and `cli` (command `fenhe`).
"""
