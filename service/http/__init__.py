"""HTTP: routes that read a request, make one call of a use case, and write the answer. No SQL, no rule of a journey."""
