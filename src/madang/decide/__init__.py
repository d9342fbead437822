"""The loop: a governed view, a service's decision, its guards, the mandate, the record, then the order; and replay."""
