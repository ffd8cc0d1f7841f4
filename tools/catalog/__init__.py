"""Finds what a customer means in a store's catalogue: snapshots, lexical and semantic index, search tools."""
