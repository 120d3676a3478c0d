"""HTTP: thin; parse, call one use-case, present."""
