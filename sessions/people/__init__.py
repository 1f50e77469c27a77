"""People and things on record: clients, users, cartridges, lots, certificates, templates, follow-ups, adverse events.

All are events in hash-chained streams like the rest of the record: `client/<code>` for each client, `station` for the rest.
How something stands now is folded from its events; the table `entries` repeats that for lists. What names a client is sealed
with a key of the client's own, so that destroying the key erases the client while every chain still verifies.
"""
