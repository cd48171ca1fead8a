"""Spreadsheets of OpenDocument. Start at `file.OdsFile`.

file      the zip, its bounds, its errors
xml       names and text of a stranger's XML as a stream
styles    how a number is shown, which sheets are hidden
content   sheets, rows, what is repeated, what is merged
cells     one cell
"""
