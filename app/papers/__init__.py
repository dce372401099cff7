"""Documents to print and to keep: a page made of plain values, as HTML and as PDF, knowing neither domain nor web."""
