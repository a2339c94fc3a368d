"""What persons allowed: the stored ledger of grants and revocations. `journeys.permission` decides by it."""
