"""Instances and peers of the topic `territories`."""
