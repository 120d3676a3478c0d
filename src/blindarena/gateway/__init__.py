"""Models behind one streaming contract: adapters, catalogue, prices, routing."""
