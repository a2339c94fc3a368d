"""The shell around the core: configuration, store, use cases, API, worker; the core never imports it."""
