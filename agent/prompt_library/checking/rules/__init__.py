"""The rules, grouped by what they look at; a new one joins checking/registry.py."""
