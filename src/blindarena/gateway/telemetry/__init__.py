"""What is told of requests to those outside: counts for metrics, one log line each, spans."""
