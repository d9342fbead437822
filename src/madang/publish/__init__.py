"""Open data, made from the declarations: catalogue, tables, features, downloads. Reads the hub as the public does."""
