"""The gateway to the national platform: it alone opens what units have sealed (feed §7).

A program of its own with its own account, keys and store; the hub's processes import nothing from
here. Where to start: `keys`.
"""
