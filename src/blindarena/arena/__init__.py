"""Use-cases of the arena: sampling, sessions, battles, turns, votes."""
