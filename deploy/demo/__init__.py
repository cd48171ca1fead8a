"""The demonstration: three units, one hub and a stand-in for the national platform, on loopback.

`python -m deploy.demo` runs it; start reading at `__main__.py`. `invented.py` holds the invented
instruments, `samples.py` writes the unit's files that depend on the day, `make_samples.py` wrote
the two workbooks under `samples/`.
"""
