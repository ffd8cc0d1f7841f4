"""Labelled questions of customers and what a search makes of them; ranks nothing itself."""
