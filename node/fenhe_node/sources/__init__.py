"""What a node imports from beside spreadsheets, which are `fenhe_client.sheets`.

    nemo        NEMO's interface and its exported JSON
    records     rows of a database or an interface as a sheet
    instru_list what a unit's own systems report by the national platform's interface

A source gives sheets of cells as they stand. It decides nothing about fields: that is `mapping`.
"""
