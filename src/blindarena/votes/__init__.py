"""Readers of files of votes and of pair counts."""
