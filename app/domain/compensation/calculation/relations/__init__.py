"""What a calculation reads, relation by relation and column by column."""
