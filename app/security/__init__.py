"""Who is asking: verifies API keys and tokens and names the actor. Takes strings, not requests; permits nothing."""
