"""Readers of prompt files, and what is done to prompts before they enter an arena."""
