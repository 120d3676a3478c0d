"""Local inference engines: pull model files, start and supervise the processes that serve them."""
