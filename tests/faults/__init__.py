"""Upstreams and processes that fail, and what becomes of requests meanwhile."""
