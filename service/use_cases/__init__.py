"""What can be done: each use case loads, calls the core and stores, in one transaction. No HTTP, no SQL, no clock."""
