"""All SQL of the service: each function runs on the connection it is handed and decides nothing."""
