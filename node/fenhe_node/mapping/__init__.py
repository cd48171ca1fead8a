"""Which column becomes which field. Start at `model.Mapping`.

model         the mapping as a value, checked against the schema of its kind
file          the mapping as YAML: read, render
synonyms      what units call the fields
fee_words     what they call the columns of a price list
steps         price steps as they stand in a cell
value_words   what units write in place of the codes
suggestion    a mapping from the headers
values        one cell to one value, by the type of its field
rows          which rows are records, which are totals, notes or empty
assembly      the values of a row to a record
"""
