"""A feed becomes a timetable, and one that contradicts itself is refused with file and line."""

import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from madang.errors import BadRequestData, ResourceNotFound
from madang.sense.gtfs.read import read
from madang.sense.gtfs.timetable import stop_entities

TIMES = "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
FEED = {
    "agency": "agency_id,agency_name,agency_url,agency_timezone\nx,X,http://x.example,Europe/Berlin\n",
    "routes": "\ufeffroute_id,route_short_name,route_type\nr7,7,3\nr8,8,700\nt1,T1,0\n",
    "stops": "stop_id,stop_name,stop_lat,stop_lon,location_type\n"
    'm,"Market, east",48.76,11.42,\ns,School,48.77,11.43,0\nq,Mill,48.78,11.44,0\nhall,Hall,48.7,11.4,1\n',
    "calendar": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
    "work,1,1,1,1,1,0,0,20261001,20261231\n",
    "calendar_dates": "service_id,date,exception_type\nwork,20261103,2\nwork,20261107,1\nnight,20261025,1\n",
    "trips": "route_id,service_id,trip_id,direction_id\nr7,work,a,0\nr7,work,b,0\nr7,night,n,0\nt1,work,tram,0\n",
    "stop_times": TIMES + "a,07:00:00,07:00:30,m,1\na,,,s,5\na,7:10:30,07:10:30,q,9\n"
    "b,07:15:00,07:15:00,m,1\nb,07:25:00,07:25:00,q,2\n"
    "n,25:10:00,25:10:00,m,1\nn,25:40:00,25:40:00,q,2\n"
    "tram,07:00:00,07:00:00,nowhere,1\n",
}


def feed(folder: Path, **changed: str) -> Path:
    for name, text in {**FEED, **changed}.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


def test_trips_stops_and_times_are_read(tmp_path: Path) -> None:
    table = read(feed(tmp_path))
    assert set(table.trips) == {"a", "b", "n"}, "the tram is no bus"
    assert [(call.stop, call.arrival_s, call.departure_s, call.timed) for call in table.trips["a"].calls] == [
        ("m", 25200.0, 25230.0, True),
        ("s", 25530.0, 25530.0, False),
        ("q", 25830.0, 25830.0, True),
    ]
    assert table.trips["a"].line == "7" and table.stops["m"].name == "Market, east"
    names = {entity.value("name") for entity in stop_entities(table)}
    assert names == {"Market, east", "School", "Mill"}


