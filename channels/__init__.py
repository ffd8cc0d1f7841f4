"""Ways a customer's words arrive and ours leave; each channel behind one port, run by one conformance suite."""
