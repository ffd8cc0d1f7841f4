"""Plugins that come with the product; they use the hooks and nothing else, like anybody's plugin."""
