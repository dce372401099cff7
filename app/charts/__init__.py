"""Drawings as SVG, made of plain values: pure functions that know neither the domain nor the web."""
