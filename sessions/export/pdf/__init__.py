"""session.pdf: the record as a person reads it. Drawn with reportlab from `Material` alone; no clock, no locale."""
