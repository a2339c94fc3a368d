"""SQL of accounts and tokens; it decides nothing."""
