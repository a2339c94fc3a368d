"""SQL of the sign-in of patients, one module for each kind of rows."""
