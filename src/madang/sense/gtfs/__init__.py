"""GTFS: a timetable as transport operators publish it (https://gtfs.org/documentation/schedule/reference/)."""
