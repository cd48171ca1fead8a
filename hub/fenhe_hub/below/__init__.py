"""Hubs beneath this one: what their `fed` says of their units, and what of that is believed.

Start at `judging.judge`, which decides; `view.look` gathers what it needs. `passing_on` says in our
own `fed` what stands in theirs, `copies` where a log lies in their mirrors.
"""
