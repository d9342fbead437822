"""The core @context, embedded (ETSI GS CIM 009 v1.8.1, annex B): read by `model/context`."""
