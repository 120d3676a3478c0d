"""How far evaluations of the same things agree: pure functions on arrays."""
