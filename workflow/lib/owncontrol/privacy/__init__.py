"""What may name a person: headings, addresses, ages; and the keyed codes in place of names."""
