"""The reader of feeds: fetch safely, verify, follow, prove. Hub, node and auditor all use it.

Start at `fetching.fetch` (one file over HTTP), `reading.visit` (one visit to one log) and `cli`.
"""
