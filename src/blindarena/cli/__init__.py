"""The command line: thin; parse, call one use-case, present."""
