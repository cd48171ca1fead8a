"""A soak: one hub and a thousand simulated units, months of story, thousands of kills.

`python -m tests.soak` tells it, `story` says what happens, `laws` what must hold all the time.

- `publisher` is one unit: real keys, real signed logs, and by them what the hub has to know;
- `units_server` is the one process in which all nodes answer, each at an address of its own, well
  or as badly as the `weather` says;
- `hub_process` is the hub that lives through it all, and whose memory is measured;
- `killed_rounds` is its warmed twin, of which one child after the other does a round and is killed.

Each of the three is a process of its own (`actor`); time is what the story says. Nodes' files are
flushed nowhere, the hub's are.
"""
