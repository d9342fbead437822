"""People's part in what the city does: committees that resolve, residents that report and object."""
