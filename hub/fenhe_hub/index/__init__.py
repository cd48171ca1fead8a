"""The index: every table a question is answered from. Derived, never the truth.

`tables` has the DDL and opens the file, `apply` is the one place that writes what the mirror and
`fed` say, `dump` prints every derived table in a defined order; `read` and `search` answer questions.
"""
