"""The decision report of an arena: facts, what to recommend, its page."""
