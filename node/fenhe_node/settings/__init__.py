"""Groups of settings, each a frozen dataclass that `config` nests under a key of its own."""
