"""The graph's nodes, one a file, each named by what it does."""
