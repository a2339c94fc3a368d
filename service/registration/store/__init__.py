"""SQL of registration. It decides nothing, and decrypts nothing."""
