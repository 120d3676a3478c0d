"""Evaluations for `analysis.comparison`: from vote files, arenas, judge runs, score tables."""
