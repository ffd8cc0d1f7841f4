"""The conversation state machine: understands, routes, sells and proves; knows no vendor, no HTTP and no SQL."""
