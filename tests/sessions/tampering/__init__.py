"""A generated set of tamperings with a stored session and with its exported folder, and what verification must name."""
