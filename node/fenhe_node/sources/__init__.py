"""What a node imports from. Start at `opening.open_file`; `table` has what all sources give.

    opening   looks at the bytes (never at the name) and picks the reader
    xls       the national platform's own templates and every .xls before 2007
    xlsx      .xlsx
    ods       .ods
    text      CSV and TSV in any encoding and delimiter that can be told for certain
    fields    a small YAML file of fields, for what a unit says about itself
    cells     what is damaged in a cell before anyone asks what it means

A source gives sheets of cells as they stand. It decides nothing about fields: that is `mapping`.
"""
