"""One module per topic of `make bench TOPIC=…`; each has `run(options) -> Results`."""
