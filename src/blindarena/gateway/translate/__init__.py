"""Formats of requests and replies turned into one another: pure, no network, no clock.

A reader turns one format's reply into pieces, a writer turns pieces into another's; so two formats
need no code about each other.
"""
