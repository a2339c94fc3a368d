"""SQL of heartbeats, backups and totals; it decides nothing."""
