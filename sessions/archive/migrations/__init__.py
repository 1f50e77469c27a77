"""How the archive's own tables come about in the clinic's database, beside the record's own migrations."""
