"""What people see of runs: files read as they grow, judged pairs one by one, votes on them."""
