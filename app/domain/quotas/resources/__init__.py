"""What can be read of quotas and allocations."""
