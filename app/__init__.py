"""Palier: a backend for sales performance management."""

__version__ = "0.1.0"
