"""What every page that is written to a file shares: its style sheets, and plots of intervals."""
