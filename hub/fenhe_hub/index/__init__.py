"""The index: every table a question is answered from. Derived, never the truth.

`tables` has the DDL and opens the file; `apply` and `said` write what mirror and `fed` say; `dump`
prints every derived table in a defined order; `read` and `search` answer questions.
"""
