"""Which deployment a request goes to, and when: balance, breakers, places, routes."""
