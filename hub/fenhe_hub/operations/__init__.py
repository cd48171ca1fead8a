"""One module for each command or few: `add_commands` for the parser, a function each."""
