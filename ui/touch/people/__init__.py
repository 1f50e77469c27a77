"""People at the chair: who signs in, what the client signs, what is written when a session has ended."""
