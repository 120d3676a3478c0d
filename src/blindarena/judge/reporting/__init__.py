"""What a run's judgments say, for people and for programs: terminal, Markdown, JSON, HTML."""
