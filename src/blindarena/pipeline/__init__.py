"""Texts before they are used: personal data, near-duplicates, language, category, moderation.

Pure: texts in, results out. No database, no settings, no network.
"""
