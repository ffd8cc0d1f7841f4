"""Everything spoken over HTTP: webhook, pages, health, metrics; acknowledges and shows, and never thinks."""