def test_an_archive_is_read_as_a_folder_is(tmp_path: Path) -> None:
    folder = tmp_path / "feed"
    folder.mkdir()
    feed(folder)
    with zipfile.ZipFile(tmp_path / "feed.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in folder.iterdir():
            archive.write(file, file.name)
    assert read(tmp_path / "feed.zip") == read(folder)


def test_days_are_weekdays_with_their_exceptions(tmp_path: Path) -> None:
    table = read(feed(tmp_path))
    on = [day for day in range(1, 9) if any(trip.id == "a" for trip in table.trips_on(date(2026, 11, day)))]
    assert on == [2, 4, 5, 6, 7], "from Sunday the first: the third is removed, the seventh, a Saturday, added"
    assert table.headways("7", "m", date(2026, 11, 2)) == [870.0]


def test_times_count_from_noon_minus_twelve_hours_also_when_the_clocks_change(tmp_path: Path) -> None:
    table = read(feed(tmp_path))
    assert table.begin(date(2026, 11, 2)) == datetime(2026, 11, 1, 23, tzinfo=UTC)
    assert table.begin(date(2026, 10, 25)) == datetime(2026, 10, 24, 23, tzinfo=UTC), "an hour after midnight there"


def test_a_trip_after_midnight_is_of_the_day_before(tmp_path: Path) -> None:
    table = read(feed(tmp_path))
    assert table.service_day(table.trips["n"], datetime(2026, 10, 26, 0, 20, tzinfo=UTC)) == date(2026, 10, 25)
    assert table.service_day(table.trips["n"], datetime(2026, 10, 28, 0, 20, tzinfo=UTC)) is None
    assert table.service_day(table.trips["a"], datetime(2026, 11, 2, 5, 50, tzinfo=UTC)) == date(2026, 11, 2)


def test_a_trip_that_goes_every_so_often_runs_as_often(tmp_path: Path) -> None:
    head = "trip_id,start_time,end_time,headway_secs,exact_times\n"
    frequencies = head + "a,24:00:00,24:30:00,900,1\na,06:00:00,06:20:00,600,\ntram,06:00:00,07:00:00,60,1\n"
    table = read(feed(tmp_path, frequencies=frequencies))
    assert set(table.trips) == {"a", "a@2", "a@3", "a@4", "b", "n"}, "the live feed's name is still known"
    assert [table.trips[name].calls[0].departure_s for name in ("a", "a@2", "a@3", "a@4")] == [
        21600.0,
        22200.0,
        86400.0,
        87300.0,
    ]
    first, last = table.trips["a"].calls, table.trips["a@4"].calls
    assert (first[0].arrival_s, first[2].arrival_s, first[0].timed) == (21570.0, 22200.0, False)
    assert (last[2].arrival_s, [call.timed for call in last]) == (87900.0, [True, False, True])
    assert table.headways("7", "m", date(2026, 11, 2)) == [600.0, 3900.0, 60300.0, 900.0]


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("frequencies", "trip_id,start_time,end_time,headway_secs\na,06:00:00,07:00:00,0\n", "headway_secs above 0"),
        ("frequencies", "trip_id,start_time,end_time,headway_secs\na,00:00:00,24:00:00,1\n", "more than 2000 runs"),
        (
            "stop_times",
            TIMES + "a,7:65:00,,m,1\n",
            "line 2: arrival",
        ),
        (
            "stop_times",
            TIMES + "a,07:00:00,,gone,1\n",
            "no stop 'gone'",
        ),
        (
            "stop_times",
            TIMES + "a,07:00:00,,m,1\na,06:00:00,,s,2\n",
            "line 3: the bus would leave before it has come",
        ),
        ("stop_times", "trip_id,stop_id,stop_sequence,arrival_time\na,m,1,\na,s,2,07:00:00\n", "need times"),
        ("trips", "route_id,service_id,trip_id\nr7,never,a\n", "no calendar"),
        ("stops", "stop_id,stop_lat,stop_lon\nm,95,11\n", "no place on the globe"),
        ("stops", "stop_id,stop_lat,stop_lon\nm,,11\n", "has no stop_lat"),
        ("agency", "agency_name,agency_timezone\nX,Mars/Base\n", "no time zone"),
        ("calendar_dates", "service_id,date,exception_type\nwork,2026-11-03,2\n", "not a date"),
    ],
)
def test_a_feed_that_contradicts_itself_is_refused(tmp_path: Path, file: str, text: str, said: str) -> None:
    with pytest.raises(BadRequestData) as refusal:
        read(feed(tmp_path, **{file: text}))
    assert said in refusal.value.detail and f"{file}.txt" in refusal.value.detail


def test_what_is_no_feed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK no archive")
    with pytest.raises(BadRequestData):
        read(tmp_path / "x.zip")
    with pytest.raises(ResourceNotFound):
        read(tmp_path / "nothing.zip")
    with zipfile.ZipFile(tmp_path / "torn.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("agency.txt", "".join(f"{number}\n" for number in range(5000)))
    torn = (tmp_path / "torn.zip").read_bytes()
    (tmp_path / "torn.zip").write_bytes(torn[:60] + bytes(200) + torn[260:])
    with pytest.raises(BadRequestData, match=r"no \.zip"):
        read(tmp_path / "torn.zip")
    (tmp_path / "bytes").mkdir()
    with pytest.raises(BadRequestData):
        read(feed(tmp_path / "bytes", agency="")), "nothing in it"
    (tmp_path / "bytes" / "agency.txt").write_bytes(b"agency_name,agency_timezone\n\xff\xfe,Etc/UTC\n")
    with pytest.raises(BadRequestData, match="UTF-8"):
        read(tmp_path / "bytes")
