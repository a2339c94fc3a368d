"""SQL of releases, pieces, programmes, approvals and comments; it decides nothing."""
