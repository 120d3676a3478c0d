"""What a run's judgments say of the contestants, and of the judge."""
