"""With and without a service on the same seeds: the runs, the paired statistics, the table and the evidence."""
