"""The three arenas of `blindarena demo`: a replay, a small live model, a published board."""
