"""Measurements of the product side by side with its peers; see README.md."""
