"""Evaluations of the same contestants, joined by name and compared, by item and as a whole."""
