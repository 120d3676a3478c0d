"""Boards: counts to ratings, intervals and ranks, with names."""
