"""Tells other rooms and other processes what changed."""
