"""Who may use the gateway, and how much: keys, rates and budgets, across processes."""
