"""Lists that people keep in spreadsheets, read cell by cell. Start at `opening.open_file`.

    opening   looks at the bytes (never at the name) and picks the reader
    xls       the national platform's own templates and every .xls before 2007
    xlsx      .xlsx
    ods       .ods
    text      CSV and TSV in any encoding and delimiter that can be told for certain
    fields    a small YAML file of fields, for what a unit says about itself
    table     sheets, rows and cells, the same whatever was read
    headers   which rows name the columns
    cells     what is damaged in a cell before anyone asks what it means
    dates     a date or a moment in a cell
    problems  where something stands and what is wrong with it there
    marking   a copy with the wrong cells marked

What a column means is decided by whoever imports: a unit's node, or a hub's office.
"""
