"""A comparison of evaluations, for people: the answer first, then tables, as page and as text."""
