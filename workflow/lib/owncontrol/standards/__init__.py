"""Results in the forms of CDISC: datasets like those of ADaM, Dataset-JSON, transport files."""
