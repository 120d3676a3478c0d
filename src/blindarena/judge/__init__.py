"""LLM judges: question sets, answers, verdicts, resumable runs and their scores."""
