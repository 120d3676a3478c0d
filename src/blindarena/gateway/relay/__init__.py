"""Replies passed on as bytes: what `/v1` sends to upstreams of OpenAI's format."""
