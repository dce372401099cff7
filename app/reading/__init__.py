"""The reading engine: what is selected of declared resources becomes one SQL statement that builds the JSON."""
