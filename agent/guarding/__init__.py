"""Guards of a conversation: what it is about beside the shop, and what a reply may not promise, offer or give away."""
