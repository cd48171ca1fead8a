"""The gateway to the national platform: it alone opens what units have sealed (feed §7).

A program of its own with its own account, keys and store; the hub's processes import nothing from
here but the names of its commands. Where to start: `commands` (what can be asked), `operations`
(what that does), then `taking` (from the hub into the `store`), `services` (what is to go),
`forwarding` (to the platform), `replies` (what came back). `opening` is where a user is seen.
"""
