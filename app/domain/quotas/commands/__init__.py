"""What can be asked of quotas and allocations."""
