"""The JSON and server-sent-events API."""
