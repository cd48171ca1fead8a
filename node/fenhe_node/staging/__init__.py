"""From a sheet and a mapping to rows with a fate and records to keep. Pure. Start at `stage.stage`.

layout     the sheet's headers matched with the mapping; lists that run downwards turned
columns    what becomes of each column
reading    one row to values, each with its place, and the problems of its cells
drafts     values to records: fixed and derived values, lines of one record, doubled ids
derived    what follows from other fields (the band of a value)
judging    the contract and the protection of persons
stage      all of it, so that rows == staged + refused + skipped
"""
