"""The nouns of the field as frozen dataclasses; the standard library only."""
