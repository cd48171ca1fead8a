"""The disclosure rules: facts in, findings out, nothing read and nothing written.

Start with `finding.py` (what a rule says), then `facts.py` (what it may know), then one rule,
`d1.py` for instance. `ruleset.py` reads the YAML that names the rules, their parameters and the
days between which they hold; `judge.py` lays a rule set over the facts of one unit.
The facts come from `fenhe_hub.index.facts`; the shell is `fenhe_hub.operations.check`.
"""
