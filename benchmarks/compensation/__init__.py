"""Compensation at the size of a large company: its data, its peers and the steps that are timed."""
