"""One module per wire format; a host that needs no code is a row of catalog.toml."""
