"""SQL of messages and attempts; it decides nothing."""
