"""What Fenhe says on the wire, as values and functions: no files, network, clock or database."""
